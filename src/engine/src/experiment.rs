//! The noun in the middle.

use serde::{Deserialize, Serialize};

use crate::address::{Address, OriginPath};
use crate::allocation::{Allocation, width_of};
use crate::audience::Condition;
use crate::change::Change;
use crate::hash::{Bucket, HashMethod, Seed};
use crate::key::{ExperimentKey, VariantKey};
use crate::layer::InLayer;
use crate::page::PageRules;
use crate::schedule::{Phase, Schedule};
use crate::time::Moment;

/// Where an experiment is in its life. Only a running one enrols visitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Being written.
    Draft,
    /// Visitors are enrolled.
    Running,
    /// Everyone sees control; the allocation is kept.
    Paused,
    /// Over.
    Stopped,
}

impl Status {
    /// The word people write and read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }

    /// All of them, in the order of a life.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Running, Self::Paused, Self::Stopped];
}

/// Whether a framework takes the experiment's pages over in the browser ("hydrates" them). Such a framework compares what
/// the parser made with what it would have made itself, and undoes what differs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rendering {
    /// Each page is looked at while it passes; frameworks that leave no mark in front of the content are not seen.
    #[default]
    Auto,
    /// No: changes are made to the page as it is.
    Static,
    /// Yes: changes are made so that the framework does not undo them.
    Hydrated,
    /// The site renders each variant itself, told by a request header; there are no changes.
    Origin,
}

impl Rendering {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Static, Self::Hydrated, Self::Origin];

    /// The word people write and read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Static => "static",
            Self::Hydrated => "hydrated",
            Self::Origin => "origin",
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    fn is_auto(&self) -> bool {
        *self == Self::Auto
    }
}

/// Why the experiment is worth visitors' time. Required, so that the result can teach something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hypothesis {
    /// What is changed.
    pub we_believe: String,
    /// The effect that is expected.
    pub will_cause: String,
    /// The evidence.
    pub because: String,
    /// The tool that the experiment came from, while nobody has written the three parts; they are empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_from: Option<String>,
}

/// A variant that sends the visitor to another address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// Where to.
    pub to: Address,
    /// How.
    #[serde(default)]
    pub status: RedirectStatus,
}

/// The status of a redirect. Both are for now only, so no cache and no search engine takes the one address for the
/// other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u16", try_from = "u16")]
pub enum RedirectStatus {
    /// 302
    #[default]
    Found,
    /// 307
    TemporaryRedirect,
}

impl From<RedirectStatus> for u16 {
    fn from(status: RedirectStatus) -> Self {
        match status {
            RedirectStatus::Found => 302,
            RedirectStatus::TemporaryRedirect => 307,
        }
    }
}

impl TryFrom<u16> for RedirectStatus {
    type Error = String;
    fn try_from(status: u16) -> Result<Self, String> {
        match status {
            302 => Ok(Self::Found),
            307 => Ok(Self::TemporaryRedirect),
            other => Err(format!("{other} is not the status of a redirect")),
        }
    }
}

/// A variant that shows another page of the origin under the address asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherPage {
    /// Which.
    pub path: OriginPath,
    /// Which address search engines are told.
    #[serde(default)]
    pub canonical: CanonicalRule,
}

/// Which address an [`OtherPage`] names as its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CanonicalRule {
    /// The address under which it is shown.
    #[default]
    This,
    /// Whatever the page says.
    Keep,
}

/// One version of the page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Variant {
    /// Unique in the experiment.
    pub key: VariantKey,
    /// For people.
    pub name: String,
    /// Share among enrolled visitors, basis points.
    pub weight: u16,
    /// The buckets whose visitors see it.
    pub allocation: Allocation,
    /// Its visitors see the page as it is, and are not given to the others: it leaves a hole.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stopped: bool,
    /// Sends the visitor to another address; then nothing else is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<Redirect>,
    /// Shows another page of the origin; the changes are then made to that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<OtherPage>,
    /// What is done to the page, in order.
    #[serde(default)]
    pub changes: Vec<Change>,
}

impl Variant {
    /// Where the variant leads, if it does not show the page asked for.
    pub fn leads_to(&self) -> Option<&Address> {
        let redirect = self.redirect.as_ref().map(|redirect| &redirect.to);
        redirect.or_else(|| Some(self.page.as_ref()?.path.address()))
    }

    /// Where the variant leads, in a sentence for people without a full stop; none if it shows the page asked for.
    pub fn describe_destination(&self) -> Option<String> {
        let address = self.leads_to()?.as_str();
        Some(match self.redirect {
            Some(_) => format!("the visitor is sent to {address}"),
            None => format!("the page {address} is shown at the address asked for"),
        })
    }
}

