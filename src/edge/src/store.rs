//! KV store → datafile, kept in the sandbox for a short while; and the secrets.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use edgewise_engine::Datafile;
use edgewise_engine::registry::{Follower, Notice, Shelf};
use fastly::SecretStore;

use crate::log::{self, Reason};
use crate::registry::Kv;

const SECRET_STORE: &str = "edgewise";

/// How long a sandbox serves from what it knows. Then it looks again, after the last byte of a request.
const FRESH_FOR: Duration = Duration::from_secs(5);

/// When a request waits for the look, because nobody has come for a while.
const STALE_AFTER: Duration = Duration::from_secs(8);

/// What a sandbox last read.
#[derive(Default)]
pub(crate) struct Cached {
    follower: Follower,
    looked_at: Option<Instant>,
    /// Whether to look after the last byte.
    is_due: bool,
    /// How many experiments of which datafile have been found unreadable, and logged.
    unreadable: (Weak<Datafile>, usize),
}

impl Cached {
    /// The datafile that is live, whether or not experiments run. One that was good is kept when the store fails, or
    /// holds something unreadable.
    pub(crate) fn current(&mut self) -> Option<Rc<Datafile>> {
        let age = self.looked_at.map(|at| at.elapsed());
        if age.is_none_or(|age| age >= STALE_AFTER) {
            self.look();
        } else if age.is_some_and(|age| age >= FRESH_FOR) {
            self.is_due = true;
        }
        self.follower.datafile().cloned()
    }

    /// The datafile that pages are served by; none while the kill switch is thrown.
    pub(crate) fn running(&mut self) -> Option<Rc<Datafile>> {
        self.current().filter(|_| self.follower.off().is_none())
    }

    /// Looks whether there is something newer, if it is time to. For after the last byte of a request.
    pub(crate) fn refresh_after(&mut self) {
        if self.is_due {
            self.look();
        }
    }

    /// Makes the next request look first. For after a write of our own.
    pub(crate) fn forget(&mut self) {
        self.looked_at = None;
    }

    /// Logs the experiments that turned out to be unreadable since the last call; the others are served.
    pub(crate) fn log_unreadable(&mut self) {
        let Some(datafile) = self.follower.datafile() else { return };
        let unreadable = datafile.unreadable();
        let this = Rc::downgrade(datafile);
        let logged = if this.ptr_eq(&self.unreadable.0) { self.unreadable.1 } else { 0 };
        for one in unreadable.iter().skip(logged) {
            let detail = format!("experiment {:?} is left out: {}", one.key, one.why);
            log::fault(Reason::DatafileUnreadable, "", &detail);
        }
        self.unreadable = (this, unreadable.len());
    }

    fn look(&mut self) {
        self.looked_at = Some(Instant::now());
        self.is_due = false;
        let kv = Kv::open();
        let kv = match &kv {
            Ok(kv) => Ok(kv.as_ref().map(|kv| kv as &dyn Shelf)),
            Err(error) => Err(error.clone()),
        };
        for notice in self.follower.look(kv) {
            match notice {
                Notice::Missing(detail) => {
                    log::fault(Reason::DatafileMissing, "", &detail);
                }
                Notice::Unreadable(detail) => {
                    log::fault(Reason::DatafileUnreadable, "", &detail);
                }
                Notice::Failed(detail) => log::fault(Reason::StoreFailed, "", &detail),
                Notice::Recovered(revision) => log::recovered(revision),
                Notice::Off(off) => log::switched_off(&off),
                Notice::On => log::switched_on(),
            }
        }
    }
}

thread_local! {
    /// The faults of secrets that this sandbox has logged, and that last.
    static TOLD: RefCell<BTreeSet<(&'static str, Reason)>> = const { RefCell::new(BTreeSet::new()) };
}

/// A secret's bytes. That it is not there is logged once, until it has been there again.
pub(crate) fn secret(name: &'static str) -> Option<Vec<u8>> {
    let found = SecretStore::open(SECRET_STORE)
        .map_err(|error| error.to_string())
        .and_then(|store| store.try_get(name).map_err(|error| error.to_string()))
        .and_then(|secret| secret.ok_or_else(|| "not found".to_owned()))
        .and_then(|secret| secret.try_plaintext().map_err(|error| error.to_string()));
    let fault = found
        .as_ref()
        .err()
        .map(|error| format!("in secret store {SECRET_STORE:?}: {error}"));
    tell_of_secret(name, Reason::SecretMissing, fault.as_deref());
    found.ok().map(|bytes| bytes.to_vec())
}

/// Logs what is wrong with a secret, or none any more, unless that has been said.
pub(crate) fn tell_of_secret(name: &'static str, reason: Reason, fault: Option<&str>) {
    let is_new = TOLD.with_borrow_mut(|told| match fault {
        Some(_) => told.insert((name, reason)),
        None => {
            told.remove(&(name, reason));
            false
        }
    });
    if let Some(fault) = fault.filter(|_| is_new) {
        log::fault(reason, "", &format!("secret {name:?}: {fault}"));
    }
}
