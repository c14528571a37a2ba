//! User agents as browsers sent them between 2023 and 2026 (`tests/vectors/devices.json`), and hostile ones.

use proptest::prelude::*;
use serde::Deserialize;

use super::super::bots::is_bot;
use super::signs::{
    CONSOLES, OF_DEVICES, OF_SIGNS, OF_SYSTEMS, OTHERS, SIGNS, SYSTEMS, TELEVISIONS,
};
use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    user_agent: String,
    brands: Option<String>,
    full_versions: Option<String>,
    mobile: Option<String>,
    platform: Option<String>,
    platform_version: Option<String>,
    form_factors: Option<String>,
    /// Class, system and its version, browser and its version.
    expected: [Option<String>; 5],
}

impl Sent {
    fn hints(&self) -> Hints<'_> {
        Hints {
            user_agent: Some(&self.user_agent),
            brands: self.brands.as_deref(),
            full_versions: self.full_versions.as_deref(),
            mobile: self.mobile.as_deref(),
            platform: self.platform.as_deref(),
            platform_version: self.platform_version.as_deref(),
            form_factors: self.form_factors.as_deref(),
        }
    }
}

fn all_sent() -> Vec<Sent> {
    let sent = include_str!("../../../tests/vectors/devices.json");
    let sent: Vec<Sent> = serde_json::from_str(sent).unwrap();
    assert!(sent.len() > 100);
    sent
}

#[test]
fn known_devices() {
    let mut wrong = Vec::new();
    for sent in all_sent() {
        let Device { class, os, os_version, browser, browser_version } =
            Device::of(&sent.hints());
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let found =
            [owned(class), owned(os), os_version, owned(browser), browser_version];
        if found != sent.expected {
            wrong.push((sent.user_agent, sent.expected, found));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn people_are_no_bots() {
    for sent in all_sent().iter().filter(|sent| sent.expected[1].is_some()) {
        let is_browser = sent.user_agent.starts_with("Mozilla/5.0 (");
        assert!(!is_browser || !is_bot(&sent.user_agent), "{}", sent.user_agent);
    }
}

#[test]
fn lists_are_sorted() {
    assert!(SIGNS.is_sorted_by_key(|sign| sign.word));
    assert!(SYSTEMS.is_sorted_by_key(|system| system.0));
}

#[test]
fn starts_tell_words_that_are_in_no_list() {
    assert!(SIGNS.iter().all(|sign| OF_SIGNS.may_have(sign.word)));
    assert!(SYSTEMS.iter().all(|system| OF_SYSTEMS.may_have(system.0)));
    for list in [CONSOLES, OTHERS, TELEVISIONS] {
        assert!(list.iter().all(|word| OF_DEVICES.may_have(word)));
    }
    assert!(!OF_SIGNS.may_have("537.36") && !OF_SIGNS.may_have(""));
}

#[test]
fn bounds() {
    let long = "a/".repeat(50_000);
    let ends = ["Chrome/", "Android ", "(", "/", "é", "\"", ",", "OS 1"];
    for end in ends {
        let text = format!("{}{long}", end.repeat(25_000));
        let all = Hints {
            user_agent: Some(&text),
            brands: Some(&text),
            full_versions: Some(&text),
            mobile: Some(&text),
            platform: Some(&text),
            platform_version: Some(&text),
            form_factors: Some(&text),
        };
        Device::of(&all);
    }
    let far = format!("Mozilla/5.0 (X11; Linux) {} Chrome/140.0", "x".repeat(500));
    let far = Device::of(&Hints { user_agent: Some(&far), ..Hints::default() });
    assert_eq!((far.os, far.browser), (Some("Linux"), None));
    let version = format!("Chrome/1{}", "0".repeat(100));
    let device = Device::of(&Hints { user_agent: Some(&version), ..Hints::default() });
    assert_eq!(device.browser_version.unwrap().len(), MAX_VERSION);
}

proptest! {
    #[test]
    fn any_headers(
        user_agent in "\\PC{0,60}|(Mozilla/5\\.0 |Android |iPhone|OS |18_7|10|K|NT |Mini/|Opera|CrOS |[/;( é.0-9]){0,30}",
        hint in "\\PC{0,60}|(\"|;v=|, |\\?1|Windows|[0-9.]){0,20}",
    ) {
        let hint = Some(hint.as_str());
        let hints = Hints {
            user_agent: Some(&user_agent),
            brands: hint,
            full_versions: hint,
            mobile: hint,
            platform: hint,
            platform_version: hint,
            form_factors: hint,
        };
        let device = Device::of(&hints);
        for version in [device.os_version, device.browser_version].into_iter().flatten() {
            prop_assert!((1..=MAX_VERSION).contains(&version.len()));
        }
    }
}
