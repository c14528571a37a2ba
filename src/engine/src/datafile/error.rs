//! What keeps bytes from being a datafile.

use std::fmt;

/// Why bytes are not a datafile that this engine can serve from.
#[derive(Debug)]
#[non_exhaustive]
pub enum DatafileError {
    /// Not JSON, or not of a datafile's shape.
    Shape(serde_json::Error),
    /// Written for another engine.
    Version {
        /// `schema_version`, `hash_version` or, of a compiled one, `format_version`.
        field: &'static str,
        /// What the file says.
        found: u32,
        /// What this engine reads.
        known: u32,
    },
    /// Compiled, and cut short or changed since: what does not fit.
    Damaged(&'static str),
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
            Self::Damaged(what) => {
                write!(f, "the compiled datafile is damaged: {what}")
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
