//! Tokens of sessions that are older than a test wants to wait: HMAC-SHA-256, written out so that what is tested is not
//! its own judge.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::setup::SIGNING_KEY;

/// The token of a session that somebody opened `age` seconds ago with this access token.
pub fn session(role: &str, name: &str, access_token: &str, age: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    let mark = &hex(&sha256(access_token.as_bytes()))[..16];
    let claim = format!("ews.{}.{mark}.{role}.{name}", now - age);
    let signed = [b"edgewise session 1\n", claim.as_bytes()].concat();
    let signature = &hex(&hmac(SIGNING_KEY.as_bytes(), &signed))[..32];
    format!("{claim}.{signature}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// RFC 2104, for keys of 64 bytes at most.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let padded = |pad: u8| {
        let mut block = [pad; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = sha256(&[&padded(0x36), message].concat());
    sha256(&[&padded(0x5c)[..], &inner].concat())
}

/// FIPS 180-4.
fn sha256(message: &[u8]) -> [u8; 32] {
    let primes: Vec<u32> =
        (2..).filter(|n: &u32| (2..*n).all(|d| !n.is_multiple_of(d))).take(64).collect();
    // The first 32 bits of the fractional parts of roots of primes, found by whole numbers.
    let constants: Vec<u32> = primes.iter().map(|prime| fraction(*prime, 3)).collect();
    let mut state: Vec<u32> =
        primes[..8].iter().map(|prime| fraction(*prime, 2)).collect();
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize((padded.len() + 8).next_multiple_of(64) - 8, 0);
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    for block in padded.as_chunks::<64>().0 {
        let words = block.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word));
        let mut w: Vec<u32> = words.collect();
        for t in 16..64 {
            let small =
                |x: u32, a: u32, b: u32, c: u32| x.rotate_right(a) ^ x.rotate_right(b) ^ (x >> c);
            let next = small(w[t - 2], 17, 19, 10).wrapping_add(w[t - 7]);
            w.push(next.wrapping_add(small(w[t - 15], 7, 18, 3)).wrapping_add(w[t - 16]));
        }
        let mut v = state.clone();
        for t in 0..64 {
            let big = |x: u32, a, b, c| {
                x.rotate_right(a) ^ x.rotate_right(b) ^ x.rotate_right(c)
            };
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let one = v[7].wrapping_add(big(v[4], 6, 11, 25)).wrapping_add(choice);
            let one = one.wrapping_add(constants[t]).wrapping_add(w[t]);
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            let two = big(v[0], 2, 13, 22).wrapping_add(majority);
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(one);
            v[0] = one.wrapping_add(two);
        }
        state.iter_mut().zip(v).for_each(|(state, v)| *state = state.wrapping_add(v));
    }
    let mut digest = [0; 32];
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    digest
}

/// The first 32 bits of the fractional part of a prime's root: the largest r with r^root <= prime * 2^(32 * root).
fn fraction(prime: u32, root: u32) -> u32 {
    let (mut low, mut high) = (0_u128, 1_u128 << 37);
    while high - low > 1 {
        let middle = u128::midpoint(low, high);
        let power = (0..root).try_fold(1_u128, |power, _| power.checked_mul(middle));
        let limit = u128::from(prime) << (32 * root);
        if power.is_some_and(|power| power <= limit) {
            low = middle
        } else {
            high = middle
        }
    }
    u32::try_from(low & 0xffff_ffff).expect("32 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digests_are_those_of_the_standards() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&sha256(b"abc")), abc);
        // RFC 4231, test case 2.
        let signed = hmac(b"Jefe", b"what do ya want for nothing?");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&signed), expected);
    }
}
