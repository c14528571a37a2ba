//! When to stop. The host is asked between two pieces of work, however much or little of the page they take: a page may
//! be written so that one tag costs as much as a megabyte of words.

/// How much work is done between two questions; one is about a byte that is read, or 10 ns on a desktop.
const BETWEEN: usize = 32 * 1024;

/// How much is asked of one element at most; see [`Load`].
const MAX_LOAD: usize = 256;

/// Who says when a page has taken enough. A closure may.
pub trait MayGoOn {
    /// Whether the rewriter may go on. It is asked every few hundred microseconds, so it has to be cheap; it may look at
    /// a clock.
    fn may_go_on(&self) -> bool;
}

impl<F: Fn() -> bool> MayGoOn for F {
    fn may_go_on(&self) -> bool {
        self()
    }
}

/// Asks whether to go on.
#[derive(Default)]
pub(super) struct Watch<'p> {
    may_go_on: Option<&'p dyn MayGoOn>,
    work: usize,
    /// All work so far.
    done: usize,
    is_over: bool,
}

impl<'p> Watch<'p> {
    pub(super) fn set(&mut self, may_go_on: &'p dyn MayGoOn) {
        self.may_go_on = Some(may_go_on);
    }

    /// Notes work that was done, and asks if it has become much. False once the page is to be given up.
    pub(super) fn allows(&mut self, work: usize) -> bool {
        self.work += work;
        self.done = self.done.saturating_add(work);
        if self.work >= BETWEEN && !self.is_over {
            self.work = 0;
            self.is_over = self.may_go_on.is_some_and(|host| !host.may_go_on());
        }
        !self.is_over
    }

    /// How much work was done.
    pub(super) fn done(&self) -> usize {
        self.done
    }

    /// Whether the host has said that it is enough.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }
}

/// What is asked of one element: so that no element costs more than a few milliseconds, what goes beyond a limit is left
/// undone. A change of an ordinary tag weighs 1 for each attribute, class or property, and 1 for each KiB of HTML; in a
/// tag that is very long, or has very many attributes, more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    /// What looking at the tag once more weighs.
    tag: usize,
    sum: usize,
}

impl Load {
    /// None yet, on a tag of that many bytes and attributes.
    pub(super) fn on(tag: usize, attributes: usize) -> Self {
        Self { tag: 1 + tag / 4_096 + attributes / 64, sum: 0 }
    }

    /// Takes on a change to that many parts of the tag and with that much HTML. False if it is too much beside the others.
    pub(super) fn takes(&mut self, parts: usize, html: usize) -> bool {
        let fits = self.sum < MAX_LOAD;
        if fits {
            self.sum += parts.max(1) * self.tag + html / 1_024;
        }
        fits
    }

    /// All of it, as work.
    pub(super) fn work(self) -> usize {
        self.sum * 1_024
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn the_host_is_asked_now_and_then() {
        let asked = Cell::new(0);
        let may_go_on = || {
            asked.set(asked.get() + 1);
            asked.get() < 3
        };
        let mut watch = Watch::default();
        assert!(watch.allows(usize::MAX / 2), "nobody is asked");
        let mut watch = Watch::default();
        watch.set(&may_go_on);
        assert!(watch.allows(BETWEEN - 1) && asked.get() == 0);
        assert!(watch.allows(1) && asked.get() == 1);
        assert!(watch.allows(BETWEEN) && !watch.allows(BETWEEN));
        assert!(!watch.allows(0) && watch.is_over() && asked.get() == 3);
    }

    #[test]
    fn an_element_takes_so_much() {
        let mut load = Load::on(10, 0);
        assert_eq!((0..1_000).filter(|_| load.takes(1, 0)).count(), MAX_LOAD);
        let mut load = Load::on(1_000_000, 9_000);
        assert!(load.takes(1, 0) && !load.takes(1, 0));
        let mut load = Load::on(10, 0);
        let fit = (0..10).filter(|_| load.takes(1, 64 * 1024)).count();
        assert_eq!(fit, 4);
    }
}
