//! What became of each piece: one line each, and a count at the end.

use std::fmt;

use super::place::Fit;

/// Why something was not carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loss {
    /// Lower case, no full stop.
    pub(super) reason: String,
    /// What to do about it, in a sentence.
    pub(super) hint: String,
}

impl Loss {
    pub(super) fn new(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { reason: reason.into(), hint: hint.into() }
    }
}

/// What became of one experiment's parts.
#[derive(Debug, Default)]
pub(super) struct Parts {
    lines: Vec<String>,
    left_out: usize,
    notes: usize,
    held: bool,
}

impl Parts {
    /// A part without which the experiment is not what it was: it has to wait as a draft.
    pub(super) fn lost(&mut self, what: impl fmt::Display, loss: &Loss) {
        self.held = true;
        self.left_out(what, loss);
    }

    /// A part that the experiment can do without.
    pub(super) fn left_out(&mut self, what: impl fmt::Display, loss: &Loss) {
        self.left_out += 1;
        self.lines.push(format!("  left out {what}: {}. {}", loss.reason, loss.hint));
    }

    /// Something that was carried over, but should be known.
    pub(super) fn note(&mut self, text: impl fmt::Display) {
        let line = format!("  note: {text}");
        // Several rules may have the same to tell.
        if !self.lines.iter().rev().take(20).any(|told| *told == line) {
            self.notes += 1;
            self.lines.push(line);
        }
    }

    /// Something that was carried over so that more visitors would see it than before.
    pub(super) fn hold(&mut self, text: impl fmt::Display) {
        self.held = true;
        self.note(text);
    }

    /// Where our rule does not quite say what theirs does.
    pub(super) fn tell(&mut self, fit: Fit) {
        match fit {
            Fit::Same => {}
            Fit::Narrower(why) => {
                self.note(format_args!("fewer visits than before: {why}"));
            }
            Fit::Wider(why) => self.hold(format_args!("more visits than before: {why}")),
        }
    }

    /// Whether it has to wait as a draft.
    pub(super) fn held(&self) -> bool {
        self.held
    }
}

/// The whole report.
#[derive(Debug, Default)]
pub(super) struct Report {
    lines: Vec<String>,
    imported: usize,
    held: usize,
    left_out: usize,
    notes: usize,
}

impl Report {
    /// An experiment, as it stands in the draft, and what became of its parts. `would_be` is the status it would have had
    /// if it were whole.
    pub(super) fn imported(
        &mut self,
        experiment: &super::draft::Experiment,
        would_be: &str,
        parts: Parts,
    ) {
        let coverage = experiment.coverage();
        let mut line = format!(
            "imported {:?}: {} variants, {} % coverage, {}",
            experiment.key,
            experiment.variants.len(),
            percent(coverage),
            experiment.status
        );
        self.imported += 1;
        if parts.held() {
            self.held += 1;
            if experiment.status != would_be {
                line.push_str(&format!(
                    " (was {would_be}: set it again when what is said below is settled)"
                ));
            }
        }
        self.lines.push(line);
        self.left_out += parts.left_out;
        self.notes += parts.notes;
        self.lines.extend(parts.lines);
    }

    /// A piece of the file that has no place in the draft.
    pub(super) fn left_out(&mut self, what: impl fmt::Display, loss: &Loss) {
        self.left_out += 1;
        self.lines.push(format!("left out {what}: {}. {}", loss.reason, loss.hint));
    }

    /// Something that should be known about the draft as a whole.
    pub(super) fn note(&mut self, text: impl fmt::Display) {
        self.notes += 1;
        self.lines.push(format!("note: {text}"));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        let held = match self.held {
            0 => String::new(),
            1 => " (1 to be looked at before it runs)".to_owned(),
            held => format!(" ({held} to be looked at before they run)"),
        };
        write!(
            f,
            "{} imported{held}, {} left out, {}",
            count(self.imported, "experiment"),
            count(self.left_out, "part"),
            count(self.notes, "note")
        )
    }
}

/// `1 part`, `2 parts`.
pub(super) fn count(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// Basis points as a percentage, without digits that say nothing.
fn percent(basis_points: u16) -> String {
    let percent = format!("{}.{:02}", basis_points / 100, basis_points % 100);
    percent.trim_end_matches('0').trim_end_matches('.').to_owned()
}
