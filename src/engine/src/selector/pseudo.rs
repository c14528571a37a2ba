//! Pseudo-classes that can be answered while the page streams past. `refused` says what is wrong with the others.

use super::compound::{Complex, Compound, List, Place};
use super::invalid::Reason;
use super::nth::Nth;
use super::parse::{MAX_DEPTH, Parser};
use super::scan::Fault;

impl Parser<'_> {
    /// Reads the pseudo-class that is next into `compound`.
    pub(super) fn pseudo(&mut self, compound: &mut Compound) -> Result<(), Fault> {
        let from = self.scan.at();
        self.scan.next();
        let is_element = self.scan.eat(":");
        let Some(name) = self.scan.name() else { return Err(self.stray()) };
        let open = self.scan.at();
        let is_function = self.scan.eat("(");
        if is_element {
            return Err(self.refused(from, is_function));
        }
        match (name.to_ascii_lowercase().as_str(), is_function) {
            ("root", false) => compound.places.push(Place::Root),
            ("link" | "any-link", false) => compound.places.push(Place::Link),
            ("first-child", false) => compound.places.push(Place::Nth(Nth::FIRST)),
            ("first-of-type", false) => {
                compound.places.push(Place::NthOfType(Nth::FIRST));
            }
            ("nth-child", true) => {
                compound.places.push(Place::Nth(self.nth(from)?));
            }
            ("nth-of-type", true) => {
                compound.places.push(Place::NthOfType(self.nth(from)?));
            }
            ("is" | "where", true) => {
                compound.lists.push(List::Any(self.inner(from)?));
            }
            ("not", true) => compound.lists.push(List::None(self.inner(from)?)),
            ("root" | "link" | "any-link" | "first-child" | "first-of-type", true) => {
                self.scan.skip_block();
                return Err(self.fault(open, Reason::NeedlessArgument));
            }
            ("nth-child" | "nth-of-type" | "is" | "where" | "not", false) => {
                return Err(self.fault(from, Reason::NoArgument));
            }
            _ => return Err(self.refused(from, is_function)),
        }
        Ok(())
    }

    fn refused(&mut self, from: usize, is_function: bool) -> Fault {
        if is_function {
            self.scan.skip_block();
        }
        self.fault(from, Reason::Refused)
    }

    /// Reads a place up to the parenthesis that closes the pseudo-class at `from`.
    fn nth(&mut self, from: usize) -> Result<Nth, Fault> {
        self.skip_space()?;
        let nth = Nth::read(&mut self.scan);
        self.skip_space()?;
        if let (Some(nth), None | Some(')')) = (nth, self.scan.peek()) {
            return self.close("(", ")", from).map(|()| nth);
        }
        let mut ahead = self.scan;
        let of = ahead.name().is_some_and(|word| word.eq_ignore_ascii_case("of"));
        self.scan.skip_block();
        let reason = if of { Reason::PlaceAmong } else { Reason::NotAPlace };
        Err(self.fault(from, reason))
    }

    /// Reads the selectors in the parentheses of the pseudo-class at `from`.
    fn inner(&mut self, from: usize) -> Result<Vec<Complex>, Fault> {
        if self.depth == MAX_DEPTH {
            return Err(self.fault(from, Reason::TooDeep));
        }
        self.skip_space()?;
        if self.scan.eat(")") {
            return Err(self.fault(from, Reason::NothingInside));
        }
        if self.scan.rest().is_empty() {
            return Err(self.fault(from, Reason::Unclosed("(")));
        }
        self.depth += 1;
        let list = self.list()?;
        self.depth -= 1;
        self.close("(", ")", from)?;
        Ok(list)
    }
}
