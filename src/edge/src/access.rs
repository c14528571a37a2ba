//! Who may use the API: whoever shows the access token whose SHA-256 lies in the secret store.

use fastly::Request;
use fastly::http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};

use crate::{header, store};

const TOKEN_HASH: &str = "access-token-hash";

/// Why a request may not pass.
pub(crate) enum Denied {
    /// No token, or not the right one.
    Unauthorized,
    /// Nobody can sign in, because no token was set up.
    NotSetUp,
}

/// Checks the bearer token.
pub(crate) fn check(request: &Request) -> Result<(), Denied> {
    let token = header::text(request, AUTHORIZATION)
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Denied::Unauthorized)?;
    let wanted = store::secret(TOKEN_HASH).ok_or(Denied::NotSetUp)?;
    let shown = Sha256::digest(token.as_bytes())
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let same = same_in_constant_time(shown.as_bytes(), wanted.trim_ascii());
    if same { Ok(()) } else { Err(Denied::Unauthorized) }
}

/// Looks at every byte whatever it finds. What is compared are hashes, so even their lengths tell nothing.
fn same_in_constant_time(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}
