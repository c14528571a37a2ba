//! One publisher: what is filed, what is refused.

use serde_json::{Value, json};

use super::super::{Expect, Live, Note, Off, Registry, RegistryError, StoreError, hash};
use super::{Memory, ada, draft, experiment, publish, refused, signed, with_hero};
use crate::datafile::Datafile;
use crate::experiment::Status;
use crate::problem::Problem;

const ANY: Expect = Expect::Any;

#[test]
fn everything_lies_where_its_hash_says() {
    let store = Memory::default();
    let registry = Registry::new(&store);
    assert_eq!(registry.live().unwrap(), None);
    let text = draft(&[experiment("hero", "running", 5_000)]);
    let by = signed("ada", "a first try");
    let published = registry.publish(&text, Expect::Revision(0), by).unwrap();
    assert_eq!((published.revision, published.changes.len()), (1, 1));

    let (live, _) = registry.live().unwrap().unwrap();
    assert_eq!((live.revision, &live.record), (1, &published.record));
    let bytes = store.read(&format!("datafile-{}", live.datafile));
    assert_eq!(hash(&bytes), live.datafile);
    assert_eq!(bytes, published.datafile.compile());
    assert_eq!(registry.draft(&live).unwrap(), text);
    let record = registry.record(&live.record).unwrap();
    assert_eq!((&record.by[..], &record.why[..]), ("ada", "a first try"));
    assert_eq!((&record.action[..], record.previous), ("publish", None));
    assert_eq!(record.experiments, ["hero"]);
    let pointer: Value = serde_json::from_slice(&store.read("live")).unwrap();
    let expected = json!({"schema_version": 1, "revision": 1, "datafile": live.datafile, "record": live.record});
    assert_eq!(pointer, expected);
}

#[test]
fn visitors_stay_where_they_are_from_one_revision_to_the_next() {
    let store = with_hero();
    let next = publish(&store, &draft(&[experiment("hero", "running", 3_000)]));
    assert_eq!(next.revision, 2);
    assert_eq!(next.changes[1], r#""hero": weight of "b" from 5000 to 3000"#);
    let problems: Vec<&Problem> = next.problems.iter().collect();
    assert_eq!(problems[0].code, "visitors-move");
}

#[test]
fn a_draft_with_errors_changes_nothing() {
    let store = with_hero();
    let before = store.read("live");
    let result = Registry::new(&store).publish("{", ANY, ada());
    assert!(matches!(result, Err(RegistryError::Problems(_))));
    assert_eq!(refused(result).0, "the draft has 1 error");
    assert_eq!(store.read("live"), before);
}

#[test]
fn what_is_expected_has_to_be_live() {
    let store = with_hero();
    let registry = Registry::new(&store);
    let text = draft(&[experiment("hero", "paused", 5_000)]);
    for wrong in [0, 2] {
        let result = registry.publish(&text, Expect::Revision(wrong), ada());
        let (why, hint) = refused(result);
        assert_eq!(why, "revision 1 is live, since 2026-11-21T12:00:00Z by \"ada\"");
        assert!(hint.starts_with("Read what is live now"));
    }
    assert!(registry.publish(&text, Expect::Revision(1), ada()).is_ok());
}

#[test]
fn a_draft_may_say_which_revision_it_was_made_from() {
    let store = with_hero();
    let registry = Registry::new(&store);
    let mut text =
        json!({"revision": 7, "experiments": [experiment("hero", "paused", 5_000)]});
    let result = registry.publish(&text.to_string(), ANY, ada());
    assert!(matches!(result, Err(RegistryError::Changed { live: Some(_) })));
    text["revision"] = 1.into();
    registry.publish(&text.to_string(), ANY, ada()).unwrap();
    let (live, _) = registry.live().unwrap().unwrap();
    assert!(!registry.draft(&live).unwrap().contains("revision"));
    // So it can be changed again.
    registry.set_status("hero", Status::Running, Expect::Revision(2), ada()).unwrap();
    text["revision"] = "three".into();
    let result = registry.publish(&text.to_string(), ANY, ada());
    assert_eq!(refused(result).0, "the draft has 1 error");
}

#[test]
fn one_experiment_is_put_in_its_place_or_last() {
    let store = with_hero();
    let registry = Registry::new(&store);
    let price = experiment("price", "running", 5_000);
    let added = registry.publish_experiment(&price, ANY, ada()).unwrap();
    assert_eq!(added.changes, ["\"price\" is new"]);
    let hero = experiment("hero", "running", 4_000);
    let replaced = registry.publish_experiment(&hero, ANY, ada()).unwrap();
    let keys: Vec<_> =
        replaced.datafile.experiments().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["hero", "price"]);
    let broken = registry.publish_experiment(&json!("hero"), ANY, ada());
    assert!(matches!(broken, Err(RegistryError::Problems(_))));
}

