//! What a search for a regular expression takes, told from its text, so the same in every build: how many steps at each
//! byte of what is searched. No fewer than the compiled one has states; what is repeated takes more. Counted
//! repetitions make a short pattern heavy.

/// A group that is open.
#[derive(Default)]
struct Open {
    /// All that stands in it so far.
    sum: usize,
    /// What a repetition behind it would repeat.
    last: usize,
}

impl Open {
    fn new() -> Self {
        // Where nothing stands in it, there is a state for that.
        Self { sum: 1, last: 0 }
    }

    fn add(&mut self, atom: usize) {
        self.last = atom;
        self.sum = self.sum.saturating_add(atom);
    }

    fn repeat(&mut self, times: usize, more: usize) {
        let before = self.last;
        self.last = before.saturating_mul(times.max(1)).saturating_add(more);
        self.sum = self.sum.saturating_add(self.last - before);
    }
}

/// What is known of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Weight {
    /// The most steps at each byte, and the most states.
    pub(super) steps: usize,
    /// The groups that keep two numbers for every state.
    groups: usize,
}

impl Weight {
    /// The weight of a pattern of which it is hard to say.
    pub(super) fn unknown(steps: usize) -> Self {
        Self { steps, groups: 0 }
    }

    /// What it weighs in memory: as many states, more where it has many groups.
    pub(super) fn in_memory(self) -> usize {
        self.steps.saturating_mul(4 + self.groups) / 4
    }
}

/// None where it is hard to say: with the flag `x`, or where the parentheses do not match.
pub(super) fn weigh(pattern: &str) -> Option<Weight> {
    let bytes = pattern.as_bytes();
    let mut open = vec![Open::new()];
    let mut groups = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at + 1..];
        let innermost = open.last_mut()?;
        let mut taken = 1;
        match byte {
            b'\\' => {
                taken += 1 + braces_of_escape(rest);
                innermost.add(2);
            }
            b'[' => {
                let length = class(rest);
                taken += length;
                innermost.add(1 + length / 4);
            }
            b'(' if rest.starts_with(b"?P<") || rest.starts_with(b"?<") => {
                taken += until(rest, b">");
                groups += 1 + taken / 16;
                open.push(Open::new());
            }
            b'(' if rest.starts_with(b"?") => {
                taken += until(rest, b":)");
                let flags = &bytes[at..(at + taken).min(bytes.len())];
                if flags.contains(&b'x') {
                    return None;
                }
                if !flags.ends_with(b")") {
                    open.push(Open::new());
                }
            }
            b'(' => {
                groups += 1;
                open.push(Open::new());
            }
            b')' => {
                let group = open.pop()?;
                open.last_mut()?.add(group.sum.saturating_add(2));
            }
            b'|' => innermost.add(2),
            b'+' | b'?' | b'*' => innermost.repeat(1, 3),
            b'{' => {
                let length = until(rest, b"}");
                let times = most(&rest[..length]);
                // A range of numbers takes a choice behind each.
                let choices = if rest[..length].contains(&b',') {
                    times.saturating_mul(2)
                } else {
                    0
                };
                taken += length;
                innermost.repeat(times, choices.saturating_add(2));
            }
            _ => innermost.add(1),
        }
        at += taken;
    }
    let (Some(whole), true) = (open.pop(), open.is_empty()) else { return None };
    Some(Weight { steps: whole.sum.saturating_add(4), groups })
}

/// How many bytes there are up to the first of those, that one included.
pub(super) fn until(bytes: &[u8], ends: &[u8]) -> usize {
    bytes.iter().position(|byte| ends.contains(byte)).map_or(bytes.len(), |at| at + 1)
}

/// How long the braces are that belong to an escape, as of `\x{e4}` and `\b{start}`, of what follows the backslash.
pub(super) fn braces_of_escape(rest: &[u8]) -> usize {
    match rest {
        [b'x' | b'u' | b'U', b'{', ..] => until(&rest[1..], b"}"),
        [b'b', b'{', first, ..] if first.is_ascii_alphabetic() || *first == b'-' => {
            until(&rest[1..], b"}")
        }
        _ => 0,
    }
}

/// How long a class is, of what follows its bracket.
pub(super) fn class(rest: &[u8]) -> usize {
    let mut at = usize::from(rest.first() == Some(&b'^'));
    // A bracket that comes first does not close.
    at += usize::from(rest.get(at) == Some(&b']'));
    while let Some(byte) = rest.get(at) {
        at += match byte {
            b']' => return at + 1,
            b'\\' => 2,
            b'[' if rest.get(at + 1) == Some(&b':') => 1 + until(&rest[at + 1..], b"]"),
            _ => 1,
        };
    }
    rest.len()
}

