//! Url patterns: simple ones with stars, and regexes.

use serde_json::{Map, Value, json};

use crate::import::draft::group;
use crate::import::pattern::{self, Searched, shown};
use crate::import::place::{
    Fit, PathTest, Place, decode, encode, escape, has_letters, no_query, not_an_address,
    read_host,
};
use crate::import::report::{Loss, Parts};
use crate::import::text;

/// The most parameters of a page rule.
const MAX_PARAMETERS: usize = 20;

/// The page rules of the patterns, and what else an address has to be.
pub(super) fn read(patterns: &[Value], parts: &mut Parts) -> (Value, Option<Value>) {
    if patterns.is_empty() {
        parts.hold("its list of url patterns is empty, so GrowthBook showed it nowhere; the draft has it on all pages");
    }
    let (mut include, mut exclude) = (Vec::new(), Vec::new());
    for one in patterns {
        let written = text(one, "pattern").unwrap_or_default();
        let included = one.get("include").and_then(Value::as_bool) != Some(false);
        let place = match text(one, "type") {
            Some("simple") => simple(written),
            Some("regex") => pattern::read(written, Searched::AddressWithQuery),
            _ => Err(Loss::new(
                "its type is not known here",
                "Write a page rule in the draft.",
            )),
        };
        let place = place.and_then(|place| Ok((place.page_rules()?, place)));
        match place {
            Ok((rules, place)) if included => include.push((rules, place)),
            Ok((rules, place)) => exclude.push((rules, place)),
            Err(loss) => {
                parts.lost(format_args!("url pattern {}", shown(written)), &loss);
            }
        }
    }
    for (_, place) in &include {
        parts.tell(place.fit);
    }
    for (_, place) in &exclude {
        parts.tell(place.fit.flipped());
        if place.no_query {
            parts.tell(Fit::Narrower("excluded pages are excluded with a query too"));
        }
    }
    // Page rules have no word for an address without a query, and the audience has.
    let bare = include.iter().filter(|(_, place)| place.no_query).count();
    let condition = if bare > 0 && bare == include.len() {
        Some(no_query())
    } else if bare > 0 {
        let any = include.iter().map(|(_, place)| place.condition()).collect();
        Some(group("any", any))
    } else {
        None
    };
    let mut included: Vec<_> = include.into_iter().flat_map(|(rules, _)| rules).collect();
    if included.is_empty() {
        included.push(json!({"prefix": "/"}));
    }
    let excluded: Vec<_> = exclude.into_iter().flat_map(|(rules, _)| rules).collect();
    let pages = if excluded.is_empty() {
        json!({ "include": included })
    } else {
        json!({ "include": included, "exclude": excluded })
    };
    (pages, condition)
}

/// Host, path and parameters are compared one by one, stars stand for anything, case does not matter, and neither do a
/// slash at the start and at the end of the path.
fn simple(written: &str) -> Result<Place, Loss> {
    if written.contains('#') {
        return Err(Loss::new(
            "it names a fragment, which browsers do not send",
            "Write a page rule without it.",
        ));
    }
    let (address, query) = match written.split_once('?') {
        Some((address, query)) => (address, Some(query)),
        None => (written, None),
    };
    let (host, path) = split_host(address.trim());
    let hosts = match host {
        None | Some("*") => Vec::new(),
        Some(host) if host.trim_start_matches("*.").contains('*') => {
            return Err(Loss::new(
                "its host has a star inside",
                "Write \"*.example.com\" for all hosts below one, and a rule for each other host.",
            ));
        }
        Some(host) => vec![read_host(host)?],
    };
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(not_an_address());
    }
    let inner = path.strip_prefix('/').unwrap_or(path);
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let test = if inner == "*" {
        PathTest::Any
    } else {
        PathTest::Matches(format!("^/?{}/?$", starred(&encode(inner))))
    };
    let mut place = Place::new(hosts, test).ignoring_case();
    place.query = parameters(query.unwrap_or_default())?;
    Ok(place)
}

/// What is a host: what stands behind a scheme, or before the first slash with a dot in it.
fn split_host(address: &str) -> (Option<&str>, &str) {
    let rest = ["https://", "http://", "//"].into_iter().find_map(|scheme| {
        address.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme))?;
        address.get(scheme.len()..)
    });
    let named = rest.is_some();
    let rest = rest.unwrap_or(address);
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    if named || (host.contains('.') && !host.is_empty()) {
        (Some(host), path)
    } else {
        (None, rest)
    }
}

fn starred(text: &str) -> String {
    text.split('*').map(escape).collect::<Vec<_>>().join(".*")
}

fn parameters(query: &str) -> Result<Map<String, Value>, Loss> {
    let mut tests = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (name.replace('+', " "), value.replace('+', " "));
        let (name, value) = (decode(&name)?, decode(&value)?);
        // Also where the parameter is missing.
        if !value.is_empty() && value.bytes().all(|byte| byte == b'*') {
            continue;
        }
        if value.is_empty() || name.is_empty() || tests.contains_key(&name) {
            return Err(Loss::new(
                "it names a parameter twice, or without a value",
                "Write a page rule with \"query\".",
            ));
        }
        let plain = !has_letters(&value) && !value.contains('*') && value.is_ascii();
        let test = if plain {
            json!(value)
        } else {
            json!({ "matches": format!("(?i)^{}$", starred(&value)) })
        };
        tests.insert(name, test);
    }
    if tests.len() > MAX_PARAMETERS {
        return Err(Loss::new(
            format!("it names more than {MAX_PARAMETERS} parameters"),
            "Write a page rule with those that tell.",
        ));
    }
    Ok(tests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, expected: &str) {
        let found = match simple(pattern).and_then(|place| place.page_rules()) {
            Ok(rules) => Value::from(rules).to_string(),
            Err(loss) => loss.reason,
        };
        assert_eq!(found, expected, "{pattern}");
    }

    #[test]
    fn simple_patterns() {
        check("/pricing", r#"[{"regex":"(?i)^/?pricing/?$"}]"#);
        check("/", r#"[{"regex":"^/?/?$"}]"#);
        check("*", r#"[{"prefix":"/"}]"#);
        check("/blog/*", r#"[{"regex":"(?i)^/?blog/.*/?$"}]"#);
        check(
            "https://Shop.example.com/a.b/",
            r#"[{"host":"shop.example.com","regex":"(?i)^/?a\\.b/?$"}]"#,
        );
        check("*.example.com/*", r#"[{"host":"*.example.com","prefix":"/"}]"#);
        check("/café", r#"[{"regex":"(?i)^/?caf%C3%A9/?$"}]"#);
        check(
            "/p?plan=team&x=*&n=1&q=a*b",
            r#"[{"query":{"n":"1","plan":{"matches":"(?i)^team$"},"q":{"matches":"(?i)^a.*b$"}},"regex":"(?i)^/?p/?$"}]"#,
        );
        check("*?n=1", r#"[{"query":{"n":"1"}}]"#);
        check("/a#b", "it names a fragment, which browsers do not send");
        check("www.*.com/a", "its host has a star inside");
        check(
            "https://a.com:8080/",
            "it names a port, and Edgewise does not look at ports",
        );
        for odd in [
            "/a/../b",
            "/p?a=",
            "/p?a=1&a=2",
            "/p?a=%zz",
            "/p?a=%ff",
            "/p?a=%+1",
            "https:///",
        ] {
            assert!(simple(odd).is_err(), "{odd}");
        }
    }
}
