//! What a sandbox serves from: it looks at the pointer now and then, follows it, and keeps the last good datafile
//! whatever it finds.

use std::rc::Rc;

use super::filed::{
    BY_HAND, InvalidFile, LIVE, Live, OFF, Off, key_of_datafile, open_datafile,
    open_datafile_by_hand,
};
use super::store::{StoreError, Stored};
use crate::datafile::Datafile;

/// What is asked of a store in a look: not all at once, because the pointer rarely moves.
pub trait Shelf {
    /// The values of [`LIVE`] and of [`OFF`], asked for together; none where nothing has the key.
    fn look(&self) -> [Result<Option<Stored>, StoreError>; 2];
    /// Another value. One that has the generation `known` need not be read.
    fn fetch(&self, key: &str, known: Option<u64>) -> Result<Fetched, StoreError>;
}

/// What [`Shelf::fetch`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// Nothing has that key.
    Nothing,
    /// It has the generation that is known.
    Known,
    /// It has another one.
    Value(Stored),
}

/// What somebody may want to read in a log. The same fault comes once, however often it is met on end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// There is no store, no datafile, or not the one that is pointed to.
    Missing(String),
    /// The pointer or the datafile cannot be read, or is not what was filed.
    Unreadable(String),
    /// The store does not answer.
    Failed(String),
    /// All is well again after one of these; the revision that is served.
    Recovered(u64),
    /// The kill switch was thrown.
    Off(Off),
    /// It is gone.
    On,
}

/// What a sandbox knows of what is published.
#[derive(Default)]
pub struct Follower {
    datafile: Option<Rc<Datafile>>,
    /// Which value the datafile was read from.
    served: Option<Source>,
    /// The last value that was not taken, and why. It is not read again.
    refused: Option<(Source, Notice)>,
    off: Option<Off>,
    /// The fault that was told last; none if all is well since.
    told: Option<Notice>,
}

/// A state of a value in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    key: String,
    /// As what a pointer has it served; none if it was put there by hand.
    revision: Option<u64>,
    generation: u64,
}

impl Follower {
    /// The datafile that is live, as far as is known.
    pub fn datafile(&self) -> Option<&Rc<Datafile>> {
        self.datafile.as_ref()
    }

    /// What the kill switch says, if it is thrown.
    pub fn off(&self) -> Option<&Off> {
        self.off.as_ref()
    }

    /// Looks at the store: none if there is none, an error if it cannot be opened. Whatever goes wrong, the last good
    /// datafile stays, and a kill switch that cannot be asked for is as it was.
    pub fn look(&mut self, store: Result<Option<&dyn Shelf>, StoreError>) -> Vec<Notice> {
        let mut notices = Vec::new();
        match self.follow(store, &mut notices) {
            Ok(()) if self.told.take().is_some() => {
                let revision = self.datafile.as_ref().map_or(0, |one| one.revision());
                notices.push(Notice::Recovered(revision));
            }
            Ok(()) => {}
            Err(fault) if self.told.as_ref() == Some(&fault) => {}
            Err(fault) => {
                self.told = Some(fault.clone());
                notices.push(fault);
            }
        }
        notices
    }

    fn follow(
        &mut self,
        store: Result<Option<&dyn Shelf>, StoreError>,
        notices: &mut Vec<Notice>,
    ) -> Result<(), Notice> {
        let store = store.map_err(|error| Notice::Failed(error.to_string()))?;
        let store =
            store.ok_or_else(|| Notice::Missing("there is no KV store".to_owned()))?;
        let [live, off] = store.look();
        // First, because the kill switch works also where the pointer is broken.
        let off = off.map_err(failed(OFF)).map(|off| {
            let off = off.map(|stored| Off::open(&stored.bytes));
            match (&self.off, &off) {
                (None, Some(off)) => notices.push(Notice::Off(off.clone())),
                (Some(_), None) => notices.push(Notice::On),
                _ => {}
            }
            self.off = off;
        });
        match live.map_err(failed(LIVE))? {
            Some(pointer) => {
                let live = Live::open(&pointer.bytes).map_err(unreadable)?;
                let key = key_of_datafile(&live.datafile);
                self.take(store, &key, Some(&live))?;
            }
            None => self.take(store, BY_HAND, None)?,
        }
        off
    }

    /// Reads the datafile under a key, unless it is the one that is served, or was refused.
    fn take(
        &mut self,
        store: &dyn Shelf,
        key: &str,
        live: Option<&Live>,
    ) -> Result<(), Notice> {
        let revision = live.map(|live| live.revision);
        let is_it = |one: &&Source| one.key == key && one.revision == revision;
        let served = self.served.as_ref().filter(is_it);
        if served.is_some() && live.is_some() {
            // Under its hash there is nothing else.
            return Ok(());
        }
        let refused = self.refused.as_ref().filter(|(source, _)| is_it(&source));
        // One of them at most: what is refused has another generation than what was taken before, and is the later one.
        let known = refused.map(|(source, _)| source.generation);
        let known = known.or(served.map(|source| source.generation));
        let stored = match store.fetch(key, known).map_err(failed(key))? {
            Fetched::Nothing => {
                let whose = match revision {
                    Some(revision) => format!("revision {revision} is live, and its"),
                    None => "nothing has been published:".to_owned(),
                };
                return Err(Notice::Missing(format!("{whose} key {key:?} is missing")));
            }
            Fetched::Known => {
                return refused.map_or(Ok(()), |(_, fault)| Err(fault.clone()));
            }
            Fetched::Value(stored) => stored,
        };
        let source =
            Source { key: key.to_owned(), revision, generation: stored.generation };
        match open(stored.bytes, live) {
            Ok(datafile) => {
                self.datafile = Some(Rc::new(datafile));
                self.served = Some(source);
                self.refused = None;
                Ok(())
            }
            Err(file) => {
                let fault = unreadable(file);
                self.refused = Some((source, fault.clone()));
                Err(fault)
            }
        }
    }
}

fn open(bytes: Vec<u8>, live: Option<&Live>) -> Result<Datafile, InvalidFile> {
    let Some(live) = live else { return open_datafile_by_hand(bytes) };
    let datafile = open_datafile(bytes, &live.datafile)?;
    let (found, wanted) = (datafile.revision(), live.revision);
    if found == wanted {
        return Ok(datafile);
    }
    let why = format!("it points to the datafile of revision {found} as {wanted}");
    Err(InvalidFile { key: LIVE.to_owned(), why })
}

fn failed(key: &str) -> impl FnOnce(StoreError) -> Notice {
    move |error| Notice::Failed(format!("key {key:?}: {error}"))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(file: InvalidFile) -> Notice {
    Notice::Unreadable(file.to_string())
}
