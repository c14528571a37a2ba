//! What became of a page: for each change, how often its selector matched and what was done.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::change::Change;
use crate::experiment::{Experiment, Variant};
use crate::key::{ExperimentKey, VariantKey};

/// Why a page, or the rest of it, went out as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Passed {
    /// An encoding in which tags are not ASCII bytes, or one that nobody knows.
    CharsetUnsupported,
    /// The rewriter came to its memory limit.
    TooComplex,
    /// The host stopped the rewriter.
    Stopped,
}

impl Passed {
    /// The code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CharsetUnsupported => "charset-unsupported",
            Self::TooComplex => "too-complex",
            Self::Stopped => "stopped",
        }
    }
}

/// Why a matched element was left as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skip {
    /// An experiment earlier in the datafile has changed the same part of the element.
    Taken,
    /// The element has no content to change.
    NoContent,
    /// The element's content is code or raw text.
    RawText,
    /// The element's end cannot be told for sure.
    NotClosed,
    /// The element is longer than what is held back.
    TooLong,
    /// The element is gone: it, or something around it, was removed or replaced.
    Removed,
    /// The page's Content-Security-Policy does not allow it.
    Blocked,
    /// The element is no `<img>`.
    NotAnImage,
    /// The page has no place for it.
    NoPlace,
    /// The page cannot do without the element.
    Needed,
    /// A browser would read what is to be put there as something else.
    DoesNotFit,
    /// The words to be replaced are not in the element.
    NotFound,
    /// The page's tags overlap, so that browsers move the element, or make it without a tag.
    Rearranged,
    /// A framework takes the page over, and would undo it.
    Hydrated,
    /// More is asked of the element than is done to one.
    TooMuch,
    /// The host stopped the rewriter before it was done.
    Stopped,
}

impl Skip {
    const ALL: [Self; 16] = [
        Self::Taken,
        Self::NoContent,
        Self::RawText,
        Self::NotClosed,
        Self::TooLong,
        Self::Removed,
        Self::Blocked,
        Self::NotAnImage,
        Self::NoPlace,
        Self::Needed,
        Self::DoesNotFit,
        Self::NotFound,
        Self::Rearranged,
        Self::Hydrated,
        Self::TooMuch,
        Self::Stopped,
    ];

    /// The reason in words, to follow "skipped:".
    pub fn explain(self) -> &'static str {
        match self {
            Self::Taken => {
                "another experiment, earlier in the list, changes the same part of the element"
            }
            Self::NoContent => "the element cannot have content",
            Self::RawText => "the element holds code or raw text",
            Self::NotClosed => {
                "an end tag in or around the element is missing or misplaced, so where it ends is not sure"
            }
            Self::TooLong => {
                "the element is longer than what is held back for such a change"
            }
            Self::Removed => "the element, or one around it, is removed or replaced",
            Self::Blocked => "the page's Content-Security-Policy does not allow it",
            Self::NotAnImage => "the element is not an <img>",
            Self::NoPlace => "the page has no place for it",
            Self::Needed => "the page cannot do without the element",
            Self::DoesNotFit => {
                "a browser would read what is to be put there as something else"
            }
            Self::NotFound => "the words are not in the element",
            Self::Rearranged => {
                "tags of the page overlap, so browsers move the element or make it without a tag"
            }
            Self::Hydrated => {
                "a framework takes the page over in the browser, and would undo it"
            }
            Self::TooMuch => {
                "the changes before it are as much as is done to one element, or page"
            }
            Self::Stopped => {
                "the page took more than it may, and its rest went out as it was"
            }
        }
    }
}

/// How a change stays on the page once a framework may have taken it over; the better ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// As it was written: nothing takes over what it is in.
    Direct,
    /// In a form that frameworks leave alone: an attribute, a style sheet, a shadow root.
    Safe,
    /// A small script in the page makes it again where the framework undoes it, and gives up if that goes on.
    Protected,
    /// Not at all.
    Impossible,
}

impl Grade {
    /// The same in words, to follow what was done.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Direct => "as it is written",
            Self::Safe => "in a form that frameworks leave alone",
            Self::Protected => "kept by a small script",
            Self::Impossible => "not kept",
        }
    }
}

/// What takes a page over in the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Framework {
    /// React, also in Next, Gatsby, Remix and React Router.
    React,
    /// Vue, also in Nuxt.
    Vue,
    /// Svelte, also in `SvelteKit`.
    Svelte,
    /// Angular.
    Angular,
    /// Astro: only its islands are taken over.
    Astro,
    /// One of them, or another.
    Unknown,
}

impl Framework {
    /// Its name, at the beginning of a sentence or by itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::React => "React",
            Self::Vue => "Vue",
            Self::Svelte => "Svelte",
            Self::Angular => "Angular",
            Self::Astro => "Astro",
            Self::Unknown => "a framework",
        }
    }
}

