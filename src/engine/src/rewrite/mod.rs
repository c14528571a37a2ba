//! Plan + chunks → chunks. The page streams past: nothing is held back but an unfinished tag and, until it ends, an
//! element that is replaced or removed. Every byte that no change touches goes out as it came.

mod charset;
mod csp;
mod element;
mod nesting;
mod ending;
mod output;
mod report;
mod state;
mod passing;

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use lol_html::html_content::{DocumentEnd, Element};
use lol_html::{
    AsciiCompatibleEncoding, DocumentContentHandlers, ElementContentHandlers,
    HtmlRewriter, MemorySettings, OutputSink, Selector, Settings,
};

pub use self::report::{ChangeReport, Passed, Report, Shown, Skip};

use self::charset::{Charset, ascii_css};
use self::csp::StyleElement;
use self::element::{Rules, insert_html, style_element};
use self::passing::on_element;
use self::report::Counts;
use self::state::{SharedOutput, State};
use crate::change::Action;
use crate::plan::{Plan, Step};

/// The most memory the parser may use for one page.
const MAX_PARSER_MEMORY: usize = 8 * 1024 * 1024;

/// How many bytes a byte order mark has at most.
const BOM_BYTES: usize = 3;

/// What the response's headers say about the page.
#[derive(Debug, Clone, Default)]
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

/// Where the parser's output goes.
struct Sink(SharedOutput);

impl OutputSink for Sink {
    fn handle_chunk(&mut self, chunk: &[u8]) {
        self.0.lock().push(chunk);
    }
}