#[test]
fn a_first_experiment_needs_no_draft() {
    let store = Memory::default();
    let hero = experiment("hero", "running", 5_000);
    let published = Registry::new(&store).publish_experiment(&hero, ANY, ada()).unwrap();
    assert_eq!(published.revision, 1);
}

#[test]
fn the_steps_of_a_life() {
    let store = Memory::default();
    publish(&store, &draft(&[experiment("hero", "draft", 5_000)]));
    let registry = Registry::new(&store);
    let set = |status| registry.set_status("hero", status, ANY, ada());
    let not_yet = refused(set(Status::Paused)).0;
    assert_eq!(not_yet, "\"hero\" is a draft and cannot be paused");
    let (never, _) = refused(registry.resume("hero", ANY, ada()));
    assert_eq!(never, "\"hero\" has never run and cannot be resumed");
    let steps = [
        (Status::Running, "start", "starts running"),
        (Status::Paused, "pause", "is paused"),
        (Status::Running, "resume", "runs again"),
        (Status::Stopped, "stop", "is stopped"),
    ];
    for (status, action, words) in steps {
        let published = match action {
            "resume" => registry.resume("hero", ANY, ada()).unwrap(),
            _ => set(status).unwrap(),
        };
        assert_eq!(published.changes, [format!("\"hero\" {words}")]);
        assert_eq!(registry.record(&published.record).unwrap().action, action);
        assert_eq!(published.datafile.experiment("hero").unwrap().status, status);
        assert_eq!(
            refused(set(status)).0,
            format!("\"hero\" is {} already", status.as_str())
        );
    }
    let (why, _) = refused(set(Status::Running));
    assert_eq!(why, "\"hero\" has been stopped and cannot be running");
    let gone = registry.archive("hero", ANY, ada()).unwrap();
    assert_eq!((gone.changes, gone.datafile.len()), (vec!["\"hero\" is gone".into()], 0));
    assert_eq!(refused(set(Status::Running)).0, "there is no experiment \"hero\"");
}

#[test]
fn what_runs_is_not_archived() {
    let store = with_hero();
    let result = Registry::new(&store).archive("hero", ANY, ada());
    let (why, hint) = refused(result);
    assert_eq!(
        (&why[..], hint),
        ("\"hero\" is running and cannot be archived", "Stop it first.")
    );
}

#[test]
fn what_was_there_by_hand_is_what_the_first_publish_follows() {
    let (by_hand, _) =
        crate::validate(&draft(&[experiment("hero", "running", 2_000)]), 41);
    let by_hand = by_hand.unwrap();
    let store = Memory::default();
    store.set("datafile", by_hand.compile());
    let registry = Registry::new(&store);
    let hero = experiment("hero", "running", 4_000);
    let alone = registry.publish_experiment(&hero, ANY, ada());
    assert!(refused(alone).0.contains("by hand"));
    let published =
        registry.publish(&draft(&[hero]), Expect::Revision(0), ada()).unwrap();
    assert_eq!(published.revision, 42);
    let b = |datafile: &Datafile| {
        datafile.experiment("hero").unwrap().variants[1].allocation.ranges()[0].start()
    };
    assert_eq!(b(&published.datafile), b(&by_hand));
}

