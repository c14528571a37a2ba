//! Edgewise's engine: decides who sees what, and rewrites the page while it streams past.
//!
//! ```text
//! Draft ── validate ──► Datafile ── assign ──► decisions ── Plan ──► Rewriter ──► page, Report ── exposures ──► log
//!                          ▲                      ▲
//!                     people, at publish      visitor + visit, at each request
//! ```
//!
//! Pure: no clock, no randomness, no I/O, no host types. The same code runs at the edge, in the browser and natively,
//! and gives the same bytes. The modules below stand in reading order; each uses only those above it.

pub mod key;
pub mod hash;
pub mod allocation;
pub mod page;
pub mod cookie;
pub mod forced;
mod facts;
mod token;
mod change;
mod experiment;
mod datafile;
mod problem;
mod markup;
mod draft;
mod validate;
mod publish;
mod assign;
mod plan;
mod rewrite;
pub mod event;

pub use allocation::{Allocation, BucketRange};
pub use assign::{Decision, Exclusion, Outcome, Visit, assign};
pub use change::{Action, Change, ClassNames, Insertion, InvalidSelector, Selector};
pub use datafile::{Datafile, DatafileError, SCHEMA_VERSION};
pub use experiment::{Experiment, Hypothesis, Status, Variant};
pub use facts::{Facts, Geo, MAX_FACT};
pub use forced::{Forced, RejectedToken};
pub use hash::{Bucket, Seed};
pub use key::{ExperimentKey, InvalidKey, VariantKey, VisitorId};
pub use page::{InvalidUrl, Page, PageRule, PageRules, PathRule};
pub use plan::Plan;
pub use problem::{Problem, Problems, Severity};
pub use publish::publish;
pub use rewrite::{
    ChangeReport, PageHead, Passed, Report, Rewriter, Shown, Skip, rewrite,
};
pub use validate::{
    MAX_CHANGES, MAX_EXPERIMENTS, MAX_MARKUP, MAX_VARIANTS, MIN_HYPOTHESIS, validate,
};
