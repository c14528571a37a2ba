//! How far a name is from another, for "Did you mean".

/// The most letters that a name is away from what was meant.
const MAX_DISTANCE: usize = 2;

/// The one of the names that `text` was perhaps to be.
pub(crate) fn nearest<'n>(
    text: &str,
    names: impl Iterator<Item = &'n str>,
) -> Option<&'n str> {
    // Of a long text none is meant.
    let names = names.filter(|name| name.len().abs_diff(text.len()) <= MAX_DISTANCE);
    let nearest = names.map(|name| (distance(name, text), name)).min();
    nearest.filter(|(distance, _)| *distance <= MAX_DISTANCE).map(|(_, name)| name)
}

/// Levenshtein's edit distance, for names of a few letters.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let cost = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
