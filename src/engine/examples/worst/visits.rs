//! Visits, and what all that runs on their page asks of them.

use std::time::Instant;

use edgewise_engine::{
    Datafile, Facts, Host, Page, Plan, Visit, VisitorId, assign_on_page, validate,
};
use serde_json::{Value, json};

use crate::{draft, is_wanted, ms};

/// How many experiments run on the page.
const EXPERIMENTS: usize = 1_000;

/// How long a draft may be, bytes.
const DRAFT: usize = 1024 * 1024;

/// A visit, the rule of each experiment for its pages, and its audience: as many of the conditions as fit in.
struct Visiting {
    name: &'static str,
    url: String,
    rule: Value,
    condition: Value,
    headers: Vec<(&'static str, String)>,
    change: Value,
    /// Whether the datafile is filled up with changes, not with conditions.
    is_full_of_changes: bool,
}

/// Experiments that take no part in what they cost.
const ALL: &str = "{\"prefix\": \"/\"}";

fn on(name: &'static str, path: &str, rule: Value) -> Visiting {
    let url = format!("https://example.com/{path}");
    let change = json!({"selector": "h1", "text": "x"});
    Visiting {
        name,
        url,
        rule,
        condition: Value::Null,
        headers: Vec::new(),
        change,
        is_full_of_changes: false,
    }
}

fn asking(
    name: &'static str,
    condition: Value,
    header: (&'static str, String),
) -> Visiting {
    let rule = serde_json::from_str(ALL).unwrap();
    Visiting { condition, headers: vec![header], ..on(name, "a", rule) }
}

fn full_of(name: &'static str, change: Value) -> Visiting {
    let rule = serde_json::from_str(ALL).unwrap();
    Visiting { change, is_full_of_changes: true, ..on(name, "a", rule) }
}

fn visits() -> Vec<Visiting> {
    let all = || serde_json::from_str(ALL).unwrap();
    let long = "a".repeat(8_000);
    let short = "en/shop/shoes/running-shoes/1234567-".to_owned() + &"a".repeat(60);
    let agent = |text: &str| ("user-agent", format!("Mozilla/5.0 {text}"));
    let aaa = |length: usize| "a".repeat(length);
    let regex = |text: &str| json!({"regex": text});
    vec![
        on("an ordinary visit", "a", all()),
        on(
            "patterns of 30 letters, a path of 100",
            &short,
            regex("(shoes|boots)/[a-z-]+/[0-9]+-[b]$"),
        ),
        on(
            "the same, from the beginning",
            &short,
            regex("^/en/shop/(shoes|boots)/[^/]+$"),
        ),
        on(
            "the same, of another part of the site",
            &short,
            regex("^/de/shop/(shoes|boots)/[^/]+$"),
        ),
        on(
            "patterns of 30 letters, a path of 2,000",
            &aaa(2_000),
            regex("(shoes|boots)/[a-z-]+/[0-9]+-[b]$"),
        ),
        on(
            "slow patterns, a long path",
            &long,
            regex(&format!("^/(?:{})+[b]$", "a?".repeat(10))),
        ),
        on(
            "slow patterns, a path of 500",
            &aaa(500),
            regex(&format!("^/(?:{})+[b]$", "a?".repeat(100))),
        ),
        on(
            "letters, a path of 500",
            &aaa(500),
            regex(&format!("{}[b]", "a".repeat(400))),
        ),
        on(
            "repeated letters, a path of 500",
            &aaa(500),
            regex(&format!("{}[b]", "a+".repeat(200))),
        ),
        on(
            "letters or not, a path of 500",
            &aaa(500),
            regex(&format!("{}[b]", "a*".repeat(200))),
        ),
        on("counted letters, a path of 500", &aaa(500), regex("a{0,200}[b]")),
        on("nested repetitions, a long path", &long, regex("^/((a|aa)+)+[b]$")),
        on(
            "classes, a path of 500",
            &aaa(500),
            regex(&format!(
                "[{}a]{{50}}[b]",
                (b'#'..=b'Z').filter(|b| b % 2 == 1).map(char::from).collect::<String>()
            )),
        ),
        on(
            "alternatives, a path of 500",
            &aaa(500),
            regex(&format!("(?:a{})[b]", "|a".repeat(100))),
        ),
        on(
            "empty groups, a path of 500",
            &aaa(500),
            regex(&format!("a{}[b]", "(?:)".repeat(100))),
        ),
        on(
            "boundaries, a path of 500",
            &aaa(500),
            regex(&format!("a{}[b]", r"\B".repeat(100))),
        ),
        on("one letter, a long path", &long, regex("[b]")),
        on(
            "wildcards, a long path",
            &long,
            json!({"wildcard": format!("/{}b", "*a".repeat(200))}),
        ),
        on("a piece, a long path", &long, json!({"contains": "aaaab"})),
        asking(
            "slow patterns, a long header",
            json!({"fact": "header.user-agent", "matches": format!("(?:{})+[b]$", "a?".repeat(20))}),
            agent(&aaa(4_000)),
        ),
        asking(
            "pieces without case, a long header",
            json!({"fact": "header.user-agent", "contains": "b", "ignore_case": true}),
            agent(&aaa(4_000)),
        ),
        asking(
            "pieces without case, other letters",
            json!({"fact": "header.x", "contains": "b", "ignore_case": true}),
            ("x", "Ä".repeat(2_000)),
        ),
        asking(
            "pieces, a header of 256",
            json!({"fact": "header.x", "contains": "b"}),
            ("x", aaa(256)),
        ),
        asking(
            "pieces without case, a header of 256",
            json!({"fact": "header.x", "contains": "b", "ignore_case": true}),
            ("x", "Ä".repeat(128)),
        ),
        asking(
            "as many countries as fit",
            json!({"fact": "geo.country", "is": "DE"}),
            agent(""),
        ),
        asking(
            "as many cookies as fit",
            json!({"fact": "cookie.c", "is": "D"}),
            ("cookie", "c=v".to_owned()),
        ),
        asking(
            "as many referrers as fit",
            json!({"fact": "referrer.host", "is": "D"}),
            ("referer", format!("https://example.org/{}", aaa(4_000))),
        ),
        asking(
            "100 KB of cookies",
            json!({"fact": "cookie.last", "is": "x"}),
            ("cookie", (0..10_000).map(|n| format!("c{n}=v; ")).collect()),
        ),
        asking(
            "100 KB of user agent",
            json!({"fact": "device.browser", "is": "x"}),
            agent(&"Version/ Mobile; (".repeat(6_000)),
        ),
        asking(
            "100 KB of languages",
            json!({"fact": "languages", "is": "xx"}),
            ("accept-language", "de-CH;q=0.5,".repeat(8_000)),
        ),
        asking(
            "a few languages, many ranges",
            json!({"fact": "languages", "contains": "xx"}),
            ("accept-language", (0..30).map(|n| format!("de-{n:02};q=0.5,")).collect()),
        ),
        full_of("as many texts as fit", json!({"selector": "h1", "text": "x"})),
        full_of(
            "as many selectors as fit",
            json!({"selector": "a>b.c:not(.d)[e=f]+g", "hide": true}),
        ),
        full_of(
            "as many long selectors as fit",
            json!({"selector": "a,".repeat(60) + "a", "hide": true}),
        ),
        full_of(
            "as many attributes as fit",
            json!({"selector": "a", "attribute": {"a": "b", "c": "d", "e": "f"}}),
        ),
        full_of(
            "as many tokens as fit",
            json!({"selector": "a", "text": "{{geo.city|\"x\"}}"}),
        ),
        full_of(
            "as many styles as fit",
            json!({"selector": "a", "style": {"color": "red"}}),
        ),
        full_of(
            "as many images as fit",
            json!({"selector": "a", "image": {"src": "/a"}}),
        ),
        full_of(
            "as much HTML as fits",
            json!({"selector": "a", "html": "<i>x</i>".repeat(200)}),
        ),
        Visiting {
            url: format!("https://example.com/a?{}", "a=b&".repeat(1_900)),
            ..asking(
                "10,000 parameters",
                json!({"fact": "query.z", "is": "x"}),
                agent(""),
            )
        },
    ]
}

/// The experiments, with as many conditions as fit into a datafile.
fn filled(visiting: &Visiting, count: usize) -> String {
    let length = |value: &Value| value.to_string().len();
    let experiment = |number: usize, conditions: usize, changes: usize| {
        let changes = vec![visiting.change.clone(); changes];
        let mut experiment = draft::experiment(number, &changes);
        experiment["pages"]["include"] = json!([visiting.rule]);
        if !visiting.condition.is_null() {
            experiment["audience"] =
                json!({"any": vec![&visiting.condition; conditions]});
        }
        experiment
    };
    let left = (DRAFT / EXPERIMENTS).saturating_sub(length(&experiment(0, 1, 1)) + 60);
    let fit = |one: &Value| 1 + (left / (length(one) + 1)).min(199);
    let conditions = fit(&visiting.condition);
    let changes = if visiting.is_full_of_changes { fit(&visiting.change) } else { 1 };
    draft::of((0..count).map(|number| experiment(number, conditions, changes)))
}

/// The same with no more experiments than may be published.
fn datafile(visiting: &Visiting) -> (usize, Datafile) {
    let mut count = EXPERIMENTS;
    loop {
        match validate(&filled(visiting, count), 1) {
            (Some(datafile), _) => return (count, datafile),
            (None, problems) => {
                let too_much = |code| code == "too-much-to-read";
                let other = problems.iter().find(|one| !too_much(one.code));
                assert!(other.is_none(), "{other:?}");
                count = count * 9 / 10;
            }
        }
    }
}

/// How long it takes to decide such a visit, and then another one in the same sandbox.
fn decide(visiting: &Visiting) {
    let (count, datafile) = datafile(visiting);
    let compiled = datafile.compile();
    drop(datafile);
    let length = compiled.len() / 1024;
    let datafile = Datafile::open(compiled).unwrap();
    let mut times = Vec::new();
    let mut too_long = 0;
    for _ in 0..2 {
        let start = Instant::now();
        let Ok(page) = Page::parse(&visiting.url) else {
            return println!("| {} | no page |", visiting.name);
        };
        let asked = Asked(&visiting.headers);
        let visit =
            Visit { facts: Facts::of_page(&page).with_host(&asked), ..Visit::to(page) };
        let decisions =
            assign_on_page(&datafile, &VisitorId::from_random([7; 16]), &visit);
        drop(std::hint::black_box(Plan::for_decisions(&decisions, &visit.facts)));
        times.push(ms(start.elapsed()));
        let is_too_long =
            |reason: &str| ["page-too-long", "facts-unknown"].contains(&reason);
        too_long = decisions.iter().filter(|one| is_too_long(one.reason())).count();
    }
    println!(
        "| {} | {count} | {length} | {:.1} | {:.1} | {too_long} |",
        visiting.name, times[0], times[1]
    );
}

struct Asked<'a>(&'a [(&'static str, String)]);

impl Host for Asked<'_> {
    fn header(&self, name: &str) -> Vec<String> {
        let lines = self.0.iter().filter(|(other, _)| *other == name);
        lines.map(|(_, value)| value.clone()).collect()
    }

    fn is_bot(&self) -> Option<bool> {
        Some(false)
    }
}

/// Prints what each of them costs.
pub(crate) fn measure(wanted: &[String]) {
    println!(
        "| visit | experiments | datafile, KiB | first, ms | again, ms | not known |\n\
         |---|---:|---:|---:|---:|---:|"
    );
    for visiting in visits() {
        if is_wanted(visiting.name, wanted) {
            decide(&visiting);
        }
    }
}
