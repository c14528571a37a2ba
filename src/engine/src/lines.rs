//! The lists in `data/`: one entry a line, sorted by their bytes, below a head of `#` lines. Where each line begins is
//! worked out by the compiler, so that a sandbox, of which the edge starts one for each request, has nothing to build.

/// A list of `N` lines.
#[derive(Debug)]
pub(super) struct Lines<const N: usize> {
    text: &'static str,
    /// Where each line begins and ends.
    spans: [(u16, u16); N],
}

/// How many lines a list holds: what `N` must be.
pub(super) const fn count(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut found) = (0, 0);
    while at < bytes.len() {
        let end = line_end(bytes, at);
        if holds_an_entry(bytes, at, end) {
            found += 1;
        }
        at = end + 1;
    }
    found
}

const fn line_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at] != b'\n' {
        at += 1;
    }
    at
}

const fn holds_an_entry(bytes: &[u8], start: usize, end: usize) -> bool {
    end > start && bytes[start] != b'#'
}

impl<const N: usize> Lines<N> {
    /// Finds the lines. For the compiler: it stops at a list of 64 KiB or more.
    #[allow(clippy::cast_possible_truncation, reason = "asserted")]
    pub(super) const fn of(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        assert!(bytes.len() < u16::MAX as usize);
        let mut spans = [(0, 0); N];
        let (mut at, mut found) = (0, 0);
        while at < bytes.len() {
            let end = line_end(bytes, at);
            if holds_an_entry(bytes, at, end) {
                spans[found] = (at as u16, end as u16);
                found += 1;
            }
            at = end + 1;
        }
        Self { text, spans }
    }

    /// The line of that number; empty beyond the last one.
    pub(super) fn line(&self, number: usize) -> &'static str {
        let (start, end) = self.spans.get(number).copied().unwrap_or_default();
        self.text.get(usize::from(start)..usize::from(end)).unwrap_or_default()
    }

    /// The first two bytes of a line; 0 where it is shorter. For the compiler.
    pub(super) const fn first_two(&self, number: usize) -> (u8, u8) {
        let (start, end) = self.spans[number];
        let bytes = self.text.as_bytes();
        let second = if end - start > 1 { bytes[start as usize + 1] } else { 0 };
        (bytes[start as usize], second)
    }
}

/// The first bytes of a text, at most so many, cut where a character ends.
pub(super) fn first_bytes(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "# head\n\nab\nc";

    #[test]
    fn lines() {
        const LINES: Lines<{ count(LIST) }> = Lines::of(LIST);
        assert_eq!([LINES.line(0), LINES.line(1), LINES.line(2)], ["ab", "c", ""]);
        assert_eq!((LINES.first_two(0), LINES.first_two(1)), ((b'a', b'b'), (b'c', 0)));
    }

    #[test]
    fn cut_between_characters() {
        assert_eq!(first_bytes("aéé", 4), "aé");
        assert_eq!(first_bytes("aéé", 99), "aéé");
        assert_eq!(first_bytes("é", 1), "");
    }
}
