//! On which pages an experiment runs.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Case, Page, PathRule, Pattern, Searches, TextTest};

/// One rule: a host, or any host; a path, or any path; and what the query has to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct PageRule {
    /// In lower case; `*.example.com` means every subdomain, not `example.com` itself. None means any host.
    pub host: Option<String>,
    /// The path.
    pub path: PathRule,
    /// Parameters of the query by their names, decoded. The first value of each is looked at.
    pub query: BTreeMap<String, TextTest>,
}

/// A page rule as it stands in a datafile.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exact: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wildcard: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suffix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contains: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    regex: Option<Pattern>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query: BTreeMap<String, TextTest>,
}

impl From<PageRule> for Written {
    fn from(PageRule { host, path, query }: PageRule) -> Self {
        let mut written = Self { host, query, ..Self::default() };
        match path {
            PathRule::Any => {}
            PathRule::Exact(text) => written.exact = Some(text),
            PathRule::Prefix(text) => written.prefix = Some(text),
            PathRule::Wildcard(text) => written.wildcard = Some(text),
            PathRule::Suffix(text) => written.suffix = Some(text),
            PathRule::Contains(text) => written.contains = Some(text),
            PathRule::Regex(pattern) => written.regex = Some(pattern),
        }
        written
    }
}

impl TryFrom<Written> for PageRule {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let paths = [
            written.exact.map(PathRule::Exact),
            written.prefix.map(PathRule::Prefix),
            written.wildcard.map(PathRule::Wildcard),
            written.suffix.map(PathRule::Suffix),
            written.contains.map(PathRule::Contains),
            written.regex.map(PathRule::Regex),
        ];
        let mut paths = paths.into_iter().flatten();
        let path = match (paths.next(), paths.next()) {
            (Some(path), None) => path,
            (None, _) if !written.query.is_empty() => PathRule::Any,
            (None, _) => return Err("a page rule names no path"),
            (Some(_), Some(_)) => return Err("a page rule names more than one path"),
        };
        Ok(Self { host: written.host, path, query: written.query })
    }
}

impl PageRule {
    /// Whether the rule holds for the page.
    ///
    /// ```
    /// use edgewise_engine::{Page, PageRule};
    /// let rule: PageRule = serde_json::from_str(r#"{"prefix": "/p", "query": {"plan": {"is": "team"}}}"#).unwrap();
    /// let holds = |url| rule.matches(&Page::parse(url).unwrap());
    /// assert!(holds("https://example.com/pricing?plan=team&plan=solo"));
    /// assert!(!holds("https://example.com/pricing?plan=solo&plan=team"));
    /// ```
    pub fn matches(&self, page: &Page) -> bool {
        self.holds(page, &Searches::of_a_visit()) == Some(true)
    }

    /// Whether the rule holds for the page. None where it would take too long to find out.
    fn holds(&self, page: &Page, searches: &Searches) -> Option<bool> {
        let host = match self.host.as_deref() {
            None => true,
            Some(host) => match host.strip_prefix('*') {
                // What is left starts with the dot, so `notexample.com` does not slip in.
                Some(suffix) => {
                    page.host().len() > suffix.len() && page.host().ends_with(suffix)
                }
                None => page.host() == host,
            },
        };
        if !host {
            return Some(false);
        }
        let mut all = self.path.holds(page.path(), searches);
        for (name, test) in &self.query {
            if all == Some(false) {
                break;
            }
            let value = page.parameters().value(name);
            match test.holds(value, Case::Kept, searches) {
                Some(true) => {}
                Some(false) => all = Some(false),
                None => all = None,
            }
        }
        all
    }

    /// How heavy its regular expressions are.
    pub(crate) fn weight(&self) -> usize {
        let path = match &self.path {
            PathRule::Regex(pattern) => pattern.weight(),
            _ => 0,
        };
        path + self.query.values().map(TextTest::weight).sum::<usize>()
    }
}

/// As `prefix "/pricing" on "*.example.com" with plan is "team"`.
impl fmt::Display for PageRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.written() {
            Some((word, text)) => write!(f, "{word} {text:?}")?,
            None => f.write_str("any path")?,
        }
        if let Some(host) = &self.host {
            write!(f, " on {host:?}")?;
        }
        for (index, (name, test)) in self.query.iter().enumerate() {
            let word = if index == 0 { "with" } else { "and" };
            write!(f, " {word} {name} {test}")?;
        }
        Ok(())
    }
}

