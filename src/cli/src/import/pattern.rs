//! Other tools' regexes about addresses. They are searched in the whole address, ours in the path: so what a pattern says
//! about scheme and host is taken off its front, and the rest is kept if both kinds of regex read it alike.

use super::place::{Fit, PathTest, Place, is_of_the_path, read_host};
use super::report::Loss;

/// The longest regex that is looked at, bytes.
const MAX_PATTERN: usize = 400;
/// The deepest groups and the highest count of repetitions.
const MAX_GROUPS: usize = 10;
const MAX_REPEAT: u32 = 100;

/// What the regex is searched in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Searched {
    /// Scheme, host and path.
    Address,
    /// The same with its query, and once more without scheme and host.
    AddressWithQuery,
}

pub(super) fn read(pattern: &str, searched: Searched) -> Result<Place, Loss> {
    if pattern.contains(['#', ' ', '"', '<', '>', '`']) {
        return Err(Loss::new(
            format!("the regex {} names what no path has", shown(pattern)),
            "Copy addresses out of the address bar, and leave fragments out.",
        ));
    }
    let pattern = portable(pattern)?;
    // What may stand before or behind anything says nothing.
    let mut rest = pattern.as_str();
    let mut anchored = false;
    loop {
        if let Some(after) = rest.strip_prefix(".*") {
            (rest, anchored) = (after.trim_start_matches('?'), false);
        } else if let Some(after) = rest.strip_prefix('^').filter(|_| !anchored) {
            (rest, anchored) = (after, true);
        } else {
            break;
        }
    }
    let Some(place) = read_parts(rest, anchored, searched) else {
        return Err(Loss::new(
            format!("the regex {} cannot be split into host and path", shown(&pattern)),
            "Write page rules for the pages that it means.",
        ));
    };
    Ok(place)
}

fn read_parts(rest: &str, anchored: bool, searched: Searched) -> Option<Place> {
    let mut fit = Fit::Same;
    let (hosts, rest, at_start) = if rest.is_empty() {
        (Vec::new(), rest, false)
    } else if let Some(after) = strip_scheme(rest) {
        let (hosts, path) = strip_hosts(after)?;
        (hosts, path, true)
    } else if rest.starts_with('/') {
        let whole = anchored
            || searched == Searched::Address
                && !has_alternatives(rest)
                && is_of_the_path(literal_start(rest));
        if !whole {
            fit =
                Fit::Narrower("it is looked for in the path only, not in host and query");
        }
        (Vec::new(), rest, anchored)
    } else if let Some((hosts, path)) = strip_hosts(rest).filter(|_| rest.contains("\\."))
    {
        // Found at the end of any host: of this one, or of one below it.
        let (host, below) = (hosts.first()?, format!("*.{}", hosts.first()?));
        let both = vec![host.clone(), below];
        (if anchored { hosts } else { both }, path, true)
    } else if anchored {
        return None;
    } else {
        fit = Fit::Narrower("it is looked for in the path only, not in host and query");
        (Vec::new(), rest, false)
    };
    if !hosts.is_empty() && has_alternatives(rest) {
        return None;
    }
    let mut place = Place::new(hosts, read_path(rest, at_start));
    place.fit = fit;
    if searched == Searched::AddressWithQuery {
        // What ends the pattern would have to end the query too.
        let ends = rest.ends_with('$') && !rest.ends_with("\\$");
        place.no_query = ends && !rest.ends_with(".*$") && !rest.ends_with(".+$");
        let inside = rest.trim_end_matches('$').trim_end_matches(".*");
        if place.fit == Fit::Same && can_match_a_query(inside) {
            place.fit = Fit::Narrower("its wildcards are looked for in the path only");
        }
    }
    Some(place)
}

/// A regex on what follows the host.
fn read_path(pattern: &str, at_start: bool) -> PathTest {
    let open = pattern.strip_suffix(".*$").or_else(|| pattern.strip_suffix(".*"));
    let (pattern, ended) = match (open, pattern.strip_suffix('$')) {
        (Some(open), _) if !open.ends_with('\\') => (open, false),
        (_, Some(closed)) if !closed.ends_with('\\') => (closed, true),
        _ => (pattern, false),
    };
    let literal = literal_start(pattern);
    if literal.len() == pattern.len() {
        return match (at_start, ended) {
            (_, false) | (false, _) if literal.is_empty() => PathTest::Any,
            // The path of an address is never empty.
            (true, true) if literal.is_empty() => PathTest::Is("/".to_owned()),
            (true, true) => PathTest::Is(literal.to_owned()),
            (true, false) => PathTest::Starts(literal.to_owned()),
            (false, true) => PathTest::Ends(literal.to_owned()),
            (false, false) => PathTest::Contains(literal.to_owned()),
        };
    }
    let start = if at_start { "^" } else { "" };
    let end = if ended { "$" } else { "" };
    if has_alternatives(pattern) && (at_start || ended) {
        return PathTest::Matches(format!("{start}(?:{pattern}){end}"));
    }
    PathTest::Matches(format!("{start}{pattern}{end}"))
}

