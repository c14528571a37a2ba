//! Tokens of sessions that are older than a test wants to wait: HMAC-SHA-256, written out so that what is tested is not
//! its own judge.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::setup::SIGNING_KEY;
use crate::sha256;

/// The token of a session that somebody opened `age` seconds ago with this access token.
pub fn session(role: &str, name: &str, access_token: &str, age: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    let mark = &sha256(access_token.as_bytes())[..16];
    let claim = format!("ews.{}.{mark}.{role}.{name}", now - age);
    let signed = [b"edgewise session 1\n", claim.as_bytes()].concat();
    let signature = &hmac(SIGNING_KEY.as_bytes(), &signed)[..32];
    format!("{claim}.{signature}")
}

/// RFC 2104, for keys of 64 bytes at most.
fn hmac(key: &[u8], message: &[u8]) -> String {
    let padded = |pad: u8| {
        let mut block = [pad; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = digest(&[&padded(0x36), message].concat());
    sha256(&[&padded(0x5c)[..], &inner].concat())
}

/// The bytes of the digest.
fn digest(message: &[u8]) -> Vec<u8> {
    let digits = sha256(message);
    let pairs = digits.as_bytes().as_chunks::<2>().0.iter();
    let byte = |pair: &[u8; 2]| {
        let text = str::from_utf8(pair).expect("digits are ASCII");
        u8::from_str_radix(text, 16).expect("hexadecimal digits")
    };
    pairs.map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_standard() {
        // RFC 4231, test case 2.
        let signed = hmac(b"Jefe", b"what do ya want for nothing?");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signed, expected);
    }
}
