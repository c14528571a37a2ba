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
mod distance;
pub mod time;
pub mod hash;
pub mod allocation;
pub mod layout;
mod query;
pub mod page;
mod lines;
mod language;
mod comparison;
mod html;
mod selector;
mod address;
mod history;
pub mod cookie;
mod signature;
pub mod forced;
pub mod debug;
mod session;
pub mod entity_tag;
mod facts;
mod audience;
mod layer;
mod schedule;
mod settings;
mod sticky;
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
pub mod registry;
mod destination;
mod assign;
mod batch;
mod conflicts;
mod plan;
mod rewrite;
mod probe;
pub mod event;
mod kept;

pub use address::{Address, InvalidAddress, MAX_ADDRESS, OriginPath};
pub use allocation::{Allocation, BucketRange};
pub use assign::{
    Decision, Exclusion, ORIGIN_HEADER, Outcome, Visit, assign, assign_on_page, keep,
    may_be_remembered, told_to_origin,
};
pub use audience::{Because, Condition, FactTest, MAX_CONDITIONS, MAX_DEPTH};
pub use batch::{InvalidVisit, decide_line};
pub use change::{Action, Change, ClassNames, Expect, Image, Insertion, Target, Words};
pub use comparison::{NumberTest, Test, VersionTest};
pub use conflicts::{Conflict, Conflicts, MAX_CONFLICTS, Shared, conflicts};
pub use datafile::{Datafile, DatafileError, SCHEMA_VERSION, UnreadableExperiment};
pub use destination::{Canonical, Destination, Reach, without_canonical};
pub use experiment::{
    CanonicalRule, Experiment, Hypothesis, OtherPage, Redirect, RedirectStatus,
    Rendering, Status, Variant,
};
pub use facts::{Fact, Facts, Geo, Host, MAX_FACT, Named, NoFact};
pub use forced::{Forced, RejectedToken};
pub use hash::{Bucket, HashMethod, Seed};
pub use history::History;
pub use html::{Outline, outline};
pub use kept::{Kept, KeptState, MAX_KEPT, kept};
pub use key::{ExperimentKey, GroupKey, InvalidKey, VariantKey, VisitorId};
pub use layer::{Holdout, InLayer, Layer};
pub use loops::MAX_REDIRECTING;
pub use page::{
    Case, InvalidPattern, InvalidUrl, MAX_PATTERN, MAX_SEARCHED, Page, PageRule,
    PageRules, PathRule, Pattern, TextTest, Verdict,
};
pub use plan::Plan;
pub use probe::Probe;
pub use problem::{Problem, Problems, Severity};
pub use publish::publish;
pub use rewrite::{
    ChangeReport, Framework, Grade, KEPT_PATH, MayGoOn, PageHead, Passed, Policies,
    Repeating, Repeats, Report, Rewriter, Shown, Skip, rewrite,
};
pub use schedule::{MAX_STEPS, Schedule, Step};
pub use selector::{InvalidSelector, Selector};
pub use session::{
    AccessTokens, FRESH_SECONDS, Holder, RejectedSession, Role, SESSION_SECONDS, Session,
    is_name, is_session_token, token_hash,
};
pub use settings::{
    Bots, Consent, ConsentCookie, Everywhere, Required, Settings, Signals,
};
pub use sticky::Sticky;
pub use time::{InvalidMoment, InvalidZone, LocalTime, Moment, Weekday, Zone};
pub use validate::{
    MAX_CHANGES, MAX_EXPERIMENTS, MAX_MARKUP, MAX_VARIANTS, MIN_HYPOTHESIS, validate,
};
