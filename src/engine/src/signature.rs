//! What our tokens and cookies are signed with.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

/// 128 of HMAC-SHA-256's 256 bits: beyond guessing, and links stay short (RFC 2104, section 5).
const BYTES: usize = 16;

/// A signature, as it is compared.
pub(crate) type Signature = [u8; BYTES];

/// `domain` names what is signed, so that a signature made for another purpose with the same key is worth nothing.
fn signed(key: &[u8], domain: &[u8], claim: &str) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(domain);
    mac.update(claim.as_bytes());
    mac
}

/// In hexadecimal digits.
pub(crate) fn write(key: &[u8], domain: &[u8], claim: &str) -> String {
    hexadecimal(&signed(key, domain, claim).finalize().into_bytes()[..BYTES])
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = String::with_capacity(2 * bytes.len());
    bytes.iter().fold(digits, |digits, byte| digits + &format!("{byte:02x}"))
}

/// Whether it is the claim's signature. Compares in constant time.
pub(crate) fn is_of(
    key: &[u8],
    domain: &[u8],
    claim: &str,
    signature: &Signature,
) -> bool {
    signed(key, domain, claim).verify_truncated_left(signature).is_ok()
}

/// Reads what `write` wrote.
pub(crate) fn read(text: &str) -> Option<[u8; BYTES]> {
    // Only the digits that `write` writes: `from_str_radix` would take "+f" too.
    let digits = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if text.len() != 2 * BYTES || !digits {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(bytes)
}
