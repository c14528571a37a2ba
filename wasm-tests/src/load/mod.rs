//! Many requests: visitors at once, each shown exactly what the engine decides for them; and traffic that means harm,
//! under which memory stays flat.

mod hostile;
mod steady;

pub use hostile::{Harm, harm};
pub use steady::{Steady, steady};

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many visitors are there at once.
pub const AT_ONCE: usize = 32;

/// Resident memory of a process, KiB.
pub(crate) fn memory_of(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or_default()
}

/// Does something with the numbers below `count`, several at once; `each` says false to end it early.
pub(crate) fn several_at_once(count: usize, each: impl Fn(usize) -> bool + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count || !each(number) {
                        break;
                    }
                }
            });
        }
    });
}

/// Numbers that look like chance and are the same on every run: those of a seed (`SplitMix64`).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn of(seed: usize) -> Self {
        Self(seed as u64)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 16).unwrap_or_default() % end.max(1)
    }

    /// Bytes that fit into a header.
    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length)
            .map(|_| [b'a', b'.', b';', b'=', b' ', b'%', 0xff, b'2'][self.below(8)])
            .collect()
    }
}
