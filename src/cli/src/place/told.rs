//! What a place tells of what it holds.

use std::fmt;

use edgewise_engine::Problems;
use edgewise_engine::registry::{self, Record};
use serde::{Deserialize, Serialize};

/// What is live, and whether it is switched off.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Live {
    /// Its number; 0 if nothing is live.
    pub(crate) revision: u64,
    /// How it came about, as far as that is known.
    pub(crate) record: Option<Entry>,
    /// Which one is served where this was answered; none if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) serving: Option<u64>,
    /// The kill switch, if it is set.
    pub(crate) off: Option<Off>,
}

/// One revision: who, when, what, why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) revision: u64,
    /// RFC 3339.
    pub(crate) at: String,
    pub(crate) by: String,
    pub(crate) action: String,
    #[serde(default)]
    pub(crate) why: String,
    #[serde(default)]
    pub(crate) changes: Vec<String>,
    #[serde(default)]
    pub(crate) experiments: Vec<String>,
    /// Of a rollback: which revision is back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) restores: Option<u64>,
}

/// One time that the kill switch was thrown or taken back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Switched {
    /// RFC 3339.
    pub(crate) at: String,
    pub(crate) by: String,
    /// `off` or `on`.
    pub(crate) action: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) why: String,
}

/// Something that was done with what is live.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Deed {
    /// A revision was made live.
    Published(Entry),
    /// The kill switch was thrown or taken back.
    Switched(Switched),
}

/// Since when, by whom and why no experiment runs; as far as that is known.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Off {
    pub(crate) at: Option<String>,
    pub(crate) by: String,
    pub(crate) why: String,
}

/// What was published.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Published {
    pub(crate) revision: u64,
    /// What is different from the revision before, a line each.
    #[serde(default)]
    pub(crate) changes: Vec<String>,
}

/// What can be done with an experiment that is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Switch {
    Pause,
    Resume,
    Stop,
}

/// A mistake in a draft, as a place tells it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Problem {
    #[serde(default)]
    pub(crate) severity: String,
    #[serde(default)]
    pub(crate) code: String,
    #[serde(default, alias = "pointer")]
    pub(crate) at: String,
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) hint: String,
}

/// Why something was not done. Nothing has changed for visitors then.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The draft has mistakes.
    Problems(Vec<Problem>),
    /// Something else is live than was expected.
    Changed,
    /// It must not be done, or there is nothing to do it with: why, and what to do.
    Not { why: String, hint: String },
    /// The place failed.
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// What to do where something is not there.
pub(crate) const NOT_THERE: &str = "\"edgewise history\" prints the revisions, \"edgewise pull\" the experiments that are live.";

impl Switch {
    /// As history and the API have it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop => "stop",
        }
    }
}

impl From<Record> for Entry {
    fn from(record: Record) -> Self {
        Self {
            revision: record.revision,
            at: record.at.to_string(),
            by: record.by,
            action: record.action,
            why: record.why,
            changes: record.changes,
            experiments: record.experiments,
            restores: record.restores,
        }
    }
}

impl From<registry::Switched> for Switched {
    fn from(switched: registry::Switched) -> Self {
        Self {
            at: switched.at.to_string(),
            by: switched.by,
            action: switched.action,
            why: switched.why,
        }
    }
}

impl Deed {
    fn at(&self) -> &str {
        match self {
            Self::Published(entry) => &entry.at,
            Self::Switched(switched) => &switched.at,
        }
    }

    /// The last ones of two lists that have the newest first.
    pub(crate) fn last(
        limit: usize,
        entries: Vec<Entry>,
        switches: Vec<Switched>,
    ) -> Vec<Self> {
        let switches = switches.into_iter().map(Self::Switched);
        let mut deeds: Vec<_> =
            switches.chain(entries.into_iter().map(Self::Published)).collect();
        // Their times are texts of one form. Which of one second came first, nobody knows.
        deeds.sort_by(|one, other| other.at().cmp(one.at()));
        deeds.truncate(limit);
        deeds
    }
}

impl Problem {
    /// Those that the engine found.
    pub(crate) fn all(problems: &Problems) -> Vec<Self> {
        let told = serde_json::to_value(problems);
        told.and_then(serde_json::from_value).unwrap_or_default()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.severity.is_empty() { "error" } else { &self.severity };
        write!(f, "{severity}[{}]", self.code)?;
        if !self.at.is_empty() {
            write!(f, " at {}", self.at)?;
        }
        write!(f, ": {}", self.message)?;
        if self.hint.is_empty() { Ok(()) } else { write!(f, "\n  hint: {}", self.hint) }
    }
}

impl fmt::Display for Entry {
    /// `revision 12, since 2026-12-01T09:00:00Z by "ada": "weights as agreed"`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "revision {}, {} at {} by {:?}",
            self.revision,
            done(self),
            self.at,
            self.by
        )?;
        if self.why.is_empty() { Ok(()) } else { write!(f, ": {:?}", self.why) }
    }
}

impl fmt::Display for Switched {
    /// `switched off at 2026-12-01T09:00:00Z by "ada": "prices are wrong"`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "switched {} at {} by {:?}", self.action, self.at, self.by)?;
        if self.why.is_empty() { Ok(()) } else { write!(f, ": {:?}", self.why) }
    }
}

/// What was done, as a participle.
fn done(entry: &Entry) -> String {
    match (entry.action.as_str(), entry.restores) {
        ("rollback", Some(revision)) => format!("rolled back to {revision}"),
        ("publish", _) => "published".to_owned(),
        ("start", _) => "started".to_owned(),
        ("pause", _) => "paused".to_owned(),
        ("resume", _) => "resumed".to_owned(),
        ("stop", _) => "stopped".to_owned(),
        ("archive", _) => "archived".to_owned(),
        (other, _) => format!("{other:?}"),
    }
}
