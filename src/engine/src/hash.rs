//! Visitor + seed → bucket. Integers only, versioned, frozen by `tests/vectors/hash.json`, and for the hashes of other
//! tools by `convert.json` and `growthbook.json` beside it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::key::VisitorId;

/// The version of the hash below, as written in a datafile.
pub const HASH_VERSION: u32 = 1;

/// How many buckets there are: one is a hundredth of a percent of all visitors.
pub const BUCKETS: u16 = 10_000;

/// Murmur's own seed, the same as in Convert's SDKs, so that experiments can move over without moving visitors.
const MURMUR_SEED: u32 = 9_999;

/// The per-experiment text mixed into the hash. Normally the experiment's key; an import may bring another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(String);

impl Seed {
    /// Any text will do.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How an experiment makes a bucket of seed and visitor. All but the first are another tool's, for experiments that have
/// moved over and whose visitors are to stay where they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HashMethod {
    /// Ours, and Convert's.
    #[default]
    #[serde(rename = "murmur3")]
    Murmur3,
    /// GrowthBook's first, which knows a thousand places: buckets 0, 10, 20 … 9,990.
    #[serde(rename = "growthbook-1")]
    Growthbook1,
    /// GrowthBook's second, which knows ten thousand.
    #[serde(rename = "growthbook-2")]
    Growthbook2,
}

impl HashMethod {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Murmur3, Self::Growthbook1, Self::Growthbook2];

    /// The word people write and read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Murmur3 => "murmur3",
            Self::Growthbook1 => "growthbook-1",
            Self::Growthbook2 => "growthbook-2",
        }
    }

    /// How many places it knows; each is the first of as many buckets as share it.
    pub fn places(self) -> u16 {
        match self {
            Self::Growthbook1 => 1_000,
            Self::Murmur3 | Self::Growthbook2 => BUCKETS,
        }
    }

    /// The bucket of any text, also of one that is no visitor's id here.
    ///
    /// ```
    /// use edgewise_engine::HashMethod;
    /// assert_eq!(HashMethod::Growthbook1.bucket("hero", "ada").number(), 70);
    /// ```
    pub fn bucket(self, seed: &str, text: &str) -> Bucket {
        match self {
            Self::Murmur3 => {
                let hash = u64::from(murmur3_x86_32(&joined(seed, text), MURMUR_SEED));
                Bucket::scaled((hash * u64::from(BUCKETS)) >> 32)
            }
            Self::Growthbook1 => {
                let hash = fnv1a_32(text.encode_utf16().chain(seed.encode_utf16()));
                Bucket::scaled(u64::from(hash % 1_000) * 10)
            }
            Self::Growthbook2 => {
                let hash = fnv1a_32(seed.encode_utf16().chain(text.encode_utf16()));
                let again = fnv1a_32(hash.to_string().encode_utf16());
                Bucket::scaled(u64::from(again % u32::from(BUCKETS)))
            }
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(crate) fn is_murmur3(&self) -> bool {
        *self == Self::Murmur3
    }
}

fn joined(seed: &str, text: &str) -> Vec<u8> {
    [seed.as_bytes(), text.as_bytes()].concat()
}

/// A visitor's place in one experiment, 0 to 9,999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Bucket(u16);

impl Bucket {
    /// The visitor's place in this experiment, the same on every request and every host.
    ///
    /// `(murmur3_x86_32(seed + visitor, 9999) * 10000) >> 32`. Never change what this returns for an existing
    /// version: it would move every enrolled visitor.
    ///
    /// ```
    /// use edgewise_engine::{Bucket, Seed, VisitorId};
    /// let visitor = VisitorId::new("thirds-core-O-1").unwrap();
    /// assert_eq!(Bucket::of(&Seed::new("900000001"), &visitor).number(), 293);
    /// ```
    pub fn of(seed: &Seed, visitor: &VisitorId) -> Self {
        Self::by(HashMethod::Murmur3, seed, visitor)
    }

    /// The visitor's place in an experiment that hashes by `method`.
    pub fn by(method: HashMethod, seed: &Seed, visitor: &VisitorId) -> Self {
        method.bucket(seed.as_str(), visitor.as_str())
    }

    /// Of a number that has been scaled to the buckets.
    fn scaled(number: u64) -> Self {
        Self(u16::try_from(number).expect("a hash scaled to 10,000 fits 16 bits"))
    }

    /// The bucket of that number, for those who go through all of them.
    pub(crate) fn at(number: u16) -> Self {
        debug_assert!(number < BUCKETS);
        Self(number)
    }

    /// 0 to 9,999.
    pub fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `MurmurHash3_x86_32` of Austin Appleby's public-domain definition.
fn murmur3_x86_32(bytes: &[u8], seed: u32) -> u32 {
    const C1: u32 = 0xcc9e_2d51;
    const C2: u32 = 0x1b87_3593;
    let scramble = |block: u32| block.wrapping_mul(C1).rotate_left(15).wrapping_mul(C2);

    let (blocks, tail) = bytes.as_chunks::<4>();
    let mut hash = seed;
    for block in blocks {
        hash ^= scramble(u32::from_le_bytes(*block));
        hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let rest = tail.iter().rev().fold(0, |rest, byte| (rest << 8) | u32::from(*byte));
    if !tail.is_empty() {
        hash ^= scramble(rest);
    }
    // The length enters modulo 2^32 by definition.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the definition takes the length as u32"
    )]
    {
        hash ^= bytes.len() as u32;
    }
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

/// FNV-1a of 32 bits, but over UTF-16 code units: each enters whole, as `charCodeAt` gives it.
fn fnv1a_32(units: impl Iterator<Item = u16>) -> u32 {
    units.fold(0x811c_9dc5, |hash: u32, unit| {
        (hash ^ u32::from(unit)).wrapping_mul(0x0100_0193)
    })
}
