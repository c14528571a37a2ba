//! What a sandbox serves while the store changes under it.

use std::cell::Cell;

use proptest::prelude::*;
use serde_json::json;

use super::super::{
    Expect, Fetched, Follower, LIVE, Notice, OFF, Registry, Shelf, Store, StoreError,
    Stored, hash,
};
use super::{Memory, ada, draft, experiment, publish, signed, with_hero};

/// A store that answers, or does not.
struct Shop {
    memory: Memory,
    answers: Cell<bool>,
    /// How many values were read as a whole.
    read: Cell<u32>,
}

impl Shop {
    fn new(memory: Memory) -> Self {
        Self { memory, answers: Cell::new(true), read: Cell::new(0) }
    }

    fn get(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        if self.answers.get() { self.memory.get(key) } else { Err(StoreError::Busy) }
    }

    fn key_of_live(&self) -> String {
        let (live, _) = Registry::new(&self.memory).live().unwrap().unwrap();
        format!("datafile-{}", live.datafile)
    }
}

impl Shelf for Shop {
    fn look(&self) -> [Result<Option<Stored>, StoreError>; 2] {
        [LIVE, OFF].map(|key| self.get(key))
    }

    fn fetch(&self, key: &str, known: Option<u64>) -> Result<Fetched, StoreError> {
        let Some(stored) = self.get(key)? else { return Ok(Fetched::Nothing) };
        if Some(stored.generation) == known {
            return Ok(Fetched::Known);
        }
        self.read.set(self.read.get() + 1);
        Ok(Fetched::Value(stored))
    }
}

/// What a look says, and which revision is served after it.
fn look(follower: &mut Follower, shop: &Shop) -> (Vec<Notice>, Option<u64>) {
    let notices = follower.look(Ok(Some(shop)));
    (notices, follower.datafile().map(|one| one.revision()))
}

fn kinds(notices: &[Notice]) -> Vec<&'static str> {
    let kind = |notice: &Notice| match notice {
        Notice::Missing(_) => "missing",
        Notice::Unreadable(_) => "unreadable",
        Notice::Failed(_) => "failed",
        Notice::Recovered(_) => "recovered",
        Notice::Off(_) => "off",
        Notice::On => "on",
    };
    notices.iter().map(kind).collect()
}

/// Looks three times: the first says this, the others nothing, and this revision is served.
#[track_caller]
fn check(follower: &mut Follower, shop: &Shop, said: &[&str], revision: Option<u64>) {
    let (notices, served) = look(follower, shop);
    assert_eq!((&kinds(&notices)[..], served), (said, revision), "{notices:?}");
    for _ in 0..2 {
        assert_eq!(look(follower, shop), (vec![], revision));
    }
}

/// A follower that serves revision 1 out of that store.
fn serving(shop: &Shop) -> Follower {
    let mut follower = Follower::default();
    check(&mut follower, shop, &[], Some(1));
    follower
}

#[test]
fn the_pointer_is_followed_and_each_datafile_is_read_once() {
    let shop = Shop::new(with_hero());
    let mut follower = serving(&shop);
    publish(&shop.memory, &draft(&[experiment("hero", "paused", 5_000)]));
    check(&mut follower, &shop, &[], Some(2));
    Registry::new(&shop.memory).rollback(1, Expect::Any, ada()).unwrap();
    check(&mut follower, &shop, &[], Some(3));
    assert_eq!(shop.read.get(), 3);
}

#[test]
fn a_store_that_is_away_leaves_the_last_good_one() {
    let shop = Shop::new(with_hero());
    let mut follower = serving(&shop);
    shop.answers.set(false);
    check(&mut follower, &shop, &["failed"], Some(1));
    // Another reason is said.
    let gone = follower.look(Ok(None));
    assert_eq!(gone, [Notice::Missing("there is no KV store".to_owned())]);
    assert_eq!(follower.look(Ok(None)), []);
    let closed = follower.look(Err(StoreError::Failed("closed".to_owned())));
    assert_eq!(closed, [Notice::Failed("the store failed: closed".to_owned())]);
    shop.answers.set(true);
    check(&mut follower, &shop, &["recovered"], Some(1));
}

#[test]
fn a_pointer_that_leads_nowhere_leaves_the_last_good_one() {
    let shop = Shop::new(with_hero());
    let mut follower = serving(&shop);
    publish(&shop.memory, &draft(&[experiment("hero", "paused", 5_000)]));
    let key = shop.key_of_live();
    let good = shop.memory.read(&key);
    // As in a place where the pointer arrives before what it points to.
    shop.memory.delete(&key).unwrap();
    check(&mut follower, &shop, &["missing"], Some(1));
    shop.memory.set(&key, &good);
    check(&mut follower, &shop, &["recovered"], Some(2));
}

