//! One token after another, as they pass: what each does to the open elements, which changes match what begins, and
//! what is written because of it. Bytes that no change is about are copied in one piece.

use super::addition::Addition;
use super::bounds::Bounds;
use super::charset::{Charset, by_meta};
use super::covered::may_host_overlay;
use super::element::Rules;
use super::finding::{Finding, Flow};
use super::hydration::{Ground, Hydration};
use super::image::Picture;
use super::kept::Kept;
use super::moves::Moves;
use super::output::Output;
use super::report::{Passed, Skip};
use super::splice::{Put, Splice};
use super::state::{Counts, Open};
use super::steps::Steps;
use super::tag::Tag;
use super::watch::Watch;
use crate::change::{Action, Insertion};
use crate::html::{Birth, Event, Origin, Parser, Token, TooLong, Tree, name};
use crate::plan::Plan;
use crate::selector::Frame;

/// How far Chromium looks for an encoding in a page whose head has ended.
const PRESCANNED: u64 = 1024;

/// See the module.
pub(super) struct Walk<'p> {
    pub(super) plan: &'p Plan<'p>,
    pub(super) rules: Rules,
    pub(super) charset: Charset,
    /// The page turned out to be in an encoding in which tags are not ASCII bytes.
    pub(super) is_unreadable: bool,
    pub(super) parser: Parser,
    pub(super) steps: Steps<'p>,
    pub(super) counts: Counts,
    pub(super) output: Output,
    pub(super) addition: Addition,
    pub(super) hydration: Hydration,
    pub(super) moves: Moves,
    pub(super) findings: Vec<Finding>,
    /// The open pictures that have sources, outermost first.
    pub(super) pictures: Vec<Picture>,
    pub(super) flow: Option<Flow>,
    /// Something of the page was left out.
    pub(super) has_cut: bool,
    /// The head is open again for one element.
    pub(super) head_is_reopened: bool,
    pub(super) document: Frame,
    pub(super) open: Vec<Open>,
    /// The head once it has ended: a later element may yet be put into it.
    pub(super) head: Option<Open>,
    /// The parser's state in front of the token at hand.
    pub(super) before: Tree,
    /// How many open elements wait for their end.
    pub(super) regions: usize,
    /// What goes first into an element that may begin with a line break.
    pub(super) deferred: Vec<Put>,
    /// What was put last into the body at its end tag, in case that more follows.
    pub(super) ended_body: Vec<usize>,
    /// The tags of formatting elements, by the elements' numbers, in case that the parser copies them.
    pub(super) formatting: Kept,
    pub(super) matched: Vec<usize>,
    /// Up to where the bytes at hand have been copied to the output.
    pub(super) copied: usize,
    pub(super) watch: Watch<'p>,
    /// Where the page may be cut, if somebody wants to know.
    pub(super) bounds: Option<Bounds>,
}

/// The token at hand.
#[derive(Clone, Copy)]
pub(super) struct Here<'b> {
    pub(super) token: Token,
    /// Where it begins in the bytes at hand.
    pub(super) at: usize,
    pub(super) bytes: &'b [u8],
    /// All of those.
    pub(super) all: &'b [u8],
}

impl<'p> Walk<'p> {
    pub(super) fn new(plan: &'p Plan<'p>, charset: Charset) -> Self {
        let mut counts = Counts::new(plan.steps.len());
        for step in titles_in_doubt(plan) {
            counts.doubt(step);
        }
        Self {
            plan,
            rules: Rules { style_attribute_allowed: true, is_thorough: false },
            charset,
            is_unreadable: false,
            parser: Parser::default(),
            steps: Steps::new(plan),
            addition: Addition::of(plan, &mut counts),
            counts,
            output: Output::default(),
            hydration: Hydration::of(plan),
            moves: Moves::of(plan),
            findings: Vec::new(),
            pictures: Vec::new(),
            flow: None,
            has_cut: false,
            head_is_reopened: false,
            document: Frame::document(),
            open: Vec::new(),
            head: None,
            before: Tree::default(),
            regions: 0,
            deferred: Vec::new(),
            ended_body: Vec::new(),
            formatting: Kept::default(),
            matched: Vec::new(),
            copied: 0,
            watch: Watch::default(),
            bounds: None,
        }
    }

