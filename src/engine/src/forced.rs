//! QA links: a signed token that forces variants, so that only people who were given a link can see them, and so that
//! nobody can be counted by it.

use std::collections::BTreeMap;
use std::fmt;

use crate::key::{ExperimentKey, VariantKey};
use crate::signature;

/// The query parameter that carries a token.
pub const FORCED_PARAMETER: &str = "_edgewise";

/// Names what is signed, so that a signature made for another purpose with the same key is worth nothing here.
const DOMAIN: &[u8] = b"edgewise forced variants 1\n";

/// The most variants one token may force.
const MAX_FORCED: usize = 20;

/// Variants set by hand for QA.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forced(BTreeMap<ExperimentKey, VariantKey>);

/// Why a token forces nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectedToken {
    /// Not of a token's shape, or not signed with this key.
    NotOurs,
    /// Its time has passed.
    Expired,
}

impl fmt::Display for RejectedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotOurs => "the link was altered or signed with another key",
            Self::Expired => "the link has expired",
        })
    }
}

impl std::error::Error for RejectedToken {}

impl Forced {
    /// Forces one variant.
    pub fn one(experiment: ExperimentKey, variant: VariantKey) -> Self {
        Self(BTreeMap::from([(experiment, variant)]))
    }

    /// The variant forced for an experiment.
    pub fn variant(&self, experiment: &ExperimentKey) -> Option<&VariantKey> {
        self.0.get(experiment)
    }

    /// Whether nothing is forced.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A token for a link: `experiment.variant[.experiment.variant…].expiry.signature`, safe in a URL and in a cookie.
    ///
    /// `expires_at` counts seconds since 1970 (UTC).
    pub fn sign(&self, key: &[u8], expires_at: u64) -> String {
        let mut token = String::new();
        for (experiment, variant) in &self.0 {
            token.push_str(&format!("{experiment}.{variant}."));
        }
        token.push_str(&expires_at.to_string());
        let signature = signature::write(key, DOMAIN, &token);
        token.push('.');
        token.push_str(&signature);
        token
    }

    /// Reads a token that `sign` made with the same key; `now` counts seconds since 1970 (UTC).
    ///
    /// ```
    /// use edgewise_engine::{ExperimentKey, Forced, RejectedToken, VariantKey};
    /// let forced = Forced::one(ExperimentKey::new("hero").unwrap(), VariantKey::new("b").unwrap());
    /// let token = forced.sign(b"secret", 100);
    /// assert_eq!(Forced::verify(b"secret", &token, 99), Ok(forced));
    /// assert_eq!(Forced::verify(b"secret", &token, 100), Err(RejectedToken::Expired));
    /// assert_eq!(Forced::verify(b"other", &token, 99), Err(RejectedToken::NotOurs));
    /// ```
    pub fn verify(key: &[u8], token: &str, now: u64) -> Result<Self, RejectedToken> {
        let (claim, signature) = token.rsplit_once('.').ok_or(RejectedToken::NotOurs)?;
        let signature = signature::read(signature).ok_or(RejectedToken::NotOurs)?;
        if !signature::is_of(key, DOMAIN, claim, &signature) {
            return Err(RejectedToken::NotOurs);
        }
        let (pairs, expires_at) = claim.rsplit_once('.').ok_or(RejectedToken::NotOurs)?;
        let expires_at: u64 = expires_at.parse().map_err(|_| RejectedToken::NotOurs)?;
        if now >= expires_at {
            return Err(RejectedToken::Expired);
        }
        let parts: Vec<_> = pairs.split('.').collect();
        let (pairs, rest) = parts.as_chunks::<2>();
        if !rest.is_empty() || pairs.len() > MAX_FORCED {
            return Err(RejectedToken::NotOurs);
        }
        let mut forced = BTreeMap::new();
        for [experiment, variant] in pairs {
            let experiment =
                ExperimentKey::new(*experiment).map_err(|_| RejectedToken::NotOurs)?;
            let variant =
                VariantKey::new(*variant).map_err(|_| RejectedToken::NotOurs)?;
            forced.insert(experiment, variant);
        }
        Ok(Self(forced))
    }
}

/// Takes the token's parameter out of a query: the token, and the query that the origin should see.
///
/// ```
/// use edgewise_engine::forced::split_query;
/// assert_eq!(split_query("a=1&_edgewise=t.k&b=2"), (Some("t.k"), "a=1&b=2".to_owned()));
/// assert_eq!(split_query("a=1"), (None, "a=1".to_owned()));
/// ```
pub fn split_query(query: &str) -> (Option<&str>, String) {
    split_parameter(query, FORCED_PARAMETER)
}

/// The same for another parameter of ours: its first value, and the query without it.
pub fn split_parameter<'q>(query: &'q str, name: &str) -> (Option<&'q str>, String) {
    let ours = |pair: &&str| {
        pair.strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    };
    let found = query.split('&').find(ours).and_then(|pair| pair.split_once('='));
    let rest = query.split('&').filter(|pair| !ours(pair)).collect::<Vec<_>>().join("&");
    (found.map(|(_, value)| value), rest)
}
