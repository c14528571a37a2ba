//! Variants that visitors keep although weights or audiences have changed: a signed cookie, so that nobody can choose one.

use std::collections::BTreeMap;

use crate::key::{ExperimentKey, VariantKey, VisitorId};
use crate::signature;

/// Names what is signed, so that a signature made for another purpose with the same key is worth nothing here.
const DOMAIN: &[u8] = b"edgewise sticky variants 1\n";

/// The most variants that are kept; of more, the first by their keys. Each takes up to 130 bytes of the cookie.
const MAX_KEPT: usize = 20;

/// The variants that a visitor keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sticky(BTreeMap<ExperimentKey, VariantKey>);

impl Sticky {
    /// The variant kept for an experiment.
    pub fn variant(&self, experiment: &ExperimentKey) -> Option<&VariantKey> {
        self.0.get(experiment)
    }

    /// With one more; one that is there already stays.
    pub(crate) fn keep(&mut self, experiment: &ExperimentKey, variant: &VariantKey) {
        if self.0.len() < MAX_KEPT && !self.0.contains_key(experiment) {
            self.0.insert(experiment.clone(), variant.clone());
        }
    }

    /// Without those of experiments that `known` does not know.
    pub(crate) fn retain(&mut self, known: impl Fn(&ExperimentKey, &VariantKey) -> bool) {
        self.0.retain(|experiment, variant| known(experiment, variant));
    }

    /// The cookie's value: `experiment.variant[.experiment.variant…].signature`, worth something only beside the same
    /// visitor's id.
    pub fn sign(&self, key: &[u8], visitor: &VisitorId) -> String {
        let mut token = String::new();
        for (experiment, variant) in &self.0 {
            token.push_str(&format!("{experiment}.{variant}."));
        }
        let claim = claim(visitor, &token);
        token.push_str(&signature::write(key, DOMAIN, &claim));
        token
    }

    /// Reads what `sign` made with the same key for the same visitor; anything else keeps nothing.
    ///
    /// ```
    /// use edgewise_engine::{Sticky, VisitorId};
    /// let (ada, bob) = (VisitorId::new("ada").unwrap(), VisitorId::new("bob").unwrap());
    /// let token = Sticky::default().sign(b"secret", &ada);
    /// assert!(Sticky::verify(b"secret", &ada, &token).is_some());
    /// assert!(Sticky::verify(b"secret", &bob, &token).is_none());
    /// ```
    pub fn verify(key: &[u8], visitor: &VisitorId, token: &str) -> Option<Self> {
        let end = token.rfind('.').map_or(0, |dot| dot + 1);
        let (pairs, signed) = token.split_at(end);
        let signed = signature::read(signed)?;
        if !signature::is_of(key, DOMAIN, &claim(visitor, pairs), &signed) {
            return None;
        }
        let parts: Vec<_> = pairs.split('.').filter(|part| !part.is_empty()).collect();
        let (pairs, rest) = parts.as_chunks::<2>();
        if !rest.is_empty() || pairs.len() > MAX_KEPT {
            return None;
        }
        let pairs = pairs.iter().map(|[experiment, variant]| {
            let experiment = ExperimentKey::new(*experiment).ok()?;
            Some((experiment, VariantKey::new(*variant).ok()?))
        });
        Some(Self(pairs.collect::<Option<_>>()?))
    }
}

fn claim(visitor: &VisitorId, pairs: &str) -> String {
    format!("{visitor}\n{pairs}")
}