/// The larger of the numbers in braces.
fn most(braces: &[u8]) -> usize {
    let digits = |part: &[u8]| {
        let digits = part.iter().filter(|byte| byte.is_ascii_digit());
        digits.fold(0_usize, |number, digit| {
            number.saturating_mul(10).saturating_add(usize::from(digit - b'0'))
        })
    };
    braces.split(|byte| *byte == b',').map(digits).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex_lite::RegexBuilder;

    use super::*;

    #[track_caller]
    fn check(pattern: &str, expected: impl Into<Option<usize>>) {
        let steps = weigh(pattern).map(|weight| weight.steps);
        assert_eq!(steps, expected.into(), "{pattern}");
    }

    #[test]
    fn plain_and_repeated() {
        check("", 5);
        check("abc", 8);
        check("^/blog/[0-9]+$", 5 + 7 + 2 + 3 + 1);
        check("a{1000}", 5 + 1_000 + 2);
        check("(?:ab){100}", 5 + 5 * 100 + 2);
        check("(?:ab){ 20 , 100 }", 5 + 5 * 100 + 202);
        check("(?:a{10}){10}", 5 + (1 + 10 + 2 + 2) * 10 + 2);
        check(r"\x{1000}a", 5 + 3);
        check(r"\b{start}\b{3}", 5 + 2 + 2 * 3 + 2);
        check("[]{9}]{3}", 5 + 2 * 3 + 2);
        check("[[:alpha:]{9}]", 5 + 4);
        check("[^]a]|b", 5 + 2 + 2 + 1);
    }

    #[test]
    fn groups_weigh_more() {
        let check = |pattern: &str, steps, in_memory| {
            let weight = weigh(pattern).unwrap();
            assert_eq!((weight.steps, weight.in_memory()), (steps, in_memory));
        };
        check("(ab)", 10, 12);
        check("(?P<year>ab)", 10, 12);
        check("(?i)ab", 7, 7);
        check("(?i:ab)", 10, 10);
        check(&"()".repeat(100), 305, 305 * 26);
    }

    #[test]
    fn what_is_hard_to_say() {
        for pattern in ["(?x)a {9}", "(?i-x: a)", "(a", "a)", "a)("] {
            check(pattern, None);
        }
        check("a{99999999999999999999999}", usize::MAX);
    }

    fn compiles(pattern: &str, limit: usize) -> bool {
        [true, false].iter().all(|ignored| {
            let mut builder = RegexBuilder::new(pattern);
            builder.size_limit(limit).case_insensitive(*ignored).build().is_ok()
        })
    }

    fn piece() -> impl Strategy<Value = String> {
        let atoms = [
            "a",
            "é",
            ".",
            r"\d",
            r"\W",
            r"\.",
            r"\x{e4}",
            r"\b",
            r"\b{end}",
            "[a-z]",
            "[]]",
            "[^]x]",
            "[[:word:]-]",
            "[acegikmoqsuwy]",
            "^",
            "$",
            "ab",
            "()",
            "(?:)",
            "(?i)",
            "",
        ];
        let repeated =
            ["", "", "?", "*", "+", "??", "{3}", "{2,}", "{0,7}", "{ 1 , 4 }", "{0}"];
        let atom = prop::sample::select(atoms.to_vec()).prop_map(str::to_owned);
        atom.prop_recursive(4, 40, 4, move |inner| {
            let groups = prop::sample::select(vec![
                "(",
                "(?:",
                "(?i:",
                "(?P<n>",
                "(?<name_that_is_long>",
            ]);
            let repeated = prop::sample::select(repeated.to_vec());
            let joined = prop::collection::vec(inner, 1..4);
            (joined, prop::sample::select(vec!["", "|"]), groups, repeated).prop_map(
                |(parts, between, open, times)| {
                    format!("{open}{}){times}", parts.join(between))
                },
            )
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// No state takes more than 64 bytes.
        #[test]
        fn no_pattern_has_more_states(pattern in prop::collection::vec(piece(), 1..4)) {
            let pattern = pattern.concat();
            let weight = weigh(&pattern).expect("it is balanced").in_memory();
            if weight < 20_000 && compiles(&pattern, 100_000_000) {
                prop_assert!(compiles(&pattern, 64 * weight), "{pattern}: {weight}");
            }
        }
    }
}
