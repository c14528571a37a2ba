//! Nothing we start outlives us: every child leads a process group of its own,
//! and whatever ends us (Ctrl-C, a closed terminal, a cancelled job) ends the groups.

use std::collections::BTreeSet;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

/// Groups that are alive, as far as we know.
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static STOPPING: AtomicBool = AtomicBool::new(false);

/// How long a process may take to clean up after it was asked to end.
const PATIENCE: Duration = Duration::from_secs(2);
/// What a shell reports for a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Makes signals that end us end our children first.
pub(crate) fn with_us() -> Result<()> {
    crate::say::start_clock();
    ctrlc::set_handler(|| {
        STOPPING.store(true, Ordering::SeqCst);
        let groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner).clone();
        end(&groups);
        std::process::exit(INTERRUPTED);
    })
    .context("take over Ctrl-C")
}

/// A child, and all it starts in turn; dropping it ends them.
pub(crate) struct Group {
    child: Child,
}

impl Group {
    pub(crate) fn spawn(command: &mut Command) -> std::io::Result<Self> {
        // Registered before the handler can look, so that no child slips through.
        let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        wait_if_stopping();
        let child = command.process_group(0).spawn()?;
        groups.insert(group_of(&child));
        Ok(Self { child })
    }

    /// The exit status, if the child itself has ended.
    pub(crate) fn ended(&mut self) -> std::io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait();
        wait_if_stopping();
        status
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group = group_of(&self.child);
        end(&BTreeSet::from([group]));
        GROUPS.lock().unwrap_or_else(PoisonError::into_inner).remove(&group);
    }
}

fn group_of(child: &Child) -> i32 {
    i32::try_from(child.id()).expect("process ids fit in an i32")
}

/// The handler is ending everything: say nothing about the children that it ended.
fn wait_if_stopping() {
    while STOPPING.load(Ordering::SeqCst) {
        std::thread::park();
    }
}

/// Asks the groups to end, and insists after a while.
fn end(groups: &BTreeSet<i32>) {
    // A group that is gone already is what we want, so errors only count as absence.
    let tell = |signal: Option<Signal>| {
        groups
            .iter()
            .filter(|group| killpg(Pid::from_raw(**group), signal).is_ok())
            .count()
    };
    // A group counts as alive until somebody has waited for its leader.
    let reap = || {
        for group in groups {
            let _ = waitpid(Pid::from_raw(*group), Some(WaitPidFlag::WNOHANG));
        }
    };
    tell(Some(Signal::SIGTERM));
    let deadline = Instant::now() + PATIENCE;
    reap();
    while tell(None) > 0 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
        reap();
    }
    tell(Some(Signal::SIGKILL));
    reap();
}
