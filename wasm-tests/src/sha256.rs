use std::fmt::Write as _;

/// SHA-256 in hexadecimal digits, from FIPS 180-4: not the product's, so that the tests notice if that is wrong.
pub fn sha256(bytes: &[u8]) -> String {
    let primes: Vec<u128> =
        (2..).filter(|n| (2..*n).all(|d| n % d != 0)).take(64).collect();
    let constants: Vec<_> = primes.iter().map(|prime| fraction(*prime, 3)).collect();
    let mut state: Vec<_> = primes[..8].iter().map(|prime| fraction(*prime, 2)).collect();

    let mut padded = [bytes, &[0x80]].concat();
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((bytes.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks_exact(64) {
        let word = |word: &[u8]| u32::from_be_bytes([word[0], word[1], word[2], word[3]]);
        let mut schedule: Vec<u32> = block.chunks_exact(4).map(word).collect();
        for t in 16..64 {
            let (a, b) = (schedule[t - 15], schedule[t - 2]);
            let small_0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let small_1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            let sum = [small_0, schedule[t - 7], small_1, schedule[t - 16]];
            schedule.push(sum.into_iter().fold(0, u32::wrapping_add));
        }
        let mut round = state.clone();
        for (word, constant) in schedule.into_iter().zip(&constants) {
            let (a, b, c, e) = (round[0], round[1], round[2], round[4]);
            let big_1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = (e & round[5]) ^ (!e & round[6]);
            let first = [round[7], big_1, choice, *constant, word];
            let first = first.into_iter().fold(0, u32::wrapping_add);
            let big_0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let majority = (a & b) ^ (a & c) ^ (b & c);
            round.rotate_right(1);
            round[4] = round[4].wrapping_add(first);
            round[0] = first.wrapping_add(big_0).wrapping_add(majority);
        }
        for (word, round) in state.iter_mut().zip(round) {
            *word = word.wrapping_add(round);
        }
    }
    let mut hex = String::new();
    for word in state {
        let _ = write!(hex, "{word:08x}");
    }
    hex
}

/// The first 32 bits behind the point of a number's square or cube root.
fn fraction(number: u128, root: u32) -> u32 {
    let wanted = number << (32 * root);
    let (mut low, mut high) = (0_u128, 1 << 40);
    while high - low > 1 {
        let middle = (low + high) / 2;
        if middle.pow(root) <= wanted { low = middle } else { high = middle }
    }
    (low & u128::from(u32::MAX)).try_into().expect("32 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_ones() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), abc);
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(b""), empty);
        let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        assert_eq!(sha256(&[b'a'; 1_000_000]), million);
    }
}
