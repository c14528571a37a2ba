//! An element ends: what waited for that is put together.

use super::addition::Added;
use super::edits::{Place, Writing};
use super::moves::Source;
use super::output::MAX_HELD;
use super::report::Skip;
use super::splice::{Op, Put, Splice};
use super::state::{Leaving, Open, Region};
use super::trial::Trial;
use super::walk::{Here, Walk};
use crate::html::{Namespace, Token, Tree, name};

impl Walk<'_> {
    /// Whether nothing waits for the end of the innermost element.
    pub(super) fn ends_plainly(&self) -> bool {
        let plain = |open: &Open| open.region.is_none() && !open.node.is_html(name::HEAD);
        self.findings.is_empty()
            && self.pictures.is_empty()
            && self.open.last().is_some_and(plain)
    }

    /// The innermost element ends, for which nothing waits.
    pub(super) fn close_plain(&mut self) {
        let touched = self.open.pop().map_or(0, |open| open.touched);
        if let Some(parent) = self.open.last_mut() {
            parent.touched |= touched;
        }
    }

    /// The innermost element ends.
    pub(super) fn close_element(
        &mut self,
        own_tag: bool,
        here: Here<'_>,
        splice: &mut Splice,
    ) {
        let Some(mut open) = self.open.pop() else { return };
        self.pass_flow(open.node, here);
        self.end_findings(open.node, splice);
        if open.node.is_html(name::HEAD) && !open.apart {
            self.place_addition(open.touched, splice);
        }
        if !self.pictures.is_empty() {
            self.end_pictures();
        }
        if let Some(parent) = self.open.last_mut() {
            parent.touched |= open.touched;
        }
        if let Some(region) = open.region.take() {
            self.regions -= 1;
            self.end_region(&open, *region, own_tag, here, splice);
        } else if splice.opener.is_some_and(|opener| opener.id == open.node.id) {
            // Neither of its tags is written: what follows implies both.
            splice.opener = None;
        } else if !own_tag {
            splice.closers.push((open.node, open.name.clone()));
        }
        if open.node.is_html(name::HEAD) && !open.apart {
            self.head = Some(open);
        }
    }

    /// The style sheets go last into the head, where they win over the page's own, and scripts behind them.
    pub(super) fn place_addition(&mut self, touched: u64, splice: &mut Splice) {
        let missing = self.steps.take_missing(self.plan);
        if touched != 0 {
            // What is put last into the head, and in which order, hangs on the order of the changes.
            for (step, _) in &missing {
                self.counts.doubt(*step);
            }
        }
        let added = self.addition.take(self.charset, &mut self.counts);
        let guard = self.hydration.cover(self.plan);
        let waiting = !missing.is_empty() || !added.is_empty() || !guard.is_empty();
        let live = added.iter().any(|one| !one.html.is_empty())
            || missing.iter().any(|(step, _)| !self.plan.steps[*step].probe)
            || !guard.is_empty();
        let mut dry = splice.dry();
        let into = if live { &mut *splice } else { &mut dry };
        // Something in the head may still be open, where the page ends.
        let ready = !waiting
            || into.closers.is_empty()
            || into.flush(&self.before, self.open.len() + 1);
        for (step, html) in missing {
            self.counts.matched(step);
            match html {
                Some(_) if !ready => splice.refuse(&[step], Skip::NotClosed),
                Some(html) => {
                    if !self.plan.steps[step].probe {
                        splice.write(&self.before, self.charset.encode_html(&html));
                    }
                    splice.done.push(step);
                }
                None => splice.refuse(&[step], Skip::Taken),
            }
        }
        for Added { html, steps } in added {
            if !ready {
                splice.refuse(&steps, Skip::NotClosed);
                continue;
            }
            if !html.is_empty() {
                splice.write(&self.before, html);
            }
            splice.done.extend(steps);
        }
        if guard.is_empty() {
            // Nothing has to be done for a framework.
        } else if ready {
            splice.write(&self.before, self.charset.encode_html(&guard));
        } else {
            self.hydration.uncover();
        }
    }

    #[allow(clippy::too_many_lines, reason = "what is done at an end, in its order")]
    pub(super) fn end_region(
        &mut self,
        open: &Open,
        mut region: Region,
        own_tag: bool,
        here: Here<'_>,
        splice: &mut Splice,
    ) {
        let closer = (open.node, open.name.clone());
        let length = self.position(here).saturating_sub(region.position);
        let too_long = region.start.is_some() && length > MAX_HELD as u64;
        if let Some(reason) = region.broken.or(too_long.then_some(Skip::TooLong)) {
            for writing in &region.writings {
                match (writing.place, writing.moved) {
                    (_, Some(step)) => splice.fail_move(step, reason),
                    (Place::Moved, None) => splice.fail_move(writing.steps[0], reason),
                    _ => splice.refuse(&writing.steps, reason),
                }
            }
            let leaving = region.leaving.and_then(|leaving| leaving.hold);
            for hold in [region.hold, leaving].into_iter().flatten() {
                self.output.release(hold);
            }
            if !own_tag {
                splice.closers.push(closer);
            }
            return;
        }
        let before = &self.before;
        let depth = self.open.len();
        let writings = std::mem::take(&mut region.writings);
        let (mut moved, mut points_behind, mut leaves) = (Vec::new(), Vec::new(), None);
        let (mut last, mut behind, mut whole) = (Vec::new(), Vec::new(), false);
        for writing in writings {
            let html = self.charset.encode_html(&writing.html);
            if let Some(step) = writing.moved {
                moved.push((writing.place, step));
                continue;
            }
            match writing.place {
                Place::Moved => leaves = Some(writing.steps[0]),
                Place::Content | Place::Whole => {
                    let Some(start) = &region.start else { continue };
                    let bare = region.bare.as_ref().filter(|bare| {
                        html.is_empty() && self.goes_on_from(bare, own_tag, here)
                    });
                    let mut trial = Trial::from(bare.unwrap_or(start));
                    trial.number_from(before.last_id());
                    let written = trial.put(&html).unwrap_or_default();
                    if writing.probe {
                        splice.phantoms.push((trial, writing.steps));
                        continue;
                    }
                    splice.restart(trial, open.node.id, region.hold);
                    if bare.is_none() {
                        splice.ops.push(Op::Write(std::mem::take(&mut region.closers)));
                    }
                    splice.ops.push(Op::Write(written));
                    whole |= writing.place == Place::Whole;
                    for &step in &writing.steps {
                        self.counts.held(step, length);
                    }
                    splice.done.extend(writing.steps);
                }
                Place::Behind => {
                    behind.push(Put {
                        steps: writing.steps,
                        html,
                        probe: writing.probe,
                        shadow: false,
                    });
                }
                _ => last.push(Put {
                    steps: writing.steps,
                    html,
                    probe: writing.probe,
                    shadow: false,
                }),
            }
        }
        if !whole {
            for put in last {
                splice.put(before, depth + 1, put);
            }
        }
        for (place, step) in moved {
            match place {
                _ if whole => splice.fail_move(step, Skip::Removed),
                Place::Last if splice.flush(&self.before, depth + 1) => {
                    let tree = splice.trial(&self.before).tree().clone();
                    splice.ops.push(Op::Point(step, Box::new(tree)));
                }
                Place::Behind if own_tag => splice.points_behind.push(step),
                Place::Behind => points_behind.push(step),
                _ => splice.fail_move(step, Skip::NotClosed),
            }
        }
        match (whole, own_tag) {
            (true, true) => splice.token = Some(Vec::new()),
            (false, false) => splice.closers.push(closer),
            _ => {}
        }
        if let Some(step) = leaves {
            self.leave(open, &mut region, own_tag, step, here, splice);
        }
        for put in behind {
            if own_tag && !whole {
                splice.behind.push(put);
            } else {
                splice.put(before, depth, put);
            }
        }
        for step in points_behind {
            if splice.flush(&self.before, depth) {
                let tree = splice.trial(&self.before).tree().clone();
                splice.ops.push(Op::Point(step, Box::new(tree)));
            } else {
                splice.fail_move(step, Skip::NotClosed);
            }
        }
        splice.ended.push(region);
    }

    /// An element that goes elsewhere has ended: it can go if the page is read on as it was without it.
    fn leave(
        &self,
        open: &Open,
        region: &mut Region,
        own_tag: bool,
        step: usize,
        here: Here<'_>,
        splice: &mut Splice,
    ) {
        let Some(leaving) = region.leaving.take() else { return };
        // The end tag that a picture lacks would be read by rules of its own.
        if !own_tag && open.node.namespace != Namespace::Html {
            splice.released.extend(leaving.hold);
            return splice.fail_move(step, Skip::NotClosed);
        }
        let Leaving { tree, bare, closers, hold: Some(start) } = *leaving else { return };
        let bare = bare.is_some_and(|bare| self.goes_on_from(&bare, own_tag, here));
        if !bare && !self.goes_on_from(&tree, own_tag, here) {
            splice.released.push(start);
            return splice.fail_move(step, Skip::NotClosed);
        }
        let name = open.name.as_deref().map(str::to_owned);
        let name = name.or_else(|| name::unpack(open.node.tag)).unwrap_or_default();
        let source = Source {
            start,
            end: None,
            closer: if own_tag { Vec::new() } else { format!("</{name}>").into_bytes() },
            closers: if bare { Vec::new() } else { closers },
            tree,
        };
        let ops = if own_tag { &mut splice.ops_behind } else { &mut splice.ops };
        ops.push(Op::Source(step, Box::new(source)));
    }

    /// Whether the page is read on as it was if all from that state up to the token is left out, and the token with it
    /// if it is the end tag of what goes.
    pub(super) fn goes_on_from(
        &self,
        state: &Tree,
        own_tag: bool,
        here: Here<'_>,
    ) -> bool {
        let mut trial = Trial::from(state);
        trial.number_from(self.before.last_id());
        if !own_tag {
            trial.read_token(here.token, here.bytes);
        }
        trial.tree().is_like(&self.parser.tree, self.before.last_id())
    }

    /// What goes last into the body is written in front of its end tag, though more may follow that.
    pub(super) fn watch_body(&mut self, here: Here<'_>) {
        let ended = self.parser.tree.is_after_body();
        if !ended {
            for step in std::mem::take(&mut self.ended_body) {
                self.counts.doubt(step);
            }
            return;
        }
        let body_tag = matches!(here.token, Token::End { tag: name::BODY | name::HTML });
        if !body_tag {
            return;
        }
        let Some(mut open) = self.open.pop_if(|open| open.node.is_html(name::BODY))
        else {
            return;
        };
        let mut splice = Splice::default();
        let depth = self.open.len();
        if let Some(mut region) = open.region.take() {
            self.before
                .set_open(self.open.iter().map(|open| open.node).chain([open.node]));
            // What is put behind the body has no place.
            let inside = |writing: &mut Writing| {
                matches!(writing.place, Place::Last | Place::Content)
            };
            let writings: Vec<_> = region.writings.extract_if(.., inside).collect();
            let steps = writings.iter().flat_map(|writing| writing.steps.iter().copied());
            self.ended_body.extend(steps);
            self.ended_body.extend(writings.iter().filter_map(|writing| writing.moved));
            let behind = std::mem::replace(&mut region.writings, writings);
            for writing in behind {
                splice.refuse(&writing.steps, Skip::Needed);
            }
            self.regions -= 1;
            self.end_region(&open, *region, true, here, &mut splice);
        }
        debug_assert_eq!(depth, self.open.len(), "only the body was taken out");
        self.open.push(open);
        self.settle(splice, here, false);
    }
}