#[test]
fn a_datafile_that_is_not_what_was_filed_is_read_once_and_not_served() {
    let shop = Shop::new(with_hero());
    let mut follower = serving(&shop);
    publish(&shop.memory, &draft(&[experiment("hero", "paused", 5_000)]));
    let key = shop.key_of_live();
    let good = shop.memory.read(&key);
    shop.memory.set(&key, "rot");
    let before = shop.read.get();
    check(&mut follower, &shop, &["unreadable"], Some(1));
    assert_eq!(shop.read.get(), before + 1);
    shop.memory.set(&key, &good);
    check(&mut follower, &shop, &["recovered"], Some(2));
}

#[test]
fn what_is_there_by_hand_is_served_until_something_is_published() {
    let hero = draft(&[experiment("hero", "running", 5_000)]);
    let by_hand = |revision| crate::validate(&hero, revision).0.unwrap().to_json();
    let shop = Shop::new(Memory::default());
    let mut follower = Follower::default();
    check(&mut follower, &shop, &["missing"], None);
    shop.memory.set("datafile", by_hand(7));
    check(&mut follower, &shop, &["recovered"], Some(7));
    shop.memory.set("datafile", "rot");
    check(&mut follower, &shop, &["unreadable"], Some(7));
    shop.memory.set("datafile", by_hand(8));
    check(&mut follower, &shop, &["recovered"], Some(8));
    shop.memory.delete("datafile").unwrap();
    check(&mut follower, &shop, &["missing"], Some(8));
    shop.memory.set("datafile", by_hand(9));
    publish(&shop.memory, &hero);
    check(&mut follower, &shop, &["recovered"], Some(10));
    shop.memory.delete("live").unwrap();
    check(&mut follower, &shop, &[], Some(9));
}

#[test]
fn the_right_number_is_taken_after_the_wrong_one() {
    let shop = Shop::new(with_hero());
    let good = shop.memory.read("live");
    let mut pointer: serde_json::Value = serde_json::from_slice(&good).unwrap();
    pointer["revision"] = json!(9);
    shop.memory.set("live", pointer.to_string());
    let mut follower = Follower::default();
    check(&mut follower, &shop, &["unreadable"], None);
    shop.memory.set("live", good);
    check(&mut follower, &shop, &["recovered"], Some(1));
}

#[test]
fn the_kill_switch_is_told_when_it_comes_and_goes() {
    let shop = Shop::new(with_hero());
    let mut follower = serving(&shop);
    let registry = Registry::new(&shop.memory);
    let _ = registry.switch_off(signed("ada", "slow")).unwrap();
    check(&mut follower, &shop, &["off"], Some(1));
    assert_eq!(follower.off().map(|off| &off.why[..]), Some("slow"));
    // It stays thrown where it cannot be asked for.
    shop.answers.set(false);
    check(&mut follower, &shop, &["failed"], Some(1));
    assert!(follower.off().is_some());
    shop.answers.set(true);
    check(&mut follower, &shop, &["recovered"], Some(1));
    let _ = registry.switch_on(signed("ada", "")).unwrap();
    check(&mut follower, &shop, &["on"], Some(1));
    assert_eq!(follower.off(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens to the store, what is served is something that was published, and a fault is told once.
    #[test]
    fn only_what_was_published_is_ever_served(
        steps in prop::collection::vec((0_usize..7, any::<prop::sample::Index>()), 1..40),
    ) {
        let shop = Shop::new(with_hero());
        let hero = |weight| draft(&[experiment("hero", "running", weight)]);
        for weight in [4_000, 3_000, 2_000] {
            publish(&shop.memory, &hero(weight));
        }
        let good = Memory::default();
        for key in shop.memory.keys("").unwrap() {
            good.set(&key, shop.memory.read(&key));
        }
        let keys = good.keys("").unwrap();
        let datafiles = good.keys("datafile-").unwrap();
        let mut follower = Follower::default();
        let mut last = None;
        let mut told: Option<Notice> = None;
        for (step, which) in steps {
            let key = &keys[which.index(keys.len())];
            match step {
                0 => shop.memory.set(key, "rot"),
                1 => shop.memory.delete(key).unwrap(),
                2 => shop.memory.set(key, good.read(key)),
                3 => shop.answers.set(!shop.answers.get()),
                4 => shop.memory.set(OFF, ""),
                5 => shop.memory.delete(OFF).unwrap(),
                _ => shop.memory.set(LIVE, good.read(&datafiles[which.index(datafiles.len())])),
            }
            for notice in follower.look(Ok(Some(&shop))) {
                match notice {
                    Notice::Recovered(_) => prop_assert!(told.take().is_some()),
                    Notice::Off(_) | Notice::On => {}
                    fault => {
                        prop_assert_ne!(told.as_ref(), Some(&fault));
                        told = Some(fault);
                    }
                }
            }
            let served = follower.datafile().map(|one| hash(&one.compile()));
            if let Some(hash) = &served {
                let key = super::super::key_of_datafile(hash);
                prop_assert!(good.has(&key));
            }
            // Once there is one, there always is.
            prop_assert!(served.is_some() || last.is_none());
            last = served;
            let thrown = shop.memory.has(OFF);
            prop_assert!(!shop.answers.get() || follower.off().is_some() == thrown);
        }
    }
}