/// What page rules say about a page, and which of them it is by its place in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The experiment runs there: the first of `include` that holds.
    Included(usize),
    /// It does not, whatever `include` says: the first of `exclude` that holds.
    Excluded(usize),
    /// It does not: none of `include` holds.
    NoRule,
    /// It does not, because it would take too long to find out whether it does: a long address, and regular expressions.
    TooLong,
}

/// Where an experiment runs: on pages that match one of `include` and none of `exclude`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRules {
    /// At least one.
    pub include: Vec<PageRule>,
    /// Wins over `include`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<PageRule>,
}

impl PageRules {
    /// Whether the experiment runs on the page.
    pub fn matches(&self, page: &Page) -> bool {
        matches!(self.verdict(page), Verdict::Included(_))
    }

    /// Whether the experiment runs on the page, and by which rule.
    pub fn verdict(&self, page: &Page) -> Verdict {
        self.judge(page, &Searches::of_a_visit())
    }

    /// The same, with the steps that are left to a visit.
    pub(crate) fn judge(&self, page: &Page, searches: &Searches) -> Verdict {
        let first = |rules: &[PageRule]| {
            let mut known = true;
            let found = rules.iter().position(|rule| {
                let holds = rule.holds(page, searches);
                known &= holds.is_some();
                holds == Some(true)
            });
            found.map_or(
                if known { Verdict::NoRule } else { Verdict::TooLong },
                Verdict::Included,
            )
        };
        let included = first(&self.include);
        if included == Verdict::NoRule {
            return included;
        }
        match first(&self.exclude) {
            Verdict::Included(at) => Verdict::Excluded(at),
            // What might leave the page out must not be passed over.
            Verdict::TooLong => Verdict::TooLong,
            Verdict::NoRule | Verdict::Excluded(_) => included,
        }
    }

    /// How heavy its regular expressions are.
    pub(crate) fn weight(&self) -> usize {
        self.include.iter().chain(&self.exclude).map(PageRule::weight).sum()
    }

    /// Whether the experiment may run on the path, on some host that the pattern `hosts` allows and with some query.
    pub(crate) fn may_match(&self, path: &str, hosts: Option<&str>) -> bool {
        let on_path = |rule: &&PageRule| rule.path.may_hold(path);
        let surely = |rule: &&PageRule| {
            rule.path.holds(path, &Searches::without_end()) == Some(true)
        };
        // A rule that asks for parameters leaves some queries over.
        let exclude: Vec<_> = self
            .exclude
            .iter()
            .filter(|rule| rule.query.is_empty())
            .filter(surely)
            .collect();
        self.include.iter().filter(on_path).any(|rule| {
            // Two patterns have nothing in common, or one of them lies within the other.
            let host = rule.host.as_deref();
            let common = if covers(hosts, host) { host } else { hosts };
            covers(host, common)
                && !exclude.iter().any(|rule| covers(rule.host.as_deref(), common))
        })
    }
}

