//! Brotli and zstd as simple as they may be: bytes as they are, in blocks. What is in one piece can be unpacked before the
//! next is there.

/// Brotli (RFC 7932): uncompressed meta-blocks behind a head that asks for a window of 4 MiB.
pub(crate) fn brotli(pieces: &mut [&mut Vec<u8>]) -> Vec<u8> {
    let mut begun = false;
    for piece in pieces {
        let mut packed = Vec::new();
        for block in piece.chunks(1 << 16) {
            // From the lowest bit on: not the last (0), four digits of length (00), the length less one, uncompressed (1).
            let length = u32::try_from(block.len() - 1).expect("a block is short");
            let head = length << 3 | 1 << 19;
            // The window's four bits (1, 101) come once, in front.
            let (bits, count) = if begun { (head, 20) } else { (head << 4 | 0b1011, 24) };
            begun = true;
            packed.extend(&bits.to_le_bytes()[..count / 8 + usize::from(count % 8 > 0)]);
            packed.extend_from_slice(block);
        }
        **piece = packed;
    }
    // The last, and empty.
    if begun { vec![0b11] } else { vec![0b11_1011] }
}

/// Zstandard (RFC 8878): each piece a frame of raw blocks, with a window of 128 KiB.
pub(crate) fn zstd(piece: &[u8]) -> Vec<u8> {
    zstd_with_window(piece, 7 << 3)
}

/// The same, asking for a window.
pub(crate) fn zstd_with_window(piece: &[u8], window: u8) -> Vec<u8> {
    let mut packed = vec![0x28, 0xb5, 0x2f, 0xfd, 0, window];
    let blocks: Vec<_> = piece.chunks(1 << 16).collect();
    for (at, block) in blocks.iter().enumerate() {
        let last = u32::from(at + 1 == blocks.len());
        let length = u32::try_from(block.len()).expect("a block is short");
        packed.extend(&(length << 3 | last).to_le_bytes()[..3]);
        packed.extend_from_slice(block);
    }
    packed
}
