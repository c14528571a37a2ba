//! Visits and datafiles that nobody means, and that arrive all the same: decided in bounded time, within a small stack.

#![allow(clippy::unwrap_used, reason = "a test may")]
#![allow(clippy::disallowed_methods, reason = "a test may look at the clock")]

mod support;

use std::thread;
use std::time::{Duration, Instant};

use edgewise_engine::{
    Datafile, Facts, Page, Severity, Visit, VisitorId, assign, assign_on_page, cookie,
    decide_line, publish, validate,
};
use serde_json::{Value, json};
use support::published::{draft, experiment};

/// Ample for a debug build on a busy machine; what is quadratic would take minutes.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a module in WebAssembly has. Frames are larger here than there.
const STACK: usize = 1024 * 1024;

/// Runs within patience.
fn timed(run: impl FnOnce()) {
    let start = Instant::now();
    run();
    let time = start.elapsed();
    assert!(time < PATIENCE, "{time:?}");
}

/// Runs within patience, and on a small stack.
fn bounded(run: impl FnOnce() + Send) {
    timed(|| {
        thread::scope(|scope| {
            let thread = thread::Builder::new().stack_size(STACK);
            thread.spawn_scoped(scope, run).unwrap().join().unwrap();
        });
    });
}

fn asking(number: usize, audience: &Value) -> Value {
    let mut one = experiment(number, &[5_000, 5_000]);
    one["audience"] = audience.clone();
    one
}

fn read(draft: &Value) -> Datafile {
    let (datafile, problems) = validate(&draft.to_string(), 1);
    datafile.unwrap_or_else(|| panic!("{problems}"))
}

/// The JSON of a datafile whose experiments have these audiences, though no draft may.
fn by_hand(audiences: &[Value]) -> Vec<u8> {
    let plain: Vec<_> =
        (0..audiences.len()).map(|number| experiment(number, &[5_000, 5_000])).collect();
    let mut json: Value = serde_json::from_str(&read(&draft(&plain)).to_json()).unwrap();
    for (number, audience) in audiences.iter().enumerate() {
        json["experiments"][number]["audience"] = audience.clone();
    }
    json.to_string().into_bytes()
}

fn ada() -> VisitorId {
    VisitorId::new("ada").unwrap()
}

fn home() -> Visit<'static> {
    Visit::to(Page::parse("https://example.com/").unwrap())
}

/// Every fact that comes out of a header or the address, with an operator that looks at all of it.
fn curious() -> Datafile {
    let facts = [
        "cookie.a",
        "cookie.a999",
        "query.a",
        "query.a999",
        "header.x-plan",
        "referrer.url",
        "referrer.host",
        "source",
        "source.name",
        "language",
        "languages",
        "device.class",
        "device.os",
        "device.browser",
        "page.path",
        "page.query",
        "visitor.visits",
    ];
    let conditions = |fact: &str| {
        let mut all = vec![
            json!({"fact": fact, "matches": "(a|aa)+(b|c*)*$", "ignore_case": true}),
            json!({"fact": fact, "ends": "zzz", "ignore_case": true}),
        ];
        let words: Vec<_> = (0..1_000).map(|word| format!("Word {word}")).collect();
        if !["source", "device.class"].contains(&fact) {
            all.push(json!({"fact": fact, "one_of": words, "ignore_case": true}));
        }
        json!({ "any": all })
    };
    let experiments: Vec<_> = facts
        .iter()
        .enumerate()
        .map(|(number, fact)| asking(number, &conditions(fact)))
        .collect();
    read(&draft(&experiments))
}

#[test]
fn long_headers_and_addresses() {
    let datafile = curious();
    let long = 100_000;
    let many = |mut part: Box<dyn FnMut(usize) -> String>| -> String {
        (0..10_000).map(&mut part).collect()
    };
    for text in [
        "a".repeat(long),
        "a=".repeat(long / 2),
        "a;".repeat(long / 2),
        "a=a;".repeat(long / 4),
        "%".repeat(long),
        "%41".repeat(long / 3),
        "é".repeat(long / 2),
        "\"".repeat(long),
        ",".repeat(long),
        "de,".repeat(long / 3),
        "de;q=0.".repeat(long / 7),
        "(".repeat(long),
        "Mozilla/5.0 (iPhone; ".repeat(long / 21),
        "Chrome/1.".repeat(long / 9),
        "\"A\";v=\"1\", ".repeat(long / 12),
        "https://".repeat(long / 8),
        many(Box::new(|number| format!("a{number}=a; "))),
        format!("edgewise=2.{}", "a.".repeat(long / 2)),
        format!("edgewise=1.{}", "a".repeat(long)),
        "edgewise=2.ada.fu1.3.hlcqo.s;".repeat(long / 29),
    ] {
        let url = format!("https://example.com/?{}", text.replace(['#', ' '], "+"));
        let names = [
            "cookie",
            "user-agent",
            "accept-language",
            "referer",
            "x-plan",
            "sec-ch-ua",
            "sec-ch-ua-full-version-list",
            "sec-ch-ua-platform",
            "sec-ch-ua-form-factors",
            "sec-gpc",
        ];
        timed(|| {
            let page = Page::parse(&url).unwrap_or_else(|_| home().page);
            let headers = names.map(|name| (name, text.as_str()));
            let remembered = cookie::remembered([text.as_str()]);
            let facts = Facts::of_page(&page).with_headers(headers);
            let facts = facts.with_history(remembered.map(|(_, history)| history));
            let decisions =
                assign(&datafile, &ada(), &Visit { facts, ..Visit::to(page) });
            let told: usize = decisions.iter().map(|one| one.explain().len()).sum();
            assert!(told < 200_000, "{told} bytes of explanation");
        });
    }
}

