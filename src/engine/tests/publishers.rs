//! Two who publish at once, their calls of the store mixed in every way.

#![allow(clippy::unwrap_used, reason = "a test may")]
#![allow(clippy::disallowed_methods, reason = "two publishers need two threads")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex};
use std::thread;

use proptest::prelude::*;

use edgewise_engine::registry::{
    Expect, Registry, RegistryError, Signed, Store, StoreError, Stored, When,
    key_of_datafile, open_datafile,
};
use edgewise_engine::{Moment, Status};
use serde_json::{Value, json};

#[derive(Default)]
struct Memory {
    values: RefCell<BTreeMap<String, Stored>>,
    written: RefCell<u64>,
}

impl Store for Memory {
    fn get(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        Ok(self.values.borrow().get(key).cloned())
    }

    fn put(&self, key: &str, bytes: &[u8], when: When) -> Result<(), StoreError> {
        let mut values = self.values.borrow_mut();
        let generation = values.get(key).map(|stored| stored.generation);
        let holds = match when {
            When::Always => true,
            When::Absent => generation.is_none(),
            When::Unchanged(wanted) => generation == Some(wanted),
        };
        if !holds {
            return Err(StoreError::Changed);
        }
        *self.written.borrow_mut() += 1;
        let generation = *self.written.borrow();
        values.insert(key.to_owned(), Stored { bytes: bytes.to_vec(), generation });
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.values.borrow_mut().remove(key);
        Ok(())
    }

    fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let values = self.values.borrow();
        Ok(values.keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }
}

fn signed<'s>(by: &'s str, why: &'s str) -> Signed<'s> {
    Signed { by, at: Moment::from_unix(1_795_262_400), why }
}

fn experiment(key: &str) -> Value {
    json!({
        "key": key, "name": key, "status": "running",
        "hypothesis": {"we_believe": "a shorter headline", "will_cause": "more sign-ups", "because": "people skim it"},
        "pages": {"include": [{"exact": format!("/{key}")}]},
        "variants": [
            {"key": "control", "name": "Control", "weight": 5_000},
            {"key": "b", "name": "B", "weight": 5_000, "changes": [{"selector": "h1", "text": key}]},
        ],
    })
}

/// A store that lets two in by turns, one call at a time.
struct Shared {
    turns: Mutex<Turns>,
    next: Condvar,
}

struct Turns {
    store: Memory,
    /// Whose call is next, the last one first; when it is empty, whoever comes.
    schedule: Vec<bool>,
    gone: [bool; 2],
}

/// The store as one of the two sees it.
struct Seat<'s> {
    shared: &'s Shared,
    who: bool,
}

impl Seat<'_> {
    fn call<T>(&self, call: impl FnOnce(&Memory) -> T) -> T {
        let turns = self.shared.turns.lock().unwrap();
        let waits = |turns: &mut Turns| {
            let next = turns.schedule.last().copied();
            next.is_some_and(|next| next != self.who && !turns.gone[usize::from(next)])
        };
        let mut turns = self.shared.next.wait_while(turns, waits).unwrap();
        turns.schedule.pop();
        let result = call(&turns.store);
        self.shared.next.notify_all();
        result
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        if let Ok(mut turns) = self.shared.turns.lock() {
            turns.gone[usize::from(self.who)] = true;
        }
        self.shared.next.notify_all();
    }
}

impl Store for Seat<'_> {
    fn get(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        self.call(|store| store.get(key))
    }

    fn put(&self, key: &str, bytes: &[u8], when: When) -> Result<(), StoreError> {
        self.call(|store| store.put(key, bytes, when))
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.call(|store| store.delete(key))
    }

    fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.call(|store| store.keys(prefix))
    }
}

/// Tries to do three things, and names those that were accepted.
fn work(shared: &Shared, who: bool) -> Vec<String> {
    let seat = Seat { shared, who };
    let registry = Registry::new(&seat);
    let name = if who { "ada" } else { "bob" };
    let mut accepted = Vec::new();
    for step in 0..3 {
        let why = format!("{name}-{step}");
        let signed = signed(name, &why);
        let result = match step {
            0 | 2 => {
                let new = experiment(&why);
                registry.publish_experiment(&new, Expect::Any, signed)
            }
            _ => {
                registry.set_status("shared", Status::Paused, Expect::Revision(2), signed)
            }
        };
        match result {
            Ok(_) => accepted.push(why),
            Err(RegistryError::Changed { .. }) => {}
            // The other one has paused it.
            Err(RegistryError::NotAllowed(_)) => assert_eq!(step, 1),
            Err(error) => panic!("{error}"),
        }
    }
    accepted
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_loses_work(schedule in prop::collection::vec(any::<bool>(), 0..80)) {
        let store = Memory::default();
        let shared = json!({ "experiments": [experiment("shared")] }).to_string();
        Registry::new(&store).publish(&shared, Expect::Any, signed("setup", "setup")).unwrap();
        let turns = Mutex::new(Turns { store, schedule, gone: [false; 2] });
        let shared = Shared { turns, next: Condvar::new() };
        let mut accepted = thread::scope(|scope| {
            let other = scope.spawn(|| work(&shared, false));
            let mut accepted = work(&shared, true);
            accepted.extend(other.join().unwrap());
            accepted
        });
        let store = shared.turns.into_inner().unwrap().store;
        let registry = Registry::new(&store);
        let history = registry.history(100, None).unwrap();

        // One chain, without gaps, in which each accepted publish is once and nothing else is.
        let revisions: Vec<_> = history.iter().map(|(_, record)| record.revision).collect();
        let expected: Vec<_> = (1..=history.len() as u64).rev().collect();
        prop_assert_eq!(revisions, expected);
        let mut told: Vec<_> = history.iter().map(|(_, record)| record.why.clone()).collect();
        accepted.push("setup".to_owned());
        told.sort();
        accepted.sort();
        prop_assert_eq!(&told, &accepted);

        // And the live datafile has the work of each.
        let (live, _) = registry.live().unwrap().unwrap();
        let datafile = registry.datafile(&live).unwrap();
        for why in accepted.iter().filter(|why| why.ends_with("-0") || why.ends_with("-2")) {
            prop_assert!(datafile.experiment(why).is_some(), "{}", why);
        }
        // Any of them can be brought back as it was.
        let (_, first) = registry.find(1).unwrap().unwrap();
        let was = store.get(&key_of_datafile(&first.datafile)).unwrap().unwrap();
        let was = open_datafile(was.bytes, &first.datafile).unwrap();
        if live.revision > 1 {
            let back = registry.rollback(1, Expect::Any, signed("eve", "")).unwrap();
            prop_assert_eq!(back.datafile.with_revision(1).compile(), was.compile());
        }
    }
}
