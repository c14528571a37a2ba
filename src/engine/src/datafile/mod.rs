//! What the edge reads: checked, immutable, numbered. One type with two encodings: JSON for people and their tools,
//! and a compiled one for the edge, out of which experiments are read when a page asks for them.

mod bytes;
mod compiled;
mod error;
mod index;

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use self::compiled::{Compiled, Entry, MAGIC, Versions};
pub use self::error::DatafileError;
use crate::address::Address;
use crate::allocation::overlap;
use crate::experiment::{Experiment, Status};
use crate::hash::HASH_VERSION;
use crate::loops::circles;
use crate::page::{Page, Searches, Verdict};
use crate::settings::Settings;

/// The version of the file's shape that this engine writes and reads.
pub const SCHEMA_VERSION: u32 = 1;

/// A published set of experiments.
#[derive(Clone)]
pub struct Datafile {
    revision: u64,
    settings: Settings,
    /// Without the experiments where it was read from JSON.
    compiled: Compiled,
    encoding: Encoding,
    /// What has been read so far; none if it could not be.
    experiments: Vec<OnceCell<Option<Box<Experiment>>>>,
    unreadable: RefCell<Vec<UnreadableExperiment>>,
}

/// What a datafile was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Json,
    Compiled,
}

/// An experiment of a compiled datafile that is left out, because it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableExperiment {
    /// Its key.
    pub key: String,
    /// What is wrong with it.
    pub why: String,
}

/// The JSON form, as it is written.
#[derive(Serialize)]
struct Written<'d> {
    schema_version: u32,
    hash_version: u32,
    revision: u64,
    #[serde(flatten)]
    settings: &'d Settings,
    experiments: Vec<&'d Experiment>,
}

/// The JSON form, as it is read.
#[derive(Deserialize)]
struct Read {
    schema_version: u32,
    hash_version: u32,
    revision: u64,
    #[serde(flatten)]
    settings: Settings,
    experiments: Vec<Experiment>,
}

impl Datafile {
    /// Only `validate` makes new ones.
    pub(crate) fn new(
        revision: u64,
        settings: Settings,
        experiments: Vec<Experiment>,
    ) -> Self {
        let entries = experiments
            .iter()
            .map(|experiment| Entry { key: experiment.key.as_str(), json: Vec::new() });
        let entries: Vec<_> = entries.collect();
        let index = index::build(experiments.iter().map(|experiment| &experiment.pages));
        let compiled = Compiled::of(versions(revision), &[], &entries, &index);
        Self {
            revision,
            settings,
            compiled,
            encoding: Encoding::Json,
            experiments: experiments
                .into_iter()
                .map(|experiment| OnceCell::from(Some(Box::new(experiment))))
                .collect(),
            unreadable: RefCell::default(),
        }
    }

    /// The same with other ranges, as `publish` makes them.
    pub(crate) fn with_experiments(self, experiments: Vec<Experiment>) -> Self {
        Self::new(self.revision, self.settings, experiments)
    }

    /// The same under another number: the same experiments, with the same ranges. Also of experiments that cannot be
    /// read.
    ///
    /// ```
    /// use edgewise_engine::Datafile;
    /// let json = br#"{"schema_version": 1, "hash_version": 1, "revision": 7, "experiments": []}"#;
    /// let datafile = Datafile::open(json.to_vec()).unwrap();
    /// let compiled = Datafile::open(datafile.compile()).unwrap();
    /// assert_eq!(compiled.with_revision(9).compile(), datafile.with_revision(9).compile());
    /// ```
    #[must_use]
    pub fn with_revision(self, revision: u64) -> Self {
        Self { revision, compiled: self.compiled.with_revision(revision), ..self }
    }

    /// Reads either encoding; they are told apart by how they begin.
    ///
    /// A compiled datafile was checked as a whole before it was compiled. Its experiments are read, and each for itself is
    /// checked, when they are first asked for; one that cannot be read is left out, see [`Datafile::unreadable`].
    ///
    /// ```
    /// use edgewise_engine::{Datafile, Page};
    /// let json = br#"{"schema_version": 1, "hash_version": 1, "revision": 7, "experiments": []}"#;
    /// let datafile = Datafile::open(json.to_vec()).unwrap();
    /// let again = Datafile::open(datafile.compile()).unwrap();
    /// assert_eq!(again.revision(), 7);
    /// assert_eq!(again.to_json(), datafile.to_json());
    /// ```
    pub fn open(bytes: Vec<u8>) -> Result<Self, DatafileError> {
        if !bytes.starts_with(MAGIC) {
            return Self::from_json(&bytes);
        }
        let (compiled, Versions { schema, hash, revision }, settings) =
            Compiled::open(bytes)?;
        check_versions(schema, hash)?;
        let experiments = vec![OnceCell::new(); compiled.count()];
        Ok(Self {
            revision,
            settings,
            compiled,
            encoding: Encoding::Compiled,
            experiments,
            unreadable: RefCell::default(),
        })
    }

    /// Reads what `to_json` wrote, and checks what the edge relies on.
    pub fn from_json(bytes: &[u8]) -> Result<Self, DatafileError> {
        let read: Read = serde_json::from_slice(bytes).map_err(DatafileError::Shape)?;
        check_versions(read.schema_version, read.hash_version)?;
        let mut keys = BTreeSet::new();
        for experiment in &read.experiments {
            let key = experiment.key.as_str();
            if !keys.insert(key) {
                return Err(DatafileError::DuplicateExperiment(key.to_owned()));
            }
            check(experiment, &read.settings)?;
        }
        if let Some(circle) = circles(&read.experiments).first() {
            let key = read.experiments[circle.experiments[0]].key.as_str();
            return Err(DatafileError::Loop(key.to_owned()));
        }
        Ok(Self::new(read.revision, read.settings, read.experiments))
    }

