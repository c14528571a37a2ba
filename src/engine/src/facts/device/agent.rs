//! A `User-Agent`, read word by word. Browsers stopped telling the truth in it: they name one another, and write the
//! same system for everybody. Where a value is known to be such a constant, nothing is said.

use super::signs::{
    CONSOLES, OF_DEVICES, OF_SIGNS, OF_SYSTEMS, OTHERS, Rank, SIGNS, SYSTEMS, Sign,
    TELEVISIONS,
};
use super::version;
use crate::lines::first_bytes;

/// The most bytes of a user agent that are read. Browsers send fewer than 300, apps around a web view fewer than 500.
const MAX_READ: usize = 512;

/// The words of a user agent.
#[derive(Debug, Default)]
pub(super) struct Agent<'a> {
    words: Vec<Word<'a>>,
}

/// `Chrome/140.0` or `Android 15`.
#[derive(Debug, Clone, Copy)]
struct Word<'a> {
    name: &'a str,
    /// What follows: the version, if it is one.
    next: &'a str,
    /// Whether a slash stands between them.
    joined: bool,
}

/// A browser that is known by its word.
pub(super) struct Known {
    pub(super) rank: Rank,
    pub(super) browser: &'static str,
    pub(super) version: Option<String>,
}

impl<'a> Agent<'a> {
    pub(super) fn read(user_agent: &'a str) -> Self {
        let ends = |c: char| " \t;:(),[]\"".contains(c);
        let read = first_bytes(user_agent, MAX_READ);
        let mut parts = read.split(ends).filter(|part| !part.is_empty()).peekable();
        // As many as browsers have.
        let mut words = Vec::with_capacity(32);
        while let Some(part) = parts.next() {
            let mut names = part.split('/').peekable();
            while let Some(name) = names.next() {
                let joined = names.peek().is_some();
                let next = names.peek().or(parts.peek()).copied().unwrap_or_default();
                words.push(Word { name, next: next.trim_start_matches('/'), joined });
            }
        }
        Self { words }
    }

    fn has(&self, name: &str) -> bool {
        self.words.iter().any(|word| word.name == name)
    }

