//! What holds for every text, and for every selector on every page. The seed is fixed, as in `tests/properties.rs`.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

use super::super::{Matcher, Selector};
use super::naive::{Complex, Simple, matches, size, write};
use super::page::{Node, stream};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(0x0ed9_e315),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

const NAMES: &[&str] = &["a", "p", "div", "linearGradient", "area"];
const WORDS: &[&str] = &["x", "y", "A", "a"];
const VALUES: &[&str] = &["", "x", "X", "x y", "x-y", "xx", "y x"];

/// A page of up to 30 elements.
fn pages() -> impl Strategy<Value = Vec<Node>> {
    let attribute =
        (select(vec!["href", "type", "lang", "data-x", "viewBox"]), select(VALUES));
    let node = (
        select(NAMES),
        prop::bool::weighted(0.8),
        vec(attribute, 0..3),
        option::of(select(WORDS)),
        vec(select(WORDS), 0..3),
        any::<Index>(),
    );
    vec(node, 1..30).prop_map(|nodes| {
        let mut page: Vec<Node> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        for (name, is_html, attributes, id, classes, level) in nodes {
            // The first element holds all others.
            if !open.is_empty() {
                open.truncate(1 + level.index(open.len()));
            }
            let spell = |name: &str| {
                if is_html { name.to_lowercase() } else { name.to_owned() }
            };
            let attributes = attributes.into_iter();
            let mut attributes: Vec<_> =
                attributes.map(|(name, value)| (spell(name), value.to_owned())).collect();
            attributes.extend(id.map(|id| ("id".to_owned(), id.to_owned())));
            if !classes.is_empty() {
                attributes.push(("class".to_owned(), classes.join(" ")));
            }
            let parent = open.last().copied();
            open.push(page.len());
            page.push(Node { name: spell(name), is_html, attributes, parent });
        }
        page
    })
}

fn simples() -> impl Strategy<Value = Simple> {
    let attribute = (
        select(vec!["href", "type", "lang", "data-x", "viewBox", "TYPE"]),
        select(vec!["", "=", "=", "~=", "|=", "^=", "$=", "*="]),
        select(VALUES),
        select(vec!["", "", "i", "s"]),
    );
    prop_oneof![
        4 => select(vec!["a", "p", "P", "div", "linearGradient", "area"]).prop_map(Simple::Name),
        2 => select(WORDS).prop_map(Simple::Id),
        4 => select(WORDS).prop_map(Simple::Class),
        3 => attribute.prop_map(|(name, operator, value, flag)| {
            // The oracle spells HTML's attributes only.
            Simple::Attribute(if name == "TYPE" { "type" } else { name }, operator, value, flag)
        }),
        1 => (-3..4, -3..5).prop_map(|(step, offset)| Simple::Nth(step, offset)),
        1 => (-3..4, -3..5).prop_map(|(step, offset)| Simple::NthOfType(step, offset)),
        1 => Just(Simple::Nth(0, 1)),
        1 => Just(Simple::Root),
        1 => Just(Simple::Link),
    ]
}

fn complexes(simples: &BoxedStrategy<Simple>) -> BoxedStrategy<Complex> {
    let compound = || vec(simples.clone(), 0..3);
    let combinator = select(vec![' ', ' ', '>', '+', '~']);
    (compound(), vec((combinator, compound()), 0..4))
        .prop_map(|(last, before)| Complex { last, before })
        .boxed()
}

fn selectors() -> impl Strategy<Value = Vec<Complex>> {
    let nested = simples().prop_recursive(3, 12, 2, |inner| {
        let list = vec(complexes(&inner.boxed()), 1..3).boxed();
        prop_oneof![list.clone().prop_map(Simple::Is), list.prop_map(Simple::Not)]
    });
    let simple = prop_oneof![3 => simples(), 1 => nested];
    vec(complexes(&simple.boxed()), 1..3)
        .prop_filter("at most as many as are allowed", |list| size(list) <= 64)
}

/// All of a plan's selectors on one page, against the plain definition.
fn check(page: &[Node], lists: &[Vec<Complex>], style: u32) -> Result<(), TestCaseError> {
    let texts = lists.iter().map(|list| write(list, style));
    let selectors: Result<Vec<_>, _> = texts.map(|text| Selector::parse(&text)).collect();
    prop_assert!(selectors.is_ok(), "{}", selectors.unwrap_err());
    let selectors = selectors.unwrap();
    let found = stream(page, &Matcher::new(&selectors));
    for (node, found) in found.into_iter().enumerate() {
        let expected = lists.iter().enumerate();
        let expected = expected.filter(|(_, list)| matches(page, node, list));
        let expected: Vec<_> = expected.map(|(number, _)| number).collect();
        prop_assert_eq!(found, expected, "element {} of {:#?}", node, selectors);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn any_text_is_a_selector_or_is_not(
        text in ".*",
        css in "([a-z#.:*>+~,|= ^$()\\[\\]'\"\\\\/0-9n\u{0}\té-]|:is\\(|:not\\(|/\\*|\\*/|:nth-child\\(|::|:has\\(){0,40}",
    ) {
        for text in [text, css] {
            match Selector::parse(&text) {
                Ok(selector) => {
                    prop_assert_eq!(selector.as_str(), &text);
                    let _ = Matcher::new([&selector]);
                }
                Err(error) => {
                    prop_assert!(!error.to_string().is_empty());
                    prop_assert!(error.hint().ends_with('.') && !error.hint().contains("  "), "{}", error.hint());
                }
            }
        }
    }

    #[test]
    fn a_few_selectors_match_what_they_say(
        page in pages(), lists in vec(selectors(), 1..6), style in 0..60_u32,
    ) {
        check(&page, &lists, style)?;
    }
}

proptest! {
    #![proptest_config(cases(60))]

    /// More positions than a word has bits.
    #[test]
    fn many_selectors_match_what_they_say(
        page in pages(), lists in vec(selectors(), 150..250), style in 0..60_u32,
    ) {
        check(&page, &lists, style)?;
    }
}
