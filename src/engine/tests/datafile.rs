//! The two encodings of a datafile say the same, whatever the page rules; and the compiled one is read without harm, also
//! where somebody has changed its bytes.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use edgewise_engine::{Datafile, DatafileError, Page};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use support::soup::cases;

const HOSTS: &[&str] = &[
    "",
    "",
    "a.com",
    "b.a.com",
    "*.a.com",
    "*.b.a.com",
    "*.com",
    "ba.com",
    "com",
    "*.a",
];

/// Experiments with these page rules in a datafile, its JSON.
fn datafile_json(rules: &[Value]) -> Vec<u8> {
    let experiments = rules.iter().enumerate().map(|(number, pages)| {
        // Not in the order of the keys.
        let key = format!("e{}-{number}", number * 7 % 10);
        json!({
            "key": key, "name": "E", "seed": key, "status": "running", "pages": pages,
            "hypothesis": {"we_believe": "", "will_cause": "", "because": ""},
            "coverage": 10_000, "variants": [
                {"key": "control", "name": "C", "weight": 5_000, "allocation": [[0, 5_000]]},
                {"key": "b", "name": "B", "weight": 5_000, "allocation": [[5_000, 10_000]],
                 "changes": [{"selector": "h1", "expect": "at-least-one", "text": "words"}]},
            ],
        })
    });
    let experiments: Vec<_> = experiments.collect();
    json!({
        "schema_version": 1, "hash_version": 1, "revision": 1_u64 << 40,
        "redirect_hosts": ["shop.example.com"], "experiments": experiments,
    })
    .to_string()
    .into_bytes()
}

/// Few letters, so that paths begin alike.
fn path() -> impl Strategy<Value = String> {
    "/[ab/]{0,5}"
}

fn regex() -> impl Strategy<Value = String> {
    let piece = select(
        &[
            "/",
            "a",
            "b",
            "ab",
            "a?",
            "b*",
            "a+",
            "/{0,2}",
            "(a|b)",
            "(?:a|/)",
            "[ab]",
            "[^a]",
            "[|]",
            r"\/",
            r"\w",
            ".",
            ".*",
            "|",
            "$",
            "(a)",
            "()",
            "(?i)",
            "^",
            "(?<n>a|b)",
            r"\|",
            "[]a|]",
            "(",
            ")",
        ][..],
    );
    (select(&["^", "^", "^/", ""][..]), vec(piece, 0..6))
        .prop_map(|(start, pieces)| start.to_owned() + &pieces.concat())
        .prop_filter("no regular expression", |regex| {
            serde_json::from_value::<edgewise_engine::Pattern>(json!(regex)).is_ok()
        })
}

fn rule() -> impl Strategy<Value = Value> {
    let path = prop_oneof![
        path().prop_map(|text| json!({"exact": text})),
        path().prop_map(|text| json!({"prefix": text})),
        "[*/ab]{1,5}".prop_map(|text| json!({"wildcard": text})),
        "[/ab]{1,2}".prop_map(|text| json!({"suffix": text})),
        "[/ab]{1,3}".prop_map(|text| json!({"contains": text})),
        regex().prop_map(|text| json!({"regex": text})),
        Just(json!({"query": {"q": {"exists": true}}})),
    ];
    (path, select(HOSTS)).prop_map(|(mut rule, host)| {
        if !host.is_empty() {
            rule["host"] = json!(host);
        }
        rule
    })
}

fn rules() -> impl Strategy<Value = Vec<Value>> {
    let pages = (vec(rule(), 1..4), vec(rule(), 0..2));
    let pages = pages
        .prop_map(|(include, exclude)| json!({"include": include, "exclude": exclude}));
    vec(pages, 0..30)
}

fn pages() -> impl Strategy<Value = Page> {
    let hosts = ["a.com", "b.a.com", "c.b.a.com", "ba.com", "com", "x", ".a.com", "c.a"];
    (select(hosts.to_vec()), path(), select(&["", "?q=1"][..])).prop_map(
        |(host, path, query)| {
            Page::parse(&format!("https://{host}{path}{query}")).unwrap()
        },
    )
}

