//! What was put together for a token is done, if the page is read on as it was; or nothing of it.

use super::moves::Source;
use super::report::Skip;
use super::splice::{Op, Put, Splice};
use super::trial::Trial;
use super::walk::{Here, Walk};
use crate::html::Token;

impl Walk<'_> {
    /// Does what was put together for a token, if the page is read on as it was; or nothing of it.
    pub(super) fn settle(&mut self, mut splice: Splice, here: Here<'_>, page_end: bool) {
        let known = self.before.last_id();
        let read_on = |trial: &mut Trial, token: &[u8]| {
            if page_end { trial.finish() } else { trial.read_token(here.token, token) }
        };
        for (mut trial, steps) in std::mem::take(&mut splice.phantoms) {
            // Where the element's own end tag goes with it, it is not read.
            let mut without = trial.clone();
            read_on(&mut trial, here.bytes);
            read_on(&mut without, &[]);
            let same = page_end
                || trial.tree().is_like(&self.parser.tree, known)
                || without.tree().is_like(&self.parser.tree, known);
            if same {
                splice.done.extend(steps);
            } else {
                splice.refuse(&steps, Skip::NotClosed);
            }
        }
        let mut sound = true;
        let mut behind = Vec::new();
        let trial = splice.take_trial();
        let mut trial = match trial {
            Some(mut trial) => {
                read_on(&mut trial, splice.token.as_deref().unwrap_or(here.bytes));
                sound = if page_end {
                    self.parser.tokenizer.can_be_continued()
                } else {
                    true
                } && (page_end || trial.tree().is_like(&self.parser.tree, known));
                trial
            }
            None => Trial::from(&self.parser.tree),
        };
        sound &= !self.runs_on(&splice, here);
        if sound {
            for Put { steps, html, probe, shadow } in std::mem::take(&mut splice.behind) {
                let mut dry = probe.then(|| trial.clone());
                let into = dry.as_mut().unwrap_or(&mut trial);
                let written =
                    if shadow { into.put_shadow(&html) } else { into.put(&html) };
                match written {
                    Some(bytes) => {
                        if !probe {
                            behind.push(bytes);
                        }
                        splice.done.extend(steps);
                    }
                    None => splice.refuse(&steps, Skip::DoesNotFit),
                }
            }
            self.apply(&mut splice, behind, here);
        } else {
            self.refuse(&mut splice, here);
        }
        for (step, reason) in splice.skipped {
            self.counts.skip(step, reason);
        }
        for hold in splice.released {
            self.output.release(hold);
        }
        for (step, reason) in splice.failed_moves {
            self.fail_move(step, reason);
        }
    }

    /// Whether what is written would become one with the text in front of it: a tag's or a reference's beginning.
    fn runs_on(&self, splice: &Splice, here: Here<'_>) -> bool {
        let Some(Op::Write(bytes)) = splice.ops.first() else { return false };
        let Some(&first) = bytes.first() else { return false };
        let page = &here.all[self.copied.min(here.at)..here.at];
        let tail = if page.is_empty() { self.output.tail() } else { page };
        if tail.ends_with(b"</") || (tail.ends_with(b"<") && first != b'<') {
            return true;
        }
        let name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
        let start = tail.iter().rposition(|byte| !name(byte));
        start.is_some_and(|start| tail[start] == b'&') && (name(&first) || first == b';')
    }

    pub(super) fn apply(
        &mut self,
        splice: &mut Splice,
        behind: Vec<Vec<u8>>,
        here: Here<'_>,
    ) {
        for region in &splice.ended {
            if region.hold.is_some() {
                for step in self.counts.take_back(region.mark) {
                    self.counts.skip(step, Skip::Removed);
                }
            }
        }
        for step in std::mem::take(&mut splice.done) {
            self.counts.applied(step);
        }
        // What was done in front of an element stays, whatever becomes of the element.
        for id in std::mem::take(&mut splice.begun) {
            let Some(at) = self.open.iter().rposition(|open| open.node.id == id) else {
                continue;
            };
            let nodes: Vec<_> = self.open[..=at].iter().map(|open| open.node).collect();
            if let Some(region) = self.open[at].region.as_mut() {
                region.mark = self.counts.mark();
                // What the trial opened in front of the token has the page's own numbers from here on.
                let leaving = region.leaving.as_mut().map(|leaving| &mut leaving.tree);
                for tree in region.start.as_deref_mut().into_iter().chain(leaving) {
                    let depth = tree.open().len();
                    if depth == at || depth == at + 1 {
                        tree.set_open(nodes[..depth].iter().copied());
                    }
                }
            }
        }
        if !splice.ops.is_empty() {
            self.copy_to(here.all, here.at);
        }
        if !splice.ops.is_empty() || !behind.is_empty() {
            // Words are looked for in what the page has, not in what is written into it.
            for finding in &self.findings {
                self.counts.doubt(finding.step);
            }
        }
        for op in std::mem::take(&mut splice.ops) {
            match op {
                Op::Write(bytes) => self.output.push(&bytes),
                Op::Hold(id) => self.hold(id),
                Op::Point(step, tree) => self.note_place(step, *tree),
                Op::Leave(id) => self.hold_leaving(id),
                Op::Source(step, source) => self.end_source(step, *source),
                Op::Cut(hold) => {
                    self.has_cut = true;
                    if let Some(place) = self.output.place(hold) {
                        self.output.splice(place..self.output.position(), &[]);
                        self.output.release(hold);
                    }
                }
            }
        }
        let end = here.at + here.bytes.len();
        if let Some(token) = splice.token.take() {
            self.copy_to(here.all, here.at);
            self.output.push(&token);
            self.copied = end;
        }
        if !behind.is_empty() || !splice.holds_behind.is_empty() {
            self.copy_to(here.all, end);
        }
        let points = std::mem::take(&mut splice.points_behind);
        let ops = std::mem::take(&mut splice.ops_behind);
        if !points.is_empty() || !ops.is_empty() {
            self.copy_to(here.all, end);
        }
        for op in ops {
            if let Op::Source(step, source) = op {
                self.end_source(step, *source);
            }
        }
        for bytes in behind {
            self.output.push(&bytes);
        }
        for step in points {
            self.note_place(step, self.parser.tree.clone());
        }
        for id in std::mem::take(&mut splice.holds_behind) {
            self.hold(id);
        }
    }

    fn end_source(&mut self, step: usize, mut source: Source) {
        source.end = Some(self.output.hold());
        self.note_source(step, source);
    }

    fn hold_leaving(&mut self, id: u32) {
        let open = self.open.iter_mut().rev().find(|open| open.node.id == id);
        let region = open.and_then(|open| open.region.as_mut());
        if let Some(leaving) = region.and_then(|region| region.leaving.as_mut()) {
            leaving.hold = Some(self.output.hold());
        }
    }

    pub(super) fn hold(&mut self, id: u32) {
        let open = self.open.iter_mut().rev().find(|open| open.node.id == id);
        if let Some(region) = open.and_then(|open| open.region.as_mut()) {
            region.hold = Some(self.output.hold());
            region.position = self.output.position();
        }
    }

    /// Nothing of it is done but what is in the tag.
    pub(super) fn refuse(&mut self, splice: &mut Splice, here: Here<'_>) {
        for region in std::mem::take(&mut splice.ended) {
            if let Some(hold) = region.hold {
                self.output.release(hold);
            }
        }
        for id in std::mem::take(&mut splice.begun) {
            let open = self.open.iter_mut().find(|open| open.node.id == id);
            if let Some(region) = open.and_then(|open| open.region.take()) {
                self.regions -= 1;
                for writing in &region.writings {
                    splice.refuse(&writing.steps, Skip::NotClosed);
                }
            }
        }
        let steps = std::mem::take(&mut splice.done);
        splice.refuse(&steps, Skip::NotClosed);
        let ops = std::mem::take(&mut splice.ops).into_iter();
        for op in ops.chain(std::mem::take(&mut splice.ops_behind)) {
            if let Op::Point(step, _) | Op::Source(step, _) = &op {
                let step = *step;
                self.fail_move(step, Skip::NotClosed);
            }
            if let Op::Source(_, source) = op {
                self.output.release(source.start);
            }
        }
        for step in std::mem::take(&mut splice.points_behind) {
            self.fail_move(step, Skip::NotClosed);
        }
        for put in std::mem::take(&mut splice.behind) {
            splice.refuse(&put.steps, Skip::NotClosed);
        }
        if let Some(token) = splice.token.take().filter(|token| !token.is_empty()) {
            self.copy_to(here.all, here.at);
            self.output.push(&token);
            self.copied = here.at + here.bytes.len();
        }
    }

    /// The line break that the parser drops stays first in its element.
    pub(super) fn place_deferred(&mut self, here: Here<'_>) {
        let breaks = match (here.token, here.bytes) {
            (Token::Text, [b'\r', b'\n', ..]) => 2,
            (Token::Text, [b'\n' | b'\r', ..]) => 1,
            _ => 0,
        };
        self.copy_to(here.all, here.at + breaks);
        for Put { steps, mut html, probe, shadow: _ } in
            std::mem::take(&mut self.deferred)
        {
            if breaks == 0 && html.starts_with(b"\n") {
                html.insert(0, b'\n');
            }
            let mut trial = Trial::from(&self.before);
            trial.set_open(self.open.iter().map(|open| open.node));
            match trial.put(&html) {
                Some(bytes) => {
                    if !probe {
                        self.output.push(&bytes);
                    }
                    for step in steps {
                        self.counts.applied(step);
                    }
                }
                None => {
                    for step in steps {
                        self.counts.skip(step, Skip::DoesNotFit);
                    }
                }
            }
        }
    }
}
