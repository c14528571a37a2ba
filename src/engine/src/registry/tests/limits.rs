//! What is too much for the registry: at each limit, and one beyond it.

use serde_json::json;

use super::super::{
    Expect, Live, MAX_DATAFILE_BYTES, MAX_DRAFT_BYTES, MAX_STEPS_BACK, MAX_SWITCHES,
    Registry, diff, hash,
};
use super::{Memory, ada, draft, experiment, publish, refused, signed, with_hero};
use crate::experiment::Status;

const ANY: Expect = Expect::Any;

#[test]
fn a_draft() {
    let store = Memory::default();
    let mut text = draft(&[experiment("hero", "running", 5_000)]);
    text += &" ".repeat(MAX_DRAFT_BYTES - text.len());
    publish(&store, &text);
    text.push(' ');
    let (why, _) = refused(Registry::new(&store).publish(&text, ANY, ada()));
    assert_eq!(why, "the draft has 1048577 bytes, more than 1048576");
}

/// Page rules take more in a datafile than in a draft, so a datafile can be too large where its draft is not.
#[test]
fn a_datafile() {
    let mut one = experiment("hero", "running", 5_000);
    let rules = (0..36_000).map(|number| json!({"exact": format!("/{number}")}));
    one["pages"] = json!({"include": rules.collect::<Vec<_>>()});
    let (datafile, problems) = crate::validate(&draft(&[one.clone()]), 1);
    let length = datafile.unwrap_or_else(|| panic!("{problems}")).compile().len();
    let mut padded = |extra: usize| {
        one["name"] = format!("hero{}", "o".repeat(extra)).into();
        draft(&[one.clone()])
    };
    let store = Memory::default();
    let most = padded(MAX_DATAFILE_BYTES - length);
    assert_eq!(publish(&store, &most).datafile.compile().len(), MAX_DATAFILE_BYTES);
    let more = padded(MAX_DATAFILE_BYTES - length + 1);
    let (why, hint) = refused(Registry::new(&store).publish(&more, ANY, ada()));
    assert_eq!(why, "the datafile would have 2097153 bytes, more than 2097152");
    assert!(hint.starts_with("Archive experiments"));
}

#[test]
fn a_pointer() {
    let pointer = json!({"schema_version": 1, "revision": 1, "datafile": hash(b""), "record": hash(b"")});
    let mut text = pointer.to_string();
    text += &" ".repeat(16 * 1024 - text.len());
    assert_eq!(Live::open(text.as_bytes()).unwrap().revision, 1);
    text.push(' ');
    let why = Live::open(text.as_bytes()).unwrap_err().why;
    assert_eq!(why, "it has more than 16384 bytes");
}

#[test]
fn names_and_reasons() {
    let store = with_hero();
    let registry = Registry::new(&store);
    // Characters, not bytes.
    let words = "é".repeat(501);
    for (length, kept) in [(500, 500), (501, 500)] {
        let words = &words[..length * "é".len()];
        let by = signed(words, words);
        let text = draft(&[experiment("hero", "running", 5_000)]);
        let published = registry.publish(&text, ANY, by).unwrap();
        let record = registry.record(&published.record).unwrap();
        assert_eq!((record.by.chars().count(), record.why.chars().count()), (kept, kept));
        let _ = registry.switch_off(by).unwrap();
        let off = registry.off().unwrap().unwrap();
        assert_eq!((off.by.chars().count(), off.why.chars().count()), (kept, kept));
    }
}

#[test]
fn lines_of_a_difference() {
    let new = |count: usize| {
        let all = (0..count).map(|number| json!({"key": format!("e{number}")}));
        json!({"experiments": all.collect::<Vec<_>>()})
    };
    let lines = |count| diff(&new(0), &new(count));
    assert_eq!((lines(200).len(), &lines(200)[199][..]), (200, "\"e199\" is new"));
    assert_eq!((lines(201).len(), &lines(201)[200][..]), (201, "and 1 more"));
}

#[test]
fn notes_of_the_kill_switch() {
    let store = Memory::default();
    let registry = Registry::new(&store);
    for number in 0..=MAX_SWITCHES {
        let told = registry.switches().unwrap();
        assert_eq!(told.len(), number);
        let why = number.to_string();
        let _ = registry.switch_off(signed("ada", &why)).unwrap();
    }
    let told = registry.switches().unwrap();
    assert_eq!((told.len(), &told[0].why[..], &told[99].why[..]), (100, "100", "1"));
}

#[test]
fn revisions_back() {
    let store = with_hero();
    let registry = Registry::new(&store);
    for revision in 1..=MAX_STEPS_BACK {
        let status = if revision % 2 == 0 { Status::Running } else { Status::Paused };
        registry.set_status("hero", status, Expect::Revision(revision), ada()).unwrap();
    }
    let (_, first) = registry.find(1).unwrap().expect("it is just near enough");
    assert_eq!(first.revision, 1);
    let paused = registry.set_status("hero", Status::Paused, ANY, ada()).unwrap();
    assert_eq!(paused.revision, MAX_STEPS_BACK + 2);
    assert_eq!(registry.find(1).unwrap(), None);
    let (why, _) = refused(registry.rollback(1, ANY, ada()));
    assert_eq!(why, "there is no revision 1");
    assert!(registry.rollback(2, ANY, ada()).is_ok());
}
