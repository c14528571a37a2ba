//! How much of what the platform grants a request a page may take: processor time, bytes and memory. Long before the
//! platform would end the request, the rest of the page goes on as the origin sent it.

use std::cell::Cell;
use std::fmt;

use edgewise_engine::MayGoOn;
use fastly::compute_runtime;

use crate::options::Options;

/// `cpu-budget-ms`, where the options say nothing. The platform grants 50 ms to a request; what comes after a look at the
/// clock and before the next takes a few (`src/edge/LIMITS.md`).
const CPU_MS: u64 = 25;

/// When a request has to end at last, milliseconds of processor time.
const LAST_MS: u64 = 40;

/// `page-bytes`, where the options say nothing.
const PAGE_BYTES: u64 = 16 * 1024 * 1024;

/// How much memory a sandbox may have taken, MiB, of 128. What it has taken it never gives back, so it ends after that
/// request.
pub(crate) const MEMORY_MIB: u32 = 80;

/// What there was too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// Processor time.
    Cpu,
    /// Bytes of the page.
    Bytes,
    /// Memory of the sandbox.
    Memory,
}

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu-budget-ms",
            Self::Bytes => "page-bytes",
            Self::Memory => "memory",
        })
    }
}

/// What one request may take.
pub(crate) struct Budget {
    /// The sandbox's own time when the request began: it may have served others.
    began: u64,
    cpu: u64,
    bytes: u64,
    read: Cell<u64>,
    over: Cell<Option<Over>>,
}

impl Budget {
    /// Begins now.
    pub(crate) fn begin(options: &Options) -> Self {
        Self {
            began: cpu_ms(),
            cpu: options.cpu_budget_ms.unwrap_or(CPU_MS),
            bytes: options.page_bytes.unwrap_or(PAGE_BYTES),
            read: Cell::new(0),
            over: Cell::new(None),
        }
    }

    /// How many of the page's next bytes may be looked at, of so many.
    pub(crate) fn admit(&self, length: usize) -> usize {
        let left = self.bytes - self.read.get();
        let admitted = usize::try_from(left).unwrap_or(usize::MAX).min(length);
        self.read.set(self.read.get() + admitted as u64);
        admitted
    }

    /// Notes that not all of the page's bytes were admitted, once the others have been looked at.
    pub(crate) fn end(&self) {
        self.over.set(self.over.get().or(Some(Over::Bytes)));
    }

    /// Whether there is any left. Cheap enough to be asked in the middle of a piece of the page.
    pub(crate) fn is_left(&self) -> bool {
        if self.over.get().is_none() {
            self.over.set(self.look());
        }
        self.over.get().is_none()
    }

    /// Whether even passing the page on takes too long.
    pub(crate) fn is_overdrawn(&self) -> bool {
        cpu_ms().saturating_sub(self.began) >= self.cpu.max(LAST_MS)
    }

    fn look(&self) -> Option<Over> {
        if memory_mib() > MEMORY_MIB as usize {
            return Some(Over::Memory);
        }
        (cpu_ms().saturating_sub(self.began) >= self.cpu).then_some(Over::Cpu)
    }

    /// What there was too much of, and after how many bytes of the page.
    pub(crate) fn spent(&self) -> Option<(Over, u64)> {
        Some((self.over.get()?, self.read.get()))
    }
}

impl MayGoOn for Budget {
    fn may_go_on(&self) -> bool {
        self.is_left()
    }
}

/// The time that the sandbox has run. Where the platform does not tell, none passes.
pub(crate) fn cpu_ms() -> u64 {
    compute_runtime::elapsed_vcpu_ms().unwrap_or_default()
}

fn memory_mib() -> usize {
    // It is counted in pieces of 64 KiB.
    #[cfg(target_arch = "wasm32")]
    return core::arch::wasm32::memory_size::<0>() / 16;
    #[cfg(not(target_arch = "wasm32"))]
    0
}
