//! A page that comes again goes out as if it were the first: the same bytes and the same report, however it comes, also
//! where it turns out to be another one.

#![allow(missing_docs, reason = "nobody imports tests")]
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::cell::Cell;
use std::rc::Rc;

use edgewise_engine::{
    Datafile, Facts, MayGoOn, Page, PageHead, Plan, Repeats, Rewriter, Visit, VisitorId,
    assign_on_page, rewrite, validate,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use support::pages::page;
use support::soup::{cases, changes, draft, html_soup};

/// Goes on for ever, and counts how often it was asked.
#[derive(Default)]
struct Asked(Cell<usize>);

impl MayGoOn for Asked {
    fn may_go_on(&self) -> bool {
        self.0.set(self.0.get() + 1);
        true
    }
}

fn address() -> Page {
    Page::parse("https://www.example.com/").unwrap()
}

/// What somebody is shown; with every second visitor, control.
fn plan<'d>(datafile: &'d Datafile, visitor: &str) -> Plan<'d> {
    let visit = Visit::to(address());
    let decisions = assign_on_page(datafile, &VisitorId::new(visitor).unwrap(), &visit);
    Plan::for_decisions(&decisions, &Facts::default())
}

/// How a page comes once.
#[derive(Debug, Clone)]
struct Coming {
    /// Where the page is another one, and how.
    odd: Option<(Index, Oddity)>,
    sizes: Vec<usize>,
    /// After how many pieces the host gives it up.
    stop: Option<usize>,
    visitor: &'static str,
    policy: Option<&'static str>,
}

#[derive(Debug, Clone, Copy)]
enum Oddity {
    Ends,
    Holds(&'static str),
}

fn coming() -> impl Strategy<Value = Coming> {
    let oddity = prop_oneof![
        Just(Oddity::Ends),
        select(&["x", "<p>", " class=\"a\"", "</div>", "<!--", "<script>", "\""][..])
            .prop_map(Oddity::Holds),
    ];
    (
        prop_oneof![
            2 => Just(None),
            1 => (any::<Index>(), oddity).prop_map(Some),
        ],
        vec(select(&[1, 3, 17, 64, 300, 40_000][..]), 1..4),
        prop_oneof![9 => Just(None), 1 => (0..9_usize).prop_map(Some)],
        select(&["alice", "alice", "alice", "bob"][..]),
        select(&[None, None, None, Some("script-src 'self'")][..]),
    )
        .prop_map(|(odd, sizes, stop, visitor, policy)| Coming {
            odd,
            sizes,
            stop,
            visitor,
            policy,
        })
}

impl Coming {
    fn page(&self, html: &[u8]) -> Vec<u8> {
        let Some((at, oddity)) = &self.odd else { return html.to_vec() };
        let (front, rest) = html.split_at(at.index(html.len() + 1));
        match oddity {
            Oddity::Ends => front.to_vec(),
            Oddity::Holds(what) => [front, what.as_bytes(), rest].concat(),
        }
    }
}

fn check(
    html: &[u8],
    experiments: &[Vec<Value>],
    times: &[Coming],
) -> Result<(), TestCaseError> {
    let Some(datafile) = validate(&draft(experiments).to_string(), 1).0 else {
        return Ok(());
    };
    let (datafile, address) = (Rc::new(datafile), address());
    let mut repeats = Repeats::default();
    for coming in times {
        let plan = plan(&datafile, coming.visitor);
        let head = PageHead {
            content_type: Some("text/html; charset=utf-8".to_owned()),
            policies: coming.policy.map(str::to_owned).into_iter().collect(),
        };
        let (clock, other_clock) = (Asked::default(), Asked::default());
        let mut first = Rewriter::new(&plan, head.clone()).watched(&other_clock);
        let mut again = repeats.of(&datafile).begin(&plan, head, &address, &clock);
        let (mut expected, mut out) = (Vec::new(), Vec::new());
        let html = coming.page(html);
        let (mut rest, mut sizes) = (&html[..], coming.sizes.iter().cycle());
        let mut pieces = 0;
        while !rest.is_empty() {
            if coming.stop == Some(pieces) {
                first.stop(&mut expected);
                again.stop(&mut out);
            }
            let size = rest.len().min(*sizes.next().unwrap());
            let (chunk, behind) = rest.split_at(size);
            first.write(chunk, &mut expected);
            again.write(chunk, &mut out);
            // What has gone out can never be taken back, whatever follows.
            prop_assert!(
                expected.starts_with(&out),
                "more went out than is known: {:?} for {:?} of {:?}",
                String::from_utf8_lossy(&out),
                String::from_utf8_lossy(&expected),
                String::from_utf8_lossy(&html[..html.len() - rest.len() + size])
            );
            prop_assert_eq!(first.passed(), again.passed());
            rest = behind;
            pieces += 1;
        }
        let expected_report = first.end(&mut expected);
        let report = again.end(&mut out);
        prop_assert_eq!(
            String::from_utf8_lossy(&out),
            String::from_utf8_lossy(&expected)
        );
        prop_assert_eq!(format!("{report:?}"), format!("{expected_report:?}"));
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(4_000))]

