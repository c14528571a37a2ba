//! Plan + chunks → chunks. The page streams past: nothing is held back but an unfinished tag and, until it ends, an
//! element that is replaced or removed. Every byte that no change touches goes out as it came.

mod report;
mod charset;
mod csp;
mod output;
mod bounds;
mod tag;
mod state;
mod fragment;
mod overlay;
mod edits;
mod guard;
mod hydration;
mod element;
mod covered;
mod trial;
mod watch;
mod splice;
mod kept;
mod steps;
mod script;
mod addition;
mod moves;
mod finding;
mod image;
mod walk;
mod skim;
mod opening;
mod closing;
mod settling;
mod moving;
mod repeats;
mod again;

pub use self::again::Repeating;
pub use self::guard::KEPT_PATH;
pub use self::repeats::Repeats;
pub use self::report::{ChangeReport, Framework, Grade, Passed, Report, Shown, Skip};
pub use self::script::Policies;
pub use self::watch::MayGoOn;

use self::bounds::{Bound, Bounds};
use self::report::Tally;
use self::walk::Walk;
use crate::plan::Plan;

/// How many bytes a byte order mark has at most.
const BOM_BYTES: usize = 3;

/// What the response's headers say about the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageHead {
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `Content-Security-Policy` headers, one entry a line.
    pub policies: Vec<String>,
}

impl PageHead {
    /// Whether the headers are those of an HTML page in an encoding that can be rewritten. Its first bytes may still
    /// say otherwise.
    ///
    /// ```
    /// use edgewise_engine::PageHead;
    /// let head = |content_type: &str| PageHead { content_type: Some(content_type.to_owned()), policies: vec![] };
    /// assert!(head("Text/HTML; charset=utf-8").is_rewritable());
    /// assert!(!head("text/html; charset=utf-16").is_rewritable());
    /// assert!(!head("application/xhtml+xml").is_rewritable());
    /// ```
    pub fn is_rewritable(&self) -> bool {
        self.is_html() && charset::detect(&[], self.content_type.as_deref()).is_ok()
    }

    /// Whether the headers are those of an HTML page, in whatever encoding.
    pub fn is_html(&self) -> bool {
        self.content_type.as_deref().is_some_and(|content_type| {
            let kind = content_type.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("text/html")
        })
    }
}

enum Stage<'p> {
    /// The first bytes, until a byte order mark is there or is not.
    Start(Vec<u8>),
    Rewriting(Box<Walk<'p>>),
    /// Nothing that is still to come can be changed: the rest goes out as it comes.
    Finished(Box<Walk<'p>>),
    /// The rest goes out as it comes, for a reason.
    Passing(Passed, Option<Box<Walk<'p>>>),
}

/// Applies a plan to one page as it streams past. It cannot fail: whatever goes wrong, the page's own bytes go on.
///
/// ```
/// use edgewise_engine::{Datafile, Facts, PageHead, Plan, Rewriter, validate};
/// let draft = r#"{"experiments": [{
///     "key": "hero", "name": "Hero", "status": "running",
///     "hypothesis": {"we_believe": "a shorter headline", "will_cause": "more sign-ups", "because": "people skim it"},
///     "pages": {"include": [{"exact": "/"}]},
///     "variants": [
///         {"key": "control", "name": "Control", "weight": 5000},
///         {"key": "short", "name": "Short", "weight": 5000, "changes": [{"selector": "h1", "text": "Fast & free"}]}
///     ]}]}"#;
/// let datafile = validate(draft, 1).0.unwrap();
/// let hero = datafile.experiment("hero").unwrap();
/// let plan = Plan::for_variants([(hero, hero.variant("short").unwrap())], &Facts::default());
/// let (html, report) = edgewise_engine::rewrite(&plan, &PageHead::default(), b"<h1 class=big>Welcome</h1>");
/// assert_eq!(html, b"<h1 class=big>Fast &amp; free</h1>");
/// assert_eq!(report.experiments[0].changes[0].applied, 1);
/// ```
pub struct Rewriter<'p> {
    plan: &'p Plan<'p>,
    head: PageHead,
    stage: Stage<'p>,
    /// What has come but cannot be read without what follows.
    unread: Vec<u8>,
    watch: Option<&'p dyn MayGoOn>,
    is_thorough: bool,
    notes_bounds: bool,
}

/// What is known of a page at its end.
struct Ended {
    passed: Option<Passed>,
    tallies: Vec<Tally>,
    framework: Option<Framework>,
    bounds: Vec<Bound>,
    /// About how much work it was, as `watch` counts it.
    work: usize,
    /// What came behind the last of those went out as it was, without a look.
    is_raw_at_last: bool,
}

/// Applies a plan to a whole page.
pub fn rewrite<'p>(
    plan: &'p Plan<'p>,
    head: &PageHead,
    html: &[u8],
) -> (Vec<u8>, Report<'p>) {
    let mut out = Vec::with_capacity(html.len());
    let mut rewriter = Rewriter::new(plan, head.clone());
    rewriter.write(html, &mut out);
    let report = rewriter.end(&mut out);
    (out, report)
}

