//! Publishing: first everything that the new pointer will point to, then the pointer, if it still is what was seen.

use serde_json::Value;

use super::compared::{Compared, compare};
use super::edit;
use super::error::RegistryError;
use super::filed::{
    LIVE, Live, MAX_DATAFILE_BYTES, MAX_DRAFT_BYTES, OFF, Off, Record, SCHEMA_VERSION,
    SWITCHES, Switched, Switches, hash, key_of_datafile, key_of_draft, key_of_record,
};
use super::outline::Outline;
use super::store::{StoreError, When};
use super::{Expect, Note, Published, Registry, Signed};
use crate::datafile::Datafile;
use crate::experiment::Status;
use crate::problem::Problems;
use crate::publish::publish;

/// How often a note is tried where others write theirs at the same time.
const ATTEMPTS: u32 = 4;

/// The longest name and the longest reason that are kept, characters.
const MAX_WORDS: usize = 500;

/// What is live when a publish begins.
struct Before {
    pointer: Option<(Live, u64)>,
    datafile: Option<Datafile>,
    /// Its text; none where it was made by hand.
    draft: Option<String>,
}

impl Before {
    /// None where there is no draft, or where it is none.
    fn outline(&self) -> Option<Outline<'_>> {
        Outline::of(self.draft.as_ref()?).ok()
    }
}

/// A revision that is about to be filed.
struct Next<'n> {
    action: &'static str,
    datafile: Datafile,
    draft: Draft<'n>,
    compared: Compared,
    restores: Option<u64>,
}

/// A draft that is filed now, or has been.
enum Draft<'n> {
    New(&'n str),
    Filed(String),
}

