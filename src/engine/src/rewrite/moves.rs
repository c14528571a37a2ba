//! Elements that go elsewhere: held from the place or the element, whichever comes first, until the other is there.

use super::output::Hold;
use super::report::Skip;
use super::state::Open;
use super::trial::Trial;
use super::walk::Walk;
use crate::change::Action;
use crate::html::Tree;
use crate::plan::Plan;

/// The longest element that is moved, bytes: it is read several times to see that it fits its place.
const MAX_MOVED: u64 = 128 * 1024;

/// One step's element and its place, as far as they are known.
#[derive(Debug)]
pub(super) struct Moving {
    pub(super) step: usize,
    probe: bool,
    source: Option<Source>,
    place: Option<Place>,
    /// It is done, or cannot be.
    over: bool,
    /// Why it cannot be, where that was known before the element came.
    failed: Option<Skip>,
}

impl Moving {
    fn is_waiting(&self) -> bool {
        !self.over && (self.source.is_some() || self.place.is_some())
    }
}

/// The element, in the output between two holds.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) start: Hold,
    /// Set where it has ended.
    pub(super) end: Option<Hold>,
    /// Its end tag, if the page left that out.
    pub(super) closer: Vec<u8>,
    /// Tags to be written where it was.
    pub(super) closers: Vec<u8>,
    /// The parser's state in front of it.
    pub(super) tree: Tree,
}

/// Where it goes.
#[derive(Debug)]
struct Place {
    hold: Hold,
    tree: Tree,
}

/// All steps that move something.
#[derive(Debug)]
pub(super) struct Moves(Vec<Moving>);

impl Moves {
    pub(super) fn of(plan: &Plan<'_>) -> Self {
        let steps = plan.steps.iter().enumerate();
        let moving = steps.filter(|(_, step)| matches!(*step.action, Action::Move(_)));
        Self(
            moving
                .map(|(index, step)| Moving {
                    step: index,
                    probe: step.probe,
                    source: None,
                    place: None,
                    over: false,
                    failed: None,
                })
                .collect(),
        )
    }

    /// Why the step's element cannot go anywhere, if that is known.
    pub(super) fn failure(&self, step: usize) -> Option<Skip> {
        self.0.iter().find(|moving| moving.step == step)?.failed
    }

    fn of_step(&mut self, step: usize) -> Option<&mut Moving> {
        self.0.iter_mut().find(|moving| moving.step == step)
    }

    /// Whether one has its element or its place, and not both.
    pub(super) fn is_waiting(&self) -> bool {
        self.0.iter().any(Moving::is_waiting)
    }
}

impl Walk<'_> {
    /// Whether a step can move what is inside the open elements: none of them is about to go.
    pub(super) fn can_move_here(&self) -> bool {
        let goes = |open: &Open| {
            open.region.as_ref().is_some_and(|region| region.start.is_some())
        };
        !self.open.iter().any(goes)
    }

    /// The place is here, where the parser's state is that.
    pub(super) fn note_place(&mut self, step: usize, tree: Tree) {
        let hold = self.output.hold();
        let Some(moving) = self.moves.of_step(step).filter(|moving| !moving.over) else {
            self.output.release(hold);
            return;
        };
        moving.place = Some(Place { hold, tree });
        self.complete_move(step);
    }

    /// The element has passed.
    pub(super) fn note_source(&mut self, step: usize, source: Source) {
        let Some(moving) = self.moves.of_step(step).filter(|moving| !moving.over) else {
            for hold in [Some(source.start), source.end].into_iter().flatten() {
                self.output.release(hold);
            }
            return;
        };
        moving.source = Some(source);
        self.complete_move(step);
    }

    /// Moves the element if it and its place are known.
    fn complete_move(&mut self, step: usize) {
        // Where elements that are moved lie in or beside one another, the order of the changes counts.
        let waiting: Vec<_> =
            self.moves.0.iter().filter(|other| other.is_waiting()).collect();
        if waiting.len() > 1 {
            for other in waiting {
                self.counts.doubt(other.step);
            }
        }
        let count = self.moves.0.len() as u64;
        let Some(moving) = self.moves.of_step(step) else { return };
        let (Some(source), Some(place)) = (&moving.source, &moving.place) else { return };
        let (Some(start), Some(end), Some(at)) = (
            self.output.place(source.start),
            source.end.and_then(|end| self.output.place(end)),
            self.output.place(place.hold),
        ) else {
            return self.fail_move(step, Skip::TooLong);
        };
        if end - start > MAX_MOVED {
            return self.fail_move(step, Skip::TooLong);
        }
        // Many may go to one place, so that all of them are moved at one token: the element is read twice, and what lies
        // between the two makes room.
        let between = self.output.position() - start.min(at);
        let work = (end - start) * 2 + between / 16 + 2 * count;
        if !self.watch.allows(usize::try_from(work).unwrap_or(usize::MAX)) {
            return self.fail_move(step, Skip::Stopped);
        }
        let mut bytes = self.output.slice(start..end).to_vec();
        bytes.extend_from_slice(&source.closer);
        let same =
            Trial::from(&source.tree).makes_the_same(&Trial::from(&place.tree), &bytes);
        if !same || (start < at && at < end) {
            return self.fail_move(step, Skip::DoesNotFit);
        }
        let (closers, probe, hold) = (source.closers.clone(), moving.probe, place.hold);
        if probe {
            // Only the way is measured.
        } else if at <= start {
            self.output.splice(start..end, &closers);
            self.output.insert(hold, &bytes);
        } else {
            self.output.insert(hold, &bytes);
            self.output.splice(start..end, &closers);
        }
        self.counts.held(step, between);
        self.counts.applied(step);
        self.release_move(step);
    }

    /// The element stays where it is.
    pub(super) fn fail_move(&mut self, step: usize, reason: Skip) {
        let over = self.moves.of_step(step).is_none_or(|moving| moving.over);
        if !over {
            let tally = self.counts.all()[step];
            if tally.matched > 0 {
                // It may have been told already why the element itself cannot go.
                if !tally.is_settled() {
                    self.counts.skip(step, reason);
                }
            } else if let Some(moving) = self.moves.of_step(step) {
                moving.failed = Some(reason);
            }
            self.release_move(step);
        }
    }

    fn release_move(&mut self, step: usize) {
        let Some(moving) = self.moves.of_step(step) else { return };
        moving.over = true;
        let holds = [
            moving.source.as_ref().map(|source| source.start),
            moving.source.as_ref().and_then(|source| source.end),
            moving.place.as_ref().map(|place| place.hold),
        ];
        for hold in holds.into_iter().flatten() {
            self.output.release(hold);
        }
    }

    /// Too much is held from there on.
    pub(super) fn give_up_move(&mut self, hold: Hold) {
        let held =
            |moving: &&Moving| {
                moving.source.as_ref().is_some_and(|source| {
                    source.start == hold || source.end == Some(hold)
                }) || moving.place.as_ref().is_some_and(|place| place.hold == hold)
            };
        if let Some(step) = self.moves.0.iter().find(held).map(|moving| moving.step) {
            self.fail_move(step, Skip::TooLong);
        }
    }

    /// At the end of the page, what has not both its element and its place stays.
    pub(super) fn end_moves(&mut self, reason: Skip) {
        let steps: Vec<_> = self.moves.0.iter().map(|moving| moving.step).collect();
        for step in steps {
            let source =
                self.moves.of_step(step).is_some_and(|moving| moving.source.is_some());
            // Why the element itself could not be had was told where it ended.
            if source {
                self.fail_move(step, reason);
            } else {
                self.release_move(step);
            }
        }
    }
}