/// A question put to visitors.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Experiment {
    /// Immutable.
    pub key: ExperimentKey,
    /// For people.
    pub name: String,
    /// Mixed into the hash.
    pub seed: Seed,
    /// The hash; another than ours only where an experiment came from another tool.
    #[serde(default, skip_serializing_if = "HashMethod::is_murmur3")]
    pub hash: HashMethod,
    /// Where it is in its life.
    pub status: Status,
    /// Why it is run.
    pub hypothesis: Hypothesis,
    /// Where it runs.
    pub pages: PageRules,
    /// Whether a framework takes those pages over.
    #[serde(default, skip_serializing_if = "Rendering::is_auto")]
    pub rendering: Rendering,
    /// Who it is for; everybody, if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Condition>,
    /// When it runs, while its status is running.
    #[serde(default, skip_serializing_if = "Schedule::is_open")]
    pub schedule: Schedule,
    /// The layer it shares visitors in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<InLayer>,
    /// Whether visitors keep the variant that they saw first, whatever becomes of weights and audience.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sticky: bool,
    /// Share of visitors who are enrolled, basis points; at the end of a ramp, if there is one.
    pub coverage: u16,
    /// The revision in which its ranges last changed; 0 in datafiles older than this number.
    #[serde(default, skip_serializing_if = "is_default")]
    pub allocated_in: u64,
    /// Control first.
    pub variants: Vec<Variant>,
    /// Whether the draft gives the ranges, so that `publish` leaves them alone. Not in a file: there they are what they
    /// are.
    #[serde(skip)]
    pub(crate) ranges_given: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Experiment {
    /// The variant that owns the bucket; none if the bucket is not covered.
    pub fn variant_at(&self, bucket: Bucket) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.allocation.contains(bucket))
    }

    /// The same while a ramp has come no further than to `coverage`, basis points: of each variant the buckets that were
    /// enrolled first. So a later step only adds visitors.
    pub(crate) fn variant_at_coverage(
        &self,
        bucket: Bucket,
        coverage: u16,
    ) -> Option<&Variant> {
        let variant = self.variant_at(bucket)?;
        let place = variant.allocation.place(bucket)?;
        (place < self.open(variant, coverage)).then_some(variant)
    }

    /// How many of a variant's buckets are enrolled while a ramp has come no further than to `coverage`.
    fn open(&self, variant: &Variant, coverage: u16) -> u16 {
        let coverage = coverage.min(self.coverage);
        let width = variant.allocation.width();
        if width == width_of(variant.weight, self.coverage) {
            // As many as if that were all: so a ramp that is published later, or goes on to another end, lets nobody go.
            return width_of(variant.weight, coverage);
        }
        let open =
            u32::from(width) * u32::from(coverage) / u32::from(self.coverage.max(1));
        u16::try_from(open).expect("no more than all of its buckets")
    }

    /// How many of the 10,000 buckets each variant has at a moment, in the order of the variants: what the visitors who take
    /// part are shared out by. None where the variant has been stopped, where nobody takes part at that moment, and where
    /// there is a schedule and the moment is not known.
    ///
    /// ```
    /// use edgewise_engine::{Moment, validate};
    /// let draft = r#"{"experiments": [{"key": "home", "name": "Home", "status": "running", "rendering": "origin",
    ///   "hypothesis": {
    ///     "we_believe": "another layout", "will_cause": "more sign-ups", "because": "it is shorter"},
    ///   "schedule": {"ramp": [
    ///     {"at": "2026-12-01T00:00:00Z", "coverage": 1000}, {"at": "2026-12-08T00:00:00Z", "coverage": 5000}]},
    ///   "pages": {"include": [{"exact": "/"}]}, "variants": [
    ///     {"key": "control", "name": "As it is", "weight": 8000},
    ///     {"key": "short", "name": "Short", "weight": 2000}]}]}"#;
    /// let datafile = validate(draft, 1).0.unwrap();
    /// let home = datafile.experiment("home").unwrap();
    /// let at = |day| Some(Moment::parse(day).unwrap());
    /// assert_eq!(home.open_buckets(at("2026-11-30T00:00:00Z")), [0, 0]);
    /// assert_eq!(home.open_buckets(at("2026-12-01T00:00:00Z")), [800, 200]);
    /// assert_eq!(home.open_buckets(at("2026-12-08T00:00:00Z")), [4_000, 1_000]);
    /// assert_eq!(home.open_buckets(None), [0, 0]);
    /// ```
    pub fn open_buckets(&self, now: Option<Moment>) -> Vec<u16> {
        let coverage = match now.map(|now| self.schedule.phase(now)) {
            Some(Phase::Running) => self.coverage,
            Some(Phase::Ramping(coverage)) => coverage,
            None if self.schedule.is_open() => self.coverage,
            None | Some(Phase::NotStarted(_) | Phase::Ended(_)) => 0,
        };
        let running = self.status == Status::Running;
        let open = |variant: &Variant| {
            let takes_part = running && !variant.stopped;
            if takes_part { self.open(variant, coverage) } else { 0 }
        };
        self.variants.iter().map(open).collect()
    }

    /// Whether who it is for hangs on what our cookie remembers.
    pub fn asks_for_history(&self) -> bool {
        self.audience.as_ref().is_some_and(Condition::asks_for_history)
    }

    /// The variant of that key.
    pub fn variant(&self, key: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.key.as_str() == key)
    }

    /// What it asks, as a part of a sentence.
    pub(crate) fn question(&self) -> String {
        let Hypothesis { we_believe, will_cause, because, imported_from } =
            &self.hypothesis;
        match imported_from {
            None => format!("{we_believe} will cause {will_cause}, because {because}"),
            Some(tool) => format!(
                "{:?} is better than control; it came from {tool}, and nobody has written down why it should be",
                self.name
            ),
        }
    }

    /// Where its redirects lead.
    pub fn redirects(&self) -> impl Iterator<Item = &Address> {
        let redirects = self.variants.iter().filter_map(|one| one.redirect.as_ref());
        redirects.map(|redirect| &redirect.to)
    }

    /// Whether any of the variants leads to another page than the one asked for.
    pub fn has_destinations(&self) -> bool {
        self.variants.iter().any(|variant| variant.leads_to().is_some())
    }

    /// Whether `variant` is the first of the list.
    pub fn is_control(&self, variant: &Variant) -> bool {
        self.variants.first().is_some_and(|control| control.key == variant.key)
    }
}
