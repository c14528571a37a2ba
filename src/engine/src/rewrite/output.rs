//! The bytes on their way out. What a change may yet take back or put elsewhere is held, and everything behind it with
//! it; the rest goes on at once.

use std::ops::Range;

/// The most bytes held back for a page. An element longer than this stays as it is.
pub(super) const MAX_HELD: usize = 1024 * 1024;

/// One place from which the output is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hold(u32);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Output {
    bytes: Vec<u8>,
    /// How many bytes went on before these.
    gone: u64,
    /// The last of those.
    last: Option<u8>,
    /// Open holds with the place of each.
    holds: Vec<(Hold, u64)>,
    made: u32,
}

impl Output {
    /// Takes bytes in the page's order.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// How many bytes were taken so far, in place.
    pub(super) fn position(&self) -> u64 {
        self.gone + self.bytes.len() as u64
    }

    /// Holds what is taken from here on.
    pub(super) fn hold(&mut self) -> Hold {
        self.hold_at(self.position())
    }

    /// Holds from a place on that has not gone on.
    pub(super) fn hold_at(&mut self, place: u64) -> Hold {
        self.made += 1;
        let hold = Hold(self.made);
        self.holds.push((hold, place));
        hold
    }

    /// The byte in front of a place from which the output is held.
    pub(super) fn byte_before(&self, place: u64) -> Option<u8> {
        match self.index(place) {
            0 => self.last,
            index => self.bytes.get(index - 1).copied(),
        }
    }

    /// Whether anything is held.
    pub(super) fn is_holding(&self) -> bool {
        !self.holds.is_empty()
    }

    /// Where a hold begins; none if it was let go.
    pub(super) fn place(&self, hold: Hold) -> Option<u64> {
        self.holds.iter().find(|(other, _)| *other == hold).map(|(_, place)| *place)
    }

    /// Lets a hold go.
    pub(super) fn release(&mut self, hold: Hold) {
        self.holds.retain(|(other, _)| *other != hold);
    }

    /// The oldest hold, if more is held than may be.
    pub(super) fn over_limit(&self) -> Option<Hold> {
        let (hold, place) = self.holds.iter().min_by_key(|(_, place)| *place)?;
        (self.position() - place > MAX_HELD as u64).then_some(*hold)
    }

    fn index(&self, place: u64) -> usize {
        usize::try_from(place.saturating_sub(self.gone))
            .unwrap_or(usize::MAX)
            .min(self.bytes.len())
    }

    /// The last bytes, as far as they have not gone on.
    pub(super) fn tail(&self) -> &[u8] {
        &self.bytes
    }

    /// What is held between two places.
    pub(super) fn slice(&self, range: Range<u64>) -> &[u8] {
        &self.bytes[self.index(range.start)..self.index(range.end)]
    }

    /// Puts other bytes in place of some that are held. Holds behind them move along; those inside end up in front.
    pub(super) fn splice(&mut self, range: Range<u64>, with: &[u8]) {
        let (start, end) = (self.index(range.start), self.index(range.end));
        self.bytes.splice(start..end, with.iter().copied());
        let (removed, added) = ((end - start) as u64, with.len() as u64);
        for (_, place) in &mut self.holds {
            if *place >= range.end && *place > range.start {
                *place = *place - removed + added;
            } else if *place > range.start {
                *place = range.start;
            }
        }
    }

    /// The same at many places at once, in their order.
    pub(super) fn splice_all(&mut self, edits: &[(Range<u64>, Vec<u8>)]) {
        let (Some((first, _)), Some((last, _))) = (edits.first(), edits.last()) else {
            return;
        };
        let (start, end) = (self.index(first.start), self.index(last.end));
        let mut fresh = Vec::with_capacity(end - start);
        let mut copied = first.start;
        // In front of each, how much was taken out and put in.
        let mut before = Vec::with_capacity(edits.len());
        let (mut removed, mut added) = (0, 0);
        for (range, with) in edits {
            before.push((removed, added));
            fresh.extend_from_slice(self.slice(copied..range.start));
            fresh.extend_from_slice(with);
            copied = range.end;
            removed += range.end - range.start;
            added += with.len() as u64;
        }
        self.bytes.splice(start..end, fresh);
        for (_, place) in &mut self.holds {
            let next = edits.partition_point(|(range, _)| range.end <= *place);
            let inside = edits.get(next).filter(|(range, _)| range.start < *place);
            let (removed, added) = before.get(next).copied().unwrap_or((removed, added));
            *place = inside.map_or(*place, |(range, _)| range.start) + added - removed;
        }
    }

