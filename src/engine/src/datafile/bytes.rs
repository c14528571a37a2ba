//! Numbers in bytes: little-endian, of 32 bits, wherever they stand. What lies out of bounds is none.

/// The number at a place, counted in bytes.
pub(super) fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
}

/// The part that begins at a place and is so long.
pub(super) fn part(bytes: &[u8], start: usize, length: usize) -> Option<&[u8]> {
    bytes.get(start..start.checked_add(length)?)
}

/// Appends a number. One that needs more than 32 bits becomes the greatest, at which nothing will be found.
pub(super) fn append(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}
