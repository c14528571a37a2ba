//! How the path of a page is compared.

use super::{Case, Pattern, Searches};

/// How the path of a page is compared. Always case-sensitive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathRule {
    /// Every path.
    Any,
    /// The whole path.
    Exact(String),
    /// How the path begins.
    Prefix(String),
    /// The whole path, where each `*` stands for any characters, also none and also `/`.
    Wildcard(String),
    /// How the path ends.
    Suffix(String),
    /// What is somewhere in the path.
    Contains(String),
    /// What is looked for in the path. It may begin and end anywhere unless the pattern says so, by `^` and `$`.
    Regex(Pattern),
}

impl PathRule {
    /// Whether it holds. None where it would take too long to find out.
    pub(crate) fn holds(&self, path: &str, searches: &Searches) -> Option<bool> {
        Some(match self {
            Self::Any => true,
            Self::Exact(wanted) => path == wanted,
            Self::Prefix(prefix) => path.starts_with(prefix.as_str()),
            Self::Wildcard(pattern) => return wildcard_holds(pattern, path, searches),
            Self::Suffix(suffix) => path.ends_with(suffix.as_str()),
            Self::Contains(piece) => {
                searches.take(path.len().midpoint(piece.len()))?;
                path.contains(piece.as_str())
            }
            Self::Regex(pattern) => return pattern.search(path, Case::Kept, searches),
        })
    }

    /// Whether it may hold, also where that would take a visit too long to find out.
    pub(crate) fn may_hold(&self, path: &str) -> bool {
        self.holds(path, &Searches::without_end()) != Some(false)
    }

    /// The word that people write for it, and what stands behind that.
    pub(super) fn written(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Any => None,
            Self::Exact(text) => Some(("exact", text)),
            Self::Prefix(text) => Some(("prefix", text)),
            Self::Wildcard(text) => Some(("wildcard", text)),
            Self::Suffix(text) => Some(("suffix", text)),
            Self::Contains(text) => Some(("contains", text)),
            Self::Regex(pattern) => Some(("regex", pattern.as_str())),
        }
    }
}

/// Pieces between stars are found from left to right, each as early as possible: time is bounded by
/// `pattern + path`, whatever the pattern.
fn wildcard_holds(pattern: &str, path: &str, searches: &Searches) -> Option<bool> {
    let Some((head, rest)) = pattern.split_once('*') else {
        return Some(pattern == path);
    };
    let Some(mut path) = path.strip_prefix(head) else { return Some(false) };
    // Setting out to find a piece takes longer than a step.
    searches.take(path.len() / 4 + rest.len() * 4)?;
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in middle.split('*').filter(|piece| !piece.is_empty()) {
        match path.find(piece) {
            Some(at) => path = &path[at + piece.len()..],
            None => return Some(false),
        }
    }
    Some(path.ends_with(tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, path: &str, expected: bool) {
        let holds = wildcard_holds(pattern, path, &Searches::of_a_visit());
        assert_eq!(holds, Some(expected), "{pattern} on {path}");
    }

    #[test]
    fn wildcards() {
        check("/blog/*", "/blog/", true);
        check("/blog/*", "/blog", false);
        check("*", "/anything", true);
        check("/p/*/edit", "/p/12/edit", true);
        check("/p/*/edit", "/p/edit", false);
        check("/a*a", "/a", false);
        check("/a*b*c", "/axxbyyc", true);
        check("/a*b*c", "/axxcyyb", false);
        check("*.html", "/a/b.html", true);
        check("/exact", "/exact", true);
        check("/exact", "/exact/", false);
    }
}
