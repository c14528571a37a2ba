use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Kind and name, as `search Google`; `-` if the visit began before.
fn told(query: &str, referrer: &str) -> String {
    let query: BTreeMap<_, _> =
        query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let source =
        Source::of(|name| query.get(name).copied(), Some(referrer), "shop.example.com");
    let Some(Source { kind, name }) = source else { return "-".to_owned() };
    format!("{} {}", kind.as_str(), name.unwrap_or_default()).trim().to_owned()
}

#[track_caller]
fn check(query: &str, referrer: &str, expected: &str) {
    assert_eq!(told(query, referrer), expected, "{query} {referrer}");
}

#[test]
fn list_is_sound() {
    let lines: Vec<_> = (0..COUNT).map(|number| PLACES.line(number)).collect();
    let host = |line: &str| line.split('\t').next().unwrap().to_owned();
    assert!(lines.is_sorted_by(|a, b| host(a) < host(b)) && lines.len() > 200);
    for line in lines {
        assert!(Place::of(line).is_some() && line.split('\t').count() == 4, "{line}");
        assert!(line.is_ascii() && host(line) == host(line).to_lowercase(), "{line}");
        assert!(matches!(line.split('\t').nth(1), Some("below" | "only")), "{line}");
        let bare = !host(line).starts_with("www.") && !host(line).starts_with("m.");
        assert!(bare, "{line}");
    }
}

#[test]
fn campaigns() {
    check("utm_source=news&utm_medium=email&utm_campaign=may", "", "campaign news");
    check("utm_medium=email", "", "campaign");
    check(
        "utm_source=google&utm_medium=organic",
        "https://www.google.com/",
        "campaign google",
    );
    check("gclid=x", "https://www.google.com/", "campaign Google");
    check("gclid=x&utm_source=spring", "", "campaign spring");
    check("msclkid=x", "", "campaign Bing");
    check("li_fat_id=x&fbclid=y", "", "campaign LinkedIn");
    check("utm_source=", "", "direct");
    check("utm_source= &gclid=", "", "direct");
    // A campaign may lead from one page of the site to the next.
    check("utm_source=banner", "https://shop.example.com/", "campaign banner");
    let long = format!("utm_source={}", "é".repeat(5_000));
    assert!(told(&long, "").chars().count() < 300);
}

#[test]
fn assistants() {
    check("utm_source=chatgpt.com", "", "ai ChatGPT");
    check("utm_source=ChatGPT.com&utm_medium=referral", "https://x.com/", "ai ChatGPT");
    check("utm_source=openai&utm_campaign=ads", "", "campaign openai");
    check("utm_source=perplexity&gclid=x", "", "campaign perplexity");
    for (referrer, name) in [
        ("https://chatgpt.com/", "ChatGPT"),
        ("https://www.perplexity.ai/search", "Perplexity"),
        ("https://gemini.google.com/app", "Gemini"),
        ("https://copilot.microsoft.com/", "Copilot"),
        ("https://claude.ai/chat/1", "Claude"),
        ("https://chat.mistral.ai/", "Mistral"),
        ("android-app://com.openai.chatgpt/", "ChatGPT"),
    ] {
        check("", referrer, &format!("ai {name}"));
    }
}

#[test]
fn links_that_carry_a_number() {
    check("fbclid=x", "", "social Facebook");
    check("fbclid=x", "https://l.instagram.com/", "social Instagram");
    check("fbclid=x", "https://blog.example.org/", "social Facebook");
    check("fbclid=x", "https://shop.example.com/", "social Facebook");
    check("srsltid=x", "https://www.google.com/", "search Google");
    check("fbclid=x&utm_source=fb", "https://l.facebook.com/", "campaign fb");
}