    #[test]
    fn pages_come_again(
        experiments in vec(changes(), 1..3),
        html in page(),
        times in vec(coming(), 2..7),
    ) {
        check(&html, &experiments, &times)?;
    }

    #[test]
    fn soup_comes_again(
        experiments in vec(changes(), 1..3),
        html in html_soup(),
        times in vec(coming(), 2..7),
    ) {
        check(&html, &experiments, &times)?;
    }
}

/// Everybody sees other words in the heading.
fn datafile() -> Rc<Datafile> {
    let mut draft = draft(&[vec![json!({ "selector": "h1", "text": "Other words" })]]);
    let experiment = &mut draft["experiments"][0];
    experiment["coverage"] = json!(10_000);
    experiment["variants"][0]["weight"] = json!(0);
    experiment["variants"][1]["weight"] = json!(10_000);
    let (datafile, problems) = validate(&draft.to_string(), 1);
    Rc::new(datafile.unwrap_or_else(|| panic!("{problems}")))
}

fn page_of(length: usize) -> Vec<u8> {
    let rows = "<p>One paragraph after the other.</p>\n".repeat(length / 38);
    format!("<!doctype html><title>{length}</title><h1>Words</h1>\n{rows}").into_bytes()
}

/// How often the clock is looked at while the page passes: not at all if it is only compared.
fn looks(
    repeats: &mut Repeats,
    datafile: &Rc<Datafile>,
    address: &str,
    html: &[u8],
) -> usize {
    let (clock, address) = (Asked::default(), Page::parse(address).unwrap());
    let plan = plan(datafile, "alice");
    let mut page =
        repeats.of(datafile).begin(&plan, PageHead::default(), &address, &clock);
    let mut out = Vec::new();
    html.chunks(8_192).for_each(|chunk| page.write(chunk, &mut out));
    let report = page.end(&mut out);
    assert!(report.experiments[0].exposed);
    assert_eq!(out, rewrite(&plan, &PageHead::default(), html).0);
    clock.0.get()
}

const HOME: &str = "https://www.example.com/";

#[test]
fn a_page_that_comes_again_is_only_compared() {
    let (datafile, mut repeats) = (datafile(), Repeats::default());
    let html = page_of(250_000);
    assert!(looks(&mut repeats, &datafile, HOME, &html) > 0);
    assert_eq!(looks(&mut repeats, &datafile, HOME, &html), 0);
    assert_eq!(looks(&mut repeats, &datafile, HOME, &html), 0);
    let elsewhere = "https://www.example.com/?page=2";
    assert!(looks(&mut repeats, &datafile, elsewhere, &html) > 0, "another address");
    assert_eq!(looks(&mut repeats, &datafile, HOME, &html), 0);
}

#[test]
fn another_datafile_makes_other_pages() {
    let mut repeats = Repeats::default();
    let html = page_of(100_000);
    for _ in 0..2 {
        assert!(looks(&mut repeats, &datafile(), HOME, &html) > 0);
    }
}

