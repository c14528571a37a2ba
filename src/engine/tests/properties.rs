//! What holds for every number, name and draft. The seed is fixed, so that a run is the same everywhere; what once failed
//! is kept in `properties.regressions` and tried first.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::collections::BTreeMap;

use edgewise_engine::allocation::{anchored, moved, reallocate};
use edgewise_engine::{
    Allocation, Datafile, ExperimentKey, Forced, Page, PageRule, PathRule, VariantKey,
    cookie, forced, validate,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;
use support::soup::{cases, changes, datafile, draft};

/// Weights that add up to 10,000.
fn weights() -> impl Strategy<Value = Vec<u16>> {
    vec(0..=10_000_u16, 1..9).prop_map(|mut cuts| {
        cuts.extend([0, 10_000]);
        cuts.sort_unstable();
        cuts.windows(2).map(|pair| pair[1] - pair[0]).collect()
    })
}

/// The variant that has a bucket.
fn owner(allocations: &[Allocation], bucket: u16) -> Option<usize> {
    let has = |allocation: &Allocation| {
        allocation
            .ranges()
            .iter()
            .any(|range| (range.start()..range.end()).contains(&bucket))
    };
    allocations.iter().position(has)
}

/// Layouts as they become over a few publishes.
fn live_allocations() -> impl Strategy<Value = Vec<Allocation>> {
    vec((weights(), 0..=10_000_u16), 1..5).prop_map(|publishes| {
        let mut live = Vec::new();
        for (weights, coverage) in publishes {
            live.resize(weights.len(), Allocation::default());
            live = reallocate(&live, &weights, coverage);
        }
        live
    })
}

proptest! {
    // Each case looks at all buckets several times.
    #![proptest_config(cases(200))]

    #[test]
    fn the_fewest_visitors_move(live in live_allocations(), weights in weights(), coverage in 0..=10_000_u16) {
        let mut live = live;
        live.resize(live.len().max(weights.len()), Allocation::default());
        let mut next = reallocate(&live, &weights, coverage);
        for (allocation, width) in next.iter().zip(anchored(&weights, coverage)) {
            prop_assert_eq!(allocation.width(), width.width());
        }
        let mut ranges: Vec<_> = next.iter().flat_map(Allocation::ranges).copied().collect();
        ranges.sort_by_key(|range| range.start());
        prop_assert!(ranges.windows(2).all(|pair| pair[0].end() <= pair[1].start()));

        next.resize(live.len(), Allocation::default());
        let pairs = || live.iter().zip(&next).map(|(old, new)| (old.width(), new.width()));
        let leaving: u16 = pairs().map(|(old, new)| old.saturating_sub(new)).sum();
        prop_assert_eq!(moved(&live, &next), leaving);
        // Half the L1 distance, the idle share included, is the least that any layout can come to.
        let idle = |widths: u16| i32::from(10_000 - widths);
        let before = idle(pairs().map(|(old, _)| old).sum());
        let after = idle(pairs().map(|(_, new)| new).sum());
        let distance: i32 = pairs().map(|(old, new)| (i32::from(old) - i32::from(new)).abs()).sum();
        let changed = (0..10_000).filter(|bucket| owner(&live, *bucket) != owner(&next, *bucket)).count();
        prop_assert_eq!(distance + (before - after).abs(), 2 * i32::try_from(changed).unwrap());
    }

    #[test]
    fn more_coverage_moves_nobody_whatever_was_before(live in live_allocations(), more in 0..=10_000_u16) {
        let widths: Vec<_> = live.iter().map(Allocation::width).collect();
        let sum: u16 = widths.iter().sum();
        prop_assume!(sum > 0);
        // The same shares, as far as whole basis points allow, at a higher coverage.
        let mut weights: Vec<u16> =
            widths.iter().map(|width| u16::try_from(u32::from(*width) * 10_000 / u32::from(sum)).unwrap()).collect();
        weights[0] += 10_000 - weights.iter().sum::<u16>();
        let coverage = sum.saturating_add(more).min(10_000);
        let next = reallocate(&live, &weights, coverage);
        let lost: u16 = live.iter().zip(&next).map(|(old, new)| old.width().saturating_sub(new.width())).sum();
        prop_assert_eq!(moved(&live, &next), lost);
        prop_assert!(lost <= u16::try_from(live.len()).unwrap(), "only roundings: {}", lost);
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn ranges_never_overlap(weights in weights(), coverage in 0..=10_000_u16) {
        let allocations = anchored(&weights, coverage);
        let mut end = 0;
        for range in allocations.iter().flat_map(Allocation::ranges) {
            prop_assert!(range.start() >= end);
            end = range.end();
        }
        for (allocation, weight) in allocations.iter().zip(weights) {
            prop_assert!(allocation.width() <= weight);
        }
    }

    #[test]
    fn more_coverage_moves_nobody(weights in weights(), a in 0..=10_000_u16, b in 0..=10_000_u16) {
        let (less, more) = (anchored(&weights, a.min(b)), anchored(&weights, a.max(b)));
        for (less, more) in less.iter().zip(&more) {
            for range in less.ranges() {
                let longer = more.ranges().iter().find(|longer| longer.start() == range.start());
                prop_assert!(longer.is_some_and(|longer| longer.end() >= range.end()));
            }
        }
    }

    #[test]
    fn a_wildcard_is_any_characters(pattern in "[ab/*]{0,8}", path in "/[ab/]{0,10}") {
        let rule = PageRule { host: None, path: PathRule::Wildcard(pattern.clone()), query: BTreeMap::new() };
        let page = Page::parse(&format!("https://example.com{path}")).unwrap();
        prop_assert_eq!(rule.matches(&page), wildcard(pattern.as_bytes(), path.as_bytes()));
    }

    #[test]
    fn any_text_is_an_address_or_is_not(text in ".*", tail in "[a-z:/?#@\\[\\].é%]{0,20}") {
        for url in [text.clone(), format!("http://{text}"), format!("https://{tail}")] {
            if let Ok(page) = Page::parse(&url) {
                prop_assert!(page.path().starts_with('/') && !page.host().is_empty(), "{:?}", page);
            }
        }
    }

    #[test]
    fn random_tokens_never_verify(token in "([a-z0-9-]{0,9}\\.){0,4}[0-9]{0,12}\\.[0-9a-f]{32}|.*") {
        prop_assert!(Forced::verify(b"secret", &token, 0).is_err());
    }

    #[test]
    fn an_altered_token_never_verifies(at in any::<Index>(), with in any::<char>()) {
        let key = |text: &str| (ExperimentKey::new(text).unwrap(), VariantKey::new("b").unwrap());
        let (experiment, variant) = key("hero");
        let token = Forced::one(experiment, variant).sign(b"secret", 1_000);
        let mut altered: Vec<char> = token.chars().collect();
        let at = at.index(altered.len());
        altered[at] = with;
        let altered: String = altered.into_iter().collect();
        prop_assert_eq!(Forced::verify(b"secret", &altered, 0).is_ok(), altered == token);
    }

    #[test]
    fn cookies_of_any_kind(lines in vec("[a-z_=;. 1é\t\"]{0,30}|.*|edgewise=1\\.[a-z]{0,3}; .*", 0..4)) {
        let lines = || lines.iter().map(String::as_str);
        let _ = cookie::forced_token(lines());
        let rest: Vec<_> = lines().filter_map(cookie::without_ours).collect();
        prop_assert_eq!(cookie::visitor(rest.iter().map(String::as_str)), None);
        if let Some(visitor) = cookie::visitor(lines()) {
            let line = cookie::set_visitor(&visitor, None);
            let pair = line.split(';').next().unwrap();
            prop_assert_eq!(cookie::visitor([pair]), Some(visitor));
        }
    }

    #[test]
    fn any_query_loses_only_the_token(query in "[a-z&=_%]{0,20}(_edgewise=[a-z.]{0,5})?[a-z&=]{0,10}") {
        let (token, rest) = forced::split_query(&query);
        prop_assert_eq!(forced::split_query(&rest), (None, rest.clone()));
        prop_assert!(token.is_some() || rest.len() <= query.len());
    }
}

/// The plain definition, which may take exponential time.
fn wildcard(pattern: &[u8], path: &[u8]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        ([b'*', rest @ ..], path) => {
            wildcard(rest, path) || (!path.is_empty() && wildcard(pattern, &path[1..]))
        }
        ([a, pattern @ ..], [b, path @ ..]) => a == b && wildcard(pattern, path),
        _ => false,
    }
}

/// Any JSON, with names and texts that drafts have.
fn any_json() -> impl Strategy<Value = Value> {
    let names = [
        "experiments",
        "key",
        "name",
        "status",
        "hypothesis",
        "we_believe",
        "pages",
        "include",
        "exact",
        "wildcard",
        "host",
        "coverage",
        "variants",
        "weight",
        "redirect",
        "to",
        "page",
        "path",
        "redirect_hosts",
        "changes",
        "selector",
        "text",
        "html",
        "attribute",
        "class",
        "add",
        "style",
        "hide",
        "insert",
        "before",
        "css",
        "é",
        "",
    ];
    let texts = [
        "hero",
        "running",
        "/",
        "*",
        "/b?x=1#c",
        "https://example.com",
        "h1",
        "h1 +",
        "<p>",
        "</p>",
        "<a b='",
        "\u{0}",
        "é",
        "{",
        "{{geo.city | title | \"here\"}}",
        "{{",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..20_000_u64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        select(texts.to_vec()).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            btree_map(select(names.to_vec()).prop_map(str::to_owned), inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// How many values a JSON value holds, itself included.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// The value at that place of a walk through all of them.
fn nth<'v>(value: &'v mut Value, at: &mut usize) -> Option<&'v mut Value> {
    if *at == 0 {
        return Some(value);
    }
    *at -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, at)),
        Value::Object(fields) => fields.values_mut().find_map(|field| nth(field, at)),
        _ => None,
    }
}

