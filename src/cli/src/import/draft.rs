//! The draft that is written, field by field in the order in which people read it.

use std::collections::BTreeSet;

use edgewise_engine::{Allocation, HashMethod};
use serde::Serialize;
use serde_json::{Value, json};

/// The longest key.
const MAX_KEY: usize = 64;
/// The most conditions of an audience, and how deep they may stand in one another.
const MAX_CONDITIONS: usize = 200;
const MAX_DEPTH: usize = 8;

#[derive(Debug, Default, Serialize)]
pub(super) struct Draft {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) visitor_cookie: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) signals: Option<Value>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) redirect_hosts: BTreeSet<String>,
    pub(super) experiments: Vec<Experiment>,
}

#[derive(Debug, Serialize)]
pub(super) struct Experiment {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) status: &'static str,
    pub(super) hypothesis: Value,
    pub(super) seed: String,
    #[serde(skip_serializing_if = "is_ours")]
    pub(super) hash: HashMethod,
    pub(super) pages: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) audience: Option<Value>,
    pub(super) variants: Vec<Variant>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_ours(method: &HashMethod) -> bool {
    *method == HashMethod::Murmur3
}

impl Experiment {
    /// Makes it wait as a draft, if it was to run.
    pub(super) fn hold(&mut self) {
        if self.status == "running" {
            self.status = "draft";
        }
    }

    /// Whether it had any redirects, which it has no longer.
    pub(super) fn takes_redirects(&mut self) -> bool {
        let redirects = self.variants.iter_mut().map(|variant| variant.redirect.take());
        redirects.flatten().count() > 0
    }

    /// Share of visitors who take part, basis points.
    pub(super) fn coverage(&self) -> u16 {
        self.variants.iter().map(|variant| variant.ranges.width()).sum()
    }
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Variant {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) weight: u16,
    pub(super) ranges: Allocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) redirect: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) changes: Vec<Change>,
}

/// One change; the selector is read first.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Change {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) selector: Option<String>,
    #[serde(flatten)]
    pub(super) action: Value,
}

/// Keys that are made of names, each once.
#[derive(Debug, Default)]
pub(super) struct Keys(BTreeSet<String>);

impl Keys {
    /// A key that reads like one of the texts, the first that has a letter or digit; `otherwise` if none has.
    pub(super) fn make(&mut self, texts: &[Option<&str>], otherwise: &str) -> String {
        let word = |c: char| {
            if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }
        };
        let read = texts.iter().flatten().map(|text| {
            let words: String = text.chars().take(MAX_KEY * 4).map(word).collect();
            words.split_whitespace().collect::<Vec<_>>().join("-")
        });
        let key = read.into_iter().find(|key| !key.is_empty());
        let key = key.unwrap_or_else(|| otherwise.to_owned());
        let mut candidate = cut(&key, MAX_KEY);
        let mut number = 2_u32;
        while !self.0.insert(candidate.clone()) {
            let suffix = format!("-{number}");
            candidate = cut(&key, MAX_KEY - suffix.len()) + &suffix;
            number += 1;
        }
        candidate
    }
}

fn cut(key: &str, length: usize) -> String {
    key[..key.len().min(length)].trim_end_matches('-').to_owned()
}

/// Shares of whatever whole as basis points that add up to 10,000: rounded down, and what is missing goes to those that
/// lost most. Equal ones where there are none.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "parts of 10,000 fit, and the ranges decide who sees what, not these"
)]
pub(super) fn whole_weights(shares: &[f64]) -> Vec<u16> {
    let known =
        |share: f64| if share.is_finite() && share > 0.0 { share.min(1e9) } else { 0.0 };
    let mut shares: Vec<f64> = shares.iter().copied().map(known).collect();
    let mut total: f64 = shares.iter().sum();
    if total <= 0.0 {
        shares.fill(1.0);
        total = shares.len() as f64;
    }
    let exact: Vec<f64> = shares.iter().map(|share| share / total * 10_000.0).collect();
    let mut weights: Vec<u16> =
        exact.iter().map(|weight| weight.floor() as u16).collect();
    let mut order: Vec<usize> = (0..exact.len()).collect();
    order.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()));
    let missing = 10_000_u16.saturating_sub(weights.iter().sum());
    for index in order.into_iter().cycle().take(usize::from(missing)) {
        weights[index] += 1;
    }
    weights
}

