//! Debug links: a signed token that makes answers say what was decided and how long it took. Whoever has none is told
//! nothing.

use crate::forced::RejectedToken;
use crate::signature;

/// The query parameter that carries a token.
pub const DEBUG_PARAMETER: &str = "_edgewise_debug";

/// Names what is signed, so that a signature made for another purpose with the same key is worth nothing here.
const DOMAIN: &[u8] = b"edgewise debug 1\n";

/// A token for a link and a cookie: `expiry.signature`. `expires_at` counts seconds since 1970 (UTC).
pub fn sign(key: &[u8], expires_at: u64) -> String {
    let claim = expires_at.to_string();
    let signature = signature::write(key, DOMAIN, &claim);
    format!("{claim}.{signature}")
}

/// Whether `sign` made the token with the same key, and it still holds; `now` counts seconds since 1970 (UTC).
///
/// # Errors
/// Why the token says nothing.
///
/// ```
/// use edgewise_engine::{RejectedToken, debug};
/// let token = debug::sign(b"secret", 100);
/// assert_eq!(debug::verify(b"secret", &token, 99), Ok(()));
/// assert_eq!(debug::verify(b"secret", &token, 100), Err(RejectedToken::Expired));
/// assert_eq!(debug::verify(b"other", &token, 99), Err(RejectedToken::NotOurs));
/// ```
pub fn verify(key: &[u8], token: &str, now: u64) -> Result<(), RejectedToken> {
    let (claim, signature) = token.split_once('.').ok_or(RejectedToken::NotOurs)?;
    let signature = signature::read(signature).ok_or(RejectedToken::NotOurs)?;
    if !signature::is_of(key, DOMAIN, claim, &signature) {
        return Err(RejectedToken::NotOurs);
    }
    let expires_at: u64 = claim.parse().map_err(|_| RejectedToken::NotOurs)?;
    if now < expires_at { Ok(()) } else { Err(RejectedToken::Expired) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forced::Forced;
    use crate::key::{ExperimentKey, VariantKey};

    #[test]
    fn signatures_made_for_something_else_are_worth_nothing() {
        let key = b"secret";
        let forced = Forced::one(
            ExperimentKey::new("hero").unwrap(),
            VariantKey::new("b").unwrap(),
        );
        let link = forced.sign(key, 100);
        let signature = link.rsplit_once('.').unwrap().1;
        let empty = Forced::default().sign(key, 100);
        let token = sign(key, 100);
        for other in [&link, &empty, &format!("100.{signature}")] {
            assert_eq!(verify(key, other, 1), Err(RejectedToken::NotOurs), "{other}");
        }
        assert_eq!(Forced::verify(key, &token, 1), Err(RejectedToken::NotOurs));
    }

    #[test]
    fn altered_tokens_are_not_ours() {
        let token = sign(b"secret", 100);
        let later = token.replacen("100", "900", 1);
        let long = format!("0{token}");
        for other in ["", ".", "100.", "100", &later, &long, &token.to_uppercase()[1..]] {
            assert_eq!(verify(b"secret", other, 1), Err(RejectedToken::NotOurs));
        }
    }
}
