//! The words by which browsers and systems are known. Each list is sorted by its first column, by bytes.

/// Who says so, the strongest first: who imitates wins over who is imitated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// An app that shows pages, in a view of somebody else's; or a browser that writes its name alone, without a version.
    App,
    /// A browser built upon another one's.
    Browser,
    /// A web view of an app that does not say its name.
    View,
    /// Firefox and Chrome, which the others name.
    Base,
    /// Safari, which even Chrome names.
    Last,
}

/// A browser's word in a user agent.
pub(super) struct Sign {
    pub(super) word: &'static str,
    pub(super) rank: Rank,
    /// As its maker writes it.
    pub(super) browser: &'static str,
    /// The word whose version is the browser's.
    pub(super) version: &'static str,
}

const fn sign(
    word: &'static str,
    rank: Rank,
    browser: &'static str,
    version: &'static str,
) -> Sign {
    Sign { word, rank, browser, version }
}

pub(super) const SIGNS: &[Sign] = {
    use Rank::{App, Base, Browser, Last, View};
    &[
        sign("AlohaBrowser", Browser, "Aloha", "AlohaBrowser"),
        sign("ArkWeb", View, "WebView", "ArkWeb"),
        sign("Avast", Browser, "Avast Secure Browser", "Avast"),
        sign("Barcelona", App, "Threads", "Barcelona"),
        sign("Brave", App, "Brave", "Brave"),
        sign("BytedanceWebview", App, "TikTok", "app_version"),
        sign("Chrome", Base, "Chrome", "Chrome"),
        sign("Chromium", Base, "Chrome", "Chromium"),
        sign("CriOS", Browser, "Chrome", "CriOS"),
        sign("Ddg", Browser, "DuckDuckGo", "Ddg"),
        sign("DuckDuckGo", Browser, "DuckDuckGo", "DuckDuckGo"),
        sign("Ecosia", App, "Ecosia", "Ecosia"),
        sign("Edg", Browser, "Edge", "Edg"),
        sign("EdgA", Browser, "Edge", "EdgA"),
        sign("Edge", Browser, "Edge", "Edge"),
        sign("EdgiOS", Browser, "Edge", "EdgiOS"),
        sign("Epiphany", Browser, "GNOME Web", "Epiphany"),
        sign("FBAN", App, "Facebook", "FBAV"),
        sign("FBAV", App, "Facebook", "FBAV"),
        sign("FB_IAB", App, "Facebook", "FBAV"),
        sign("Firefox", Base, "Firefox", "Firefox"),
        sign("Focus", Browser, "Firefox", "Focus"),
        sign("FxiOS", Browser, "Firefox", "FxiOS"),
        sign("GSA", App, "Google app", "GSA"),
        sign("HeyTapBrowser", Browser, "HeyTap Browser", "HeyTapBrowser"),
        sign("HuaweiBrowser", Browser, "Huawei Browser", "HuaweiBrowser"),
        sign("Instagram", App, "Instagram", "Instagram"),
        sign("KAKAOTALK", App, "KakaoTalk", "KAKAOTALK"),
        sign("Klar", Browser, "Firefox", "Klar"),
        sign("Konqueror", Browser, "Konqueror", "Konqueror"),
        sign("Line", App, "LINE", "Line"),
        sign("LinkedInApp", App, "LinkedIn", "LinkedInApp"),
        sign("MSIE", Base, "Internet Explorer", "MSIE"),
        sign("MetaIAB", App, "Facebook", "FBAV"),
        sign("MicroMessenger", App, "WeChat", "MicroMessenger"),
        sign("MiuiBrowser", Browser, "Mi Browser", "MiuiBrowser"),
        sign("NAVER", App, "NAVER", "NAVER"),
        sign("OPR", Browser, "Opera", "OPR"),
        sign("OPT", Browser, "Opera", "OPT"),
        sign("OPX", Browser, "Opera", "OPX"),
        sign("OculusBrowser", Browser, "Meta Quest Browser", "OculusBrowser"),
        sign("Opera", Browser, "Opera", "Version"),
        sign("PaleMoon", Browser, "Pale Moon", "PaleMoon"),
        sign("Pinterest", App, "Pinterest", "Pinterest"),
        sign("Puffin", Browser, "Puffin", "Puffin"),
        sign("QQBrowser", Browser, "QQ Browser", "QQBrowser"),
        sign("Safari", Last, "Safari", "Version"),
        sign("SamsungBrowser", Browser, "Samsung Internet", "SamsungBrowser"),
        sign("SeaMonkey", Browser, "SeaMonkey", "SeaMonkey"),
        sign("Silk", Browser, "Silk", "Silk"),
        sign("Snapchat", App, "Snapchat", "Snapchat"),
        sign("TikTok", App, "TikTok", "TikTok"),
        sign("Trident", Base, "Internet Explorer", "rv"),
        sign("Twitter", App, "X", "iPhone"),
        sign("TwitterAndroid", App, "X", "TwitterAndroid"),
        sign("UBrowser", Browser, "UC Browser", "UBrowser"),
        sign("UCBrowser", Browser, "UC Browser", "UCBrowser"),
        sign("Vivaldi", Browser, "Vivaldi", "Vivaldi"),
        sign("VivoBrowser", Browser, "vivo Browser", "VivoBrowser"),
        sign("Whale", Browser, "Whale", "Whale"),
        sign("YaBrowser", Browser, "Yandex", "YaBrowser"),
        sign("baiduboxapp", App, "Baidu", "baiduboxapp"),
        sign("musical_ly", App, "TikTok", "app_version"),
        sign("trill", App, "TikTok", "app_version"),
        sign("wv", View, "WebView", "Chrome"),
    ]
};