/// `{"all": […]}` or the like, or the one condition there is. What is such a group itself is taken apart.
pub(super) fn group(kind: &str, conditions: Vec<Value>) -> Value {
    let mut flat = Vec::with_capacity(conditions.len());
    for mut condition in conditions {
        match condition.get_mut(kind).and_then(Value::as_array_mut) {
            Some(inner) => flat.append(inner),
            None => flat.push(condition),
        }
    }
    if flat.len() == 1 {
        return flat.remove(0);
    }
    json!({ kind: flat })
}

/// One test of a fact.
pub(super) fn fact(name: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({ "fact": name, operator: value.into() })
}

/// One test of a fact in which capitals and small letters are alike.
pub(super) fn fact_ignoring_case(name: &str, operator: &str, value: &str) -> Value {
    json!({ "fact": name, operator: value, "ignore_case": true })
}

pub(super) fn not(condition: &Value) -> Value {
    json!({ "not": condition })
}

/// Holds also where the fact is unknown, as a negation does in other tools.
pub(super) fn not_or_unknown(name: &str, condition: &Value) -> Value {
    json!({ "any": [fact(name, "exists", false), not(condition)] })
}

/// Whether an audience has that many conditions, or stands that deep, that it would be refused.
pub(super) fn is_too_large(condition: &Value) -> bool {
    let mut open = vec![(condition, 1_usize)];
    let mut count = 0;
    while let Some((condition, depth)) = open.pop() {
        count += 1;
        if count > MAX_CONDITIONS || depth > MAX_DEPTH {
            return true;
        }
        for kind in ["all", "any"] {
            open.extend(super::list(condition, kind).iter().map(|one| (one, depth + 1)));
        }
        open.extend(condition.get("not").map(|one| (one, depth + 1)));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_whole() {
        assert_eq!(whole_weights(&[5.0, 5.0, 5.0]), [3_334, 3_333, 3_333]);
        assert_eq!(whole_weights(&[0.0, 0.0]), [5_000, 5_000]);
        assert_eq!(whole_weights(&[f64::MAX, f64::NAN, -3.0]), [10_000, 0, 0]);
        assert_eq!(whole_weights(&[2.0, 47.0, 0.0, 1.0]), [400, 9_400, 0, 200]);
        assert_eq!(whole_weights(&[1e-300]), [10_000]);
        assert_eq!(whole_weights(&[]), [0_u16; 0]);
    }

    #[test]
    fn keys_are_ours_and_each_once() {
        let mut keys = Keys::default();
        assert_eq!(keys.make(&[None, Some("Home — Héro!")], "x"), "home-h-ro");
        assert_eq!(keys.make(&[Some("home_h ro")], "x"), "home-h-ro-2");
        assert_eq!(keys.make(&[Some("実験"), Some("")], "experiment-3"), "experiment-3");
        let long = "a".repeat(100);
        assert_eq!(keys.make(&[Some(&long)], "x").len(), 64);
        assert_eq!(keys.make(&[Some(&long)], "x").len(), 64);
    }

    #[test]
    fn audiences_are_bounded() {
        let mut deep = fact("geo.country", "is", "DE");
        for _ in 0..7 {
            deep = not(&deep);
        }
        assert!(!is_too_large(&deep));
        assert!(is_too_large(&not(&deep)));
        assert!(is_too_large(&json!({"any": vec![deep; 100]})));
    }
}
