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
pub mod layout;
pub mod page;
mod html;
mod selector;
mod query;
mod address;
pub mod cookie;
pub mod forced;
mod facts;
mod token;
mod change;
mod experiment;
mod loops;
mod datafile;
mod problem;
mod markup;
mod draft;
mod validate;
mod publish;
mod destination;
mod assign;
mod plan;
mod rewrite;
pub mod event;
mod kept;

pub use address::{Address, InvalidAddress, MAX_ADDRESS, OriginPath};
pub use allocation::{Allocation, BucketRange};
pub use assign::{
    Decision, Exclusion, ORIGIN_HEADER, Outcome, Visit, assign, told_to_origin,
};
pub use change::{Action, Change, ClassNames, Expect, Image, Insertion, Target, Words};
pub use datafile::{Datafile, DatafileError, SCHEMA_VERSION};
pub use destination::{Canonical, Destination, Reach, without_canonical};
pub use experiment::{
    CanonicalRule, Experiment, Hypothesis, OtherPage, Redirect, RedirectStatus,
    Rendering, Status, Variant,
};
pub use facts::{Facts, Geo, MAX_FACT};
pub use forced::{Forced, RejectedToken};
pub use hash::{Bucket, HashMethod, Seed};
pub use html::{Outline, outline};
pub use kept::{Kept, KeptState, MAX_KEPT, kept};
pub use key::{ExperimentKey, InvalidKey, VariantKey, VisitorId};
pub use loops::MAX_REDIRECTING;
pub use page::{InvalidUrl, Page, PageRule, PageRules, PathRule};
pub use plan::Plan;
pub use problem::{Problem, Problems, Severity};
pub use publish::publish;
pub use rewrite::{
    ChangeReport, Framework, Grade, KEPT_PATH, PageHead, Passed, Policies, Report,
    Rewriter, Shown, Skip, rewrite,
};
pub use selector::{InvalidSelector, Selector};
pub use validate::{
    MAX_CHANGES, MAX_EXPERIMENTS, MAX_MARKUP, MAX_VARIANTS, MIN_HYPOTHESIS, validate,
};
