//! People's mistakes: each with a code, a place, a message and a way out; never one at a time.

use std::fmt;

use serde::Serialize;

/// Whether a problem keeps a draft from being published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It does.
    Error,
    /// It does not, but somebody should look.
    Warning,
}

/// One mistake in a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Stable, for programs.
    pub code: &'static str,
    /// Where in the draft, as `experiments[2].variants[0].weight`; empty for the draft as a whole.
    pub at: String,
    /// What is wrong: lower case, no full stop, the user's names in double quotes.
    pub message: String,
    /// What to do, in a sentence.
    pub hint: String,
    /// Whether it keeps the draft from being published.
    pub severity: Severity,
}

impl Problem {
    /// The same place as a JSON pointer (RFC 6901): `/experiments/2/variants/0/weight`. A field whose own name has dots
    /// or brackets in it is taken for several.
    pub fn pointer(&self) -> String {
        let mut pointer = String::with_capacity(self.at.len() + 1);
        let steps = self.at.split(['.', '[', ']']).filter(|step| !step.is_empty());
        for step in steps {
            pointer.push('/');
            pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
        }
        pointer
    }

    /// Whether it keeps the draft from being published.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}[{}]", self.code)?;
        if !self.at.is_empty() {
            write!(f, " at {}", self.at)?;
        }
        write!(f, ": {}\n  hint: {}", self.message, self.hint)
    }
}

/// Everything that is wrong with a draft, in the draft's order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Adds one that keeps the draft from being published.
    pub(crate) fn error(
        &mut self,
        code: &'static str,
        at: impl fmt::Display,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Severity::Error, code, &at, message.into(), hint.into());
    }

    /// Adds one that does not.
    pub(crate) fn warning(
        &mut self,
        code: &'static str,
        at: impl fmt::Display,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Severity::Warning, code, &at, message.into(), hint.into());
    }

    fn push(
        &mut self,
        severity: Severity,
        code: &'static str,
        at: &dyn fmt::Display,
        message: String,
        hint: String,
    ) {
        self.0.push(Problem { code, at: at.to_string(), message, hint, severity });
    }

    /// Whether any of them keeps the draft from being published.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Problem::is_error)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the draft's order.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|problem| writeln!(f, "{problem}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_pointer() {
        let mut problems = Problems::default();
        for (at, pointer) in [
            ("", ""),
            ("experiments[2].variants[0].weight", "/experiments/2/variants/0/weight"),
            ("a/b~c", "/a~1b~0c"),
        ] {
            problems.error("code", at, "message", "Hint.");
            let last = problems.iter().last().map(Problem::pointer);
            assert_eq!(last.as_deref(), Some(pointer));
        }
    }
}