#[test]
fn ten_thousand_parameters_and_headers() {
    let datafile = curious();
    let query: Vec<_> = (0..10_000).map(|number| format!("a{number}=%61")).collect();
    let headers: serde_json::Map<_, _> =
        (0..10_000).map(|number| (format!("x-{number}"), json!(["a", "b"]))).collect();
    let url = format!("https://example.com/?{}", query.join("&"));
    let line = json!({"visitor": "ada", "url": url, "headers": headers}).to_string();
    timed(|| assert!(decide_line(&datafile, line.as_bytes()).is_ok()));
    // The thousand-first parameter is not known, whichever it is.
    let asks = |name: &str| {
        let audience = json!({"fact": name, "exists": false});
        let datafile = read(&draft(&[asking(0, &audience)]));
        let page = Page::parse(&url).unwrap();
        assign(&datafile, &ada(), &Visit::to(page))[0].reason()
    };
    assert_eq!(asks("query.a999"), "not-in-audience");
    assert_eq!(asks("query.a1000"), "facts-unknown");
    assert_eq!(asks("query.b"), "facts-unknown");
}

/// As deep as the reader of JSON goes, in lists and in negations; and deeper, which it refuses.
#[test]
fn deep_conditions() {
    let leaf = json!({"fact": "query.a", "exists": true});
    let nested = |depth: usize, kind: &str| {
        (0..depth).fold(leaf.clone(), |inner, _| match kind {
            "not" => json!({ "not": inner }),
            kind => json!({ kind: [inner] }),
        })
    };
    for (kind, read, refused) in [("not", 110, 140), ("all", 55, 70), ("any", 55, 70)] {
        let json = by_hand(&[nested(read, kind)]);
        bounded(|| {
            let datafile = Datafile::open(json).unwrap();
            let decided = assign(&datafile, &ada(), &home());
            assert_eq!(decided[0].reason(), "not-in-audience");
            assert!(!decided[0].explain().is_empty() && !decided[0].story().is_empty());
            let compiled = Datafile::open(datafile.compile()).unwrap();
            assert_eq!(assign(&compiled, &ada(), &home())[0].reason(), "not-in-audience");
        });
        let json = by_hand(&[nested(10, kind)]);
        let text = String::from_utf8(json).unwrap();
        let inner = nested(10, kind).to_string();
        assert!(text.contains(&inner));
        let deeper = nested(60, kind).to_string();
        let (start, end) = deeper.split_at(deeper.find("{\"exists\"").unwrap());
        let twice = format!("{start}{deeper}{}", &end[leaf.to_string().len()..]);
        let thrice = format!("{start}{twice}{}", &end[leaf.to_string().len()..]);
        let json = text.replace(&inner, &thrice).into_bytes();
        assert!(refused > read);
        bounded(|| assert!(Datafile::open(json).is_err()));
    }
    // Much deeper still, in a draft.
    let deep = format!("{}{}", "{\"not\":".repeat(100_000), "}".repeat(100_000));
    let text = draft(&[asking(0, &json!("DEEP"))]).to_string();
    bounded(|| assert!(validate(&text.replace("\"DEEP\"", &deep), 1).0.is_none()));
}

#[test]
fn wide_conditions() {
    let many: Vec<_> = (0..100_000)
        .map(|number| json!({"fact": format!("query.a{}", number % 50), "is": "b"}))
        .collect();
    let json = by_hand(&[json!({ "any": many })]);
    bounded(|| {
        let datafile = Datafile::open(json).unwrap();
        let page = Page::parse("https://example.com/?a=%ff").unwrap();
        let decided = assign(&datafile, &ada(), &Visit::to(page));
        assert_eq!(decided[0].reason(), "facts-unknown", "nobody publishes as many");
    });
}

