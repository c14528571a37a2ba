//! Reading what is live, and what was. Nothing is believed that does not have the hash it is filed by.

use super::Registry;
use super::error::RegistryError;
use super::filed::{
    BY_HAND, InvalidFile, LIVE, Live, OFF, Off, Record, SWITCHES, Switched, Switches,
    check_hash, key_of_datafile, key_of_draft, key_of_record, open_datafile,
    open_datafile_by_hand,
};
use crate::datafile::Datafile;

/// How many revisions back one is looked for: each is a read of the store.
pub const MAX_STEPS_BACK: u64 = 1_000;

impl Registry<'_> {
    /// The pointer, and the store's number for it; none if nothing has been published.
    ///
    /// # Errors
    /// The store fails, or the pointer is none.
    pub fn live(&self) -> Result<Option<(Live, u64)>, RegistryError> {
        let Some(stored) = self.store.get(LIVE)? else { return Ok(None) };
        Ok(Some((Live::open(&stored.bytes)?, stored.generation)))
    }

    /// The datafile that is live.
    ///
    /// # Errors
    /// The store fails, or what it holds is not that datafile.
    pub fn datafile(&self, live: &Live) -> Result<Datafile, RegistryError> {
        self.datafile_of(&live.datafile)
    }

    pub(super) fn datafile_of(&self, hash: &str) -> Result<Datafile, RegistryError> {
        Ok(open_datafile(self.filed(&key_of_datafile(hash))?, hash)?)
    }

    /// The draft that the live datafile was made from, JSON text without a revision.
    ///
    /// # Errors
    /// The store fails, or what it holds is not that draft.
    pub fn draft(&self, live: &Live) -> Result<String, RegistryError> {
        self.draft_of(&self.record(&live.record)?)
    }

    /// The draft of any revision.
    ///
    /// # Errors
    /// The store fails, or what it holds is not that draft.
    pub fn draft_of(&self, record: &Record) -> Result<String, RegistryError> {
        let key = key_of_draft(&record.draft);
        let bytes = self.filed(&key)?;
        check_hash(&key, &bytes, &record.draft)?;
        let why = "it is not text".to_owned();
        Ok(String::from_utf8(bytes).map_err(|_| InvalidFile { key, why })?)
    }

    /// The record with this hash.
    ///
    /// # Errors
    /// The store fails, or what it holds is not that record.
    pub fn record(&self, hash: &str) -> Result<Record, RegistryError> {
        Ok(Record::open(&self.filed(&key_of_record(hash))?, hash)?)
    }

    /// What was published, the latest first, each with its hash: from the record `from` on, or from what is live. At
    /// most `limit` records are read; where there may be more, the last one names its `previous`.
    ///
    /// # Errors
    /// The store fails, or what it holds is no history.
    pub fn history(
        &self,
        limit: usize,
        from: Option<&str>,
    ) -> Result<Vec<(String, Record)>, RegistryError> {
        let next = match from {
            Some(hash) => Some(hash.to_owned()),
            None => self.live()?.map(|(live, _)| live.record),
        };
        Walk { registry: self, next, before: None }.take(limit).collect()
    }

    /// The record of a revision, with its hash; none if that has not been, or is more than [`MAX_STEPS_BACK`] back.
    ///
    /// # Errors
    /// The store fails, or what it holds is no history.
    pub fn find(&self, revision: u64) -> Result<Option<(String, Record)>, RegistryError> {
        let Some((live, _)) = self.live()? else { return Ok(None) };
        self.find_from(&live, revision)
    }

    pub(super) fn find_from(
        &self,
        live: &Live,
        revision: u64,
    ) -> Result<Option<(String, Record)>, RegistryError> {
        let back = live.revision.checked_sub(revision);
        if back.is_none_or(|steps| steps > MAX_STEPS_BACK) {
            return Ok(None);
        }
        let next = Some(live.record.clone());
        let mut walk = Walk { registry: self, next, before: None };
        for step in walk.by_ref() {
            let (hash, record) = step?;
            if record.revision <= revision {
                return Ok((record.revision == revision).then_some((hash, record)));
            }
        }
        if walk.next.is_some() {
            return Err(RegistryError::GivenUp(revision));
        }
        Ok(None)
    }

    /// What the kill switch says; none while it is on, that is while experiments run.
    ///
    /// # Errors
    /// The store fails.
    pub fn off(&self) -> Result<Option<Off>, RegistryError> {
        Ok(self.store.get(OFF)?.map(|stored| Off::open(&stored.bytes)))
    }

    /// Who threw the kill switch and who took it back, the latest first: the last [`MAX_SWITCHES`] times.
    ///
    /// # Errors
    /// The store fails.
    ///
    /// [`MAX_SWITCHES`]: super::MAX_SWITCHES
    pub fn switches(&self) -> Result<Vec<Switched>, RegistryError> {
        let stored = self.store.get(SWITCHES)?;
        Ok(stored
            .map(|stored| Switches::open(&stored.bytes).switches)
            .unwrap_or_default())
    }

    /// The datafile that was put there by hand, if it can be read.
    pub(super) fn by_hand(&self) -> Result<Option<Datafile>, RegistryError> {
        let stored = self.store.get(BY_HAND)?;
        Ok(stored.and_then(|stored| open_datafile_by_hand(stored.bytes).ok()))
    }

    /// What is filed under a key, not yet checked.
    fn filed(&self, key: &str) -> Result<Vec<u8>, RegistryError> {
        let missing = || {
            let why = "something points to it, and it is not there".to_owned();
            InvalidFile { key: key.to_owned(), why }
        };
        Ok(self.store.get(key)?.ok_or_else(missing)?.bytes)
    }
}

/// From record to record. It ends, because revisions only go down, whatever somebody put into the store.
struct Walk<'r, 's> {
    registry: &'r Registry<'s>,
    next: Option<String>,
    /// The revision of the last one.
    before: Option<u64>,
}

impl Iterator for Walk<'_, '_> {
    type Item = Result<(String, Record), RegistryError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.before.is_some() && !self.registry.may_go_on() {
            return None;
        }
        let hash = self.next.take()?;
        let record = match self.registry.record(&hash) {
            Ok(record) => record,
            Err(error) => return Some(Err(error)),
        };
        if self.before.is_some_and(|before| record.revision >= before) {
            let why = format!(
                "its revision is {}, and that of the one after it is no higher",
                record.revision
            );
            let key = key_of_record(&hash);
            return Some(Err(InvalidFile { key, why }.into()));
        }
        self.before = Some(record.revision);
        self.next.clone_from(&record.previous);
        Some(Ok((hash, record)))
    }
}
