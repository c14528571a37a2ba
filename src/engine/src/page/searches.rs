//! What all the comparisons of one visit may take together. They are counted in steps, never in time: the edge, the
//! browser and the command line come to the same answers.

use std::cell::Cell;

/// The most steps of a visit. One is a letter of a regular expression at a byte of a text.
pub(crate) const MAX_STEPS: usize = 1_600_000;

/// How many of them are not for regular expressions, so that what is written without is decided beside the heaviest.
const RESERVED: usize = 300_000;

/// Steps that are left to one visit. What does not fit in is not looked for, and so not known; less work, if it comes
/// behind, may still be done.
#[derive(Debug)]
pub(crate) struct Searches {
    left: Cell<usize>,
}

impl Searches {
    /// Those of a visit.
    pub(crate) fn of_a_visit() -> Self {
        Self { left: Cell::new(MAX_STEPS) }
    }

    /// As many as it takes, where nobody waits.
    pub(crate) fn without_end() -> Self {
        Self { left: Cell::new(usize::MAX) }
    }

    /// Takes so many steps. None if there are not as many left; then none are taken.
    pub(crate) fn take(&self, steps: usize) -> Option<()> {
        self.left.set(self.left.get().checked_sub(steps)?);
        Some(())
    }

    /// The same for a regular expression.
    pub(super) fn take_for_pattern(&self, steps: usize) -> Option<()> {
        let left = self.left.get().checked_sub(steps)?;
        (left >= RESERVED).then(|| self.left.set(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_takes_nothing() {
        let searches = Searches::of_a_visit();
        let for_patterns = MAX_STEPS - RESERVED;
        assert!(searches.take_for_pattern(for_patterns - 10).is_some());
        assert!(searches.take_for_pattern(11).is_none());
        assert!(searches.take_for_pattern(10).is_some());
        assert!(searches.take_for_pattern(1).is_none());
        assert!(searches.take(RESERVED + 1).is_none());
        assert!(searches.take(RESERVED).is_some());
        assert!(searches.take(1).is_none() && searches.take(0).is_some());
        let searches = Searches::without_end();
        assert!((0..100).all(|_| searches.take_for_pattern(MAX_STEPS).is_some()));
    }
}
