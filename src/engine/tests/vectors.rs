//! Pinned numbers: `vectors/*.json`. Where one of these tests fails, the code is wrong and not the file.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::collections::BTreeSet;

use edgewise_engine::allocation::anchored;
use edgewise_engine::hash::HASH_VERSION;
use edgewise_engine::layout::{Share, anchored_by_percent, packed};
use edgewise_engine::{Bucket, HashMethod, Seed, VisitorId};
use serde::Deserialize;
use support::{path, read};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File<V> {
    spec_version: u32,
    hash_version: Option<u32>,
    vectors: Vec<V>,
}

fn vectors<V: for<'de> Deserialize<'de>>(file: &str) -> File<V> {
    let file: File<V> =
        serde_json::from_slice(&read(&path("vectors").join(file))).unwrap();
    assert_eq!(file.spec_version, 1);
    file
}

#[derive(Deserialize)]
struct Hashed {
    seed: Seed,
    visitor: VisitorId,
    bucket: u16,
}

#[track_caller]
fn check_buckets(file: &str) {
    let file = vectors::<Hashed>(file);
    assert_eq!(file.hash_version, Some(HASH_VERSION));
    assert!(file.vectors.len() >= 20);
    for Hashed { seed, visitor, bucket } in &file.vectors {
        let found = Bucket::of(seed, visitor).number();
        assert_eq!(found, *bucket, "{:?} + {visitor}", seed.as_str());
    }
}

#[test]
fn buckets() {
    check_buckets("hash.json");
}

#[test]
fn buckets_of_converts_sdk() {
    check_buckets("convert.json");
}

#[derive(Deserialize)]
struct Anchored {
    name: String,
    weights: Vec<u16>,
    coverage: u16,
    ranges: Vec<Vec<[u16; 2]>>,
}

#[test]
fn anchored_ranges() {
    let mut names = BTreeSet::new();
    for vector in vectors::<Anchored>("allocation.json").vectors {
        let allocations = anchored(&vector.weights, vector.coverage);
        let ranges: Vec<Vec<[u16; 2]>> = allocations
            .iter()
            .map(|one| one.ranges().iter().copied().map(Into::into).collect())
            .collect();
        assert_eq!(ranges, vector.ranges, "{}", vector.name);
        assert!(names.insert(vector.name));
    }
}

#[derive(Deserialize)]
struct Growthbook {
    seed: String,
    text: String,
    v1: u16,
    v2: u16,
}

/// The texts are not only visitor ids: GrowthBook hashes whatever a site gives it.
#[test]
fn buckets_of_growthbooks_hashes() {
    let vectors = vectors::<Growthbook>("growthbook.json").vectors;
    assert!(vectors.len() >= 70);
    for Growthbook { seed, text, v1, v2 } in vectors {
        for (method, bucket) in
            [(HashMethod::Growthbook1, v1), (HashMethod::Growthbook2, v2)]
        {
            let found = method.bucket(&seed, &text).number();
            assert_eq!(found, bucket, "{method:?} of {seed:?} and {text:?}");
            if let Ok(visitor) = VisitorId::new(text.as_str()) {
                let found = Bucket::by(method, &Seed::new(seed.as_str()), &visitor);
                assert_eq!(found.number(), bucket);
            }
        }
    }
}

#[derive(Deserialize)]
struct LaidOut {
    version: u32,
    seed: Seed,
    visitor: VisitorId,
    variants: Vec<Shared>,
    expected: Option<String>,
}

#[derive(Deserialize)]
struct Shared {
    id: String,
    percent: Option<f64>,
    #[serde(default = "running")]
    running: bool,
}

fn running() -> bool {
    true
}

/// Each visitor's variant, from hash to layout.
#[test]
fn layouts_of_converts_sdk() {
    let vectors = vectors::<LaidOut>("convert-layouts.json").vectors;
    assert_eq!(vectors.len(), 59);
    for vector in vectors {
        let shares = vector.variants.iter().map(|one| Share {
            id: &one.id,
            percent: one.percent,
            running: one.running,
        });
        let shares: Vec<_> = shares.collect();
        let lay_out = if vector.version > 11 { anchored_by_percent } else { packed };
        let bucket = Bucket::of(&vector.seed, &vector.visitor);
        let found = lay_out(&shares).iter().position(|one| one.contains(bucket));
        let found = found.map(|index| shares[index].id);
        assert_eq!(found, vector.expected.as_deref(), "{bucket} at {}", vector.version);
    }
}