/// The brands of `Sec-CH-UA`. Others, among them those that are made up so that nobody relies on the list, say nothing.
pub(super) const BRANDS: &[(&str, Rank, &str)] = &[
    ("AVG Secure Browser", Rank::Browser, "AVG Secure Browser"),
    ("Android WebView", Rank::View, "WebView"),
    ("Avast Secure Browser", Rank::Browser, "Avast Secure Browser"),
    ("Brave", Rank::Browser, "Brave"),
    ("DuckDuckGo", Rank::Browser, "DuckDuckGo"),
    ("Ecosia", Rank::Browser, "Ecosia"),
    ("Google Chrome", Rank::Base, "Chrome"),
    ("HuaweiBrowser", Rank::Browser, "Huawei Browser"),
    ("Microsoft Edge", Rank::Browser, "Edge"),
    ("Microsoft Edge WebView2", Rank::View, "WebView"),
    ("MiuiBrowser", Rank::Browser, "Mi Browser"),
    ("Norton Private Browser", Rank::Browser, "Norton Private Browser"),
    ("Oculus Browser", Rank::Browser, "Meta Quest Browser"),
    ("Opera", Rank::Browser, "Opera"),
    ("Opera GX", Rank::Browser, "Opera"),
    ("OperaMobile", Rank::Browser, "Opera"),
    ("Samsung Internet", Rank::Browser, "Samsung Internet"),
    ("Vivaldi", Rank::Browser, "Vivaldi"),
    ("Whale", Rank::Browser, "Whale"),
    ("YaBrowser", Rank::Browser, "Yandex"),
    ("Yandex", Rank::Browser, "Yandex"),
];

/// The systems' words in a user agent, with a rank: the lowest that is found decides. `Windows` is Windows Phone's too.
pub(super) const SYSTEMS: &[(&str, u8, &str)] = &[
    ("Android", 3, "Android"),
    ("CrOS", 1, "ChromeOS"),
    ("FreeBSD", 1, "FreeBSD"),
    ("HarmonyOS", 1, "HarmonyOS"),
    ("KAIOS", 1, "KaiOS"),
    ("Linux", 5, "Linux"),
    ("Macintosh", 4, "macOS"),
    ("OpenBSD", 1, "OpenBSD"),
    ("OpenHarmony", 1, "HarmonyOS"),
    ("Roku", 1, "Roku OS"),
    ("Tizen", 1, "Tizen"),
    ("Web0S", 1, "webOS"),
    ("Windows", 1, "Windows"),
    ("iPad", 2, "iOS"),
    ("iPhone", 2, "iOS"),
    ("iPod", 2, "iOS"),
];

/// The systems of `Sec-CH-UA-Platform`.
pub(super) const PLATFORMS: &[(&str, &str)] = &[
    ("Android", "Android"),
    ("Chrome OS", "ChromeOS"),
    ("ChromeOS", "ChromeOS"),
    ("Chromium OS", "ChromeOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("Linux", "Linux"),
    ("Windows", "Windows"),
    ("iOS", "iOS"),
    ("macOS", "macOS"),
];

/// The words of television sets and of the boxes beside them.
pub(super) const TELEVISIONS: &[&str] = &[
    "AndroidTV",
    "AppleTV",
    "BRAVIA",
    "CrKey",
    "GoogleTV",
    "HbbTV",
    "LargeScreen",
    "NetCast",
    "Roku",
    "SMART-TV",
    "Smart-TV",
    "SmartTV",
    "TV",
    "VIDAA",
    "Web0S",
    "webOS.TV",
];

/// The words of game consoles.
pub(super) const CONSOLES: &[&str] = &["Nintendo", "PLAYSTATION", "PlayStation", "Xbox"];

/// The words of what is neither: glasses, cars, watches.
pub(super) const OTHERS: &[&str] = &["OculusBrowser", "QtCarBrowser", "Quest", "Tesla"];

/// How the words of a list begin: for each first byte, a bit for each second one by its remainder by 64. Most words of a
/// user agent are in no list, and this tells so of most of them.
pub(super) struct Starts([u64; 256]);

/// Of [`SIGNS`].
pub(super) static OF_SIGNS: Starts = {
    let mut starts = Starts([0; 256]);
    let mut at = 0;
    while at < SIGNS.len() {
        starts = starts.with(SIGNS[at].word);
        at += 1;
    }
    starts
};

/// Of [`SYSTEMS`].
pub(super) static OF_SYSTEMS: Starts = {
    let mut starts = Starts([0; 256]);
    let mut at = 0;
    while at < SYSTEMS.len() {
        starts = starts.with(SYSTEMS[at].0);
        at += 1;
    }
    starts
};

/// Of [`CONSOLES`], [`OTHERS`] and [`TELEVISIONS`].
pub(super) static OF_DEVICES: Starts =
    Starts([0; 256]).with_all(CONSOLES).with_all(OTHERS).with_all(TELEVISIONS);

impl Starts {
    const fn with(mut self, word: &str) -> Self {
        let (first, second) = first_two(word);
        self.0[first as usize] |= 1 << (second % 64);
        self
    }

    const fn with_all(mut self, words: &[&str]) -> Self {
        let mut at = 0;
        while at < words.len() {
            self = self.with(words[at]);
            at += 1;
        }
        self
    }

    /// Whether the list may have the word.
    pub(super) fn may_have(&self, word: &str) -> bool {
        let (first, second) = first_two(word);
        self.0[usize::from(first)] & 1 << (second % 64) != 0
    }
}

const fn first_two(word: &str) -> (u8, u8) {
    match word.as_bytes() {
        [first, second, ..] => (*first, *second),
        [first] => (*first, 0),
        [] => (0, 0),
    }
}
