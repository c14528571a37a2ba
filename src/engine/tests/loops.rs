//! Following our own redirects always ends: whatever the experiments, the address asked for first and the variants that
//! somebody is given on the way, no address comes twice and no more redirects are followed than there are experiments
//! that redirect.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::collections::BTreeSet;

use edgewise_engine::{
    Datafile, ExperimentKey, Forced, Page, VariantKey, Visit, VisitorId, assign, validate,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use support::elsewhere::experiment;
use support::soup::cases;

const PATHS: &[&str] = &["/a", "/b", "/c", "/d", "/e", "/a/b", "/b/"];
const HOSTS: &[&str] = &["example.com", "www.example.com", "shop.example.com"];
/// Hosts of page rules and of redirects; none where it is empty.
const SOME: (&[&str], &[&str]) = (
    &["", "", "", "example.com", "www.example.com", "*.example.com", "shop.example.com"],
    &["", "", "", "https://www.example.com", "https://shop.example.com"],
);
const NONE: (&[&str], &[&str]) = (&[""], &[""]);
const QUERIES: &[&str] = &["", "?v=b", "?utm=1&v=c", "?v=b&utm=%20", "?%76=c"];

fn rules(hosts: &'static [&str]) -> impl Strategy<Value = Vec<Value>> {
    let path = prop_oneof![
        6 => select(PATHS).prop_map(|path| json!({"exact": path})),
        1 => select(PATHS).prop_map(|path| json!({"prefix": path})),
        1 => select(&["/a*", "*b", "/*/b"][..]).prop_map(|path| json!({"wildcard": path})),
    ];
    let rule = (path, select(hosts)).prop_map(|(mut rule, host)| {
        if !host.is_empty() {
            rule["host"] = json!(host);
        }
        rule
    });
    vec(rule, 1..3)
}

fn variants(hosts: &'static [&str]) -> impl Strategy<Value = Vec<Value>> {
    let query = select(&["", "", "", "?v=b", "?v=c"][..]);
    let redirect = (select(hosts), select(PATHS), query).prop_map(
        |(host, path, query)| json!({"redirect": {"to": format!("{host}{path}{query}")}}),
    );
    let page =
        select(PATHS).prop_map(|path| json!({"page": {"path": format!("{path}?v=c")}}));
    let words = Just(json!({"changes": [{"selector": "h1", "text": "words"}]}));
    vec(prop_oneof![6 => redirect, 1 => page, 1 => words], 1..3)
}

fn drafts(hosts: (&'static [&str], &'static [&str])) -> impl Strategy<Value = Value> {
    let status = select(&["running", "running", "draft", "paused", "stopped"][..]);
    let one = (rules(hosts.0), of(rules(hosts.0)), variants(hosts.1), status);
    vec(one, 1..5).prop_map(|all| {
        let all = all.into_iter().enumerate();
        let all = all.map(|(index, (include, exclude, variants, status))| {
            let pages =
                json!({"include": include, "exclude": exclude.unwrap_or_default()});
            let mut one = experiment(&format!("e{index}"), pages, &variants);
            one["status"] = json!(status);
            one
        });
        json!({"redirect_hosts": HOSTS, "experiments": all.collect::<Vec<_>>()})
    })
}

/// Where a redirect leads from a page; browsers do not send the fragment.
fn follow(url: &str, location: &str) -> String {
    let host = &url[..url.find(".com").unwrap() + ".com".len()];
    if location.starts_with('/') {
        format!("{host}{location}")
    } else {
        location.to_owned()
    }
}

/// Every address that a page redirects to, whoever asks and whichever variant a QA link forces: at each step of a walk
/// it may be somebody else, as where a browser keeps no cookies.
fn next(datafile: &Datafile, url: &str) -> BTreeSet<String> {
    let mut forced = vec![Forced::default()];
    for experiment in datafile.experiments() {
        let key = ExperimentKey::new(experiment.key.as_str()).unwrap();
        let variants = experiment.variants.iter();
        let variants = variants.map(|one| VariantKey::new(one.key.as_str()).unwrap());
        forced.extend(variants.map(|variant| Forced::one(key.clone(), variant)));
    }
    let mut next = BTreeSet::new();
    for number in 0..8 {
        let visitor = VisitorId::new(format!("visitor-{number}")).unwrap();
        for forced in &forced {
            let page = Page::parse(url).unwrap();
            let visit = Visit { forced: forced.clone(), ..Visit::to(page) };
            let decisions = assign(datafile, &visitor, &visit);
            let led: Vec<_> =
                decisions.iter().filter_map(|one| one.destination.as_ref()).collect();
            assert!(led.len() <= 1, "{led:?}");
            let location = led.first().and_then(|one| one.redirect());
            next.extend(location.map(|location| follow(url, location)));
        }
    }
    next
}

/// Follows every way from an address to its end.
fn walk(datafile: &Datafile, start: String) -> Result<(), TestCaseError> {
    let redirecting = datafile.experiments();
    let redirecting = redirecting.filter(|one| one.redirects().next().is_some()).count();
    let mut ways = vec![vec![start]];
    while let Some(way) = ways.pop() {
        prop_assert!(way.len() <= redirecting + 1, "{way:?}");
        for next in next(datafile, way.last().unwrap()) {
            prop_assert!(!way.contains(&next), "{way:?} and then {next}");
            ways.push([way.as_slice(), &[next]].concat());
        }
    }
    Ok(())
}

/// Whether an experiment leads to its own pages by any number of steps, where no rule names a host.
fn leads_back(draft: &Value) -> bool {
    // What the draft would be without redirects can be published, and asked for its pages.
    let mut harmless = draft.clone();
    for one in harmless["experiments"].as_array_mut().unwrap() {
        for variant in one["variants"].as_array_mut().unwrap() {
            variant.as_object_mut().unwrap().remove("redirect");
        }
    }
    let datafile = validate(&harmless.to_string(), 1).0.unwrap();
    let targets = |index: usize| {
        let variants = draft["experiments"][index]["variants"].as_array().unwrap();
        variants
            .iter()
            .filter_map(|one| Some(one.get("redirect")?["to"].as_str()?.to_owned()))
    };
    let count = datafile.len();
    let step = |from: usize, into: usize| {
        targets(into).next().is_some()
            && targets(from).filter(|to| from != into || !to.contains('?')).any(|to| {
                let page = Page::parse(&format!("https://example.com{to}")).unwrap();
                datafile.experiments().nth(into).unwrap().pages.matches(&page)
            })
    };
    let mut reaches: Vec<Vec<bool>> = (0..count)
        .map(|from| (0..count).map(|into| step(from, into)).collect())
        .collect();
    for by in 0..count {
        for from in 0..count {
            for into in 0..count {
                reaches[from][into] |= reaches[from][by] && reaches[by][into];
            }
        }
    }
    (0..count).any(|one| reaches[one][one])
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn no_address_comes_twice(
        draft in drafts(SOME), host in select(HOSTS), path in select(PATHS), query in select(QUERIES),
    ) {
        let (datafile, problems) = validate(&draft.to_string(), 1);
        match datafile {
            Some(datafile) => {
                let again = Datafile::from_json(datafile.to_json().as_bytes());
                prop_assert!(again.is_ok(), "{}", again.unwrap_err());
                walk(&datafile, format!("https://{host}{path}{query}"))?;
            }
            None => for problem in &problems {
                prop_assert!(["redirect-loop", "redirect-leads-back"].contains(&problem.code), "{}", problem);
            }
        }
    }

    #[test]
    fn what_is_refused_would_lead_back(
        draft in drafts(NONE), path in select(PATHS), query in select(QUERIES),
    ) {
        let (datafile, problems) = validate(&draft.to_string(), 1);
        prop_assert_eq!(datafile.is_none(), leads_back(&draft), "{}", problems);
        if let Some(datafile) = datafile {
            walk(&datafile, format!("https://example.com{path}{query}"))?;
        }
    }
}