fn check_draft(draft: &str) -> Result<(), TestCaseError> {
    let (datafile, problems) = validate(draft, 7);
    prop_assert_eq!(datafile.is_none(), problems.has_errors());
    for problem in &problems {
        prop_assert!(!problem.message.is_empty() && !problem.hint.is_empty());
    }
    if let Some(datafile) = datafile {
        let json = datafile.to_json();
        let again = Datafile::from_json(json.as_bytes());
        prop_assert!(again.is_ok(), "{}\n{}", again.unwrap_err(), json);
        prop_assert_eq!(again.unwrap().to_json(), json);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn any_draft_is_read(text in ".*", value in any_json()) {
        check_draft(&text)?;
        check_draft(&value.to_string())?;
    }

    #[test]
    fn a_good_draft_makes_a_datafile_that_reads_back(changes in vec(changes(), 1..4)) {
        let draft = draft(&changes).to_string();
        prop_assert!(validate(&draft, 1).0.is_some());
        check_draft(&draft)?;
    }

    #[test]
    fn a_damaged_draft_is_read(
        changes in vec(changes(), 1..3), damage in vec((any::<Index>(), any_json()), 1..4), cut in any::<Index>(),
    ) {
        let mut draft = draft(&changes);
        for (at, value) in damage {
            let mut at = at.index(count(&draft));
            if let Some(place) = nth(&mut draft, &mut at) {
                *place = value;
            }
        }
        let text = draft.to_string();
        check_draft(&text)?;
        let cut = text.floor_char_boundary(cut.index(text.len() + 1));
        check_draft(&text[..cut])?;
    }

    #[test]
    fn any_datafile_is_read_or_refused(changes in vec(changes(), 1..3), at in any::<Index>(), value in any_json()) {
        let mut json: Value = serde_json::from_str(&datafile(&changes).to_json()).unwrap();
        let mut at = at.index(count(&json));
        if let Some(place) = nth(&mut json, &mut at) {
            *place = value;
        }
        if let Ok(datafile) = Datafile::from_json(json.to_string().as_bytes()) {
            let json = datafile.to_json();
            prop_assert_eq!(Datafile::from_json(json.as_bytes()).unwrap().to_json(), json);
        }
    }
}