impl<'p> Rewriter<'p> {
    /// Starts a page.
    pub fn new(plan: &'p Plan<'p>, head: PageHead) -> Self {
        let (stage, unread) = (Stage::Start(Vec::new()), Vec::new());
        let watch = None;
        let (is_thorough, notes_bounds) = (false, false);
        Self { plan, head, stage, unread, watch, is_thorough, notes_bounds }
    }

    /// Asks between two pieces of work whether to go on, also within one chunk. Once the answer is no, the page is given up
    /// as by [`Rewriter::stop`].
    #[must_use]
    pub fn watched(mut self, may_go_on: &'p dyn MayGoOn) -> Self {
        self.watch = Some(may_go_on);
        self
    }

    /// Asks from here on whether to go on.
    fn watch_from_here(&mut self, may_go_on: &'p dyn MayGoOn) {
        self.watch = Some(may_go_on);
        if let Stage::Rewriting(walk) = &mut self.stage {
            walk.watch.set(may_go_on);
        }
    }

    /// Looks at every token, also where nothing can be about it. What comes out is the same, which is what tests want to
    /// know.
    #[must_use]
    pub fn thorough(mut self) -> Self {
        self.is_thorough = true;
        self
    }

    /// Gives the page up: what is held back goes on as it was, and so does all that is still to come. What has been
    /// changed stays changed, and counts.
    pub fn stop(&mut self, out: &mut Vec<u8>) {
        match &mut self.stage {
            Stage::Start(start) => {
                out.append(start);
                self.stage = Stage::Passing(Passed::Stopped, None);
            }
            Stage::Rewriting(_) => self.pass(Passed::Stopped, out),
            Stage::Finished(_) | Stage::Passing(..) => {}
        }
    }

    /// Takes the next bytes of the page and adds to `out` what may go on.
    pub fn write(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        match &mut self.stage {
            Stage::Start(start) => {
                start.extend_from_slice(chunk);
                if start.len() >= BOM_BYTES {
                    let start = std::mem::take(start);
                    self.begin(&start);
                    self.feed(&start, out);
                }
            }
            _ => self.feed(chunk, out),
        }
    }

