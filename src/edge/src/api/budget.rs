//! How much of the processor's time one request to the API may take where it looks at one thing after the other.

use crate::budget::cpu_ms;
use crate::options::Options;

/// Milliseconds, unless `cpu-budget-ms` grants more. Fastly ends a request at 50.
const MAX_MILLISECONDS: u64 = 30;

/// Begins with the request. Whatever goes through a list asks it before each further entry, and says in its answer where
/// it ended.
pub(super) struct Budget {
    began: u64,
    milliseconds: u64,
}

impl Budget {
    pub(super) fn begin(options: &Options) -> Self {
        let granted = options.cpu_budget_ms.unwrap_or_default();
        Self { began: cpu_ms(), milliseconds: granted.max(MAX_MILLISECONDS) }
    }

    /// Whether nothing further is to be begun.
    pub(super) fn is_spent(&self) -> bool {
        self.used() >= self.milliseconds
    }

    /// Whether at least half of it is left: for what is good to have, where more is still to be done.
    pub(super) fn has_half(&self) -> bool {
        self.used() * 2 <= self.milliseconds
    }

    /// What the request has taken so far, milliseconds.
    pub(super) fn used(&self) -> u64 {
        cpu_ms().saturating_sub(self.began)
    }
}