    /// The version behind a name, where there is one.
    fn version_of(&self, name: &str) -> Option<&'a str> {
        self.words
            .iter()
            .find(|word| word.name == name && starts_with_digit(word.next))
            .map(|word| word.next)
    }

    /// The system, as its maker writes it.
    pub(super) fn os(&self) -> Option<&'static str> {
        let known = |word: &Word| {
            if !OF_SYSTEMS.may_have(word.name) {
                return None;
            }
            let at = SYSTEMS.binary_search_by_key(&word.name, |system| system.0).ok()?;
            let (_, rank, os) = SYSTEMS[at];
            let is_phone = os == "Windows" && word.next == "Phone";
            Some(if is_phone { (0, "Windows Phone") } else { (rank, os) })
        };
        self.words
            .iter()
            .filter_map(known)
            .min_by_key(|(rank, _)| *rank)
            .map(|(_, os)| os)
    }

    /// The version of that system.
    pub(super) fn os_version(&self, os: &str) -> Option<String> {
        let told = match os {
            "Windows" => return self.windows().map(str::to_owned),
            "Windows Phone" => self.version_of("Phone"),
            "Android" => self.android(),
            "iOS" => self.ios(),
            // What Safari and Chrome, and what Firefox write for all that came later.
            "macOS" => {
                self.version_of("X").filter(|v| !matches!(*v, "10_15_7" | "10.15"))
            }
            "ChromeOS" => self.chrome_os(),
            "Tizen" => self.version_of("Tizen"),
            "KaiOS" => self.version_of("KAIOS"),
            "HarmonyOS" => {
                self.version_of("OpenHarmony").or_else(|| self.version_of("HarmonyOS"))
            }
            _ => None,
        };
        version(told?)
    }

    /// `NT 10.0` is Windows 10 and 11, so it says nothing.
    fn windows(&self) -> Option<&'static str> {
        match self.version_of("NT")? {
            "6.1" => Some("7"),
            "6.2" => Some("8"),
            "6.3" => Some("8.1"),
            _ => None,
        }
    }

    /// `Android 10; K` is what Chrome writes for all.
    fn android(&self) -> Option<&'a str> {
        let frozen = |pair: &[Word]| {
            pair[0].name == "Android" && pair[0].next == "10" && pair[1].next == "K"
        };
        let frozen = self.words.windows(2).any(frozen);
        if frozen { None } else { self.version_of("Android") }
    }

    /// Since iOS 26 it is 18.6 or 18.7 for all. Safari's own version is the system's; a view of an app has none, and some
    /// apps tell the system's themselves.
    fn ios(&self) -> Option<&'a str> {
        let told = self.version_of("OS")?;
        if !(told.starts_with("18_6") || told.starts_with("18_7")) {
            return Some(told);
        }
        match self.version_of("Version") {
            Some(safari) if safari.starts_with("18.") => Some(told),
            Some(safari) => Some(safari),
            None => self.version_of("FBSV"),
        }
    }

    /// `14541.0.0` is what Chrome writes for all.
    fn chrome_os(&self) -> Option<&'a str> {
        let at = self.words.iter().position(|word| word.name == "CrOS")?;
        let told = self.words.get(at + 1)?.next;
        (starts_with_digit(told) && told != "14541.0.0").then_some(told)
    }

    /// The browser, and how it is known.
    pub(super) fn browser(&self, os: Option<&str>) -> Option<Known> {
        let signs = self.words.iter().filter_map(known_by);
        let Some(sign) = signs.min_by_key(|sign| sign.rank) else {
            // What iOS writes for a view of an app, and no more.
            let view = Known { rank: Rank::View, browser: "WebView", version: None };
            return (os == Some("iOS") && self.has("AppleWebKit")).then_some(view);
        };
        let mut known = Known {
            rank: sign.rank,
            browser: sign.browser,
            version: self.version_of(sign.version).and_then(version),
        };
        if sign.word == "Opera" && self.has("Mini") {
            known.browser = "Opera Mini";
            known.version = self.version_of("Mini").and_then(version);
        } else if sign.rank == Rank::Last && os == Some("Android") {
            known.browser = "Android Browser";
        } else if self.has("MessengerForiOS") || self.has("Orca-Android") {
            known.browser = "Messenger";
        }
        Some(known)
    }

    /// The class of device, where a word names it.
    pub(super) fn named_class(&self) -> Option<&'static str> {
        let known = || {
            let names = self.words.iter().map(|word| word.name);
            names.filter(|name| OF_DEVICES.may_have(name))
        };
        let has_one = |list: &[&str]| known().any(|name| list.contains(&name));
        // Amazon's: `AFTMM` and the like are its boxes.
        let is_fire_tv =
            |word: &Word| word.name.len() > 3 && word.name.starts_with("AFT");
        if has_one(CONSOLES) {
            Some("console")
        } else if has_one(OTHERS) {
            Some("other")
        } else if has_one(TELEVISIONS) || self.words.iter().any(is_fire_tv) {
            Some("tv")
        } else {
            None
        }
    }

    /// The class of device that the system and the other words make likely.
    pub(super) fn likely_class(&self, os: &str) -> &'static str {
        let is_mobile = ["Mobile", "Phone", "Mini"].iter().any(|name| self.has(name));
        match os {
            "iOS" if self.has("iPad") => "tablet",
            "iOS" | "Windows Phone" | "KaiOS" => "phone",
            // Some browsers write `Tablet` and `Mobile`.
            "Android" | "HarmonyOS" if is_mobile && !self.has("Tablet") => "phone",
            "Android" | "HarmonyOS" => "tablet",
            "Tizen" | "Linux" if is_mobile => "phone",
            "Tizen" | "Roku OS" | "webOS" => "tv",
            _ => "desktop",
        }
    }
}

fn known_by(word: &Word) -> Option<&'static Sign> {
    let find = |name: &str| {
        if !OF_SIGNS.may_have(name) {
            return None;
        }
        SIGNS.binary_search_by_key(&name, |sign| sign.word).ok().map(|at| &SIGNS[at])
    };
    // `musical_ly_2023405030`.
    let bare = || {
        let name = word.name.trim_end_matches(|c: char| c.is_ascii_digit());
        find(name.strip_suffix('_')?)
    };
    // A name that needs no version may be one of a device too, as Edge.
    find(word.name).or_else(bare).filter(|sign| word.joined || sign.rank != Rank::Browser)
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}