/// One change's counts.
#[derive(Debug, Clone)]
pub struct ChangeReport<'d> {
    /// The variant that the change belongs to.
    pub owner: &'d Variant,
    /// The change.
    pub change: &'d Change,
    /// Elements that the selector matched.
    pub matched: u32,
    /// Elements that were changed; for control, would have been.
    pub applied: u32,
    /// Those of them that the page had that way already.
    pub no_effect: u32,
    /// The most bytes that were held back for it at a time.
    pub held_bytes: u64,
    /// Tags of the page overlap, so that browsers move elements about after they were looked at: others may match than
    /// were changed.
    pub in_doubt: bool,
    /// How it stays on the page; of several elements the worst. None where nothing matched.
    pub grade: Option<Grade>,
    skipped: [u32; Skip::ALL.len()],
}

impl<'d> ChangeReport<'d> {
    pub(super) fn new(owner: &'d Variant, change: &'d Change, tally: Tally) -> Self {
        let Tally { matched, applied, no_effect, held, in_doubt, grade, skipped } = tally;
        Self {
            owner,
            change,
            matched,
            applied,
            no_effect,
            held_bytes: held,
            in_doubt,
            grade,
            skipped,
        }
    }

    /// For each reason that occurred, how many elements were left as they were.
    pub fn skipped(&self) -> impl Iterator<Item = (Skip, u32)> {
        Skip::ALL.into_iter().zip(self.skipped).filter(|(_, count)| *count > 0)
    }
}

/// The counts of one step while the page passes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) matched: u32,
    pub(super) applied: u32,
    pub(super) no_effect: u32,
    pub(super) held: u64,
    pub(super) in_doubt: bool,
    pub(super) grade: Option<Grade>,
    skipped: [u32; Skip::ALL.len()],
}

impl Tally {
    /// Whether what became of each element that matched is told.
    pub(super) fn is_settled(&self) -> bool {
        self.applied + self.skipped.iter().sum::<u32>() >= self.matched
    }

    pub(super) fn skip(&mut self, reason: Skip) {
        self.skipped[reason as usize] += 1;
    }
}

/// What one experiment did to the page.
#[derive(Debug, Clone)]
pub struct Shown<'d> {
    /// The experiment.
    pub experiment: &'d Experiment,
    /// What was shown.
    pub variant: &'d Variant,
    /// Chosen by hand, and never counted.
    pub forced: bool,
    /// Whether the variant was really written into the page; where the variant leaves the page as it is, whether
    /// another variant's changes would have been.
    pub exposed: bool,
    /// One entry for each change; where the variant leaves the page as it is, for each change of the others.
    pub changes: Vec<ChangeReport<'d>>,
}

/// What became of a page.
#[derive(Debug, Clone)]
pub struct Report<'d> {
    /// Why the page went out as it came, if it did. What was changed before that is counted.
    pub passed: Option<Passed>,
    /// What takes the page over, if that was seen or is known.
    pub framework: Option<Framework>,
    /// One entry for each experiment of the plan.
    pub experiments: Vec<Shown<'d>>,
}

impl Shown<'_> {
    /// The experiment's key.
    pub fn key(&self) -> &ExperimentKey {
        &self.experiment.key
    }

    /// The variant's key.
    pub fn variant_key(&self) -> &VariantKey {
        &self.variant.key
    }
}

#[derive(Serialize)]
struct SkippedJson {
    reason: Skip,
    count: u32,
    explain: &'static str,
}

impl Serialize for ChangeReport<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let skipped: Vec<_> = self
            .skipped()
            .map(|(reason, count)| SkippedJson {
                reason,
                count,
                explain: reason.explain(),
            })
            .collect();
        let mut change = serializer.serialize_struct("ChangeReport", 10)?;
        change.serialize_field("variant", &self.owner.key)?;
        change.serialize_field("change", &self.change.describe())?;
        change.serialize_field("selector", &self.change.selector)?;
        change.serialize_field("matched", &self.matched)?;
        change.serialize_field("applied", &self.applied)?;
        change.serialize_field("no_effect", &self.no_effect)?;
        change.serialize_field("held_bytes", &self.held_bytes)?;
        change.serialize_field("in_doubt", &self.in_doubt)?;
        change.serialize_field("grade", &self.grade)?;
        change.serialize_field("skipped", &skipped)?;
        change.end()
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = serializer.serialize_struct("Shown", 5)?;
        shown.serialize_field("experiment", &self.experiment.key)?;
        shown.serialize_field("variant", &self.variant.key)?;
        shown.serialize_field("control", &self.experiment.is_control(self.variant))?;
        shown.serialize_field("exposed", &self.exposed)?;
        shown.serialize_field("changes", &self.changes)?;
        shown.end()
    }
}
