//! Two who publish at once, their calls of the store mixed in every way.

use std::sync::{Condvar, Mutex};
use std::thread;

use proptest::prelude::*;

use super::super::{Expect, Registry, RegistryError, Store, StoreError, Stored, When};
use super::{Memory, draft, experiment, signed};
use crate::experiment::Status;

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
                let new = experiment(&why, "running", 5_000);
                registry.publish_experiment(new, Expect::Any, signed)
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
        let shared = draft(&[experiment("shared", "running", 5_000)]);
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
        let was = registry.datafile_of(&first.datafile).unwrap();
        if live.revision > 1 {
            let back = registry.rollback(1, Expect::Any, signed("eve", "")).unwrap();
            prop_assert_eq!(back.datafile.with_revision(1).compile(), was.compile());
        }
    }
}
