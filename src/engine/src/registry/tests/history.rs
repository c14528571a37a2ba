//! What was, and going back to it.

use std::cell::Cell;

use serde_json::Value;

use super::super::{
    Expect, LIVE, Registry, RegistryError, Store as _, hash, key_of_record,
};
use super::{Memory, ada, draft, experiment, publish, refused, signed, with_hero};
use crate::experiment::Status;

/// Five revisions: "hero" with 50 %, 30 %, paused, running, stopped.
fn five() -> Memory {
    let store = with_hero();
    publish(&store, &draft(&[experiment("hero", "running", 3_000)]));
    let registry = Registry::new(&store);
    for status in [Status::Paused, Status::Running, Status::Stopped] {
        registry
            .set_status("hero", status, Expect::Any, signed("bob", "why not"))
            .unwrap();
    }
    store
}

fn revisions(history: &[(String, super::super::Record)]) -> Vec<u64> {
    history.iter().map(|(_, record)| record.revision).collect()
}

#[test]
fn history_is_read_page_by_page_newest_first() {
    let store = five();
    let registry = Registry::new(&store);
    assert_eq!(revisions(&registry.history(100, None).unwrap()), [5, 4, 3, 2, 1]);
    let page = registry.history(2, None).unwrap();
    assert_eq!(revisions(&page), [5, 4]);
    let next = page[1].1.previous.as_deref();
    assert_eq!(revisions(&registry.history(2, next).unwrap()), [3, 2]);
    assert!(registry.history(0, None).unwrap().is_empty());
    assert!(Registry::new(&Memory::default()).history(9, None).unwrap().is_empty());
    let (hash, record) = registry.find(3).unwrap().unwrap();
    assert_eq!((record.revision, &record.by[..]), (3, "bob"));
    assert_eq!(registry.record(&hash).unwrap(), record);
    for none in [0, 6, u64::MAX] {
        assert_eq!(registry.find(none).unwrap(), None);
    }
}

#[test]
fn a_rollback_brings_back_draft_and_ranges_under_a_new_number() {
    let store = five();
    let registry = Registry::new(&store);
    let (_, first) = registry.find(1).unwrap().unwrap();
    let was = registry.datafile_of(&first.datafile).unwrap();
    let back =
        registry.rollback(1, Expect::Revision(5), signed("eve", "sales fell")).unwrap();
    assert_eq!(back.revision, 6);
    assert_eq!(back.datafile.with_revision(1).compile(), was.compile());
    let record = registry.record(&back.record).unwrap();
    assert_eq!((record.restores, &record.action[..]), (Some(1), "rollback"));
    assert_eq!(record.draft, first.draft);
    assert_eq!(
        back.changes,
        [
            "\"hero\" starts running",
            "\"hero\": weight of \"control\" from 7000 to 5000",
            "\"hero\": weight of \"b\" from 3000 to 5000"
        ]
    );
    assert_eq!(revisions(&registry.history(9, None).unwrap()), [6, 5, 4, 3, 2, 1]);
}

#[test]
fn a_rollback_that_leads_nowhere_is_refused() {
    let store = five();
    let registry = Registry::new(&store);
    let to = |revision, expect| refused(registry.rollback(revision, expect, ada())).0;
    assert_eq!(to(5, Expect::Any), "revision 5 is what is live");
    assert_eq!(to(9, Expect::Any), "there is no revision 9");
    assert_eq!(to(0, Expect::Any), "there is no revision 0");
    assert!(to(1, Expect::Revision(4)).starts_with("revision 5 is live"));
    let none = Memory::default();
    let result = Registry::new(&none).rollback(1, Expect::Any, ada());
    assert_eq!(refused(result).0, "there is no revision 1");
}

#[test]
fn a_rollback_mends_a_live_datafile_that_is_broken() {
    let store = five();
    let registry = Registry::new(&store);
    let (live, _) = registry.live().unwrap().unwrap();
    store.set(&format!("datafile-{}", live.datafile), "rot");
    let result = registry.set_status("hero", Status::Running, Expect::Any, ada());
    assert!(matches!(result, Err(RegistryError::Invalid(_))));
    assert!(registry.rollback(1, Expect::Any, ada()).is_ok());
}

