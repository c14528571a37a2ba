//! What is written in front of one token, in its place and behind it, together with a trial that follows: only if the
//! page is read on as it was, all of it is done.

use super::moves::Source;
use super::output::Hold;
use super::report::Skip;
use super::state::{Counts, Region};
use super::trial::Trial;
use crate::html::{Node, Tree, name};

/// One thing to be done to the output.
#[derive(Debug)]
pub(super) enum Op {
    Write(Vec<u8>),
    /// Hold from here on, for the element of that id.
    Hold(u32),
    /// Take back what was held.
    Cut(Hold),
    /// The place of the element that this step moves, with the parser's state there.
    Point(usize, Box<Tree>),
    /// The element of that id, which goes elsewhere, begins here.
    Leave(u32),
    /// The element that this step moves ends here.
    Source(usize, Box<Source>),
}

/// HTML to be put somewhere for some steps.
#[derive(Debug)]
pub(super) struct Put {
    pub(super) steps: Vec<usize>,
    pub(super) html: Vec<u8>,
    /// Only tried, never written.
    pub(super) probe: bool,
    /// It makes a shadow root of the element.
    pub(super) shadow: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Splice {
    trial: Option<Trial>,
    /// In front of the token.
    pub(super) ops: Vec<Op>,
    /// In place of the token.
    pub(super) token: Option<Vec<u8>>,
    /// Behind the token, once the trial has read it: what to write, into its innermost element.
    pub(super) behind: Vec<Put>,
    /// What is to be done behind that.
    pub(super) ops_behind: Vec<Op>,
    /// Holds of elements that stay after all.
    pub(super) released: Vec<Hold>,
    /// Steps that cannot move their elements, and why.
    pub(super) failed_moves: Vec<(usize, Skip)>,
    /// Places behind the token of elements that are moved.
    pub(super) points_behind: Vec<usize>,
    /// Holds that begin right behind the token.
    pub(super) holds_behind: Vec<u32>,
    /// Elements that the token ends without their own end tags.
    pub(super) closers: Vec<(Node, Option<Box<str>>)>,
    /// The tag that the page left out for the innermost element.
    pub(super) opener: Option<Node>,
    /// Steps that are done if this is.
    pub(super) done: Vec<usize>,
    /// Steps that are not, and why.
    pub(super) skipped: Vec<(usize, Skip)>,
    /// Elements whose regions begin here.
    pub(super) begun: Vec<u32>,
    /// Regions that end here.
    pub(super) ended: Vec<Region>,
    /// Steps that are only looked for, done if the page would be read on as it was.
    pub(super) phantoms: Vec<(Trial, Vec<usize>)>,
}

impl Splice {
    /// Whether anything is to be done at all.
    pub(super) fn is_active(&self) -> bool {
        self.token.is_some()
            || self.trial.is_some()
            || !self.begun.is_empty()
            || !self.ended.is_empty()
            || !self.behind.is_empty()
            || !self.done.is_empty()
            || !self.skipped.is_empty()
            || !self.ops.is_empty()
            || !self.failed_moves.is_empty()
            || !self.ops_behind.is_empty()
            || !self.points_behind.is_empty()
            || !self.phantoms.is_empty()
    }

    /// The same place, where something is only tried.
    pub(super) fn dry(&self) -> Self {
        Self {
            trial: self.trial.clone(),
            closers: self.closers.clone(),
            opener: self.opener,
            ..Self::default()
        }
    }

    /// All that is written in front of the token.
    pub(super) fn written(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for op in &self.ops {
            if let Op::Write(more) = op {
                bytes.extend_from_slice(more);
            }
        }
        bytes
    }

    /// The parser as it will be here; `before` is its state in front of the token.
    pub(super) fn trial(&mut self, before: &Tree) -> &mut Trial {
        self.trial.get_or_insert_with(|| Trial::from(before))
    }

    pub(super) fn take_trial(&mut self) -> Option<Trial> {
        self.trial.take()
    }

    /// Starts over from a state in which all that was held since, for the element of that id, is gone.
    pub(super) fn restart(&mut self, trial: Trial, id: u32, hold: Option<Hold>) {
        self.trial = Some(trial);
        self.closers.clear();
        self.opener = None;
        let begun = |op: &Op| matches!(op, Op::Hold(begun) if *begun == id);
        match self.ops.iter().position(begun) {
            // It began in front of the same token.
            Some(at) => self.ops.truncate(at),
            None => {
                self.ops.clear();
                self.ops.extend(hold.map(Op::Cut));
            }
        }
    }