/// The plain text that a portable pattern starts with.
fn literal_start(pattern: &str) -> &str {
    let end =
        pattern.find(|c: char| "\\.+*?()|[]{}^$".contains(c)).unwrap_or(pattern.len());
    let meta = pattern[end..].chars().next();
    // A repetition is about the character before it.
    if matches!(meta, Some('*' | '+' | '?' | '{')) && end > 0 {
        return &pattern[..end - 1];
    }
    &pattern[..end]
}

fn strip_scheme(pattern: &str) -> Option<&str> {
    [
        "https?://",
        "http(s)?://",
        "(https?://)?",
        "(https?://)",
        "https://",
        "http://",
        "(?:https?://)?",
        "//",
    ]
    .into_iter()
    .find_map(|scheme| pattern.strip_prefix(scheme))
}

/// The hosts that a pattern starts with, and the rest, which starts with a slash, ends, or is about the end.
fn strip_hosts(pattern: &str) -> Option<(Vec<String>, &str)> {
    let optional = ["(www\\.)?", "(?:www\\.)?"];
    let (www, pattern) = optional
        .into_iter()
        .find_map(|www| Some((true, pattern.strip_prefix(www)?)))
        .unwrap_or((false, pattern));
    let (any_below, pattern) = ["[^/]+\\.", ".*\\.", ".+\\."]
        .into_iter()
        .find_map(|below| Some((true, pattern.strip_prefix(below)?)))
        .unwrap_or((false, pattern));
    let end =
        pattern.find(['/', '$', '(', '[', '?', '*', '+', '|']).unwrap_or(pattern.len());
    let (host, rest) = pattern.split_at(end);
    if !rest.is_empty() && !rest.starts_with(['/', '$']) && rest != "(/.*)?" {
        return None;
    }
    let rest = if rest == "(/.*)?" { "" } else { rest };
    // An unescaped dot is meant as one.
    let host = read_host(&host.replace("\\.", ".")).ok()?;
    Some((
        match (www, any_below) {
            (true, _) => vec![host.clone(), format!("www.{host}")],
            (false, true) => vec![format!("*.{host}")],
            (false, false) => vec![host],
        },
        rest,
    ))
}

fn has_alternatives(pattern: &str) -> bool {
    let (mut depth, mut in_class, mut escaped) = (0_usize, false, false);
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => in_class = false,
            _ if in_class => {}
            '[' => in_class = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

/// Whether something in the pattern could also run over a question mark.
fn can_match_a_query(pattern: &str) -> bool {
    let plain = pattern.replace("\\.", "");
    plain.contains('.')
        || ["[^", "\\S", "\\W", "\\D", "\\?"].iter().any(|sign| plain.contains(sign))
}

/// The pattern as a regex that reads the same here as in a browser, or why there is none.
pub(super) fn portable(pattern: &str) -> Result<String, Loss> {
    let refused = |what: &str| {
        Loss::new(
            format!("the regex {} has {what}", shown(pattern)),
            "Say the same with several rules, or with a simpler regex.",
        )
    };
    if pattern.len() > MAX_PATTERN {
        return Err(refused("more than 400 bytes"));
    }
    if !pattern.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return Err(refused("characters that browsers send encoded"));
    }
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars().peekable();
    let (mut depth, mut class_start) = (0_usize, None);
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('/') => out.push('/'),
                Some(c @ ('d' | 'D' | 'w' | 'W')) => out.extend(['\\', c]),
                Some(c @ ('s' | 'S' | 'b' | 'B')) if class_start.is_none() => {
                    out.extend(['\\', c]);
                }
                Some(c) if "\\.+*?()|[]{}^$-".contains(c) => out.extend(['\\', c]),
                Some(c) if c.is_ascii_punctuation() => out.push(c),
                _ => return Err(refused("an escape that is read otherwise here")),
            },
            ']' if class_start.is_some_and(|start| out.len() > start) => {
                class_start = None;
                out.push(']');
            }
            ']' => return Err(refused("a bracket that is read otherwise here")),
            '[' if class_start.is_some() => out.push_str("\\["),
            '[' => {
                out.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                class_start = Some(out.len());
            }
            '&' | '~' if class_start.is_some() => out.extend(['\\', c]),
            '-' if class_start.is_some() && out.ends_with('-') => {
                return Err(refused("a range that is read otherwise here"));
            }
            _ if class_start.is_some() => out.push(c),
            '(' => {
                depth += 1;
                if depth > MAX_GROUPS {
                    return Err(refused("groups that stand too deep"));
                }
                out.push('(');
                if chars.next_if_eq(&'?').is_some() {
                    if chars.next() != Some(':') {
                        return Err(refused("a look ahead or behind, or a named group"));
                    }
                    out.push_str("?:");
                }
            }
            ')' if depth == 0 => return Err(refused("a bracket that was never opened")),
            ')' => {
                depth -= 1;
                out.push(')');
            }
            '{' => {
                let inside: String =
                    std::iter::from_fn(|| chars.next_if(|c| *c != '}')).collect();
                let bounds = inside.split(',').all(|bound| {
                    bound.is_empty()
                        || bound.parse::<u32>().is_ok_and(|n| n <= MAX_REPEAT)
                });
                let first = inside.starts_with(|c: char| c.is_ascii_digit());
                let counted = bounds && first && inside.matches(',').count() < 2;
                if chars.next() != Some('}') || !counted {
                    return Err(refused("a repetition that is read otherwise here"));
                }
                out.push_str(&format!("{{{inside}}}"));
            }
            '}' => return Err(refused("a brace that is read otherwise here")),
            c => out.push(c),
        }
    }
    if depth > 0 || class_start.is_some() {
        return Err(refused("a bracket that is never closed"));
    }
    Ok(out)
}

