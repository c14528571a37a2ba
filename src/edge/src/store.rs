//! KV store → datafile, kept in the sandbox for a short while; and the secrets.

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

/// A secret's bytes; its absence is logged.
pub(crate) fn secret(name: &str) -> Option<Vec<u8>> {
    let found = SecretStore::open(SECRET_STORE)
        .map_err(|error| error.to_string())
        .and_then(|store| store.try_get(name).map_err(|error| error.to_string()))
        .and_then(|secret| secret.ok_or_else(|| "not found".to_owned()))
        .and_then(|secret| secret.try_plaintext().map_err(|error| error.to_string()));
    match found {
        Ok(bytes) => Some(bytes.to_vec()),
        Err(error) => {
            let detail =
                format!("secret {name:?} in secret store {SECRET_STORE:?}: {error}");
            log::fault(Reason::SecretMissing, "", &detail);
            None
        }
    }
}