#[test]
fn search() {
    for referrer in [
        "https://www.google.com/",
        "https://google.co.uk/",
        "https://www.google.com.br/url?q=x",
        "HTTPS://WWW.Google.DE./",
        "http://images.google.com/",
        "https://user:pass@www.google.fr:443/x",
        "android-app://com.google.android.googlequicksearchbox/",
    ] {
        check("", referrer, "search Google");
    }
    check("", "https://www.bing.com/", "search Bing");
    check("", "https://uk.search.yahoo.com/", "search Yahoo");
    check("", "https://yandex.com.tr/", "search Yandex");
    check("", "https://html.duckduckgo.com/html", "search DuckDuckGo");
    check("", "https://m.baidu.com/s", "search Baidu");
    check("", "https://search.brave.com/", "search Brave");
    check("", "https://m.search.naver.com/", "search Naver");
}

#[test]
fn social() {
    for (referrer, name) in [
        ("https://l.facebook.com/l.php?u=x", "Facebook"),
        ("https://lm.facebook.com/", "Facebook"),
        ("https://t.co/abc", "X"),
        ("https://lnkd.in/abc", "LinkedIn"),
        ("https://old.reddit.com/r/x", "Reddit"),
        ("https://www.pinterest.co.uk/", "Pinterest"),
        ("https://de.pinterest.com/", "Pinterest"),
        ("https://go.bsky.app/", "Bluesky"),
        ("android-app://com.linkedin.android/", "LinkedIn"),
        ("https://tieba.baidu.com/p/1", "Tieba"),
    ] {
        check("", referrer, &format!("social {name}"));
    }
}

#[test]
fn other_sites() {
    check("", "https://mail.google.com/", "referral Gmail");
    check("", "https://docs.google.com/", "referral docs.google.com");
    check("", "https://google.evil.com/", "referral google.evil.com");
    check("", "https://www.google.com.evil.org/", "referral google.com.evil.org");
    check("", "https://notfacebook.com/", "referral notfacebook.com");
    check(
        "",
        "https://www.Partner.example.org/a?utm_source=x",
        "referral partner.example.org",
    );
    check("", "android-app://org.example.app", "referral org.example.app");
    check("", "https://[::1]/", "direct");
    let none = [
        "",
        " ",
        "about:blank",
        "x",
        "https://",
        "https:///",
        "//google.com",
        "ftp://a.de/",
        "https://a b.de/",
        "https://é.de/",
        "https://.",
        "android-app://",
        "android-app://<b>/",
    ];
    for referrer in none {
        check("", referrer, "direct");
    }
    check("", &format!("https://{}/", "a".repeat(100_000)), "direct");
    check("", &format!("https://a.de/{}", "é".repeat(100_000)), "referral a.de");
}

#[test]
fn same_site() {
    for referrer in [
        "https://shop.example.com/a",
        "https://www.example.com/",
        "http://example.com:8080/",
        "https://SHOP.example.com./",
    ] {
        check("", referrer, "-");
    }
    for (one, other, expected) in [
        ("a.example.co.uk", "example.co.uk", true),
        ("one.co.uk", "other.co.uk", false),
        ("a.b.c.example.de", "x.example.de", true),
        ("alice.github.io", "bob.github.io", false),
        ("alice.github.io", "alice.github.io", true),
        ("a.alice.github.io", "alice.github.io", true),
        ("10.0.0.1", "11.0.0.1", false),
        ("10.0.0.1", "10.0.0.1", true),
        ("localhost", "localhost", true),
        ("localhost", "other", false),
        ("co.uk", "www.co.uk", false),
        ("example.com", "example.org", false),
        ("t.co", "x.co", false),
    ] {
        assert_eq!(is_same_site(one, other), expected, "{one} {other}");
        assert_eq!(is_same_site(other, one), expected, "{other} {one}");
    }
}

proptest! {
    #[test]
    fn any_referrer(
        referrer in "\\PC{0,60}|(https?://|android-app://|google|[a-z.:@/é-]){0,40}",
        value in "\\PC{0,400}",
        host in "[a-z0-9.é-]{0,30}",
    ) {
        let query = |name: &str| (name == "utm_source").then_some(value.as_str());
        for source in [
            Source::of(|_| None, Some(&referrer), &host),
            Source::of(query, Some(&referrer), &host),
        ] {
            let name = source.and_then(|source| source.name).unwrap_or_default();
            prop_assert!(name.chars().count() <= MAX_HOST);
        }
    }
}