#[test]
fn what_lies_in_the_store_is_not_believed() {
    let store = five();
    let registry = Registry::new(&store);
    let (third, record) = registry.find(3).unwrap().unwrap();
    store.set(&format!("draft-{}", record.draft), "{}");
    assert!(matches!(registry.draft_of(&record), Err(RegistryError::Invalid(_))));
    store.set(&key_of_record(&third), "{}");
    let error = registry.history(9, None).unwrap_err();
    let words = error.to_string();
    assert!(
        words.starts_with(&format!("key \"record-{third}\": its content has")),
        "{words}"
    );
    // Those before the broken one are still there to be read.
    assert_eq!(revisions(&registry.history(2, None).unwrap()), [5, 4]);
}

#[test]
fn a_chain_that_does_not_go_down_ends() {
    let store = five();
    let registry = Registry::new(&store);
    let (live, _) = registry.live().unwrap().unwrap();
    let mut previous = live.record.clone();
    // No hash can lead back to itself, but records of one revision can be strung together.
    for number in 0..3 {
        let mut record: Value =
            serde_json::from_slice(&store.read(&key_of_record(&live.record))).unwrap();
        record["previous"] = previous.clone().into();
        record["why"] = number.to_string().into();
        let bytes = record.to_string();
        previous = hash(bytes.as_bytes());
        store.set(&key_of_record(&previous), bytes);
    }
    let mut pointer: Value = serde_json::from_slice(&store.read("live")).unwrap();
    pointer["record"] = previous.into();
    store.set("live", pointer.to_string());
    let error = registry.history(9, None).unwrap_err().to_string();
    assert!(error.contains("its revision is 5"), "{error}");
    assert!(registry.find(1).is_err());
}

/// Whether something is left; then it is less by one.
fn counts_down(left: &Cell<u32>) -> bool {
    left.replace(left.get().saturating_sub(1)) > 0
}

#[test]
fn whoever_has_no_more_time_is_told_how_far_they_came() {
    let store = five();
    let left = Cell::new(0_u32);
    let may_go_on = || counts_down(&left);
    let registry = Registry::new(&store).walking_while(&may_go_on);
    // The first record is always read, so whoever asks again gets on.
    assert_eq!(revisions(&registry.history(100, None).unwrap()), [5]);
    left.set(2);
    let page = registry.history(100, None).unwrap();
    assert_eq!(revisions(&page), [5, 4, 3]);
    let next = page[2].1.previous.as_deref();
    assert_eq!(revisions(&registry.history(100, next).unwrap()), [2]);
    assert_eq!(registry.find(5).unwrap().unwrap().1.revision, 5);
    assert_eq!(registry.find(4), Err(RegistryError::GivenUp(4)));
    let before = store.get(LIVE).unwrap();
    // Four records to look back for, and one step more; nothing is half done.
    for enough in 0..5 {
        left.set(enough);
        let (why, hint) = refused(registry.rollback(1, Expect::Any, ada()));
        assert_eq!(why, "there is not enough time here to go back to revision 1");
        assert_eq!(hint, "Ask where there is more time.");
        assert_eq!(store.get(LIVE).unwrap(), before);
    }
    left.set(1);
    assert_eq!(registry.find(4).unwrap().unwrap().1.revision, 4);
    left.set(100);
    assert_eq!(registry.find(0).unwrap(), None);
    left.set(5);
    let whole = registry.rollback(1, Expect::Any, ada()).unwrap();
    assert!(whole.changes.len() > 1, "{:?}", whole.changes);
}

#[test]
fn whoever_has_no_time_to_say_what_is_different_goes_back_all_the_same() {
    let store = five();
    let left = Cell::new(1_u32);
    let may_tell = || counts_down(&left);
    let registry = Registry::new(&store).telling_while(&may_tell);
    let back = |revision| registry.rollback(revision, Expect::Any, ada()).unwrap();
    assert_eq!(back(1).changes, ["\"hero\" is different"]);
    assert_eq!(back(2).changes, ["everything is as in revision 2"]);
    left.set(2);
    let told = back(1);
    assert!(told.changes.len() > 1, "{:?}", told.changes);
    assert_eq!(told.revision, 8);
    let record = registry.record(&told.record).unwrap();
    assert_eq!(record.experiments, ["hero"]);
}
