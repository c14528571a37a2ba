//! The limits of `src/edge/LIMITS.md` that no other test shows: what happens at each, and one beyond it.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::cell::Cell;

use edgewise_engine::{
    ChangeReport, Datafile, Facts, PageHead, Passed, Plan, Report, Rewriter, Skip,
    rewrite, validate,
};
use serde_json::{Value, json};
use support::published::{draft, experiment};

/// How the page arrives, bytes.
const PIECE: usize = 8 * 1024;

/// Experiments with these changes each.
fn datafile(experiments: &[Vec<Value>]) -> Datafile {
    let experiments = experiments.iter().enumerate().map(|(number, changes)| {
        let mut one = experiment(number, &[0, 10_000]);
        one["variants"][1]["changes"] = json!(changes);
        one
    });
    let draft = draft(&experiments.collect::<Vec<_>>());
    let (datafile, problems) = validate(&draft.to_string(), 1);
    datafile.unwrap_or_else(|| panic!("{problems}"))
}

/// What became of the page, how many changes were made, and how many were not for that reason.
#[track_caller]
fn check(
    page: (&str, &[&str]),
    experiments: &[Vec<Value>],
    made: (u32, u32, Skip),
    look: impl Fn(&str),
) {
    let (html, policies) = page;
    let datafile = datafile(experiments);
    let chosen = datafile.experiments().map(|one| (one, &one.variants[1]));
    let plan = Plan::for_variants(chosen, &Facts::default());
    let policies = policies.iter().map(|line| (*line).to_owned()).collect();
    let head = PageHead { content_type: None, policies };
    let mut rewriter = Rewriter::new(&plan, head);
    let mut out = Vec::new();
    html.as_bytes().chunks(PIECE).for_each(|piece| rewriter.write(piece, &mut out));
    let report = rewriter.end(&mut out);
    let (applied, left_out, reason) = made;
    assert_eq!(counted(&report, reason), (applied, left_out));
    look(std::str::from_utf8(&out).unwrap());
}

/// How many changes were made, and how many were not for that reason.
fn counted(report: &Report<'_>, reason: Skip) -> (u32, u32) {
    let changes = || report.experiments.iter().flat_map(|one| &one.changes);
    let skipped = changes().flat_map(ChangeReport::skipped);
    (
        changes().map(|one| one.applied).sum(),
        skipped.filter(|(why, _)| *why == reason).map(|(_, count)| count).sum(),
    )
}

#[test]
fn nesting_of_a_page() {
    let page = |depth: usize| {
        // Those of the document and its body are there beside.
        let (start, end) = ("<div>".repeat(depth - 3), "</div>".repeat(depth - 3));
        format!("<!doctype html><html><body>{start}<h1>words</h1>{end}<h2>words</h2>")
    };
    let changes = [vec![
        json!({"selector": "h1", "text": "new"}),
        json!({"selector": "h2", "text": "new"}),
    ]];
    check((&page(512), &[]), &changes, (2, 0, Skip::NotFound), |out| {
        assert_eq!(out, page(512).replace("words", "new"));
    });
    // From there on it passes as it is.
    check((&page(513), &[]), &changes, (0, 0, Skip::NotFound), |out| {
        assert_eq!(out, page(513));
    });
}

#[test]
fn one_tag() {
    let page = |length: usize| {
        let words = "x".repeat(length - "<p title=\"\">".len());
        format!(
            "<!doctype html><body><i>words</i><p title=\"{words}\">words</p><b>words</b>"
        )
    };
    let changes = [vec![
        json!({"selector": "i", "text": "new"}),
        json!({"selector": "p", "text": "new"}),
        json!({"selector": "b", "text": "new"}),
    ]];
    let most = 1024 * 1024;
    check((&page(most), &[]), &changes, (3, 0, Skip::NotFound), |out| {
        assert!(out == page(most).replace("words", "new"));
    });
    check((&page(most + 1), &[]), &changes, (1, 0, Skip::NotFound), |out| {
        assert!(out == page(most + 1).replacen("words", "new", 1));
    });
    // However it is cut into pieces.
    let datafile = datafile(&changes);
    let chosen = datafile.experiments().map(|one| (one, &one.variants[1]));
    let plan = Plan::for_variants(chosen, &Facts::default());
    for (length, passed) in [(most, None), (most + 1, Some(Passed::TooComplex))] {
        let page = page(length);
        let (_, report) = rewrite(&plan, &PageHead::default(), page.as_bytes());
        assert_eq!(report.passed, passed);
    }
}

