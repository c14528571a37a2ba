//! Bad drafts: `invalid/<case>.json` gives `<case>.problems`, word for word, as the command line prints it. `BLESS=1`
//! rewrites the expected files; the diff is the review. Read every message aloud before you commit it.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use edgewise_engine::{MAX_MARKUP, Severity, validate};
use support::{cases, expect, read};

#[test]
fn invalid() {
    let drafts = cases("invalid")
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "json"));
    let mut count = 0;
    for path in drafts {
        let draft = String::from_utf8(read(&path)).unwrap();
        let (datafile, problems) = validate(&draft, 1);
        assert!(!problems.is_empty(), "{}: nothing is wrong with it", path.display());
        assert_eq!(datafile.is_none(), problems.has_errors(), "{}", path.display());
        expect(&path.with_extension("problems"), problems.to_string().as_bytes());
        count += 1;
    }
    assert!(count >= 60, "only {count} cases");
}

/// The house style of messages and hints.
#[test]
fn problems_read_well() {
    for path in cases("invalid")
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
    {
        let draft = String::from_utf8(read(&path)).unwrap();
        for problem in &validate(&draft, 1).1 {
            let first = problem.message.chars().next().unwrap();
            assert!(
                !first.is_uppercase() && !problem.message.ends_with('.'),
                "{problem}"
            );
            let hint = problem.hint.trim_end_matches(['"', ')']);
            assert!(
                hint.starts_with(char::is_uppercase) && hint.ends_with(['.', '?']),
                "{problem}"
            );
            let code = problem.code;
            assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code}");
        }
    }
}

/// Too long for a file of the corpus.
#[test]
fn too_long_html() {
    let draft =
        String::from_utf8(read(&support::path("invalid/html-script.json"))).unwrap();
    let long = draft.replace("<script>track()</script>", &"x".repeat(MAX_MARKUP));
    let (datafile, problems) = validate(&long, 1);
    assert!(datafile.is_none());
    let problem = problems.iter().next().unwrap();
    assert_eq!((problem.code, problem.severity), ("too-long", Severity::Error));
    assert_eq!(problem.at, "experiments[0].variants[1].changes[0].html");
    assert_eq!(problem.message, "this is 65547 bytes long, and 65536 is the most");
}
