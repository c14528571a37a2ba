//! Whether there may be a page on which two experiments run.

use super::Effort;
use crate::page::{Head, PageRule, PageRules, PathRule, covers};

/// Whether both rules may hold for one page. `false` is certain; so is `true`, but where rules ask something of the query, by
/// regular expressions, or `exclude` only together or in a way that is not understood. Where the effort is spent, the answer means nothing.
pub(super) fn may_meet(
    first: &PageRules,
    second: &PageRules,
    effort: &mut Effort,
) -> bool {
    first.include.iter().any(|one| {
        second.include.iter().any(|other| {
            effort.spend(cost(one, other));
            if effort.is_spent() {
                return true;
            }
            Common::of(one, other).is_some_and(|common| {
                let mut excluded = first.exclude.iter().chain(&second.exclude);
                !excluded.any(|rule| {
                    effort.spend(common.cost(rule));
                    common.lies_within(rule)
                })
            })
        })
    })
}

/// How long it takes to hold the one against the other, at most.
fn cost(one: &PageRule, other: &PageRule) -> usize {
    let (own, others) = (length(one), length(other));
    let is_regex = |rule: &PageRule| matches!(rule.path, PathRule::Regex(_));
    if is_regex(one) || is_regex(other) { own * others } else { own + others }
}

fn length(rule: &PageRule) -> usize {
    1 + match &rule.path {
        PathRule::Any => 0,
        PathRule::Exact(text)
        | PathRule::Prefix(text)
        | PathRule::Wildcard(text)
        | PathRule::Suffix(text)
        | PathRule::Contains(text) => text.len(),
        PathRule::Regex(pattern) => pattern.as_str().len(),
    }
}

/// The pages for which two rules hold. There is at least one, where both could be understood.
struct Common<'r> {
    host: Option<&'r str>,
    rules: [&'r PathRule; 2],
    paths: Paths<'r>,
}

/// Paths, as far as their ends tell. What has to stand in between does not matter: there is always room for it.
#[derive(Clone, Copy)]
enum Paths<'r> {
    One(&'r str),
    /// All that begin like this, and behind that end like that, perhaps with more conditions.
    Between(&'r str, &'r str),
}

impl<'r> Paths<'r> {
    fn of(rule: &'r PathRule) -> Self {
        match rule {
            PathRule::Exact(path) => Self::One(path),
            PathRule::Prefix(head) => Self::Between(head, ""),
            PathRule::Suffix(tail) => Self::Between("", tail),
            PathRule::Any | PathRule::Contains(_) => Self::Between("", ""),
            PathRule::Regex(_) => match rule.head() {
                Head::Whole(path) => Self::One(path),
                Head::Beginning(head) => Self::Between(head, ""),
            },
            PathRule::Wildcard(pattern) => match pattern.split_once('*') {
                None => Self::One(pattern),
                Some((head, rest)) => {
                    Self::Between(head, rest.rsplit('*').next().unwrap_or_default())
                }
            },
        }
    }

    /// Those paths of which nothing else is asked but how they begin, or how they end.
    fn unconditional(rule: &'r PathRule) -> Option<(&'r str, &'r str)> {
        match rule {
            PathRule::Any => Some(("", "")),
            PathRule::Prefix(head) => Some((head, "")),
            PathRule::Suffix(tail) => Some(("", tail)),
            PathRule::Exact(_) | PathRule::Contains(_) | PathRule::Regex(_) => None,
            PathRule::Wildcard(pattern) => {
                let (head, tail) = pattern.split_once('*')?;
                let simple = head.is_empty() || tail.is_empty();
                (simple && !tail.contains('*')).then_some((head, tail))
            }
        }
    }
}