impl Registry<'_> {
    /// Checks a whole draft, JSON text, and makes it live. Visitors stay where they are, as far as its weights allow.
    ///
    /// Where the draft says which revision it was made from, that has to be live too.
    ///
    /// # Errors
    /// [`RegistryError`]; nothing is published then.
    pub fn publish(
        &self,
        draft: &str,
        expect: Expect,
        signed: Signed<'_>,
    ) -> Result<Published, RegistryError> {
        check_size(draft)?;
        let before = self.before(expect)?;
        // One that is none has problems, which validation tells better.
        let outline = Outline::of(draft).ok();
        match outline.and_then(|outline| outline.revision().zip(Some(outline))) {
            Some((revision, outline)) => {
                self.check(&before, Expect::Revision(revision))?;
                // One that is filed says no revision: it would be another one each time.
                self.publish_text(&outline.write(None), &before, "publish", signed)
            }
            None => self.publish_text(draft, &before, "publish", signed),
        }
    }

    /// Puts one experiment into the live draft, in the place of the one with its key or else as the last, and makes
    /// that live.
    ///
    /// # Errors
    /// [`RegistryError`]; nothing is published then.
    pub fn publish_experiment(
        &self,
        experiment: &Value,
        expect: Expect,
        signed: Signed<'_>,
    ) -> Result<Published, RegistryError> {
        self.edit_live(expect, signed, |draft| Ok(edit::put(draft, experiment)))
    }

    /// Starts, pauses, resumes or stops one experiment of the live draft.
    ///
    /// # Errors
    /// [`RegistryError`]; nothing is published then. What has been stopped does not run again.
    pub fn set_status(
        &self,
        key: &str,
        status: Status,
        expect: Expect,
        signed: Signed<'_>,
    ) -> Result<Published, RegistryError> {
        self.edit_live(expect, signed, |draft| edit::set_status(draft, key, status))
    }

    /// Lets one experiment of the live draft run again that was paused. Other than by [`Self::set_status`], one that has
    /// never run is not started.
    ///
    /// # Errors
    /// [`RegistryError`]; nothing is published then.
    pub fn resume(
        &self,
        key: &str,
        expect: Expect,
        signed: Signed<'_>,
    ) -> Result<Published, RegistryError> {
        self.edit_live(expect, signed, |draft| edit::resume(draft, key))
    }

    /// Takes one experiment out of the live draft that has been stopped, or that has never run.
    ///
    /// # Errors
    /// [`RegistryError`]; nothing is published then.
    pub fn archive(
        &self,
        key: &str,
        expect: Expect,
        signed: Signed<'_>,
    ) -> Result<Published, RegistryError> {
        self.edit_live(expect, signed, |draft| edit::take_out(draft, key))
    }

    /// Makes live again what was live as `revision`, under a new number: the same draft, and the same ranges, so that
    /// visitors are back where they were. It is not checked anew, and works also where what is live is broken.
    ///
    /// # Errors
    /// [`RegistryError`]; nothing is published then.
    pub fn rollback(
        &self,
        revision: u64,
        expect: Expect,
        signed: Signed<'_>,
    ) -> Result<Published, RegistryError> {
        let pointer = self.live()?;
        self.check_pointer(pointer.as_ref(), expect)?;
        let not_found = || RegistryError::NotFound(format!("revision {revision}"));
        let Some((live, generation)) = pointer else { return Err(not_found()) };
        if live.revision == revision {
            return Err(RegistryError::refuse(
                format!("revision {revision} is what is live"),
                "Look at the history for what was live before.",
            ));
        }
        let (_, record) = self.find_from(&live, revision)?.ok_or_else(not_found)?;
        if !self.may_go_on() {
            return Err(RegistryError::GivenUp(revision));
        }
        let datafile = self.datafile_of(&record.datafile)?;
        let draft = self.draft_of(&record)?;
        let draft = Outline::of(&draft).unwrap_or_default();
        // Going back must not hang on what is live, nor on saying what is different.
        let may_tell = self.may_tell.is_none_or(|may_tell| may_tell());
        let now = if may_tell { self.draft(&live).ok() } else { None };
        let compared = match &now {
            Some(now) => {
                compare(&Outline::of(now).unwrap_or_default(), &draft, self.may_tell)
            }
            None => Compared {
                lines: vec![format!("everything is as in revision {revision}")],
                ..compare(&Outline::default(), &draft, self.may_tell)
            },
        };
        let next = Next {
            action: "rollback",
            datafile: datafile.with_revision(live.revision + 1),
            draft: Draft::Filed(record.draft),
            compared,
            restores: Some(revision),
        };
        self.file(next, Some((live, generation)), Problems::default(), signed)
    }

    /// Throws the kill switch: no experiment runs until [`Registry::switch_on`]. What is live stays what it is. Done is done,
    /// also where [`Registry::switches`] will not tell of it.
    ///
    /// # Errors
    /// The store fails.
    ///
    /// # Panics
    /// Never: the note has a JSON form.
    pub fn switch_off(&self, signed: Signed<'_>) -> Result<Note, RegistryError> {
        let off = Off { at: Some(signed.at), by: cut(signed.by), why: cut(signed.why) };
        let bytes = serde_json::to_vec(&off).expect("it has only JSON types");
        self.store.put(OFF, &bytes, When::Always)?;
        Ok(self.note_switch("off", signed))
    }

    /// Lets experiments run again.
    ///
    /// # Errors
    /// The store fails.
    pub fn switch_on(&self, signed: Signed<'_>) -> Result<Note, RegistryError> {
        self.store.delete(OFF)?;
        Ok(self.note_switch("on", signed))
    }

    /// Notes who did it. The switch comes first and hangs on nothing, so this is not allowed to fail it.
    fn note_switch(&self, action: &str, signed: Signed<'_>) -> Note {
        let switched = Switched {
            at: signed.at,
            by: cut(signed.by),
            action: action.to_owned(),
            why: cut(signed.why),
        };
        let mut outcome = Err(StoreError::Changed);
        for _ in 0..ATTEMPTS {
            outcome = self.try_to_note(switched.clone());
            if outcome != Err(StoreError::Changed) {
                break;
            }
        }
        outcome.map_or_else(Note::Lost, |()| Note::Kept)
    }

    fn try_to_note(&self, switched: Switched) -> Result<(), StoreError> {
        let stored = self.store.get(SWITCHES)?;
        let mut switches = Switches::default();
        let mut when = When::Absent;
        if let Some(stored) = stored {
            switches = Switches::open(&stored.bytes);
            when = When::Unchanged(stored.generation);
        }
        if switches.note(switched) {
            self.store.put(SWITCHES, &switches.to_bytes(), when)?;
        }
        Ok(())
    }

    fn before(&self, expect: Expect) -> Result<Before, RegistryError> {
        let pointer = self.live()?;
        self.check_pointer(pointer.as_ref(), expect)?;
        let (datafile, draft) = match &pointer {
            Some((live, _)) => (Some(self.datafile(live)?), Some(self.draft(live)?)),
            None => (self.by_hand()?, None),
        };
        Ok(Before { pointer, datafile, draft })
    }

    fn check(&self, before: &Before, expect: Expect) -> Result<(), RegistryError> {
        self.check_pointer(before.pointer.as_ref(), expect)
    }

    fn check_pointer(
        &self,
        pointer: Option<&(Live, u64)>,
        expect: Expect,
    ) -> Result<(), RegistryError> {
        let live = pointer.map_or(0, |(live, _)| live.revision);
        match expect {
            Expect::Revision(revision) if revision != live => {
                let record = pointer.and_then(|(live, _)| self.record(&live.record).ok());
                Err(RegistryError::Changed { live: record.map(Box::new) })
            }
            _ => Ok(()),
        }
    }

    fn edit_live(
        &self,
        expect: Expect,
        signed: Signed<'_>,
        edit: impl FnOnce(&Outline<'_>) -> Result<edit::Edited, RegistryError>,
    ) -> Result<Published, RegistryError> {
        let before = self.before(expect)?;
        let by_hand = before.datafile.as_ref().is_some_and(|one| !one.is_empty());
        let draft = before.outline();
        if draft.is_none() && by_hand {
            return Err(RegistryError::refuse(
                "what is live was put there by hand, and its draft is not known"
                    .to_owned(),
                "Publish the whole draft once; from then on its experiments can be changed one by one.",
            ));
        }
        let (draft, action) = edit(&draft.unwrap_or_default())?;
        check_size(&draft)?;
        self.publish_text(&draft, &before, action, signed)
    }

    fn publish_text(
        &self,
        draft: &str,
        before: &Before,
        action: &'static str,
        signed: Signed<'_>,
    ) -> Result<Published, RegistryError> {
        let (datafile, problems) = publish(draft, before.datafile.as_ref());
        let Some(datafile) = datafile else {
            return Err(RegistryError::Problems(problems));
        };
        let was = before.outline().unwrap_or_default();
        let is = Outline::of(draft).unwrap_or_default();
        let next = Next {
            action,
            datafile,
            draft: Draft::New(draft),
            compared: compare(&was, &is, self.may_tell),
            restores: None,
        };
        self.file(next, before.pointer.clone(), problems, signed)
    }

    /// Files everything, and moves the pointer if it still is what was seen. Whoever is too late leaves files that
    /// nothing points to.
    fn file(
        &self,
        next: Next<'_>,
        pointer: Option<(Live, u64)>,
        problems: Problems,
        signed: Signed<'_>,
    ) -> Result<Published, RegistryError> {
        let bytes = next.datafile.compile();
        if bytes.len() > MAX_DATAFILE_BYTES {
            return Err(RegistryError::refuse(
                format!(
                    "the datafile would have {} bytes, more than {MAX_DATAFILE_BYTES}",
                    bytes.len()
                ),
                "Archive experiments that have ended, and put long markup into files of the site.",
            ));
        }
        let draft = match next.draft {
            Draft::New(text) => {
                let hash = hash(text.as_bytes());
                self.store.put(&key_of_draft(&hash), text.as_bytes(), When::Always)?;
                hash
            }
            Draft::Filed(hash) => hash,
        };
        let datafile = hash(&bytes);
        self.store.put(&key_of_datafile(&datafile), &bytes, When::Always)?;
        let revision = next.datafile.revision();
        let record = Record {
            schema_version: SCHEMA_VERSION,
            revision,
            at: signed.at,
            by: cut(signed.by),
            action: next.action.to_owned(),
            why: cut(signed.why),
            changes: next.compared.lines.clone(),
            experiments: next.compared.experiments,
            restores: next.restores,
            datafile: datafile.clone(),
            draft,
            previous: pointer.as_ref().map(|(live, _)| live.record.clone()),
        };
        let bytes = record.to_bytes();
        let record = hash(&bytes);
        self.store.put(&key_of_record(&record), &bytes, When::Always)?;
        let when =
            pointer.map_or(When::Absent, |(_, generation)| When::Unchanged(generation));
        let live = Live::of(revision, datafile, record.clone());
        match self.store.put(LIVE, &live.to_bytes(), when) {
            Ok(()) => {}
            Err(StoreError::Changed) => return Err(self.changed()),
            Err(error) => return Err(error.into()),
        }
        let Next { datafile, .. } = next;
        let changes = next.compared.lines;
        Ok(Published { revision, record, changes, problems, datafile })
    }

    fn changed(&self) -> RegistryError {
        let live = self.live().ok().flatten();
        let record = live.and_then(|(live, _)| self.record(&live.record).ok());
        RegistryError::Changed { live: record.map(Box::new) }
    }
}

fn cut(words: &str) -> String {
    words.chars().take(MAX_WORDS).collect()
}

fn check_size(draft: &str) -> Result<(), RegistryError> {
    if draft.len() <= MAX_DRAFT_BYTES {
        return Ok(());
    }
    Err(RegistryError::refuse(
        format!("the draft has {} bytes, more than {MAX_DRAFT_BYTES}", draft.len()),
        "Archive experiments that have ended, and put long markup into files of the site.",
    ))
}