/// Whether every host that `inner` allows is allowed by `outer` too.
pub(crate) fn covers(outer: Option<&str>, inner: Option<&str>) -> bool {
    match (outer, inner) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(outer), Some(inner)) => {
            outer == inner
                || outer.strip_prefix('*').is_some_and(|suffix| {
                    inner.len() > suffix.len() && inner.ends_with(suffix)
                })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> PageRule {
        serde_json::from_str(json).unwrap()
    }

    fn page(url: &str) -> Page {
        Page::parse(url).unwrap()
    }

    #[test]
    fn hosts() {
        let rule = |host: &str| PageRule {
            host: Some(host.to_owned()),
            path: PathRule::Prefix("/".to_owned()),
            query: BTreeMap::new(),
        };
        assert!(rule("*.example.com").matches(&page("https://a.example.com/")));
        assert!(!rule("*.example.com").matches(&page("https://example.com/")));
        assert!(!rule("*.example.com").matches(&page("https://notexample.com/")));
        assert!(rule("example.com").matches(&page("https://EXAMPLE.com:443/x")));
        assert_eq!(page("http://user@[::1]:80/").host(), "[::1]");
    }

    #[test]
    fn paths() {
        let holds = |json: &str, path: &str| {
            rule(json).matches(&page(&format!("https://example.com{path}")))
        };
        assert!(holds(r#"{"suffix": ".html"}"#, "/a/b.html?c"));
        assert!(!holds(r#"{"suffix": ".html"}"#, "/a/b.html5"));
        assert!(holds(r#"{"contains": "/b"}"#, "/a/b/c"));
        assert!(!holds(r#"{"contains": "/b"}"#, "/a?x=/b"));
        assert!(holds(r#"{"regex": "^/p/[0-9]+$"}"#, "/p/12"));
        assert!(!holds(r#"{"regex": "^/p/[0-9]+$"}"#, "/P/12"));
        assert!(holds(r#"{"regex": "[0-9]"}"#, "/p/12/edit"));
    }

    #[test]
    fn queries() {
        let holds = |json: &str, query: &str| {
            let rule = rule(&format!("{{\"query\": {json}}}"));
            rule.matches(&page(&format!("https://example.com/{query}")))
        };
        assert!(holds(r#"{"a": {"is": "b c"}}"#, "?x&%61=b+c"));
        assert!(holds(r#"{"a": {"exists": true}}"#, "?a"));
        assert!(!holds(r#"{"a": {"exists": true}}"#, "?b=a"));
        assert!(holds(r#"{"a": {"exists": false}}"#, ""));
        assert!(holds(r#"{"a": {"is": ""}}"#, "?a"));
        assert!(!holds(r#"{"a": {"is": ""}}"#, "?A"));
        assert!(holds(r#"{"a": {"is": "1"}, "b": {"is": "2"}}"#, "?b=2&a=1&b=3"));
        assert!(!holds(r#"{"a": {"is": "1"}, "b": {"is": "3"}}"#, "?b=2&a=1&b=3"));
        assert!(!holds(r#"{"a": {"is": "\u00ff"}}"#, "?a=%FF"));
    }

    #[test]
    fn in_a_datafile() {
        for json in [
            r#"{"host":"*.a.com","regex":"^/x"}"#,
            r#"{"exact":"/","query":{"a":{"one_of":["b","c"]},"d":{"exists":false}}}"#,
            r#"{"query":{"a":{"matches":"^x"}}}"#,
        ] {
            assert_eq!(serde_json::to_string(&rule(json)).unwrap(), json);
        }
        for json in [
            "{}",
            r#"{"host": "a.com"}"#,
            r#"{"exact": "/", "prefix": "/"}"#,
            r#"{"exact": "/", "glob": "/"}"#,
            r#"{"regex": "("}"#,
            r#"{"query": {"a": {"is": "b", "exists": true}}}"#,
        ] {
            assert!(serde_json::from_str::<PageRule>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn in_words() {
        let json = r#"{"host": "a.com", "prefix": "/", "query": {"a": {"is": "b"}, "c": {"exists": false}}}"#;
        assert_eq!(
            rule(json).to_string(),
            "prefix \"/\" on \"a.com\" with a is \"b\" and c is not there"
        );
        assert_eq!(
            rule(r#"{"query": {"a": {"one_of": ["b", "c"]}}}"#).to_string(),
            "any path with a is one of \"b\", \"c\""
        );
    }

    #[test]
    fn which_rule_it_was() {
        let rules = PageRules {
            include: vec![rule(r#"{"exact": "/a"}"#), rule(r#"{"prefix": "/"}"#)],
            exclude: vec![rule(r#"{"contains": "b"}"#)],
        };
        let verdict = |path: &str| rules.verdict(&page(&format!("https://x{path}")));
        assert_eq!(verdict("/a"), Verdict::Included(0));
        assert_eq!(verdict("/c"), Verdict::Included(1));
        assert_eq!(verdict("/ab"), Verdict::Excluded(0));
    }

    #[test]
    fn what_takes_too_long_is_not_taken_for_a_no() {
        // So heavy that a path of some hundred letters is too long for it.
        let heavy = r#"{"regex": "b{900}|z$"}"#;
        let rules = |include: &[&str], exclude: &[&str]| PageRules {
            include: include.iter().map(|one| rule(one)).collect(),
            exclude: exclude.iter().map(|one| rule(one)).collect(),
        };
        let on = |rules: &PageRules, length: usize| {
            rules.verdict(&page(&format!("https://x/{}z", "a".repeat(length))))
        };
        let left_out = rules(&[r#"{"prefix": "/a"}"#], &[heavy, r#"{"suffix": "yz"}"#]);
        assert_eq!(on(&left_out, 100), Verdict::Excluded(0));
        assert_eq!(on(&left_out, 1_000), Verdict::TooLong);
        assert!(!left_out.matches(&page(&format!("https://x/{}", "a".repeat(1_000)))));
        let included = rules(&[heavy], &[]);
        assert_eq!(on(&included, 100), Verdict::Included(0));
        assert_eq!(on(&included, 1_000), Verdict::TooLong);
        // Nothing hangs on it where another rule has decided.
        let either = rules(&[heavy, r#"{"suffix": "z"}"#], &[r#"{"suffix": "y"}"#]);
        assert_eq!(on(&either, 1_000), Verdict::Included(1));
        let out_anyway = rules(&[heavy], &[heavy, r#"{"suffix": "z"}"#]);
        assert_eq!(on(&out_anyway, 1_000), Verdict::Excluded(1));
        let elsewhere = rules(&[r#"{"exact": "/"}"#], &[heavy]);
        assert_eq!(on(&elsewhere, 1_000), Verdict::NoRule);
        let with_query =
            rules(&[r#"{"regex": "b{900}|z$", "query": {"a": {"is": "1"}}}"#], &[]);
        assert_eq!(on(&with_query, 1_000), Verdict::NoRule);
        assert!(included.may_match(&"a".repeat(1_000), None));
        assert!(left_out.may_match(&format!("/{}", "a".repeat(1_000)), None));
    }

    #[track_caller]
    fn may(include: &[&str], exclude: &[&str], hosts: &str, expected: bool) {
        let hosts = (!hosts.is_empty()).then_some(hosts);
        let rules = |hosts: &[&str]| {
            let rule = |host: &&str| PageRule {
                host: (!host.is_empty()).then(|| (*host).to_owned()),
                path: PathRule::Exact("/b".to_owned()),
                query: BTreeMap::new(),
            };
            hosts.iter().map(rule).collect()
        };
        let rules = PageRules { include: rules(include), exclude: rules(exclude) };
        assert_eq!(rules.may_match("/b", hosts), expected, "{rules:?} {hosts:?}");
        assert!(!rules.may_match("/c", hosts));
    }

    #[test]
    fn patterns_of_hosts_that_meet() {
        may(&[""], &[], "", true);
        may(&[""], &[], "a.com", true);
        may(&["a.com"], &[], "", true);
        may(&["a.com"], &[], "b.com", false);
        may(&["*.a.com"], &[], "x.a.com", true);
        may(&["x.a.com"], &[], "*.a.com", true);
        may(&["*.a.com"], &[], "*.x.a.com", true);
        may(&["*.a.com"], &[], "*.b.com", false);
        may(&["*.a.com"], &[], "a.com", false);
        may(&["", "b.com"], &["b.com"], "b.com", false);
        may(&[""], &["b.com"], "*.com", true);
        may(&["*.a.com"], &["*.a.com"], "", false);
        may(&["x.a.com"], &["*.a.com"], "", false);
        may(&["*.a.com"], &["x.a.com"], "", true);
    }

    #[test]
    fn what_asks_for_parameters_may_hold_and_may_not() {
        let asks = || rule(r#"{"exact": "/b", "query": {"a": {"is": "b"}}}"#);
        let all = || rule(r#"{"exact": "/b"}"#);
        let may = |include: PageRule, exclude: Vec<PageRule>| {
            PageRules { include: vec![include], exclude }.may_match("/b", None)
        };
        assert!(may(asks(), vec![]));
        assert!(may(all(), vec![asks()]));
        assert!(!may(asks(), vec![all()]));
    }
}