#[test]
fn attributes_of_one_tag() {
    let page = |count: usize| {
        let attributes: Vec<_> = (0..count).map(|number| format!(" a{number}")).collect();
        let attributes = attributes.concat();
        format!("<!doctype html><body><i>words</i><p{attributes}>words</p><b>words</b>")
    };
    let changes = [vec![
        json!({"selector": "i", "text": "new"}),
        json!({"selector": "[a9999]", "text": "new"}),
        json!({"selector": "b", "text": "new"}),
    ]];
    check((&page(10_000), &[]), &changes, (3, 0, Skip::NotFound), |out| {
        assert!(out == page(10_000).replace("words", "new"));
    });
    check((&page(10_001), &[]), &changes, (1, 0, Skip::NotFound), |out| {
        assert!(out == page(10_001).replacen("words", "new", 1));
    });
}

/// What is held is looked at after each piece of the page, so the element is made to end a piece later.
#[test]
fn what_is_held_back_until_an_element_ends() {
    let most = 1024 * 1024;
    let page = |held: usize| {
        let start = format!("<!doctype html><body>{}", " ".repeat(PIECE));
        let (before, words) = (&start[..PIECE + most - held], "x".repeat(held - 5));
        format!("{before}<div>{words}</div>after")
    };
    let changes = [vec![json!({"selector": "div", "remove": true})]];
    check((&page(most), &[]), &changes, (1, 0, Skip::TooLong), |out| {
        assert!(out.ends_with(" after"));
    });
    let longer = page(most + 1);
    check((&longer, &[]), &changes, (0, 1, Skip::TooLong), |out| assert!(out == longer));
}

#[test]
fn an_element_that_is_moved() {
    let page = |length: usize| {
        let words = "x".repeat(length - "<div id=a></div>".len());
        format!("<!doctype html><body><div id=a>{words}</div><p>here</p>")
    };
    let changes = [vec![json!({"selector": "#a", "move": {"after": "p"}})]];
    let most = 128 * 1024;
    check((&page(most), &[]), &changes, (1, 0, Skip::TooLong), |out| {
        assert!(out.contains("<body><p>here</p><div id=a>x"));
    });
    let longer = page(most + 1);
    check((&longer, &[]), &changes, (0, 1, Skip::TooLong), |out| assert!(out == longer));
}

#[test]
fn words_in_text_that_flows_as_one() {
    let page = |length: usize| {
        let words = "x ".repeat(length / 2 - 2) + &"y".repeat(length % 2) + "here";
        assert_eq!(words.len(), length);
        format!("<!doctype html><body><p>{words}</p>")
    };
    let changes =
        [vec![json!({"selector": "p", "find": {"text": "here", "with": "there"}})]];
    let most = 64 * 1024;
    check((&page(most), &[]), &changes, (1, 0, Skip::NotFound), |out| {
        assert!(out.ends_with("x there</p>"));
    });
    let longer = page(most + 1);
    check((&longer, &[]), &changes, (0, 1, Skip::NotFound), |out| assert!(out == longer));
}

#[test]
fn changes_of_one_element() {
    let one = |number: usize| json!({"selector": "p", "attribute": {format!("data-{number}"): "x"}});
    let of = |numbers: std::ops::Range<usize>| numbers.map(one).collect::<Vec<_>>();
    let page = "<!doctype html><body><p>words</p>";
    let most = [of(0..128), of(128..256)];
    check((page, &[]), &most, (256, 0, Skip::TooMuch), |out| {
        assert!(out.contains("data-255"));
    });
    let more = [of(0..128), of(128..257)];
    check((page, &[]), &more, (256, 1, Skip::TooMuch), |out| {
        assert!(out.contains("data-255") && !out.contains("data-256"));
    });
}