enum Stage<'p> {
    /// The first bytes, until a byte order mark is there or is not.
    Start(Vec<u8>),
    Rewriting(Box<HtmlRewriter<'p, Sink>>),
    /// The rest goes out as it comes.
    Passing(Passed),
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
/// let plan = Plan::for_variants([(hero, hero.variant("short").unwrap())], Facts::default);
/// let (html, report) = edgewise_engine::rewrite(&plan, &PageHead::default(), b"<h1 class=big>Welcome</h1>");
/// assert_eq!(html, b"<h1 class=big>Fast &amp; free</h1>");
/// assert_eq!(report.experiments[0].changes[0].applied, 1);
/// ```
pub struct Rewriter<'p> {
    plan: &'p Plan<'p>,
    head: PageHead,
    stage: Stage<'p>,
    state: Rc<RefCell<State>>,
    output: SharedOutput,
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
        let output = SharedOutput::default();
        let state = State::new(plan.steps.len(), output.clone());
        Self {
            plan,
            head,
            stage: Stage::Start(Vec::new()),
            state: Rc::new(RefCell::new(state)),
            output,
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
    pub fn end(mut self, out: &mut Vec<u8>) -> Report<'p> {
        if let Stage::Start(start) = &mut self.stage {
            let start = std::mem::take(start);
            self.begin(&start);
            self.feed(&start, out);
        }
        let passed = match self.stage {
            Stage::Rewriting(rewriter) => {
                rewriter.end().err().map(|_| Passed::TooComplex)
            }
            Stage::Passing(passed) => Some(passed),
            Stage::Start(_) => None,
        };
        let mut state = self.state.borrow_mut();
        // Nothing is open after an ordinary end.
        state.give_up();
        state.give_up_css();
        self.output.lock().drain_to(out);
        report_of(self.plan, &state.counts, passed)
    }

    /// Why the page, or the rest of it, passes as it is.
    pub fn passed(&self) -> Option<Passed> {
        match self.stage {
            Stage::Passing(passed) => Some(passed),
            _ => None,
        }
    }

    fn begin(&mut self, start: &[u8]) {
        self.stage = match charset::detect(start, self.head.content_type.as_deref()) {
            Ok(charset) => Stage::Rewriting(Box::new(self.rewriter(charset))),
            Err(passed) => Stage::Passing(passed),
        };
    }

    fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        match &mut self.stage {
            Stage::Rewriting(rewriter) => {
                if rewriter.write(chunk).is_err() {
                    // Both graceful bail-outs are on: what was taken in and not yet written has come out as it was.
                    self.stage = Stage::Passing(Passed::TooComplex);
                    self.state.borrow_mut().give_up();
                }
                self.output.lock().drain_to(out);
            }
            _ => out.extend_from_slice(chunk),
        }
    }

    fn rewriter(&self, charset: Charset) -> HtmlRewriter<'p, Sink> {
        let plan = self.plan;
        let rules = Rules {
            charset_declared: charset != Charset::Undeclared,
            style_attribute_allowed: csp::style_attribute_allowed(&self.head.policies),
        };
        self.prepare_css(charset);

        let memory = MemorySettings::new()
            .with_max_allowed_memory_usage(MAX_PARSER_MEMORY)
            .with_graceful_bail_out_on_memory_limit_exceeded(true);
        let mut settings = Settings::new()
            .with_strict(false)
            .with_memory_settings(memory)
            .with_graceful_bail_out_on_content_handler_error(true);
        settings = match charset {
            Charset::Declared(encoding) => settings.with_encoding(encoding),
            Charset::Undeclared => settings
                .with_encoding(AsciiCompatibleEncoding::utf_8())
                .with_adjust_charset_on_meta_tag(true),
        };
        let selectors = || {
            let selector =
                |step: &'p Step<'p>| Some((step, step.change.selector.as_ref()?));
            plan.steps.iter().enumerate().filter_map(move |(index, step)| {
                selector(step).map(|(step, selector)| (index, step, selector))
            })
        };
        for (index, _, selector) in selectors() {
            let state = Rc::clone(&self.state);
            let note = move |_: &mut Element<'_, '_>| {
                state.borrow_mut().matched.push(index);
                Ok(())
            };
            let handlers = ElementContentHandlers::default().element(note);
            let selector = Cow::Borrowed(selector.parsed());
            settings = settings.append_element_content_handler((selector, handlers));
        }
        // Handlers run in the order in which they were added: these see what all of the above noted. They look at as
        // few elements as they can: a page's other tags need not even be read whole.
        let mut looked_at: Vec<Cow<'p, Selector>> = Vec::new();
        if self.state.borrow().css.is_some() {
            // Any element may be the one in front of which the style sheet has to stand.
            looked_at.push(Cow::Owned("*".parse().expect("a selector")));
        } else {
            for (_, step, selector) in selectors() {
                looked_at.push(Cow::Borrowed(selector.parsed()));
                if step.action.needs_end() {
                    // Whatever may end the element, the parser takes for a part of it.
                    looked_at.push(Cow::Borrowed(selector.inside()));
                }
            }
        }
        let rules = Rc::new(rules);
        for selector in looked_at {
            let (shared, rules) = (Rc::clone(&self.state), Rc::clone(&rules));
            let apply =
                move |el: &mut Element<'_, '_>| on_element(el, plan, &rules, &shared);
            let handlers = ElementContentHandlers::default().element(apply);
            settings = settings.append_element_content_handler((selector, handlers));
        }
        let shared = Rc::clone(&self.state);
        let end =
            DocumentContentHandlers::default().end(move |end: &mut DocumentEnd<'_>| {
                let html = shared.borrow_mut().close_at_end();
                insert_html(&html, |html, kind| end.append(html, kind));
                Ok(())
            });
        settings = settings.append_document_content_handler(end);
        let output = self.output.clone();
        HtmlRewriter::new(settings, Sink(output))
    }

    /// Puts the style sheets of all steps into one element.
    fn prepare_css(&self, charset: Charset) {
        let mut state = self.state.borrow_mut();
        let allowed = csp::style_element(&self.head.policies);
        let mut sheets = String::new();
        for (index, step) in self.plan.steps.iter().enumerate() {
            let Action::Css(css) = &*step.action else { continue };
            state.counts[index].matched += 1;
            if allowed == StyleElement::Blocked {
                state.counts[index].skip(Skip::Blocked);
                continue;
            }
            state.css_steps.push(index);
            if !step.probe {
                sheets.push_str(css);
                sheets.push('\n');
            }
        }
        if state.css_steps.is_empty() {
            return;
        }
        let sheets = sheets.trim_end();
        // The rewriter would write what another encoding lacks as a reference, which CSS does not know.
        let utf8 = charset == Charset::Declared(AsciiCompatibleEncoding::utf_8());
        let sheets = if utf8 { sheets.to_owned() } else { ascii_css(sheets) };
        let nonce = match &allowed {
            StyleElement::WithNonce(nonce) => Some(nonce.as_str()),
            _ => None,
        };
        // Probes alone wait for the place too, but write nothing there.
        let html =
            if sheets.is_empty() { String::new() } else { style_element(&sheets, nonce) };
        state.css = Some(html);
    }
}

fn report_of<'p>(
    plan: &'p Plan<'p>,
    counts: &[Counts],
    passed: Option<Passed>,
) -> Report<'p> {
    let shown = plan.experiments.iter().map(|planned| {
        let steps =
            plan.steps[planned.steps.clone()].iter().zip(&counts[planned.steps.clone()]);
        let changes: Vec<_> = steps
            .map(|(step, counts)| ChangeReport::new(step.owner, step.change, *counts))
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
    Report { passed, experiments: shown.collect() }
}
