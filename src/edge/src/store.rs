//! KV store → datafile, kept in the sandbox for a short while; and the secrets.

use std::error::Error;
use std::rc::Rc;
use std::time::{Duration, Instant};

use edgewise_engine::Datafile;
use fastly::SecretStore;
use fastly::kv_store::KVStore;

use crate::log::{self, Reason};

pub(crate) const KV_STORE: &str = "edgewise";
const SECRET_STORE: &str = "edgewise";
const DATAFILE: &str = "datafile";

/// How long a sandbox serves from a datafile before it looks whether there is a newer one.
const FRESH_FOR: Duration = Duration::from_secs(5);

/// The datafile a sandbox last read.
#[derive(Default)]
pub(crate) struct Cached {
    datafile: Option<Rc<Datafile>>,
    /// The KV store's own number for the value that was read.
    generation: Option<u64>,
    checked_at: Option<Instant>,
    /// How many of its experiments have been found unreadable, and logged.
    unreadable: usize,
}

impl Cached {
    /// The datafile to serve from. One that was good is kept when the store fails or holds something unreadable; each
    /// look that finds a fault logs it once.
    pub(crate) fn current(&mut self) -> Option<Rc<Datafile>> {
        let fresh = self.checked_at.is_some_and(|at| at.elapsed() < FRESH_FOR);
        if !fresh {
            self.checked_at = Some(Instant::now());
            if let Err((reason, detail)) = self.refresh() {
                log::fault(reason, "", &detail);
            }
        }
        self.datafile.clone()
    }

    /// Logs the experiments that turned out to be unreadable since the last call; the others are served.
    pub(crate) fn log_unreadable(&mut self) {
        let Some(datafile) = &self.datafile else { return };
        let unreadable = datafile.unreadable();
        for one in unreadable.iter().skip(self.unreadable) {
            let detail = format!("experiment {:?} is left out: {}", one.key, one.why);
            log::fault(Reason::DatafileUnreadable, "", &detail);
        }
        self.unreadable = unreadable.len();
    }

    fn refresh(&mut self) -> Result<(), (Reason, String)> {
        let missing = |detail: String| (Reason::DatafileMissing, detail);
        let store = KVStore::open(KV_STORE)
            .map_err(|error| missing(format!("KV store {KV_STORE:?}: {error}")))?
            .ok_or_else(|| missing(format!("there is no KV store {KV_STORE:?}")))?;
        let mut found = store.lookup(DATAFILE).map_err(|error| {
            missing(format!("key {DATAFILE:?} in KV store {KV_STORE:?}: {error}"))
        })?;
        let generation = found.current_generation();
        if self.generation == Some(generation) {
            return Ok(());
        }
        let bytes = found.take_body_bytes();
        // Also a value that cannot be read is not read again.
        self.generation = Some(generation);
        let datafile = Datafile::open(bytes)
            .map_err(|error| (Reason::DatafileUnreadable, with_source(&error)))?;
        self.datafile = Some(Rc::new(datafile));
        self.unreadable = 0;
        Ok(())
    }
}

/// An error and what caused it, on one line.
fn with_source(error: &dyn Error) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
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