    /// Writes the tags that were left out up to here, after which that many elements have to be open. False if that
    /// cannot be, and then nothing was written.
    pub(super) fn flush(&mut self, before: &Tree, depth: usize) -> bool {
        if self.closers.is_empty() && self.opener.is_none() {
            return self.trial(before).tree().open().len() == depth;
        }
        let tags = |closers: &[(Node, Option<Box<str>>)]| {
            let mut tags = Vec::new();
            for (node, name) in closers {
                let name =
                    name.as_deref().map(str::to_owned).or_else(|| name::unpack(node.tag));
                tags.extend_from_slice(
                    format!("</{}>", name.unwrap_or_default()).as_bytes(),
                );
            }
            tags
        };
        let opener = self.opener.map_or_else(Vec::new, |node| {
            format!("<{}>", name::unpack(node.tag).unwrap_or_default()).into_bytes()
        });
        let outermost = tags(
            self.closers.split_last().map_or(&[], |(last, _)| std::slice::from_ref(last)),
        );
        // The outermost end tag mostly implies the others, and the innermost start tag those around it.
        for mut bytes in [outermost, tags(&self.closers)] {
            bytes.extend_from_slice(&opener);
            let mut trial = self.trial(before).clone();
            if trial.read(&bytes) && trial.tree().open().len() == depth {
                self.trial = Some(trial);
                self.closers.clear();
                self.opener = None;
                self.ops.push(Op::Write(bytes));
                return true;
            }
        }
        false
    }

    /// Writes the end tags that were left out, after which that many elements have to be open.
    pub(super) fn flush_closers(&mut self, before: &Tree, depth: usize) -> bool {
        let implied = self.trial(before).tree().open().len();
        if self.closers.is_empty() {
            // Elements that the tag to be written implies may be missing.
            return implied <= depth;
        }
        self.flush(before, depth)
    }

    /// Gets ready to write a tag that the page left out, in place of `opener`. What was applied to it since `mark` is
    /// done if the rest is. False if it cannot be written.
    pub(super) fn begin_left_out(
        &mut self,
        before: &Tree,
        depth: usize,
        tag: &[u8],
        counts: &mut Counts,
        mark: usize,
    ) -> bool {
        self.opener = None;
        let steps = counts.take_back(mark);
        let mut trial = self.trial(before).clone();
        trial.read(tag);
        let implies = self.closers.is_empty() && trial.tree().open().len() == depth + 1;
        let ready = implies || self.flush_closers(before, depth);
        if ready {
            self.done.extend(steps);
        } else {
            self.refuse(&steps, Skip::NotClosed);
        }
        ready
    }

    /// Writes bytes as they are.
    pub(super) fn write(&mut self, before: &Tree, bytes: Vec<u8>) {
        self.trial(before).read(&bytes);
        self.ops.push(Op::Write(bytes));
    }

    /// Puts HTML into the innermost element as it is here, with that many open; or refuses the steps.
    pub(super) fn put(&mut self, before: &Tree, depth: usize, put: Put) {
        let Put { steps, html, probe, shadow: _ } = put;
        let untouched =
            (self.trial.clone(), self.ops.len(), self.closers.clone(), self.opener);
        let written =
            if self.flush(before, depth) { self.trial(before).put(&html) } else { None };
        match &written {
            Some(bytes) if !probe && !bytes.is_empty() => {
                self.ops.push(Op::Write(bytes.clone()));
            }
            _ => {
                let ops = untouched.1;
                (self.trial, _, self.closers, self.opener) = untouched;
                self.ops.truncate(ops);
            }
        }
        match written {
            Some(_) => self.done.extend_from_slice(&steps),
            None => self.refuse(&steps, Skip::DoesNotFit),
        }
    }

    pub(super) fn fail_move(&mut self, step: usize, reason: Skip) {
        self.failed_moves.push((step, reason));
    }

    pub(super) fn refuse(&mut self, steps: &[usize], reason: Skip) {
        self.skipped.extend(steps.iter().map(|&step| (step, reason)));
    }
}
