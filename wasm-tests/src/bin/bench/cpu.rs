//! The processor time that a process has used.

use std::fs;
use std::time::Duration;

/// User and system time of a process so far.
///
/// From the scheduler's own account of each thread, in nanoseconds: the sums in
/// `/proc/<pid>/stat` are the same but come in steps of 10 ms, which is as much as
/// a hundred requests take.
pub(crate) fn used_by(pid: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("Linux, and a process");
    let nanoseconds = tasks.flatten().filter_map(|task| {
        // A thread may end between the listing and the reading.
        let account = fs::read_to_string(task.path().join("schedstat")).ok()?;
        account.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}
