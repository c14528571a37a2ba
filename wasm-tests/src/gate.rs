use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use crate::PATIENCE;

/// A place where the origin stops in the middle of an answer until the test lets it on.
#[derive(Clone, Default)]
pub struct Gate(Arc<(Mutex<Admits>, Condvar)>);

#[derive(Default)]
struct Admits {
    everyone: bool,
    tickets: usize,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets everyone through, now and later.
    pub fn open(&self) {
        self.admits().everyone = true;
        self.0.1.notify_all();
    }

    /// Lets one answer through, now or later.
    pub fn admit_one(&self) {
        self.admits().tickets += 1;
        self.0.1.notify_one();
    }

    /// Whether one answer was let through before patience ran out.
    pub(crate) fn pass(&self) -> bool {
        let shut = |admits: &mut Admits| !admits.everyone && admits.tickets == 0;
        let waited = self.0.1.wait_timeout_while(self.admits(), PATIENCE, shut);
        let (mut admits, _) = waited.expect("nobody panics while holding a gate");
        if admits.everyone {
            return true;
        }
        let ticket = admits.tickets.checked_sub(1);
        admits.tickets = ticket.unwrap_or_default();
        ticket.is_some()
    }

    fn admits(&self) -> MutexGuard<'_, Admits> {
        self.0.0.lock().expect("nobody panics while holding a gate")
    }
}
