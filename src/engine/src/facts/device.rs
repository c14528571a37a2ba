//! What a browser says about the device: by client hints where it sends them, else by its `User-Agent`.
//!
//! A guess, good enough for an audience and for a word in a sentence. What no request tells: an iPad asks as a Mac
//! unless its owner chose otherwise, a large Android tablet as Linux, and Arc and others as Chrome; they count as
//! what they say. What a browser is known to write for everybody (Windows NT 10.0, macOS 10.15.7, Android 10, iOS 18.7) is left
//! out, so that a condition on the system's version never rests on it.

mod agent;
mod signs;
mod structured;
#[cfg(test)]
mod tests;

use self::agent::Agent;
use self::signs::{BRANDS, PLATFORMS, Rank};
use self::structured::{boolean, list, string};

/// The most characters of a version that are kept.
const MAX_VERSION: usize = 20;

/// The headers that speak of the device, as they were sent.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hints<'a> {
    /// `User-Agent`; its first 512 bytes are read.
    pub(crate) user_agent: Option<&'a str>,
    /// `Sec-CH-UA`.
    pub(crate) brands: Option<&'a str>,
    /// `Sec-CH-UA-Full-Version-List`.
    pub(crate) full_versions: Option<&'a str>,
    /// `Sec-CH-UA-Mobile`.
    pub(crate) mobile: Option<&'a str>,
    /// `Sec-CH-UA-Platform`.
    pub(crate) platform: Option<&'a str>,
    /// `Sec-CH-UA-Platform-Version`.
    pub(crate) platform_version: Option<&'a str>,
    /// `Sec-CH-UA-Form-Factors`.
    pub(crate) form_factors: Option<&'a str>,
}

/// A device, its system and its browser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Device {
    /// `phone`, `tablet`, `desktop`, `tv`, `console`, or `other` (glasses, watches, cars).
    pub(crate) class: Option<&'static str>,
    /// The system, as its maker writes it; an iPad's is `iOS` too.
    pub(crate) os: Option<&'static str>,
    /// Numbers with dots between, at most 20 characters.
    pub(crate) os_version: Option<String>,
    /// The browser, or the app that shows the page, as its maker writes it; `WebView` for an app that hides its name.
    pub(crate) browser: Option<&'static str>,
    /// Numbers with dots between, at most 20 characters; only the first one where the rest is always 0.
    pub(crate) browser_version: Option<String>,
}

impl Device {
    /// What the headers tell together. Hints win over the user agent, except that the name of an app wins over the browser
    /// whose view it is.
    pub(crate) fn of(hints: &Hints<'_>) -> Self {
        let agent = Agent::read(hints.user_agent.unwrap_or_default());
        let agent_os = agent.os();
        let os = hints.platform().or(agent_os);
        let os_version = os.and_then(|os| {
            let by_agent = || agent.os_version(os).filter(|_| agent_os == Some(os));
            hints.platform_version(os).or_else(by_agent)
        });
        let (browser, browser_version) = hints.browser(&agent, agent_os);
        Self { class: hints.class(&agent, os), os, os_version, browser, browser_version }
    }
}

impl Hints<'_> {
    fn platform(&self) -> Option<&'static str> {
        let told = string(self.platform?)?;
        PLATFORMS.iter().find(|(name, _)| *name == told).map(|(_, os)| *os)
    }

    fn platform_version(&self, os: &str) -> Option<String> {
        let told = string(self.platform_version?)?;
        if os != "Windows" {
            return version(told);
        }
        // The version of a part of Windows, which Microsoft lists: 13 and above are Windows 11.
        let (major, rest) = told.split_once('.').unwrap_or((told, ""));
        let windows = match (major.parse::<u16>().ok()?, rest.split('.').next()) {
            (0, Some("1")) => "7",
            (0, Some("2")) => "8",
            (0, Some("3")) => "8.1",
            (1..=12, _) => "10",
            (13.., _) => "11",
            _ => return None,
        };
        Some(windows.to_owned())
    }

    fn browser(
        &self,
        agent: &Agent,
        os: Option<&str>,
    ) -> (Option<&'static str>, Option<String>) {
        let brands = list(self.brands.unwrap_or_default());
        let full = list(self.full_versions.unwrap_or_default());
        let known = brands.iter().chain(&full).filter_map(|(name, version)| {
            let brand = BRANDS.iter().find(|brand| brand.0 == *name)?;
            Some((brand, *version))
        });
        let by_hints = known.min_by_key(|(brand, _)| brand.1);
        let by_agent = agent.browser(os);
        match (by_hints, by_agent) {
            (Some((_, _)), Some(app)) if app.rank == Rank::App => {
                (Some(app.browser), app.version)
            }
            (Some((brand, major)), by_agent) => {
                let exact = full.iter().find(|(name, _)| *name == brand.0);
                let exact = exact.and_then(|(_, exact)| version((*exact)?));
                // A view's user agent is not cut down.
                let by_agent = by_agent.filter(|known| known.browser == brand.2);
                let by_agent = by_agent.and_then(|known| known.version).filter(|v| {
                    v.split('.').next() == major.and_then(|m| m.split('.').next())
                });
                let told = exact.or(by_agent).or_else(|| version(major?));
                (Some(brand.2), told)
            }
            (None, Some(known)) => (Some(known.browser), known.version),
            (None, None) => (None, None),
        }
    }

    fn class(&self, agent: &Agent, os: Option<&'static str>) -> Option<&'static str> {
        let forms = list(self.form_factors.unwrap_or_default());
        let class = |form: &str| match form {
            "XR" | "Watch" | "Automotive" => Some("other"),
            "Tablet" => Some("tablet"),
            "Mobile" => Some("phone"),
            "Desktop" => Some("desktop"),
            _ => None,
        };
        // A device may have several: the one that is most its own says most.
        let classes = ["other", "tablet", "phone", "desktop"];
        let has =
            |wanted: &&str| forms.iter().any(|(form, _)| class(form) == Some(*wanted));
        if let Some(class) = classes.into_iter().find(has) {
            return Some(class);
        }
        if let Some(class) = agent.named_class() {
            return Some(class);
        }
        match (self.mobile.and_then(boolean), os) {
            (Some(true), _) => Some("phone"),
            (Some(false), Some("Android" | "HarmonyOS" | "iOS")) => Some("tablet"),
            // A program that says nothing of a system is no device that somebody holds.
            (_, os) => os.map(|os| agent.likely_class(os)),
        }
    }
}

/// A version without what does not belong to one: `17_4_1` → `17.4.1`, `140.0.0.0` → `140`, since a browser that sends the
/// latter keeps the rest to itself. None if it does not begin with a digit.
fn version(text: &str) -> Option<String> {
    let kept: String = text
        .chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | '_'))
        .take(MAX_VERSION)
        .map(|c| if c == '_' { '.' } else { c })
        .collect();
    let kept = kept.trim_end_matches('.');
    let kept = kept.strip_suffix(".0.0.0").unwrap_or(kept);
    kept.starts_with(|c: char| c.is_ascii_digit()).then(|| kept.to_owned())
}