#[test]
fn an_attribute_value_for_selectors() {
    let page = |before: usize| {
        format!("<!doctype html><body><p title=\"{}z\">words</p>", "a".repeat(before))
    };
    let changes = [vec![json!({"selector": "[title*=z]", "text": "new"})]];
    let most = 2 * 1024;
    check((&page(most - 1), &[]), &changes, (1, 0, Skip::NotFound), |out| {
        assert!(out.ends_with("z\">new</p>"));
    });
    let longer = page(most);
    check((&longer, &[]), &changes, (0, 0, Skip::NotFound), |out| assert!(out == longer));
}

#[test]
fn scripts_of_a_page() {
    let of = |count: usize| -> Vec<_> {
        (0..count).map(|number| json!({"script": format!("go({number})")})).collect()
    };
    let page = "<!doctype html><title>x</title><body><p>words</p>";
    check((page, &[]), &[of(20)], (20, 0, Skip::TooMuch), |out| {
        assert!(out.contains("go(19)"));
    });
    check((page, &[]), &[of(15), of(7)], (20, 2, Skip::TooMuch), |out| {
        assert_eq!(out.matches("<script>").count(), 20);
    });
}

#[test]
fn policies_of_a_page() {
    let policy = |length: usize| {
        let start = "script-src 'nonce-abc' ";
        format!("{start}{}", "x".repeat(length - start.len()))
    };
    let page = "<!doctype html><title>x</title><body><p>words</p>";
    let changes = [vec![json!({"script": "go()"})]];
    // A policy counts for 256 more than it has bytes.
    let most = policy(16 * 1024 - 256);
    check((page, &[&most]), &changes, (1, 0, Skip::Blocked), |out| {
        assert!(out.contains("<script nonce=\"abc\">go()</script>"));
    });
    let longer = policy(16 * 1024 - 255);
    check((page, &[&longer]), &changes, (0, 1, Skip::Blocked), |out| {
        assert!(out == page);
    });
}

#[test]
fn moves_to_one_place_end_when_the_host_says_so() {
    let inside = "<p>w</p>".repeat(200);
    let part = |number: usize| format!("<div id=a{number}>{inside}</div>");
    let parts: Vec<_> = (0..200).map(part).collect();
    let page = format!("<!doctype html><body>{}<hr>", parts.concat());
    let all: Vec<_> = (0..200)
        .map(|n| json!({"selector": format!("#a{n}"), "move": {"after": "hr"}}))
        .collect();
    let datafile = datafile(&[all]);
    let run = |questions: usize| {
        let chosen = datafile.experiments().map(|one| (one, &one.variants[1]));
        let plan = Plan::for_variants(chosen, &Facts::default());
        let asked = Cell::new(0);
        let may_go_on = || {
            asked.set(asked.get() + 1);
            asked.get() < questions
        };
        let mut rewriter = Rewriter::new(&plan, PageHead::default()).watched(&may_go_on);
        let mut out = Vec::new();
        rewriter.write(page.as_bytes(), &mut out);
        let report = rewriter.end(&mut out);
        (counted(&report, Skip::Stopped), String::from_utf8(out).unwrap(), asked.get())
    };
    let ((moved, stopped), out, questions) = run(usize::MAX);
    assert_eq!((moved, stopped, out.len()), (200, 0, page.len()));
    // One question before the last: the place had been reached, and some were moved.
    let ((moved, stopped), out, _) = run(questions - 1);
    assert!(moved > 0 && stopped > 0 && moved + stopped == 200, "{moved} {stopped}");
    assert_eq!(out.len(), page.len());
    assert_eq!(out.matches("<p>w</p>").count(), 200 * 200);
}