#[test]
fn a_page_that_changed_is_kept_as_it_is_now() {
    let (datafile, mut repeats) = (datafile(), Repeats::default());
    let (old, new) = (page_of(100_000), page_of(110_000));
    looks(&mut repeats, &datafile, HOME, &old);
    assert_eq!(looks(&mut repeats, &datafile, HOME, &old), 0);
    assert!(looks(&mut repeats, &datafile, HOME, &new) > 0);
    assert_eq!(looks(&mut repeats, &datafile, HOME, &new), 0);
}

#[test]
fn a_page_that_changes_each_time_is_not_kept() {
    let (datafile, mut repeats) = (datafile(), Repeats::default());
    for length in [100_000, 110_000, 110_000] {
        assert!(looks(&mut repeats, &datafile, HOME, &page_of(length)) > 0);
    }
}

#[test]
fn a_page_beyond_the_limit_is_not_kept() {
    let (datafile, mut repeats) = (datafile(), Repeats::default());
    let html = page_of(300_000);
    for _ in 0..2 {
        assert!(looks(&mut repeats, &datafile, HOME, &html) > 0);
    }
}

/// What has gone out is not made into something else by a host that has no time left for the rest.
#[test]
fn a_host_without_time_gets_the_rest_as_it_is() {
    let (datafile, mut repeats, address) = (datafile(), Repeats::default(), address());
    let html = page_of(250_000);
    looks(&mut repeats, &datafile, HOME, &html);
    let plan = plan(&datafile, "alice");
    let never = || false;
    let mut page =
        repeats.of(&datafile).begin(&plan, PageHead::default(), &address, &never);
    let mut out = Vec::new();
    let (front, back) = html.split_at(200_000);
    page.write(front, &mut out);
    let changed = [back, b"<p>And one more."].concat();
    page.write(&changed, &mut out);
    assert!(page.end(&mut out).experiments[0].exposed);
    let whole = [front, &changed].concat();
    assert_eq!(out, rewrite(&plan, &PageHead::default(), &whole).0);
}

#[test]
fn a_page_that_was_much_work_is_not_kept() {
    let many = (0..100).map(
        |number| json!({ "selector": "p", "class": { "add": [format!("a{number}")] } }),
    );
    let mut draft = draft(&[many.collect()]);
    let experiment = &mut draft["experiments"][0];
    experiment["coverage"] = json!(10_000);
    experiment["variants"][0]["weight"] = json!(0);
    experiment["variants"][1]["weight"] = json!(10_000);
    let (datafile, problems) = validate(&draft.to_string(), 1);
    let datafile = Rc::new(datafile.unwrap_or_else(|| panic!("{problems}")));
    let mut repeats = Repeats::default();
    let html = page_of(10_000);
    for _ in 0..2 {
        assert!(looks(&mut repeats, &datafile, HOME, &html) > 0);
    }
}

#[test]
fn the_oldest_pages_make_room() {
    let (datafile, mut repeats) = (datafile(), Repeats::default());
    let html = page_of(200_000);
    for number in 0..8 {
        looks(&mut repeats, &datafile, &format!("{HOME}?page={number}"), &html);
    }
    assert_eq!(looks(&mut repeats, &datafile, &format!("{HOME}?page=7"), &html), 0);
    assert!(looks(&mut repeats, &datafile, &format!("{HOME}?page=0"), &html) > 0);
}

#[test]
fn hardly_less_goes_on_while_a_page_drips() {
    let (datafile, mut repeats) = (datafile(), Repeats::default());
    let script = format!("<script>{}</script>", "let a = 1; ".repeat(200));
    let html = [page_of(3_000), script.into_bytes(), page_of(2_000)].concat();
    looks(&mut repeats, &datafile, HOME, &html);
    let (clock, address, plan) = (Asked::default(), address(), plan(&datafile, "alice"));
    let mut first = Rewriter::new(&plan, PageHead::default());
    let mut again =
        repeats.of(&datafile).begin(&plan, PageHead::default(), &address, &clock);
    let (mut expected, mut out) = (Vec::new(), Vec::new());
    for byte in &html {
        first.write(&[*byte], &mut expected);
        again.write(&[*byte], &mut out);
        assert!(
            out.len() + 256 >= expected.len(),
            "{} behind",
            expected.len() - out.len()
        );
    }
    again.end(&mut out);
    first.end(&mut expected);
    assert_eq!(out, expected);
}
