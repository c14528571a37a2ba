//! The tags of formatting elements: where the parser copies such an element, it has no other tag.

/// How many are kept before those are dropped that are not needed any more.
const MAX_KEPT: usize = 64;

/// Tags by the numbers of their elements, one behind the other in one piece of memory.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Where each tag ends in the bytes.
    ends: Vec<(u32, usize)>,
    bytes: Vec<u8>,
}

impl Kept {
    /// Keeps an element's tag.
    pub(super) fn push(&mut self, id: u32, tag: &[u8]) {
        self.bytes.extend_from_slice(tag);
        self.ends.push((id, self.bytes.len()));
    }

    /// The tag of an element, if it is still there.
    pub(super) fn get(&self, id: u32) -> Option<&[u8]> {
        let at = self.ends.iter().rposition(|(other, _)| *other == id)?;
        Some(&self.bytes[self.start(at)..self.ends[at].1])
    }

    fn start(&self, at: usize) -> usize {
        at.checked_sub(1).map_or(0, |before| self.ends[before].1)
    }

    /// Makes room by dropping the tags of elements that are not needed, if there are many.
    pub(super) fn make_room(&mut self, is_needed: impl Fn(u32) -> bool) {
        if self.ends.len() <= MAX_KEPT {
            return;
        }
        let (mut from, mut to) = (0, 0);
        let bytes = &mut self.bytes;
        self.ends.retain_mut(|(id, end)| {
            let tag = from..*end;
            from = *end;
            if !is_needed(*id) {
                return false;
            }
            let length = tag.len();
            bytes.copy_within(tag, to);
            to += length;
            *end = to;
            true
        });
        self.bytes.truncate(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_stays() {
        let mut kept = Kept::default();
        for id in 0..=64_u32 {
            kept.push(id, format!("<b id={id}>").as_bytes());
        }
        kept.make_room(|id| id % 10 == 3);
        assert_eq!(kept.get(3), Some(b"<b id=3>".as_slice()));
        assert_eq!(kept.get(63), Some(b"<b id=63>".as_slice()));
        assert_eq!(kept.get(62), None);
        kept.push(65, b"<i>");
        assert_eq!(kept.get(65), Some(b"<i>".as_slice()));
        assert_eq!(kept.get(13), Some(b"<b id=13>".as_slice()));
    }
}
