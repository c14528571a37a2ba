//! What the edge reads: checked, immutable, numbered.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::allocation::overlap;
use crate::experiment::Experiment;
use crate::hash::HASH_VERSION;
use crate::loops::circles;
use crate::settings::Settings;

/// The version of the file's shape that this engine writes and reads.
pub const SCHEMA_VERSION: u32 = 1;

/// A published set of experiments.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Datafile {
    schema_version: u32,
    hash_version: u32,
    revision: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    redirect_hosts: Vec<String>,
    #[serde(flatten)]
    settings: Settings,
    experiments: Vec<Experiment>,
}

/// Why bytes are not a datafile that this engine can serve from.
#[derive(Debug)]
#[non_exhaustive]
pub enum DatafileError {
    /// Not JSON, or not of a datafile's shape.
    Shape(serde_json::Error),
    /// Written for another engine.
    Version {
        /// `schema_version` or `hash_version`.
        field: &'static str,
        /// What the file says.
        found: u32,
        /// What this engine reads.
        known: u32,
    },
    /// Two experiments have one key.
    DuplicateExperiment(String),
    /// Two variants of an experiment claim one bucket.
    Overlap {
        /// The experiment's key.
        experiment: String,
        /// The first bucket claimed twice.
        bucket: u16,
    },
    /// A redirect leads to a host that the file does not allow.
    HostNotAllowed {
        /// The experiment's key.
        experiment: String,
        /// The host.
        host: String,
    },
    /// A variant leads elsewhere that must not: control, or one that does so in two ways.
    Destination {
        /// The experiment's key.
        experiment: String,
        /// The variant's key.
        variant: String,
    },
    /// An experiment's redirects lead back to its own pages, perhaps by way of others.
    Loop(String),
}

impl fmt::Display for DatafileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(_) => f.write_str("it is not a datafile"),
            Self::Version { field, found, known } => {
                write!(
                    f,
                    "the datafile's {field} is {found}, and this engine reads {known}"
                )
            }
            Self::DuplicateExperiment(key) => {
                write!(f, "two experiments have the key {key:?}")
            }
            Self::Overlap { experiment, bucket } => {
                write!(f, "two variants of {experiment:?} claim bucket {bucket}")
            }
            Self::HostNotAllowed { experiment, host } => {
                write!(
                    f,
                    "{experiment:?} redirects to {host:?}, which is not an allowed host"
                )
            }
            Self::Destination { experiment, variant } => {
                write!(
                    f,
                    "{variant:?} of {experiment:?} is control, leads to two places, or changes a page that it leads away from"
                )
            }
            Self::Loop(experiment) => {
                write!(f, "the redirects of {experiment:?} lead back to its own pages")
            }
        }
    }
}

impl std::error::Error for DatafileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Shape(error) => Some(error),
            _ => None,
        }
    }
}

impl Datafile {
    /// Only `validate` makes new ones.
    pub(crate) fn new(
        revision: u64,
        redirect_hosts: Vec<String>,
        settings: Settings,
        experiments: Vec<Experiment>,
    ) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            hash_version: HASH_VERSION,
            revision,
            redirect_hosts,
            settings,
            experiments,
        }
    }

    /// The same with other ranges, as `publish` makes them.
    pub(crate) fn with_experiments(self, experiments: Vec<Experiment>) -> Self {
        Self { experiments, ..self }
    }

    /// Reads what `to_json` wrote, and checks what the edge relies on.
    pub fn from_json(bytes: &[u8]) -> Result<Self, DatafileError> {
        let datafile: Self =
            serde_json::from_slice(bytes).map_err(DatafileError::Shape)?;
        for (field, found, known) in [
            ("schema_version", datafile.schema_version, SCHEMA_VERSION),
            ("hash_version", datafile.hash_version, HASH_VERSION),
        ] {
            if found != known {
                return Err(DatafileError::Version { field, found, known });
            }
        }
        let mut keys = BTreeSet::new();
        for experiment in &datafile.experiments {
            let key = experiment.key.as_str();
            if !keys.insert(key) {
                return Err(DatafileError::DuplicateExperiment(key.to_owned()));
            }
            if let Some(bucket) =
                overlap(experiment.variants.iter().map(|v| &v.allocation))
            {
                return Err(DatafileError::Overlap {
                    experiment: key.to_owned(),
                    bucket,
                });
            }
            datafile.check_destinations(experiment)?;
        }
        if let Some(circle) = circles(&datafile.experiments).first() {
            let key = datafile.experiments[circle.experiments[0]].key.as_str();
            return Err(DatafileError::Loop(key.to_owned()));
        }
        Ok(datafile)
    }

    fn check_destinations(&self, experiment: &Experiment) -> Result<(), DatafileError> {
        let key = || experiment.key.as_str().to_owned();
        for variant in &experiment.variants {
            let twice = variant.redirect.is_some() && variant.page.is_some();
            let control = experiment.is_control(variant) && variant.leads_to().is_some();
            let edited = variant.redirect.is_some() && !variant.changes.is_empty();
            if twice || control || edited {
                let variant = variant.key.as_str().to_owned();
                return Err(DatafileError::Destination { experiment: key(), variant });
            }
        }
        let hosts = experiment.redirects().filter_map(Address::host);
        match hosts.into_iter().find(|host| !self.allows_host(host)) {
            Some(host) => {
                let host = host.to_owned();
                Err(DatafileError::HostNotAllowed { experiment: key(), host })
            }
            None => Ok(()),
        }
    }

    /// Whether redirects may lead to the host, which is in lower case.
    fn allows_host(&self, host: &str) -> bool {
        self.redirect_hosts.iter().any(|allowed| allowed == host)
    }

    /// The file as people diff it: indented, one line break at the end.
    ///
    /// # Panics
    /// Never: every part has a JSON form.
    pub fn to_json(&self) -> String {
        let mut json =
            serde_json::to_string_pretty(self).expect("a datafile has only JSON types");
        json.push('\n');
        json
    }

    /// Its number; each publish adds one.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What holds whichever experiment runs.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The hosts that redirects may lead to beside the one that was asked, in lower case.
    pub fn redirect_hosts(&self) -> &[String] {
        &self.redirect_hosts
    }

    /// In the order that settles conflicts: the first that changes a part of an element has it.
    pub fn experiments(&self) -> &[Experiment] {
        &self.experiments
    }

    /// The experiment of that key.
    pub fn experiment(&self, key: &str) -> Option<&Experiment> {
        self.experiments.iter().find(|experiment| experiment.key.as_str() == key)
    }
}