    /// Ends the page: adds the rest to `out` and tells what was done.
    pub fn end(self, out: &mut Vec<u8>) -> Report<'p> {
        let plan = self.plan;
        self.finish(out).report(plan)
    }

    /// The same, with all that is known.
    fn finish(mut self, out: &mut Vec<u8>) -> Ended {
        if let Stage::Start(start) = &mut self.stage {
            let start = std::mem::take(start);
            self.begin(&start);
            self.feed(&start, out);
        }
        let mut bounds = None;
        if let Stage::Rewriting(walk) = &mut self.stage {
            // What the end tells is not known in front of it.
            bounds = walk.bounds.take();
            let unread = std::mem::take(&mut self.unread);
            match walk.feed(&unread, true) {
                Ok(read) => {
                    walk.output.push(&unread[read..]);
                    walk.finish();
                    walk.output.drain_to(out);
                }
                Err(_) => {
                    let why = walk.reason();
                    self.unread = walk.unread(&unread).to_vec();
                    self.pass(why, out);
                }
            }
        }
        let is_raw_at_last = matches!(self.stage, Stage::Finished(_));
        let (passed, mut walk) = match self.stage {
            Stage::Start(_) => (None, None),
            Stage::Rewriting(walk) | Stage::Finished(walk) => (None, Some(walk)),
            Stage::Passing(passed, walk) => (Some(passed), walk),
        };
        let bounds = bounds.or_else(|| walk.as_mut().and_then(|walk| walk.bounds.take()));
        let bounds = bounds.map(Bounds::into_list).unwrap_or_default();
        let none = || vec![Tally::default(); self.plan.steps.len()];
        let tallies = walk.as_ref().map_or_else(none, |walk| walk.counts.all().to_vec());
        let work = walk.as_ref().map_or(0, |walk| walk.watch.done());
        let framework = walk.and_then(|walk| walk.hydration.framework());
        Ended { passed, tallies, framework, bounds, work, is_raw_at_last }
    }

    /// Notes where the page may be cut, for whoever gives it again.
    fn noting_bounds(mut self) -> Self {
        self.notes_bounds = true;
        self
    }

    /// Why the page, or the rest of it, passes as it is.
    pub fn passed(&self) -> Option<Passed> {
        match self.stage {
            Stage::Passing(passed, _) => Some(passed),
            _ => None,
        }
    }

    /// Whether whatever is still to come of the page goes out as it is, so that the host need not even read it.
    pub fn is_finished(&self) -> bool {
        matches!(self.stage, Stage::Finished(_) | Stage::Passing(..))
    }

    fn begin(&mut self, start: &[u8]) {
        self.stage = match charset::detect(start, self.head.content_type.as_deref()) {
            Ok(charset) => {
                let mut walk = Walk::new(self.plan, charset);
                if let Some(may_go_on) = self.watch {
                    walk.watch.set(may_go_on);
                }
                walk.rules.is_thorough = self.is_thorough;
                walk.bounds = self.notes_bounds.then(Bounds::default);
                walk.obey_headers(&self.head.policies);
                Stage::Rewriting(Box::new(walk))
            }
            Err(passed) => Stage::Passing(passed, None),
        };
    }

    fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        let Stage::Rewriting(walk) = &mut self.stage else {
            out.extend_from_slice(chunk);
            return;
        };
        // Only an unfinished tag is ever unread, so joining it to what follows copies little.
        let joined = (!self.unread.is_empty()).then(|| {
            self.unread.extend_from_slice(chunk);
            std::mem::take(&mut self.unread)
        });
        let bytes = joined.as_deref().unwrap_or(chunk);
        walk.output.write_into(out);
        let read = walk.feed(bytes, false);
        match read {
            Ok(read) if walk.is_finished() => {
                walk.output.push(&bytes[read..]);
                walk.output.drain_to(out);
                self.finish_early();
            }
            Ok(read) => {
                walk.output.drain_to(out);
                match joined {
                    Some(mut joined) => {
                        joined.drain(..read);
                        self.unread = joined;
                    }
                    None => self.unread.extend_from_slice(&chunk[read..]),
                }
            }
            Err(_) => {
                let why = walk.reason();
                self.unread = walk.unread(bytes).to_vec();
                self.pass(why, out);
            }
        }
    }

    fn finish_early(&mut self) {
        let stage = std::mem::replace(&mut self.stage, Stage::Start(Vec::new()));
        if let Stage::Rewriting(walk) = stage {
            self.stage = Stage::Finished(walk);
        }
    }

    /// Lets the rest go out as it comes.
    fn pass(&mut self, why: Passed, out: &mut Vec<u8>) {
        let stage = std::mem::replace(&mut self.stage, Stage::Start(Vec::new()));
        if let Stage::Rewriting(mut walk) = stage {
            walk.give_up(match why {
                Passed::Stopped => Skip::Stopped,
                _ => Skip::TooLong,
            });
            walk.output.push(&std::mem::take(&mut self.unread));
            walk.output.drain_to(out);
            self.stage = Stage::Passing(why, Some(walk));
        }
    }
}

impl Ended {
    fn report<'p>(&self, plan: &'p Plan<'p>) -> Report<'p> {
        report_of(plan, &self.tallies, self.passed, self.framework)
    }
}

fn report_of<'p>(
    plan: &'p Plan<'p>,
    tallies: &[Tally],
    passed: Option<Passed>,
    framework: Option<Framework>,
) -> Report<'p> {
    let shown = plan.experiments.iter().map(|planned| {
        let steps =
            plan.steps[planned.steps.clone()].iter().zip(&tallies[planned.steps.clone()]);
        let changes: Vec<_> = steps
            .map(|(step, tally)| ChangeReport::new(step.owner, step.change, *tally))
            .collect();
        // Where no variant changes anything (A/A), being served is being shown.
        let exposed = match changes.as_slice() {
            [] => passed.is_none(),
            changes => changes.iter().any(|change| change.applied > 0),
        };
        Shown {
            experiment: planned.experiment,
            variant: planned.variant,
            forced: planned.forced,
            exposed,
            changes,
        }
    });
    Report { passed, framework, experiments: shown.collect() }
}
