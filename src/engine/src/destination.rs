//! Where a variant leads this visit instead of showing the page asked for, and the address that search engines are told
//! when it shows another page.

use std::collections::BTreeMap;

use crate::change::{Action, Change, Expect};
use crate::experiment::{CanonicalRule, RedirectStatus, Variant};
use crate::forced::split_query;
use crate::page::Page;
use crate::query::as_sent;
use crate::selector::Selector;

/// How far a request can be led.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Nowhere: nobody is about to look at a page, so one cannot be put in its place.
    Here,
    /// To addresses of the same host: a script asks for the page, and may not read another host's.
    SameHost,
    /// Anywhere: a browser opens the page.
    #[default]
    Anywhere,
}

/// Where a visit is led.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// The visitor is sent to another address.
    Redirect {
        /// How.
        status: RedirectStatus,
        /// The address: a path, or an https address. Visible ASCII only.
        location: String,
    },
    /// The visitor is shown another page of the origin under the address asked for.
    Page {
        /// What the origin is asked for: a path, perhaps with a query. Visible ASCII only.
        path_and_query: String,
    },
}

impl Destination {
    /// Where the variant leads a visit of that page.
    pub fn of(variant: &Variant, page: &Page) -> Option<Self> {
        // A QA link's token is ours and goes nowhere; its cookie does.
        let (_, query) = split_query(page.query());
        if let Some(redirect) = &variant.redirect {
            let location = redirect.to.location(&query);
            return Some(Self::Redirect { status: redirect.status, location });
        }
        let other = variant.page.as_ref()?;
        let path_and_query = other.path.address().path_and_query(&query);
        Some(Self::Page { path_and_query })
    }

    /// The address of a redirect.
    pub fn redirect(&self) -> Option<&str> {
        match self {
            Self::Redirect { location, .. } => Some(location),
            Self::Page { .. } => None,
        }
    }

    /// The other page of the origin.
    pub fn page(&self) -> Option<&str> {
        match self {
            Self::Redirect { .. } => None,
            Self::Page { path_and_query } => Some(path_and_query),
        }
    }
}

/// The address that search engines are told for a page shown under another address than its own: once in a header and,
/// where the page names an address itself, there too.
#[derive(Debug)]
pub struct Canonical {
    url: String,
    change: Change,
}

impl Canonical {
    /// Where `variant` shows another page that is not to keep its own address. The address told has no query: it is
    /// the page's, whatever brought the visitor.
    ///
    /// # Panics
    /// Never: the selector is one.
    pub fn of(variant: &Variant, page: &Page) -> Option<Self> {
        let other = variant.page.as_ref()?;
        if other.canonical == CanonicalRule::Keep {
            return None;
        }
        // Visitors are told apart by a cookie for https only, so the site is on https.
        let url = as_sent(&format!("https://{}{}", page.host(), page.path()));
        // Not a token, whatever was asked for.
        let url = url.replace('{', "%7B").replace('}', "%7D");
        let selector = Selector::parse("link[rel~=\"canonical\" i]").expect("a selector");
        let href = BTreeMap::from([("href".to_owned(), Some(url.clone()))]);
        let change =
            Change::new(Some(selector), Expect::All, Action::Attribute(href)).ok()?;
        Some(Self { url, change })
    }

    /// The value of a `Link` header (RFC 8288).
    ///
    /// ```
    /// # use edgewise_engine::{Canonical, Page, validate};
    /// # let draft = r#"{"experiments": [{"key": "a", "name": "A", "status": "running", "hypothesis": {
    /// #   "we_believe": "another page", "will_cause": "more sign-ups", "because": "it is shorter"},
    /// #   "pages": {"include": [{"exact": "/a"}]}, "variants": [
    /// #   {"key": "control", "name": "A", "weight": 5000},
    /// #   {"key": "b", "name": "B", "weight": 5000, "page": {"path": "/b"}}]}]}"#;
    /// # let datafile = validate(draft, 1).0.unwrap();
    /// # let variant = datafile.experiment("a").unwrap().variant("b").unwrap();
    /// let page = Page::parse("https://example.com/a?utm_source=mail").unwrap();
    /// let canonical = Canonical::of(variant, &page).unwrap();
    /// assert_eq!(canonical.link(), "<https://example.com/a>; rel=\"canonical\"");
    /// ```
    pub fn link(&self) -> String {
        format!("<{}>; rel=\"canonical\"", self.url)
    }

    /// The same for the page's own `link` element, if it has one.
    pub(crate) fn change(&self) -> &Change {
        &self.change
    }
}

/// A `Link` header without the page's own canonical address; none if nothing is left. Every other link is kept as it is
/// written.
///
/// ```
/// use edgewise_engine::without_canonical;
/// let line = "</a.css>; rel=preload; as=style, </b>; rel=\"canonical\"";
/// assert_eq!(without_canonical(line).as_deref(), Some("</a.css>; rel=preload; as=style"));
/// assert_eq!(without_canonical("</b>; REL=Canonical"), None);
/// assert_eq!(without_canonical("</canonical,x>; rel=next").as_deref(), Some("</canonical,x>; rel=next"));
/// ```
pub fn without_canonical(line: &str) -> Option<String> {
    let links = parts(line, ',');
    if !links.iter().any(|link| is_canonical(link)) {
        return Some(line.to_owned());
    }
    let kept: Vec<_> = links.into_iter().filter(|link| !is_canonical(link)).collect();
    let kept = kept.join(",");
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

fn is_canonical(link: &str) -> bool {
    // The first is the address itself.
    parts(link, ';').into_iter().skip(1).any(|parameter| {
        let Some((name, value)) = parameter.split_once('=') else { return false };
        let mut words = value.trim().trim_matches('"').split_ascii_whitespace();
        name.trim().eq_ignore_ascii_case("rel")
            && words.any(|word| word.eq_ignore_ascii_case("canonical"))
    })
}

/// The text cut at each `separator` that stands neither between angle brackets nor in quotes.
fn parts(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut closes, mut escaped) = (None, false);
    for (at, c) in text.char_indices() {
        match closes {
            Some(_) if escaped => escaped = false,
            Some('"') if c == '\\' => escaped = true,
            Some(end) if c == end => closes = None,
            None if c == '<' => closes = Some('>'),
            None if c == '"' => closes = Some('"'),
            None if c == separator => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            Some(_) | None => {}
        }
    }
    parts.push(&text[start..]);
    parts
}
