//! How many tests ran, read from the words of the programs that ran them.

/// Tests, and steps that are no tests, by outcome.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Totals {
    /// What a step adds, given its words and whether its program was content.
    ///
    /// A step that reports tests counts as those tests, any other as one. A program that
    /// fails without naming a failed test (it did not compile, it crashed) counts as one failure.
    pub(crate) fn of_step(words: &str, content: bool) -> Self {
        let mut totals = Self::default();
        for line in words.lines() {
            let line = line.trim();
            totals.add(cargo(line).or_else(|| node(line)).unwrap_or_default());
        }
        if content && totals == Self::default() {
            totals.passed = 1;
        }
        if !content && totals.failed == 0 {
            totals.failed = 1;
        }
        totals
    }

    pub(crate) fn add(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; ...`
fn cargo(line: &str) -> Option<Totals> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |word: &str| {
        counts.split("; ").find_map(|part| part.strip_suffix(word)?.trim().parse().ok())
    };
    Some(Totals { passed: count(" passed")?, failed: count(" failed")? })
}

/// `# pass 12`, or the same with a sign in front where node writes for people.
fn node(line: &str) -> Option<Totals> {
    let line = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))?;
    let (word, count) = line.split_once(' ')?;
    let count = count.parse().ok()?;
    match word {
        "pass" => Some(Totals { passed: count, failed: 0 }),
        "fail" | "cancelled" => Some(Totals { passed: 0, failed: count }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(passed: u64, failed: u64) -> Totals {
        Totals { passed, failed }
    }

    #[test]
    fn cargo_counts_are_added_up() {
        let words = "\
running 2 tests
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s
";
        assert_eq!(Totals::of_step(words, false), totals(5, 1));
    }

    #[test]
    fn node_counts_are_read_in_both_dresses() {
        let tap =
            "# tests 5\n# suites 0\n# pass 4\n# fail 1\n# cancelled 0\n# skipped 0\n";
        assert_eq!(Totals::of_step(tap, false), totals(4, 1));
        let spec = "ℹ tests 4\nℹ pass 4\nℹ fail 0\nℹ duration_ms 12.5\n";
        assert_eq!(Totals::of_step(spec, true), totals(4, 0));
    }

    #[test]
    fn a_step_without_tests_counts_as_one() {
        assert_eq!(Totals::of_step("Checking edgewise", true), totals(1, 0));
        assert_eq!(Totals::of_step("error: could not compile", false), totals(0, 1));
    }

    #[test]
    fn a_program_that_crashes_after_its_tests_is_a_failure() {
        let words = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0s";
        assert_eq!(Totals::of_step(words, false), totals(2, 1));
        let empty = "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0s";
        assert_eq!(Totals::of_step(empty, true), totals(1, 0));
    }

    #[test]
    fn the_closing_line_is_plain() {
        assert_eq!(totals(12, 0).to_string(), "12 passed, 0 failed");
    }
}