    /// The form that the edge opens fast. A datafile of 4 GiB or more gives one that is refused when it is opened.
    ///
    /// # Panics
    /// Never: every part has a JSON form.
    pub fn compile(&self) -> Vec<u8> {
        if self.encoding == Encoding::Compiled {
            return self.compiled.bytes().to_vec();
        }
        let entries = self.experiments().map(|experiment| Entry {
            key: experiment.key.as_str(),
            json: serde_json::to_vec(experiment).expect("it has only JSON types"),
        });
        let entries: Vec<_> = entries.collect();
        let index = index::build(self.experiments().map(|experiment| &experiment.pages));
        let settings =
            serde_json::to_vec(&self.settings).expect("they have only JSON types");
        let compiled = Compiled::of(versions(self.revision), &settings, &entries, &index);
        compiled.bytes().to_vec()
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
        &self.settings.redirect_hosts
    }

    /// How many experiments there are, also those that cannot be read.
    pub fn len(&self) -> usize {
        self.experiments.len()
    }

    /// Whether there is no experiment.
    pub fn is_empty(&self) -> bool {
        self.experiments.is_empty()
    }

    /// All experiments, in the order that settles conflicts: the first that changes a part of an element has it.
    pub fn experiments(&self) -> impl Iterator<Item = &Experiment> {
        (0..self.len()).filter_map(|number| self.at(number))
    }

    /// The experiment of that key.
    pub fn experiment(&self, key: &str) -> Option<&Experiment> {
        self.at(self.compiled.find(key)?)
    }

    /// The experiments that may run on a page, in the order of [`Datafile::experiments`]: all whose page rules match,
    /// and some whose do not. The time it takes depends on how many they are, and hardly on how many there are.
    pub fn candidates(&self, page: &Page) -> Vec<&Experiment> {
        let index = self.compiled.index();
        let numbers = index.map(|index| index.candidates(page)).unwrap_or_default();
        numbers.into_iter().filter_map(|number| self.at(number)).collect()
    }

    /// Whether a running experiment may run on a page: also where finding out for sure would take a visit too long.
    pub fn may_run_on(&self, page: &Page) -> bool {
        let searches = Searches::of_a_visit();
        let candidates = self.candidates(page).into_iter();
        let mut running = candidates.filter(|one| one.status == Status::Running);
        running.any(|one| {
            let verdict = one.pages.judge(page, &searches);
            matches!(verdict, Verdict::Included(_) | Verdict::TooLong)
        })
    }

    /// Those experiments that were asked for and could not be read, in the order in which that was found out.
    pub fn unreadable(&self) -> Vec<UnreadableExperiment> {
        self.unreadable.borrow().clone()
    }

    /// The experiment of that number, read now if it has not been.
    fn at(&self, number: usize) -> Option<&Experiment> {
        let read = || match self.read(number) {
            Ok(experiment) => Some(experiment),
            Err(why) => {
                let key = self.compiled.key(number).to_owned();
                self.unreadable.borrow_mut().push(UnreadableExperiment { key, why });
                None
            }
        };
        self.experiments.get(number)?.get_or_init(read).as_deref()
    }

    fn read(&self, number: usize) -> Result<Box<Experiment>, String> {
        let experiment: Box<Experiment> =
            serde_json::from_slice(self.compiled.json(number))
                .map_err(|error| error.to_string())?;
        if experiment.key.as_str() != self.compiled.key(number) {
            return Err(format!("it is {:?}", experiment.key.as_str()));
        }
        check(&experiment, &self.settings).map_err(|error| error.to_string())?;
        Ok(experiment)
    }
}

impl Serialize for Datafile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Versions { schema, hash, revision } = versions(self.revision);
        let written = Written {
            schema_version: schema,
            hash_version: hash,
            revision,
            settings: &self.settings,
            experiments: self.experiments().collect(),
        };
        written.serialize(serializer)
    }
}

impl fmt::Debug for Datafile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Datafile")
            .field("revision", &self.revision)
            .field("settings", &self.settings)
            .field("experiments", &self.experiments().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// What this engine writes.
fn versions(revision: u64) -> Versions {
    Versions { schema: SCHEMA_VERSION, hash: HASH_VERSION, revision }
}

fn check_versions(schema: u32, hash: u32) -> Result<(), DatafileError> {
    let versions = [
        ("schema_version", schema, SCHEMA_VERSION),
        ("hash_version", hash, HASH_VERSION),
    ];
    match versions.into_iter().find(|(_, found, known)| found != known) {
        Some((field, found, known)) => {
            Err(DatafileError::Version { field, found, known })
        }
        None => Ok(()),
    }
}

/// Checks what the edge relies on, whatever the other experiments are.
fn check(experiment: &Experiment, settings: &Settings) -> Result<(), DatafileError> {
    let key = || experiment.key.as_str().to_owned();
    let variants = overlap(experiment.variants.iter().map(|v| &v.allocation));
    let in_layer = overlap(experiment.layer.iter().map(|layer| &layer.allocation));
    if let Some(bucket) = variants.or(in_layer) {
        return Err(DatafileError::Overlap { experiment: key(), bucket });
    }
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
    match hosts.into_iter().find(|host| !settings.allows_host(host)) {
        Some(host) => {
            let host = host.to_owned();
            Err(DatafileError::HostNotAllowed { experiment: key(), host })
        }
        None => Ok(()),
    }
}
