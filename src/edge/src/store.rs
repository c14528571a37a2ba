//! KV store → datafile, kept in the sandbox for a short while; and the secrets.

use std::rc::Rc;
use std::time::{Duration, Instant};

use edgewise_engine::Datafile;
use edgewise_engine::registry::{
    BY_HAND, InvalidFile, LIVE, Live, MAX_DATAFILE_BYTES, OFF, Off, StoreError,
    key_of_datafile, open_datafile, open_datafile_by_hand,
};
use fastly::SecretStore;

use crate::log::{self, Reason};
use crate::registry::{Found, KV_STORE, Kv};

const SECRET_STORE: &str = "edgewise";

/// How long a sandbox serves from what it knows before it looks again, after the last byte of a request.
const FRESH_FOR: Duration = Duration::from_secs(5);

/// How long it does so at most: a request that finds it older waits for the look.
const STALE_AFTER: Duration = Duration::from_secs(8);

/// The largest pointer and the largest note of the kill switch, bytes.
const MAX_NOTE: usize = 16 * 1024;

/// What a sandbox last read.
#[derive(Default)]
pub(crate) struct Cached {
    datafile: Option<Rc<Datafile>>,
    /// Which value the datafile was read from.
    source: Option<Source>,
    /// The last value that was not taken, and why; it is not read again.
    refused: Option<(Source, Fault)>,
    off: Option<Off>,
    looked_at: Option<Instant>,
    /// Whether to look after the last byte.
    is_due: bool,
    /// What the last line in the log says; none if all is well since.
    logged: Option<Fault>,
    /// How many of its experiments have been found unreadable, and logged.
    unreadable: usize,
}

/// A state of a value in the KV store.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    key: String,
    /// As what it is served; 0 if no pointer says so.
    revision: u64,
    /// The store's number for it. Of what is filed by its hash there is only one that is good.
    generation: Option<u64>,
}

/// Why a look did not find what it looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault(Reason, String);

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
        self.datafile.clone()
    }

    /// The datafile that pages are served by; none while the kill switch is thrown.
    pub(crate) fn running(&mut self) -> Option<Rc<Datafile>> {
        self.current().filter(|_| self.off.is_none())
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
        let Some(datafile) = &self.datafile else { return };
        let unreadable = datafile.unreadable();
        for one in unreadable.iter().skip(self.unreadable) {
            let detail = format!("experiment {:?} is left out: {}", one.key, one.why);
            log::fault(Reason::DatafileUnreadable, "", &detail);
        }
        self.unreadable = unreadable.len();
    }

    /// Each fault is logged when it comes, and not again while it lasts.
    fn look(&mut self) {
        self.looked_at = Some(Instant::now());
        self.is_due = false;
        match self.refresh() {
            Ok(()) if self.logged.take().is_some() => {
                log::recovered(self.datafile.as_ref().map_or(0, |one| one.revision()));
            }
            Ok(()) => {}
            Err(fault) if self.logged.as_ref() == Some(&fault) => {}
            Err(fault) => {
                log::fault(fault.0, "", &fault.1);
                self.logged = Some(fault);
            }
        }
    }

    fn refresh(&mut self) -> Result<(), Fault> {
        let kv = Kv::open().map_err(no_store)?.ok_or_else(|| {
            let detail = format!("there is no KV store {KV_STORE:?}");
            Fault(Reason::DatafileMissing, detail)
        })?;
        // Both are under way before either is waited for.
        let (live, off) = (kv.ask(LIVE), kv.ask(OFF));
        let off = off.and_then(|asked| kv.wait(asked)).map_err(failed(OFF));
        let live = live.and_then(|asked| kv.wait(asked)).map_err(failed(LIVE));
        // The kill switch works also where the pointer is broken. What cannot be asked for is as it was.
        let off = off.map(|found| self.switch(found.map(read_off)));
        match live? {
            Some(pointer) => self.follow(&kv, pointer)?,
            None => self.take_by_hand(&kv)?,
        }
        off
    }

    fn switch(&mut self, off: Option<Off>) {
        match (&self.off, &off) {
            (None, Some(off)) => log::switched_off(off),
            (Some(_), None) => log::switched_on(),
            _ => {}
        }
        self.off = off;
    }

    fn follow(&mut self, kv: &Kv, pointer: Found) -> Result<(), Fault> {
        let bytes = pointer.read(MAX_NOTE).map_err(failed(LIVE))?;
        let live = Live::open(&bytes).map_err(unreadable)?;
        let source = Source {
            key: key_of_datafile(&live.datafile),
            revision: live.revision,
            generation: None,
        };
        let whose = format!("revision {}", live.revision);
        self.take(kv, source, &whose, |bytes| {
            let datafile = open_datafile(bytes, &live.datafile)?;
            if datafile.revision() == live.revision {
                return Ok(datafile);
            }
            let why = format!(
                "it points to the datafile of revision {} as {}",
                datafile.revision(),
                live.revision
            );
            Err(InvalidFile { key: LIVE.to_owned(), why })
        })
    }

    fn take_by_hand(&mut self, kv: &Kv) -> Result<(), Fault> {
        let source = Source { key: BY_HAND.to_owned(), revision: 0, generation: None };
        self.take(kv, source, "nothing has been published", open_datafile_by_hand)
    }

    /// Reads the datafile under a key, unless it is the one that is served or was refused already.
    fn take(
        &mut self,
        kv: &Kv,
        mut source: Source,
        whose: &str,
        open: impl FnOnce(Vec<u8>) -> Result<Datafile, InvalidFile>,
    ) -> Result<(), Fault> {
        let by_hand = source.key == BY_HAND;
        if !by_hand && self.source.as_ref() == Some(&source) {
            return Ok(());
        }
        let key = source.key.clone();
        let found =
            kv.ask(&key).and_then(|asked| kv.wait(asked)).map_err(failed(&key))?;
        let Some(found) = found else {
            let detail = format!("{whose}: KV store {KV_STORE:?} has no key {key:?}");
            return Err(Fault(Reason::DatafileMissing, detail));
        };
        let generation = Some(found.generation());
        if by_hand {
            source.generation = generation;
            if self.source.as_ref() == Some(&source) {
                return Ok(());
            }
        }
        let state = Source { generation, ..source.clone() };
        if let Some((refused, fault)) = &self.refused
            && *refused == state
        {
            return Err(fault.clone());
        }
        // One byte too many is enough to see that it is too large.
        let bytes = found.read(MAX_DATAFILE_BYTES + 1).map_err(failed(&key))?;
        match open(bytes).map_err(unreadable) {
            Ok(datafile) => {
                self.datafile = Some(Rc::new(datafile));
                self.source = Some(source);
                self.unreadable = 0;
                Ok(())
            }
            Err(fault) => {
                self.refused = Some((state, fault.clone()));
                Err(fault)
            }
        }
    }
}

fn read_off(found: Found) -> Off {
    found.read(MAX_NOTE).map(|bytes| Off::open(&bytes)).unwrap_or_default()
}

fn no_store(error: StoreError) -> Fault {
    Fault(Reason::StoreFailed, format!("KV store {KV_STORE:?}: {error}"))
}

fn failed(key: &str) -> impl FnOnce(StoreError) -> Fault {
    let place = format!("key {key:?} in KV store {KV_STORE:?}");
    move |error| Fault(Reason::StoreFailed, format!("{place}: {error}"))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(file: InvalidFile) -> Fault {
    Fault(Reason::DatafileUnreadable, file.to_string())
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
