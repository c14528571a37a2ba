//! Where a page that comes again may be cut short: behind each token, with how much of what goes out is settled by then,
//! whatever follows.

use super::BOM_BYTES;
use super::output::Output;

/// Long texts may be cut in between as well, each so many bytes.
const TEXT_STEP: usize = 256;

/// Of places that are nearer to each other than so many bytes, only the last is kept.
const APART: usize = 64;

/// A place behind a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bound {
    /// How many bytes of the page are in front of it.
    pub(super) read: usize,
    /// How many bytes have gone out when no more than those are known.
    pub(super) settled: usize,
}

/// The places of a page, in their order.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    /// How many bytes of the page are in front of those at hand.
    before: usize,
    list: Vec<Bound>,
}

impl Bounds {
    /// Notes the place behind `at` of the bytes at hand, of which `copied` are in the output.
    pub(super) fn note(&mut self, at: usize, copied: usize, output: &Output) {
        let settled = output.settled(at.saturating_sub(copied));
        self.push(at, settled);
    }

    /// Notes the places within a text that begins at `at` and goes out as it comes.
    pub(super) fn note_text(
        &mut self,
        at: usize,
        length: usize,
        copied: usize,
        output: &Output,
    ) {
        for step in (TEXT_STEP..length).step_by(TEXT_STEP) {
            self.note(at + step, copied, output);
        }
    }

    fn push(&mut self, at: usize, settled: u64) {
        let settled = usize::try_from(settled).unwrap_or(usize::MAX);
        let read = self.before + at;
        // Before, it is not known whether the page begins with a byte order mark.
        if read < BOM_BYTES {
            return;
        }
        let bound = Bound { read, settled };
        match self.list.as_mut_slice() {
            [.., before, last] if read - before.read < APART => *last = bound,
            _ => self.list.push(bound),
        }
    }

    /// So many of the bytes at hand were read; the others come again.
    pub(super) fn pass(&mut self, read: usize) {
        self.before += read;
    }

    pub(super) fn into_list(self) -> Vec<Bound> {
        self.list
    }

    /// Notes places behind `at` while nothing is written.
    pub(super) fn run(&mut self, at: usize, copied: usize, output: &Output) -> Run<'_> {
        let settled = output.settled(at.saturating_sub(copied));
        Run { at, settled, is_holding: output.is_holding(), bounds: self }
    }
}

/// A stretch of the page that goes out as it comes, or is held as a whole.
#[derive(Debug)]
pub(super) struct Run<'b> {
    at: usize,
    settled: u64,
    is_holding: bool,
    bounds: &'b mut Bounds,
}

impl Run<'_> {
    /// Notes a place within it, if it is not where it begins.
    pub(super) fn note(&mut self, inside: usize) {
        if inside == 0 {
            return;
        }
        let more = if self.is_holding { 0 } else { inside as u64 };
        self.bounds.push(self.at + inside, self.settled + more);
    }
}
