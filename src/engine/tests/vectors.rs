//! Pinned numbers: `vectors/*.json`. Where one of these tests fails, the code is wrong and not the file.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::collections::BTreeSet;

use edgewise_engine::allocation::anchored;
use edgewise_engine::hash::HASH_VERSION;
use edgewise_engine::{Bucket, Seed, VisitorId};
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