impl<'r> Common<'r> {
    fn of(first: &'r PageRule, second: &'r PageRule) -> Option<Self> {
        let (one, other) = (first.host.as_deref(), second.host.as_deref());
        let host = if covers(one, other) {
            other
        } else if covers(other, one) {
            one
        } else {
            return None;
        };
        let paths = match (Paths::of(&first.path), Paths::of(&second.path)) {
            (Paths::One(path), _) if second.path.may_hold(path) => Paths::One(path),
            (_, Paths::One(path)) if first.path.may_hold(path) => Paths::One(path),
            (Paths::Between(head, tail), Paths::Between(other_head, other_tail)) => {
                let (head, short_head) = longer(head, other_head);
                let (tail, short_tail) = longer(tail, other_tail);
                let fit = head.starts_with(short_head) && tail.ends_with(short_tail);
                fit.then_some(Paths::Between(head, tail))?
            }
            _ => return None,
        };
        Some(Self { host, rules: [&first.path, &second.path], paths })
    }

    /// Whether the rule holds for all of these pages; `false` also where that is hard to tell.
    fn lies_within(&self, rule: &PageRule) -> bool {
        let path = match self.paths {
            Paths::One(path) => rule.path.may_hold(path),
            Paths::Between(head, tail) => {
                self.rules.contains(&&rule.path)
                    || Paths::unconditional(&rule.path).is_some_and(|(begin, end)| {
                        head.starts_with(begin) && tail.ends_with(end)
                    })
            }
        };
        // What a rule asks of the query may not hold for all of them.
        path && rule.query.is_empty() && covers(rule.host.as_deref(), self.host)
    }

    /// How long [`Self::lies_within`] takes, at most.
    fn cost(&self, rule: &PageRule) -> usize {
        match (self.paths, &rule.path) {
            (Paths::One(path), PathRule::Regex(_)) => length(rule) * path.len(),
            (Paths::One(path), _) => length(rule) + path.len(),
            (Paths::Between(..), _) => length(rule),
        }
    }
}

