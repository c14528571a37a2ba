//! Publishing: first everything that the new pointer will point to, then the pointer, if it still is what was seen.

use serde_json::Value;

use super::diff::{changed_experiments, diff};
use super::edit;
use super::error::RegistryError;
use super::filed::{
    LIVE, Live, MAX_DATAFILE_BYTES, MAX_DRAFT_BYTES, OFF, Off, Record, SCHEMA_VERSION,
    SWITCHES, Switched, Switches, hash, key_of_datafile, key_of_draft, key_of_record,
};
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
    /// None where it was made by hand.
    draft: Option<Value>,
}

/// A revision that is about to be filed.
struct Next<'n> {
    action: &'static str,
    datafile: Datafile,
    draft: Draft<'n>,
    changes: Vec<String>,
    experiments: Vec<String>,
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
        let parsed = edit::parse(draft);
        match parsed.as_ref().and_then(edit::revision_of).zip(parsed) {
            Some((revision, value)) => {
                self.check(&before, Expect::Revision(revision))?;
                self.publish_text(&edit::write(value), &before, "publish", signed)
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
        experiment: Value,
        expect: Expect,
        signed: Signed<'_>,
    ) -> Result<Published, RegistryError> {
        self.edit_live(expect, signed, |draft| {
            edit::put(draft, experiment);
            Ok("publish")
        })
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
        self.edit_live(expect, signed, |draft| {
            edit::take_out(draft, key).map(|()| "archive")
        })
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
        let draft = edit::parse(&self.draft_of(&record)?).unwrap_or_default();
        // To say what is different takes longer than all the rest, and going back must not hang on it.
        let now = if self.may_go_on() { self.draft(&live).ok() } else { None };
        let (changes, experiments) = match now {
            Some(now) => {
                let now = edit::parse(&now).unwrap_or_default();
                (diff(&now, &draft), changed_experiments(&now, &draft))
            }
            None => (
                vec![format!("everything is as in revision {revision}")],
                changed_experiments(&Value::Null, &draft),
            ),
        };
        let next = Next {
            action: "rollback",
            datafile: datafile.with_revision(live.revision + 1),
            draft: Draft::Filed(record.draft),
            changes,
            experiments,
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
            Some((live, _)) => {
                (Some(self.datafile(live)?), edit::parse(&self.draft(live)?))
            }
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
        edit: impl FnOnce(&mut Value) -> Result<&'static str, RegistryError>,
    ) -> Result<Published, RegistryError> {
        let before = self.before(expect)?;
        let by_hand = before.datafile.as_ref().is_some_and(|one| !one.is_empty());
        let mut draft = match &before.draft {
            Some(draft) => draft.clone(),
            None if by_hand => {
                return Err(RegistryError::refuse(
                    "what is live was put there by hand, and its draft is not known"
                        .to_owned(),
                    "Publish the whole draft once; from then on its experiments can be changed one by one.",
                ));
            }
            None => serde_json::json!({"experiments": []}),
        };
        let action = edit(&mut draft)?;
        let draft = edit::write(draft);
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
        let value = edit::parse(draft).unwrap_or_default();
        let was = before.draft.as_ref().unwrap_or(&Value::Null);
        let next = Next {
            action,
            datafile,
            draft: Draft::New(draft),
            changes: diff(was, &value),
            experiments: changed_experiments(was, &value),
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
            changes: next.changes.clone(),
            experiments: next.experiments,
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
        let Next { changes, datafile, .. } = next;
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