#[test]
fn a_store_that_fails_on_the_way_leaves_what_is_live() {
    let store = with_hero();
    let before = store.read("live");
    for writes in 0..4 {
        *store.writes_left.borrow_mut() = Some(writes);
        let hero = experiment("hero", "paused", 5_000);
        let result = Registry::new(&store).publish_experiment(&hero, ANY, ada());
        assert!(matches!(result, Err(RegistryError::Store(StoreError::Busy))));
        assert_eq!(store.read("live"), before);
    }
}

#[test]
fn the_kill_switch_is_one_key() {
    let store = with_hero();
    let registry = Registry::new(&store);
    assert_eq!(registry.off().unwrap(), None);
    let note = registry.switch_off(signed("ada", "the shop is slow")).unwrap();
    assert_eq!(note, Note::Kept);
    let off = registry.off().unwrap().unwrap();
    assert_eq!(
        (&off.by[..], &off.why[..], off.at),
        ("ada", "the shop is slow", Some(ada().at))
    );
    assert_eq!(registry.switch_on(signed("bob", "")).unwrap(), Note::Kept);
    assert!(!store.has("off"));
    store.set("off", "anything");
    assert_eq!(registry.off().unwrap(), Some(Off::default()));
}

#[test]
fn who_threw_the_kill_switch_and_who_took_it_back_is_noted() {
    let store = Memory::default();
    let registry = Registry::new(&store);
    assert_eq!(registry.switches().unwrap(), []);
    let told = || -> Vec<String> {
        let all = registry.switches().unwrap();
        all.iter().map(|one| format!("{} {} {:?}", one.by, one.action, one.why)).collect()
    };
    let off = |by, why| registry.switch_off(signed(by, why)).unwrap();
    assert_eq!(off("ada", "slow"), Note::Kept);
    // A client that has heard no answer does it again.
    assert_eq!(off("ada", "slow"), Note::Kept);
    assert_eq!(told(), ["ada off \"slow\""]);
    assert_eq!(off("bob", "wrong prices"), Note::Kept);
    assert_eq!(registry.switch_on(signed("eve", "")).unwrap(), Note::Kept);
    let story = ["eve on \"\"", "bob off \"wrong prices\"", "ada off \"slow\""];
    assert_eq!(told(), story);
    assert_eq!(registry.switches().unwrap()[0].at, ada().at);
    // What is live has nothing to do with it.
    assert_eq!(registry.live().unwrap(), None);
    store.set("switches", "rot");
    assert_eq!(registry.switches().unwrap(), []);
    assert_eq!(off("ada", "slow"), Note::Kept);
    assert_eq!(told(), ["ada off \"slow\""]);
}

#[test]
fn a_store_that_takes_no_note_does_not_hold_up_the_kill_switch() {
    let store = Memory::default();
    let registry = Registry::new(&store);
    *store.writes_left.borrow_mut() = Some(1);
    let note = registry.switch_off(signed("ada", "slow")).unwrap();
    assert_eq!(note, Note::Lost(StoreError::Busy));
    assert!(registry.off().unwrap().is_some());
    let note = registry.switch_on(signed("ada", "")).unwrap();
    assert_eq!(note, Note::Lost(StoreError::Busy));
    assert_eq!((registry.off().unwrap(), registry.switches().unwrap()), (None, vec![]));
    assert!(registry.switch_off(signed("ada", "slow")).is_err());
}

#[test]
fn a_pointer_is_read_with_care() {
    let check = |bytes: &str, why: &str| {
        let error = Live::open(bytes.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with(why), "{error}");
    };
    check("", "key \"live\": it cannot be read");
    check(
        "{\"schema_version\": 2}",
        "key \"live\": its schema_version is 2, and this engine reads 1",
    );
    let path = json!({"schema_version": 1, "revision": 1, "datafile": "../x", "record": hash(b"")});
    check(&path.to_string(), "key \"live\": its \"datafile\" is not a SHA-256");
}