    /// What of the bytes at hand was not dealt with before an error.
    pub(super) fn unread<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        &bytes[self.copied..]
    }

    /// Whether nothing that comes can be changed, so that it need not be looked at.
    pub(super) fn is_finished(&self) -> bool {
        self.steps.all_done()
            && self.regions == 0
            && self.deferred.is_empty()
            && !self.addition.is_waiting()
            && !self.moves.is_waiting()
            && self.findings.is_empty()
            && self.pictures.is_empty()
            && self.ended_body.is_empty()
            && !self.may_be_moved()
    }

    /// Whether what comes may yet move what has been: an open formatting element can be cut in two, and content that is
    /// misplaced in a table goes in front of it.
    fn may_be_moved(&self) -> bool {
        self.parser.tree.has_formatting()
            || self.open.iter().any(|open| open.node.is_html(name::TABLE))
    }

    /// Takes the next bytes; how many of them are dealt with. The others are to be given again with more behind them.
    pub(super) fn feed(&mut self, bytes: &[u8], last: bool) -> Result<usize, TooLong> {
        let mut at = 0;
        self.copied = 0;
        let read = loop {
            if at == bytes.len() || self.is_finished() {
                break Ok(());
            }
            if let Some((passed, work)) = self.skim(bytes, at) {
                at += passed;
                if let Some(bounds) = &mut self.bounds {
                    bounds.note(at, self.copied, &self.output);
                }
                if !self.watch.allows(work) {
                    break Err(TooLong);
                }
                continue;
            }
            let rest = &bytes[at..];
            if rest[0] == b'<'
                || !self.parser.tree.is_in_text()
                || !self.deferred.is_empty()
            {
                self.before.copy_but_open(&self.parser.tree);
            }
            let (token, length) = match self.parser.read(rest, last) {
                Ok(Some(next)) => next,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            };
            let here = Here { token, at, bytes: &rest[..length], all: bytes };
            if !self.deferred.is_empty() {
                self.place_deferred(here);
            }
            if self.has_cut && matches!(token, Token::Start { tag: name::FRAMESET, .. }) {
                // Whether the page becomes a frameset hangs on what it had in its body.
                self.steps.doubt_all(&mut self.counts);
            }
            if matches!(token, Token::Comment | Token::Nothing) {
                self.take_comment(here);
            }
            if !self.parser.tree.events().is_empty() {
                self.take_events(here, false);
            } else if !self.ended_body.is_empty() || self.regions > 0 {
                self.watch_body(here);
            }
            self.take_text(here);
            at += length;
            self.note_bounds(here);
            if self.is_unreadable || !self.watch.allows(self.work_of(length)) {
                break Err(TooLong);
            }
        };
        self.copy_to(bytes, at);
        while let Some(hold) = self.output.over_limit() {
            self.output.release(hold);
            self.give_up_move(hold);
            self.give_up_flow(hold);
            self.give_up_picture(hold);
            let held = |open: &&mut Open| {
                open.region.as_ref().is_some_and(|region| region.hold == Some(hold))
            };
            if let Some(region) =
                self.open.iter_mut().find(held).and_then(|open| open.region.as_mut())
            {
                region.broken = Some(Skip::TooLong);
            }
        }
        if let Some(bounds) = &mut self.bounds {
            bounds.pass(at);
        }
        read.map(|()| at)
    }

    /// Notes where the page may be cut because of a token: in a text, and behind what shows its end. What a single "<" is,
    /// only the next bytes tell.
    fn note_bounds(&mut self, here: Here<'_>) {
        let Some(bounds) = &mut self.bounds else { return };
        let (length, is_text) = (here.bytes.len(), here.token == Token::Text);
        if is_text {
            bounds.note_text(here.at, length, self.copied, &self.output);
        }
        if here.bytes.ends_with(b">") || is_text && !here.bytes.starts_with(b"<") {
            bounds.note(here.at + length, self.copied, &self.output);
        }
    }

    /// Ends the page.
    pub(super) fn finish(&mut self) {
        self.before.copy_but_open(&self.parser.tree);
        self.parser.finish();
        self.copied = 0;
        let here = Here { token: Token::Nothing, at: 0, bytes: &[], all: &[] };
        if !self.deferred.is_empty() {
            self.place_deferred(here);
        }
        if !self.is_finished() {
            self.take_events(here, true);
        }
        self.end_moves(Skip::NoPlace);
        self.addition.give_up(&mut self.counts);
        self.output.release_all();
    }

    /// About how much work a token was that long, beside what is done because of it.
    pub(super) fn work_of(&self, length: usize) -> usize {
        16 + length / 4 + self.parser.tree.formatting_count() + self.steps.count() / 8
    }

    /// Why the rest of the page is not read.
    pub(super) fn reason(&self) -> Passed {
        if self.is_unreadable {
            Passed::CharsetUnsupported
        } else if self.watch.is_over() {
            Passed::Stopped
        } else {
            Passed::TooComplex
        }
    }

    /// Lets everything go as it is.
    pub(super) fn give_up(&mut self, reason: Skip) {
        for at in 0..self.open.len() {
            if let Some(region) = self.open[at].region.take() {
                self.fail(&region, reason);
            }
        }
        for put in std::mem::take(&mut self.deferred) {
            for step in put.steps {
                self.counts.skip(step, reason);
            }
        }
        for finding in std::mem::take(&mut self.findings) {
            finding.end(reason, &mut self.counts);
        }
        self.end_moves(reason);
        self.addition.give_up(&mut self.counts);
        self.output.release_all();
    }

    /// A `<meta>` element may tell in which encoding the page is, if nothing has before: in the head, or in the first bytes,
    /// where Chromium looks for it.
    pub(super) fn read_charset(&mut self, birth: Birth, here: Here<'_>) {
        let early = self.head.is_none() || self.position(here) < PRESCANNED;
        let untold = self.charset == Charset::Undeclared && birth.origin == Origin::Tag;
        if !birth.node.is_html(name::META) || !untold || !early {
            return;
        }
        let attributes = self.parser.tokenizer.attributes();
        let tag = Tag::new(here.bytes, attributes, self.charset);
        let [charset, kind, content] =
            ["charset", "http-equiv", "content"].map(|name| tag.value(name));
        match by_meta(charset.as_deref(), kind.as_deref(), content.as_deref()) {
            Some(Ok(charset)) => self.charset = charset,
            Some(Err(_)) => self.is_unreadable = true,
            None => {}
        }
    }

    /// A comment begins or goes on.
    fn take_comment(&mut self, here: Here<'_>) {
        if here.token == Token::Comment && self.regions > 0 {
            self.leave_comment();
        }
        if self.hydration.is_looking() {
            self.hydration.look_at_comment(here.token, here.bytes);
        }
    }

    /// Writes the script that keeps changes, if this is the first element that needs it.
    pub(super) fn write_late_script(&mut self, birth: Birth, splice: &mut Splice) {
        let has_overlay = may_host_overlay(birth.node, birth.leaf, birth.origin);
        let ground = self.ground();
        let script =
            self.hydration.late_script(self.plan, &self.matched, ground, has_overlay);
        let Some(script) = script else { return };
        let html = self.charset.encode_html(&script);
        let written = splice.ops.len();
        let put = Put { steps: Vec::new(), html, probe: false, shadow: false };
        splice.put(&self.before, self.open.len(), put);
        if splice.ops.len() == written {
            self.hydration.refuse_late_script();
        }
    }

    /// Where the element stands that begins.
    pub(super) fn ground(&self) -> Ground {
        let island = |open: &Open| open.name.as_deref() == Some("astro-island");
        if self.head.is_none() {
            Ground::Head
        } else if self.open.iter().any(island) {
            Ground::Island
        } else {
            Ground::Body
        }
    }

    pub(super) fn copy_to(&mut self, all: &[u8], at: usize) {
        if at > self.copied {
            self.output.push(&all[self.copied..at]);
            self.copied = at;
        }
    }

    /// Where the output is if all up to the token were copied.
    pub(super) fn position(&self, here: Here<'_>) -> u64 {
        self.output.position() + here.at.saturating_sub(self.copied) as u64
    }

    fn take_events(&mut self, here: Here<'_>, page_end: bool) {
        // Only with what is held something may be taken back.
        if self.regions == 0 || !self.output.is_holding() {
            self.counts.forget();
        }
        // Most tags begin or end one element that no change is about.
        match *self.parser.tree.events() {
            [Event::Open(birth)] => self.open_alone(birth, here, page_end),
            [Event::Close { .. }] if self.ends_plainly() => self.close_plain(),
            _ => self.take_all(here, page_end),
        }
        if !self.ended_body.is_empty() {
            self.watch_body(here);
        }
    }

    /// An element begins, and nothing else does or ends.
    fn open_alone(&mut self, birth: Birth, here: Here<'_>, page_end: bool) {
        let open = self.begin_element(birth, here);
        // A policy, or what may have to go with a picture.
        let tells = matches!(birth.node.tag, name::META | name::SOURCE);
        if self.matched.is_empty() && !tells && self.hydration.is_looking() {
            if !self.steps.all_done() {
                self.look_for_mark(birth, here);
            }
            if !birth.leaf {
                self.open.push(open);
            }
        } else if !self.matched.is_empty() || tells {
            self.before.set_open(self.open.iter().map(|open| open.node));
            let mut splice = Splice::default();
            self.place_element(birth, open, here, &mut splice);
            let source = self.coming_source(birth, here, &splice);
            if splice.is_active() {
                self.settle(splice, here, page_end);
            }
            if let Some(source) = source {
                self.note_source_tag(source, here);
            }
        } else if !birth.leaf {
            self.open.push(open);
        }
    }

    /// Takes what a token did, one event after the other.
    fn take_all(&mut self, here: Here<'_>, page_end: bool) {
        let events = self.parser.tree.lend_events();
        let mut splice = Splice::default();
        self.before.set_open(self.open.iter().map(|open| open.node));
        for event in &events {
            match event {
                Event::Open(birth) => {
                    let open = self.begin_element(*birth, here);
                    self.place_element(*birth, open, here, &mut splice);
                }
                Event::Close { own_tag } => {
                    self.close_element(*own_tag, here, &mut splice);
                }
                Event::ReopenHead => {
                    let head = self.head.take();
                    // What was put last into the head is not last any more.
                    let touched = head.as_ref().map_or(0, |head| head.touched);
                    self.steps.doubt_made(touched, &mut self.counts);
                    self.head_is_reopened = true;
                    self.open.extend(head);
                }
                Event::Drop { index, own_tag: _ } => {
                    self.drop_element(*index, &mut splice);
                }
                Event::Rearrange { from, nodes } => self.rearrange(*from, nodes),
                Event::FosterText { parent } => self.foster(*parent),
                Event::Attributes { .. } | Event::Frameset => {
                    self.steps.doubt_all(&mut self.counts);
                }
            }
        }
        let source = events.last().and_then(|last| match last {
            Event::Open(birth) => self.coming_source(*birth, here, &splice),
            _ => None,
        });
        self.parser.tree.return_events(events);
        if splice.is_active() {
            self.settle(splice, here, page_end);
        }
        if let Some(source) = source {
            self.note_source_tag(source, here);
        }
    }
}

/// Steps for the page's title, where another step brings a title of its own.
fn titles_in_doubt(plan: &Plan<'_>) -> Vec<usize> {
    let brings = |action: &Action| {
        let (Action::Html(html)
        | Action::Replace(html)
        | Action::Insert(
            Insertion::Before(html)
            | Insertion::Prepend(html)
            | Insertion::Append(html)
            | Insertion::After(html),
        )) = action
        else {
            return false;
        };
        html.to_ascii_lowercase().contains("<title")
    };
    if !plan.steps.iter().any(|step| brings(&step.action)) {
        return Vec::new();
    }
    let steps = plan.steps.iter().enumerate();
    steps
        .filter(|(_, step)| matches!(*step.action, Action::Title(_)))
        .map(|(index, _)| index)
        .collect()
}
