//! What a `User-Agent` says about the device. A guess, good enough for a word in a sentence: browsers imitate one
//! another, and a tablet may ask for the pages of a desktop.

/// The three words about a device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Device {
    /// `phone`, `tablet` or `desktop`.
    pub(super) class: Option<&'static str>,
    /// The system, as its maker writes it.
    pub(super) os: Option<&'static str>,
    /// The browser, as its maker writes it.
    pub(super) browser: Option<&'static str>,
}

/// What a header holds, and what that means. The first that is found decides, so who imitates stands before who is
/// imitated.
type Signs = [(&'static str, &'static str)];

const SYSTEMS: &Signs = &[
    ("Windows NT", "Windows"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("iPod", "iOS"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];

const BROWSERS: &Signs = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

impl Device {
    pub(super) fn of(user_agent: &str) -> Self {
        let has = |sign: &str| user_agent.contains(sign);
        let find = |signs: &Signs| {
            signs.iter().find(|(sign, _)| has(sign)).map(|(_, meaning)| *meaning)
        };
        let class = if has("iPad") || has("Tablet") || (has("Android") && !has("Mobile"))
        {
            "tablet"
        } else if has("Mobile") || has("iPhone") || has("iPod") {
            "phone"
        } else {
            "desktop"
        };
        let (os, browser) = (find(SYSTEMS), find(BROWSERS));
        // A program that says nothing of a system is no device that somebody holds.
        Self { class: os.map(|_| class), os, browser }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(user_agent: &str, expected: [Option<&str>; 3]) {
        let Device { class, os, browser } = Device::of(user_agent);
        assert_eq!([class, os, browser], expected, "{user_agent}");
    }

    #[test]
    fn common_browsers() {
        let some = |class, os, browser| [Some(class), Some(os), Some(browser)];
        check(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            some("desktop", "Windows", "Edge"),
        );
        check(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
            some("desktop", "macOS", "Safari"),
        );
        check(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1",
            some("phone", "iOS", "Chrome"),
        );
        check(
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
            some("phone", "Android", "Chrome"),
        );
        check(
            "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Safari/537.36",
            some("tablet", "Android", "Samsung Internet"),
        );
        check(
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            some("desktop", "Linux", "Firefox"),
        );
        check("curl/8.5.0", [None, None, None]);
        check("", [None, None, None]);
    }
}