#[test]
fn experiments_that_ask_for_one_another() {
    let asks = |key: usize| json!({"in_experiment": format!("e{key}")});
    let deep = |key: usize| (0..50).fold(asks(key), |inner, _| json!({"all": [inner]}));
    let circle: Vec<_> = (0..1_000).map(|number| asks((number + 1) % 1_000)).collect();
    let itself = vec![asks(0)];
    let chain: Vec<_> = (0..1_000).map(|number| asks(number + 1)).collect();
    let backward: Vec<_> =
        (0..1_000_usize).map(|number| asks(number.saturating_sub(1))).collect();
    let deep: Vec<_> = (0..100).map(|number| deep((number + 1) % 100)).collect();
    // Each asks for all others, twice.
    let all: Vec<_> = (0..100)
        .map(|_| {
            let all: Vec<_> = (0..100)
                .map(asks)
                .chain((0..100).map(|key| json!({"not": asks(key)})))
                .collect();
            json!({ "any": all })
        })
        .collect();
    for audiences in [circle, itself, chain, backward, deep, all] {
        let json = by_hand(&audiences);
        bounded(|| {
            let datafile = Datafile::open(json).unwrap();
            let compiled = Datafile::open(datafile.compile()).unwrap();
            let told = |datafile: &Datafile| {
                let first =
                    serde_json::to_string(&assign(datafile, &ada(), &home())).unwrap();
                let again =
                    serde_json::to_string(&assign_on_page(datafile, &ada(), &home()))
                        .unwrap();
                assert_eq!(first, again);
                first
            };
            assert_eq!(told(&datafile), told(&compiled));
        });
    }
}

/// As long a chain as there may be, each link as deep as it may be; and the same asked for from all sides.
#[test]
fn the_longest_chain_of_a_draft() {
    let deep = |key: usize| {
        let asks = json!({"in_experiment": format!("e{key}")});
        (0..7).fold(
            asks,
            |inner, _| json!({"any": [inner, {"fact": "query.a", "exists": true}]}),
        )
    };
    let experiments: Vec<_> = (0..1_000)
        .map(|number| match number {
            0 => experiment(number, &[5_000, 5_000]),
            1..=16 => asking(number, &deep(number - 1)),
            _ => asking(number, &deep(16 - number % 2)),
        })
        .collect();
    let text = draft(&experiments).to_string();
    bounded(|| {
        let (datafile, problems) = validate(&text, 1);
        // Those that ask for the sixteenth ask for one too many.
        let errors = || problems.iter().filter(|one| one.severity == Severity::Error);
        assert!(datafile.is_none() && errors().all(|one| one.code == "chain-too-long"));
        assert_eq!(errors().count(), 491);
    });
    let draft = draft(&experiments[..17]);
    bounded(|| {
        let decided = |turned: bool| -> Vec<_> {
            let mut draft = draft.clone();
            if turned {
                draft["experiments"].as_array_mut().unwrap().reverse();
            }
            let datafile = read(&draft);
            let reasons =
                assign(&datafile, &ada(), &home()).into_iter().map(|one| one.reason());
            reasons.collect()
        };
        assert_eq!(decided(false), vec!["assigned"; 17]);
        assert_eq!(decided(true), vec!["assigned"; 17]);
    });
}

/// Ranges that overlap, as only a file written by hand has them.
#[test]
fn ranges_claimed_twice() {
    let mut experiments: Vec<_> =
        (0..40).map(|number| experiment(number, &[5_000, 5_000])).collect();
    for one in &mut experiments {
        one["layer"] = json!({"key": "shop", "share": 250});
    }
    let mut draft = draft(&experiments);
    draft["layers"] = json!([{"key": "shop", "name": "Shop"}]);
    let good: Value = serde_json::from_str(&read(&draft).to_json()).unwrap();
    let with = |ranges: &Value| {
        let mut json = good.clone();
        for one in json["experiments"].as_array_mut().unwrap() {
            one["layer"]["allocation"] = ranges.clone();
        }
        Datafile::open(json.to_string().into_bytes())
    };
    let twice = json!([[0, 10_000], [0, 10_000]]);
    assert!(with(&twice).is_err());
    // Each alone is a good one; publishing sorts them out.
    let live = with(&json!([[0, 10_000]])).unwrap();
    timed(|| {
        let next = publish(&draft.to_string(), Some(&live)).0.unwrap();
        for one in next.experiments() {
            assert!(one.layer.as_ref().unwrap().allocation.width() <= 250);
        }
    });
}

#[test]
fn regular_expressions_that_would_not_end() {
    let conditions: Vec<_> = [
        "^(a+)+$",
        "(a|aa)+b$",
        "(a*)*b",
        "(.*a){20}b",
        "((a?){9}){9}b",
    ]
    .iter()
    .map(|regex| json!({"fact": "header.x-plan", "matches": regex, "ignore_case": true}))
    .collect();
    let datafile = read(&draft(&[asking(0, &json!({ "any": conditions }))]));
    for (length, reason) in [(4_095, "facts-unknown"), (400, "not-in-audience")] {
        let text = "a".repeat(length) + "!";
        timed(|| {
            let facts =
                Facts::of_page(&home().page).with_headers([("x-plan", text.as_str())]);
            let decided = assign(&datafile, &ada(), &Visit { facts, ..home() });
            assert_eq!(decided[0].reason(), reason);
        });
    }
}