fn longer<'t>(one: &'t str, other: &'t str) -> (&'t str, &'t str) {
    if one.len() >= other.len() { (one, other) } else { (other, one) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::page::Page;

    fn rule(text: &str) -> PageRule {
        let (host, path) = text.split_at(text.find(['/', '*', '=']).unwrap_or(0));
        let path = match path.strip_prefix('=') {
            Some(path) => PathRule::Exact(path.to_owned()),
            None => match path.strip_suffix('^') {
                Some(head) => PathRule::Prefix(head.to_owned()),
                None => PathRule::Wildcard(path.to_owned()),
            },
        };
        let host = host.replace('+', "*");
        PageRule {
            host: (!host.is_empty()).then_some(host),
            path,
            query: BTreeMap::new(),
        }
    }

    fn rules(include: &[&str], exclude: &[&str]) -> PageRules {
        let all = |texts: &[&str]| texts.iter().map(|text| rule(text)).collect();
        PageRules { include: all(include), exclude: all(exclude) }
    }

    #[track_caller]
    fn check(first: &[&str], second: &[&str], exclude: &[&str], expected: bool) {
        let (one, other) = (rules(first, exclude), rules(second, &[]));
        assert_eq!(may_meet(&one, &other, &mut Effort::new()), expected);
        assert_eq!(may_meet(&other, &one, &mut Effort::new()), expected);
    }

    #[test]
    fn paths() {
        check(&["=/a"], &["=/a"], &[], true);
        check(&["=/a"], &["=/b"], &[], false);
        check(&["=/a"], &["=/b", "/a^"], &[], true);
        check(&["/a^"], &["/a/b^"], &[], true);
        check(&["/a^"], &["/b^"], &[], false);
        check(&["/a^"], &["/*/edit"], &[], true);
        check(&["/a/*/x"], &["/b/*/x"], &[], false);
        check(&["/a/*/x"], &["/a/*/y"], &[], false);
        check(&["/a*b*c"], &["/ab*"], &[], true);
        check(&["*.html"], &["/a.htm"], &[], false);
        check(&["*.html"], &["=/a.html"], &[], true);
        check(&["/a*b"], &["=/a"], &[], false);
    }

    #[test]
    fn hosts() {
        check(&["a.com=/"], &["b.com=/"], &[], false);
        check(&["a.com=/"], &["=/"], &[], true);
        check(&["+.a.com=/"], &["x.a.com=/"], &[], true);
        check(&["+.a.com=/"], &["a.com=/"], &[], false);
    }

    #[test]
    fn excluded() {
        check(&["/^"], &["=/a"], &["=/a"], false);
        check(&["/^"], &["/a^"], &["=/a"], true);
        check(&["/^"], &["/a/b^"], &["/a^"], false);
        check(&["/^"], &["/a/*.html"], &["*.html"], false);
        check(&["/^"], &["/a/*x"], &["/a/*x"], false);
        // "/ab" is one page and not excluded.
        check(&["/ab^"], &["*b"], &["/ab*b"], true);
        check(&["/^"], &["x.com/a^"], &["x.com/^"], false);
        check(&["/^"], &["/a^"], &["x.com/^"], true);
        check(&["+.com/^"], &["/a^"], &["x.com/^"], true);
    }

    #[test]
    fn other_kinds() {
        let file = |text: &str| -> PageRules { serde_json::from_str(text).unwrap() };
        let meet = |first: &str, second: &str, expected: bool| {
            let (one, other) = (file(first), file(second));
            let mut effort = Effort::new();
            assert_eq!(may_meet(&one, &other, &mut effort), expected, "{first} {second}");
            assert_eq!(may_meet(&other, &one, &mut effort), expected, "{second} {first}");
        };
        let suffix = r#"{"include": [{"suffix": ".html"}]}"#;
        let contains =
            r#"{"include": [{"contains": "sale"}], "exclude": [{"suffix": "/x"}]}"#;
        let regex = r#"{"include": [{"regex": "^/p/[0-9]+$"}]}"#;
        let query = r#"{"include": [{"query": {"plan": {"is": "a"}}}]}"#;
        let but_query = r#"{"include": [{"prefix": "/"}], "exclude": [{"query": {"a": {"is": "a"}}}]}"#;
        meet(suffix, contains, true);
        meet(suffix, r#"{"include": [{"suffix": ".htm"}]}"#, false);
        meet(suffix, r#"{"include": [{"exact": "/a.htm"}]}"#, false);
        meet(contains, r#"{"include": [{"exact": "/sale"}]}"#, true);
        meet(contains, r#"{"include": [{"exact": "/sale/x"}]}"#, false);
        meet(contains, r#"{"include": [{"wildcard": "/a*/x"}]}"#, false);
        meet(regex, r#"{"include": [{"exact": "/p/12"}]}"#, true);
        meet(regex, r#"{"include": [{"exact": "/p/x"}]}"#, false);
        meet(regex, r#"{"include": [{"prefix": "/q"}]}"#, false);
        meet(regex, suffix, true);
        meet(query, suffix, true);
        meet(query, but_query, true);
    }

    /// All short paths: rules meet exactly where one of these, or a longer one, is matched by both.
    #[test]
    fn no_page_is_overlooked() {
        let mut paths = vec!["/".to_owned()];
        for at in 0.. {
            let Some(path) = paths.get(at).filter(|path| path.len() < 7) else { break };
            paths.extend(["a", "b", "/"].map(|letter| format!("{path}{letter}")));
        }
        let pages: Vec<_> = paths
            .iter()
            .map(|path| Page::parse(&format!("http://x{path}")).unwrap())
            .collect();
        let texts = [
            "=/", "=/a", "=/ab", "/a^", "/ab^", "/b^", "*", "/*a", "/a*", "/a*b",
            "/*ab*", "/b*a", "*ba", "/a*a*a", "/ab*ba", "*/aa",
        ];
        for first in texts {
            for second in texts {
                for exclude in ["=/c", "=/ab", "/a^", "*b", "/*a", "/ab*"] {
                    let (one, other) =
                        (rules(&[first], &[exclude]), rules(&[second], &[]));
                    let on = |page: &Page| one.matches(page) && other.matches(page);
                    let found = may_meet(&one, &other, &mut Effort::new());
                    let real = pages.iter().any(on);
                    assert!(found || !real, "{first} {second} {exclude}");
                    let simple = exclude == "=/c";
                    assert!(!simple || found == real, "{first} {second} only may meet");
                }
            }
        }
    }
}