/// At most 60 characters of a text that stands in the file, quoted.
pub(super) fn shown(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some((cut, _)) = text.char_indices().nth(60) {
        text.truncate(cut);
        text.push('…');
    }
    format!("{text:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, searched: Searched, expected: &str) {
        let found = match read(pattern, searched) {
            Ok(place) => {
                let rules = place.page_rules().unwrap();
                let rules: Vec<_> = rules.iter().map(ToString::to_string).collect();
                let fit = match place.fit {
                    Fit::Same => "",
                    Fit::Narrower(_) => " narrower",
                    Fit::Wider(_) => " wider",
                };
                let query = if place.no_query { " no query" } else { "" };
                format!("{}{fit}{query}", rules.join(" "))
            }
            Err(loss) => loss.reason,
        };
        assert_eq!(found, expected, "{pattern}");
    }

    #[test]
    fn patterns_on_addresses() {
        let a = Searched::Address;
        check(
            r"^https?:\/\/shop\.example\.com\/sale",
            a,
            r#"{"host":"shop.example.com","prefix":"/sale"}"#,
        );
        check(r"https://a.com/x$", a, r#"{"exact":"/x","host":"a.com"}"#);
        check(
            r"^https://(www\.)?a\.com/p/\d+$",
            a,
            r#"{"host":"a.com","regex":"^/p/\\d+$"} {"host":"www.a.com","regex":"^/p/\\d+$"}"#,
        );
        check(r"^https://[^/]+\.a\.com/", a, r#"{"host":"*.a.com","prefix":"/"}"#);
        check("/blog/.*", a, r#"{"contains":"/blog/"}"#);
        check(".*/blog/(a|b)$", a, r#"{"regex":"/blog/(a|b)$"}"#);
        check("pricing", a, r#"{"contains":"pricing"} narrower"#);
        check(
            r"a\.com/x",
            a,
            r#"{"host":"a.com","prefix":"/x"} {"host":"*.a.com","prefix":"/x"}"#,
        );
        check("/a|/b", a, r#"{"regex":"/a|/b"} narrower"#);
        check("^/(a|b)", a, r#"{"regex":"^/(a|b)"}"#);
        check("^/a|/b", a, r#"{"regex":"^(?:/a|/b)"}"#);
        check("/colou?r/", a, r#"{"regex":"/colou?r/"} narrower"#);
        check(".*", a, r#"{"prefix":"/"}"#);
    }

    #[test]
    fn patterns_on_addresses_with_a_query() {
        let q = Searched::AddressWithQuery;
        check("^/pricing$", q, r#"{"exact":"/pricing"} no query"#);
        check("^/pricing", q, r#"{"prefix":"/pricing"}"#);
        check("^/blog/.*$", q, r#"{"prefix":"/blog/"}"#);
        check("^/p/[^/]+$", q, r#"{"regex":"^/p/[^/]+$"} narrower no query"#);
        check("/blog/", q, r#"{"contains":"/blog/"} narrower"#);
    }

    #[test]
    fn what_is_read_otherwise_is_refused() {
        for odd in [
            "(?=x)",
            "(?<n>x)",
            r"\1",
            "[]",
            "[^]",
            "x{,3}",
            "x{1,2,3}",
            "x{1000}",
            "a}",
            "(",
            ")",
            "[a",
            "é",
            r"\u0041",
            "\\",
            "x{2",
            "((((((((((((x))))))))))))",
        ] {
            assert!(portable(odd).is_err(), "{odd}");
        }
        assert!(portable(&"x".repeat(401)).is_err());
        assert_eq!(
            portable(r"\/a\-b[\w\-&&~~[]{2,}").unwrap(),
            r"/a\-b[\w\-\&\&\~\~\[]{2,}"
        );
    }
}
