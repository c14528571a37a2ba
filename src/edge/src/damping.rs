//! Counts wrong tokens by where they come from, so that nobody guesses for long. The count lies in the cache of the place
//! that answers; where there is none, each sandbox counts for itself.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use fastly::Request;
use fastly::cache::core;

use crate::visit::seconds_since_1970;

/// After so many wrong tokens none is looked at.
const MAX_FAILURES: u32 = 10;

/// For how long they are counted, seconds since the first.
const WINDOW: u64 = 60;

/// How many addresses a sandbox keeps in mind.
const MAX_KEPT: usize = 100;

/// Where requests come from: an address, or the 64 bits of one that a household or a server has for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address(String);

impl Address {
    pub(crate) fn of(request: &Request) -> Self {
        Self(match request.get_client_ip_addr() {
            Some(IpAddr::V6(ip)) => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}")
            }
            Some(IpAddr::V4(ip)) => ip.to_string(),
            None => "unknown".to_owned(),
        })
    }

    fn key(&self) -> core::CacheKey {
        core::CacheKey::from(format!("edgewise wrong tokens {}", self.0).into_bytes())
    }
}

#[derive(Clone, Copy)]
struct Count {
    failures: u32,
    /// When it is forgotten, in seconds since 1970.
    until: u64,
}

/// What a sandbox keeps in mind.
#[derive(Default)]
pub(crate) struct Failures(Vec<(Address, Count)>);

impl Failures {
    /// For how many seconds nothing from there is looked at.
    pub(crate) fn blocked(&self, address: &Address, now: SystemTime) -> Option<u64> {
        let count = self.current(address, seconds_since_1970(now))?;
        let left = count.until.saturating_sub(seconds_since_1970(now)).max(1);
        (count.failures >= MAX_FAILURES).then_some(left)
    }

    /// Counts one more.
    pub(crate) fn count(&mut self, address: &Address, now: SystemTime) {
        let now = seconds_since_1970(now);
        let before = self.current(address, now);
        let before = before.unwrap_or(Count { failures: 0, until: now + WINDOW });
        let count = Count { failures: before.failures.saturating_add(1), ..before };
        self.0.retain(|(known, kept)| known != address && kept.until > now);
        if self.0.len() >= MAX_KEPT {
            self.0.remove(0);
        }
        self.0.push((address.clone(), count));
        let text = format!("{} {}", count.failures, count.until);
        let lifetime = Duration::from_secs(count.until.saturating_sub(now).max(1));
        let written = core::insert(address.key(), lifetime)
            .user_metadata(text.into_bytes().into())
            .known_length(0)
            .execute();
        // Without a cache the sandbox's own count has to do.
        if let Ok(body) = written {
            let _ = body.finish();
        }
    }

    /// The higher of the two counts, if it still holds.
    fn current(&self, address: &Address, now: u64) -> Option<Count> {
        let kept = self.0.iter().find(|(known, _)| known == address);
        let kept = kept.map(|(_, count)| *count);
        let counts = [kept, cached(address)].into_iter().flatten();
        counts.filter(|one| one.until > now).max_by_key(|one| one.failures)
    }
}

fn cached(address: &Address) -> Option<Count> {
    let found = core::lookup(address.key()).execute().ok()??;
    let text = found.user_metadata();
    let (failures, until) = str::from_utf8(&text).ok()?.split_once(' ')?;
    Some(Count { failures: failures.parse().ok()?, until: until.parse().ok()? })
}
