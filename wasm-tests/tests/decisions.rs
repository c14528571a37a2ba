//! The engine's corpus of decisions through the built edge module, from a datafile in JSON and
//! from a compiled one, equal byte for byte to what the engine decides natively.
//! `browser/parity.test.mjs` does the same for the browser's.

use std::fs;
use std::path::{Path, PathBuf};

use edgewise_wasm_tests::{Published, Site, difference, html};

/// What the edge takes at once is 64 KiB; this is less, so that most cases come in pieces.
const PIECE: usize = 1_024;

#[test]
fn decisions_come_out_equal_from_json() {
    replay_all(|case| read(&case.join("datafile.json")));
}

#[test]
fn decisions_come_out_equal_from_a_compiled_datafile() {
    replay_all(|case| {
        let published = Published::of(read(&case.join("draft.json")));
        let expected = read(&case.join("datafile.json"));
        assert_eq!(difference(&expected, &published.json), None, "{}", case.display());
        assert!(published.compiled.starts_with(b"edgewise"), "it is not compiled");
        published.compiled
    });
}

#[track_caller]
fn replay_all(datafile: impl Fn(&Path) -> Vec<u8>) {
    let cases = cases();
    assert!(cases.len() >= 10, "only {} cases", cases.len());
    let mut failures = Vec::new();
    for case in &cases {
        let answer = replay(datafile(case), &read(&case.join("visits.jsonl")));
        let expected = read(&case.join("decisions.jsonl"));
        if let Some(difference) = difference(&expected, &answer) {
            failures.push(format!("{}: {difference}", case.display()));
        }
    }
    assert!(failures.is_empty(), "{} cases:\n{}", failures.len(), failures.join("\n"));
}

/// The answers to all visits.
fn replay(datafile: Vec<u8>, visits: &[u8]) -> Vec<u8> {
    let site = Site::serving("/", html("")).with_datafile_bytes(datafile);
    let mut answers = Vec::new();
    for piece in pieces(visits) {
        let request = site.post("/_edgewise/api/v1/decisions", piece);
        let reply = request.with_token().send();
        reply.is(200).has("content-type", "application/x-ndjson");
        answers.extend(reply.body);
    }
    assert_eq!(site.faults(), [] as [String; 0]);
    answers
}

/// Whole lines, a few at a time.
fn pieces(visits: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = vec![Vec::new()];
    for line in visits.split_inclusive(|byte| *byte == b'\n') {
        let full =
            |piece: &Vec<u8>| !piece.is_empty() && piece.len() + line.len() > PIECE;
        if pieces.last().is_some_and(full) {
            pieces.push(Vec::new());
        }
        pieces.last_mut().expect("there is one").extend_from_slice(line);
    }
    pieces
}

fn cases() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = here.join("../src/engine/tests/decisions");
    let entries = fs::read_dir(folder).expect("the engine has a corpus of decisions");
    let mut cases: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    cases
}

fn read(file: &Path) -> Vec<u8> {
    fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