fn keys(datafile: &Datafile, page: &Page) -> Vec<String> {
    let candidates = datafile.candidates(page).into_iter();
    candidates.map(|one| one.key.as_str().to_owned()).collect()
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn every_match_is_a_candidate(rules in rules(), pages in vec(pages(), 1..10)) {
        let plain = Datafile::open(datafile_json(&rules)).unwrap();
        let compiled = Datafile::open(plain.compile()).unwrap();
        prop_assert_eq!(compiled.len(), plain.len());
        for page in &pages {
            let candidates = keys(&compiled, page);
            prop_assert_eq!(&candidates, &keys(&plain, page));
            let mut rest = candidates.iter();
            // In the datafile's order, and each once.
            for one in plain.experiments().filter(|one| one.pages.matches(page)) {
                prop_assert!(rest.any(|key| key == one.key.as_str()), "{:?}", one.pages);
            }
            let mut order = plain.experiments();
            prop_assert!(candidates.iter().all(|key| order.any(|one| one.key.as_str() == key)));
        }
    }

    #[test]
    fn there_and_back(rules in rules()) {
        let plain = Datafile::open(datafile_json(&rules)).unwrap();
        let compiled = Datafile::open(plain.compile()).unwrap();
        prop_assert_eq!(compiled.revision(), 1 << 40);
        prop_assert_eq!(compiled.redirect_hosts(), plain.redirect_hosts());
        for one in plain.experiments() {
            let again = compiled.experiment(one.key.as_str()).unwrap();
            prop_assert_eq!(&again.pages, &one.pages);
        }
        prop_assert!(compiled.experiment("e").is_none());
        prop_assert_eq!(compiled.to_json(), plain.to_json());
        prop_assert_eq!(compiled.compile(), plain.compile());
        prop_assert_eq!(Datafile::from_json(plain.to_json().as_bytes()).unwrap().compile(), plain.compile());
        prop_assert!(compiled.unreadable().is_empty());
    }

    /// Most changes are of single numbers, where they do the most harm.
    #[test]
    fn changed_bytes_are_refused_or_do_no_harm(
        rules in rules(), page in pages(), cut in proptest::option::of(any::<Index>()),
        bytes in btree_map(any::<Index>().prop_map(|at| at.index(1 << 20)), any::<u8>(), 0..4),
        numbers in vec((any::<Index>(), select(&[0, 1, 2, 7, u32::MAX, u32::MAX - 1, 1 << 31][..])), 0..4),
    ) {
        let mut compiled = Datafile::open(datafile_json(&rules)).unwrap().compile();
        for (at, byte) in bytes {
            let length = compiled.len();
            compiled[at % length] = byte;
        }
        for (at, number) in numbers {
            let at = at.index(compiled.len() - 4);
            compiled[at..at + 4].copy_from_slice(&u32::to_le_bytes(number));
        }
        if let Some(cut) = cut {
            compiled.truncate(cut.index(compiled.len()));
        }
        let Ok(datafile) = Datafile::open(compiled) else { return Ok(()) };
        datafile.candidates(&page);
        datafile.experiment("e0-0");
        let count = datafile.experiments().count();
        prop_assert_eq!(count + datafile.unreadable().len(), datafile.len());
        let _ = format!("{datafile:?}");
        Datafile::open(datafile.compile()).unwrap();
    }
}

#[test]
fn what_cannot_be_read_is_left_out() {
    let rules = vec![json!({"include": [{"prefix": "/"}]}); 3];
    let plain = Datafile::from_json(&datafile_json(&rules)).unwrap();
    let compiled = |was: &str, is: &str| {
        let mut bytes = plain.compile();
        let of = bytes.windows(was.len()).rposition(|part| part == was.as_bytes());
        bytes[of.unwrap()..][..was.len()].copy_from_slice(is.as_bytes());
        Datafile::open(bytes).unwrap()
    };
    let check = |was: &str, is: &str, why: &str| {
        let datafile = compiled(was, is);
        assert_eq!(datafile.len(), 3);
        assert!(datafile.unreadable().is_empty(), "nothing has been read yet");
        let page = Page::parse("https://example.com/").unwrap();
        for _ in 0..2 {
            assert_eq!(keys(&datafile, &page), ["e0-0", "e7-1"]);
            assert!(datafile.experiment("e4-2").is_none());
            let unreadable = datafile.unreadable();
            assert_eq!((unreadable.len(), unreadable[0].key.as_str()), (1, "e4-2"));
            assert!(unreadable[0].why.contains(why), "{unreadable:?}");
        }
    };
    check("\"key\":\"e4-2\"", "\"key\":\"e4-3\"", "it is \"e4-3\"");
    check("\"name\":\"E\"", "\"name\":1  ", "invalid type");
    check("[[5000,10000]]", "[[4999,10000]]", "claim bucket 4999");
}

#[test]
fn whatever_is_no_datafile_says_why() {
    let check = |bytes: &[u8], why: &str| {
        let error = Datafile::open(bytes.to_vec()).unwrap_err();
        assert_eq!(error.to_string(), why);
    };
    check(b"", "it is not a datafile");
    check(b"<html>", "it is not a datafile");
    check(b"edgewise", "the compiled datafile is damaged: it is cut short");
    let good = Datafile::from_json(&datafile_json(&[])).unwrap().compile();
    let mut bytes = good.clone();
    bytes[8] = 2;
    check(&bytes, "the datafile's format_version is 2, and this engine reads 1");
    let mut bytes = good.clone();
    bytes[12] = 9;
    check(&bytes, "the datafile's schema_version is 9, and this engine reads 1");
    for length in 0..good.len() {
        let error = Datafile::open(good[..length].to_vec()).unwrap_err();
        let cut = matches!(error, DatafileError::Damaged(_) | DatafileError::Shape(_));
        assert!(cut, "{length}: {error}");
    }
}