    /// Puts bytes in where a hold begins, in front of later holds that begin there too.
    pub(super) fn insert(&mut self, hold: Hold, bytes: &[u8]) {
        let Some(at) = self.place(hold) else { return };
        let index = self.index(at);
        self.bytes.splice(index..index, bytes.iter().copied());
        for (other, place) in &mut self.holds {
            if *place > at || (*place == at && other.0 > hold.0) {
                *place += bytes.len() as u64;
            }
        }
    }

    /// How many bytes will have gone on once so many more are taken, as holds are now.
    pub(super) fn settled(&self, more: usize) -> u64 {
        let first = self.holds.iter().map(|(_, place)| *place).min();
        first.unwrap_or_else(|| self.position() + more as u64)
    }

    /// Takes the memory of `out` to write into, if there is nothing in it; what may go on is given back there.
    pub(super) fn write_into(&mut self, out: &mut Vec<u8>) {
        if out.is_empty()
            && self.bytes.is_empty()
            && out.capacity() > self.bytes.capacity()
        {
            std::mem::swap(out, &mut self.bytes);
        }
    }

    /// Adds to `out` all that may go on.
    pub(super) fn drain_to(&mut self, out: &mut Vec<u8>) {
        let first = self.holds.iter().map(|(_, place)| *place).min();
        let end = first.map_or(self.bytes.len(), |place| self.index(place));
        self.last = self.bytes[..end].last().copied().or(self.last);
        if end == self.bytes.len() && out.is_empty() {
            std::mem::swap(out, &mut self.bytes);
        } else {
            out.extend_from_slice(&self.bytes[..end]);
            self.bytes.drain(..end);
        }
        self.gone += end as u64;
    }

    /// Lets all holds go.
    pub(super) fn release_all(&mut self) {
        self.holds.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(output: &mut Output) -> String {
        let mut out = Vec::new();
        output.drain_to(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_held_can_be_replaced() {
        let mut output = Output::default();
        output.push(b"<p>");
        let hold = output.hold();
        output.push(b"old");
        assert_eq!(drained(&mut output), "<p>");
        let place = output.place(hold).unwrap();
        output.splice(place..output.position(), b"new");
        output.release(hold);
        output.push(b"</p>");
        assert_eq!(drained(&mut output), "new</p>");
    }

    #[test]
    fn holds_move_with_what_they_hold() {
        let mut output = Output::default();
        let first = output.hold();
        output.push(b"abc");
        let second = output.hold();
        output.push(b"def");
        let place = output.place(first).unwrap();
        output.splice(place..place + 1, b"AAAA");
        assert_eq!(
            output.slice(output.place(second).unwrap()..output.position()),
            b"def"
        );
        output.release(first);
        assert_eq!(drained(&mut output), "AAAAbc");
    }

    #[test]
    fn many_places_at_once() {
        let mut output = Output::default();
        let outer = output.hold();
        output.push(b"a-bb-c");
        let inner = output.hold();
        output.push(b"-dd-e");
        let edits = [(2..4, b"B".to_vec()), (7..9, b"DDD".to_vec())];
        output.splice_all(&edits);
        let place = output.place(inner).unwrap();
        assert_eq!(output.slice(place..output.position()), b"-DDD-e");
        output.release(outer);
        assert_eq!(drained(&mut output), "a-B-c");
    }

    #[test]
    fn too_much_is_noticed() {
        let mut output = Output::default();
        let hold = output.hold();
        output.push(&vec![b'x'; MAX_HELD]);
        assert_eq!(output.over_limit(), None);
        output.push(b"x");
        assert_eq!(output.over_limit(), Some(hold));
    }
}
