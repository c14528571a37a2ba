//! When an experiment runs, and for how many visitors by then. The time is given, never taken from a clock.

use serde::{Deserialize, Serialize};

use crate::time::Moment;

/// The most steps of a ramp.
pub const MAX_STEPS: usize = 50;

/// When a running experiment enrols visitors. Without a field, that side is open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// From then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Moment>,
    /// Until then; at that moment it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Moment>,
    /// How the coverage rises; in the order of time, and of coverage. Before the first step nobody takes part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ramp: Vec<Step>,
}

/// One step of a ramp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// From then on.
    pub at: Moment,
    /// The share of visitors who are enrolled, basis points.
    pub coverage: u16,
}

/// Where a moment lies in a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    NotStarted(Moment),
    Running,
    /// Enrols up to this coverage, in basis points.
    Ramping(u16),
    Ended(Moment),
}

impl Schedule {
    /// Whether it leaves everything open.
    pub(crate) fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// Where the moment lies.
    pub(crate) fn phase(&self, now: Moment) -> Phase {
        if let Some(start) = self.start.filter(|start| now < *start) {
            return Phase::NotStarted(start);
        }
        if let Some(end) = self.end.filter(|end| *end <= now) {
            return Phase::Ended(end);
        }
        let Some(first) = self.ramp.first() else { return Phase::Running };
        match self.ramp.iter().rev().find(|step| step.at <= now) {
            Some(step) => Phase::Ramping(step.coverage),
            None => Phase::NotStarted(first.at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases() {
        let at = Moment::from_unix;
        let step = |second, coverage| Step { at: at(second), coverage };
        let schedule = Schedule {
            start: Some(at(10)),
            end: Some(at(100)),
            ramp: vec![step(20, 1_000), step(50, 5_000)],
        };
        for (second, phase) in [
            (9, Phase::NotStarted(at(10))),
            (10, Phase::NotStarted(at(20))),
            (20, Phase::Ramping(1_000)),
            (49, Phase::Ramping(1_000)),
            (50, Phase::Ramping(5_000)),
            (100, Phase::Ended(at(100))),
        ] {
            assert_eq!(schedule.phase(at(second)), phase, "{second}");
        }
        assert_eq!(Schedule::default().phase(at(0)), Phase::Running);
    }
}
