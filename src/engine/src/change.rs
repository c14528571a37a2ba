//! One edit to a page: a selector, which the rewriter's own parser has read, and an action.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use lol_html::errors::SelectorError;
use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::token::{InvalidToken, Landing, Template, has_tokens};

/// Which elements a change is for.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Selector {
    text: String,
    parsed: lol_html::Selector,
    inside: lol_html::Selector,
}

impl Selector {
    /// Parses with the parser that will match, so what is accepted here works at the edge.
    ///
    /// ```
    /// use edgewise_engine::Selector;
    /// assert!(Selector::parse("main > a.cta[href^='/sign']").is_ok());
    /// let error = Selector::parse("h1 + p").unwrap_err();
    /// assert_eq!(error.to_string(), "the selector \"h1 + p\" uses \"+\", which a streaming rewriter cannot match");
    /// ```
    pub fn parse(text: &str) -> Result<Self, InvalidSelector> {
        let parse =
            |css: &str| css.parse().map_err(|kind| InvalidSelector::new(text, kind));
        Ok(Self {
            parsed: parse(text)?,
            inside: parse(&descendants(text))?,
            text: text.to_owned(),
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn parsed(&self) -> &lol_html::Selector {
        &self.parsed
    }

    /// Every element inside one that matches.
    pub(crate) fn inside(&self) -> &lol_html::Selector {
        &self.inside
    }
}

impl fmt::Debug for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl From<Selector> for String {
    fn from(selector: Selector) -> Self {
        selector.text
    }
}

impl TryFrom<String> for Selector {
    type Error = InvalidSelector;
    fn try_from(text: String) -> Result<Self, InvalidSelector> {
        Self::parse(&text)
    }
}

/// Why a text is not a selector that can be matched while the page streams past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidSelector {
    text: String,
    kind: SelectorError,
}

impl InvalidSelector {
    fn new(text: &str, kind: SelectorError) -> Self {
        let bare = text.trim();
        let dangling =
            bare.starts_with(['>', '+', '~']) || bare.ends_with(['>', '+', '~']);
        // The parser finds nothing, or a combinator at the end, where it met something that it cannot read.
        let kind = match kind {
            SelectorError::EmptySelector if !bare.is_empty() => {
                SelectorError::UnexpectedToken
            }
            SelectorError::DanglingCombinator if !dangling => {
                SelectorError::UnexpectedToken
            }
            kind => kind,
        };
        Self { text: text.to_owned(), kind }
    }

    /// What to do instead.
    pub fn hint(&self) -> &'static str {
        match self.kind {
            SelectorError::UnsupportedCombinator(_) => {
                "Name the element by an id, a class, or its place under a parent (`main > p`)."
            }
            SelectorError::UnsupportedPseudoClassOrElement => {
                "Use an id, a class, an attribute, `:nth-child()` or `:not()`; what comes later in the page is not known yet."
            }
            SelectorError::EmptySelector => {
                "Write which element to change, for example `h1`."
            }
            SelectorError::DanglingCombinator => {
                "Write an element on both sides of the combinator."
            }
            SelectorError::NamespacedSelector => {
                "Leave out what stands before the \"|\"."
            }
            _ => {
                "Quote attribute values, as in `a[href=\"/pricing\"]`, and escape names that start with a digit."
            }
        }
    }
}

impl fmt::Display for InvalidSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.text;
        match self.kind {
            SelectorError::EmptySelector => f.write_str("the selector is empty"),
            SelectorError::UnsupportedCombinator(found) => {
                write!(
                    f,
                    "the selector {text:?} uses \"{found}\", which a streaming rewriter cannot match"
                )
            }
            SelectorError::UnsupportedPseudoClassOrElement => {
                write!(
                    f,
                    "the selector {text:?} uses a pseudo-class that a streaming rewriter cannot match"
                )
            }
            SelectorError::DanglingCombinator => {
                write!(f, "the selector {text:?} starts or ends with a combinator")
            }
            SelectorError::NamespacedSelector => {
                write!(f, "the selector {text:?} names a namespace")
            }
            _ => write!(f, "the selector {text:?} is not valid CSS"),
        }
    }
}

impl std::error::Error for InvalidSelector {}

/// The selector of everything inside the elements that `selector` matches: ` *` behind each part of a list. Commas in
/// quotes, brackets and parentheses separate nothing.
fn descendants(selector: &str) -> String {
    let mut list = String::with_capacity(selector.len() + 2);
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for c in selector.trim_end().chars() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if let Some(open) = quote {
            quote = (c != open).then_some(open);
        } else {
            match c {
                '"' | '\'' => quote = Some(c),
                '[' | '(' => depth += 1,
                ']' | ')' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => list.push_str(" *"),
                _ => {}
            }
        }
        list.push(c);
    }
    list.push_str(" *");
    list
}

/// What a change does to each element its selector matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Replaces what is inside by this text.
    Text(String),
    /// Replaces what is inside by this HTML.
    Html(String),
    /// Sets attributes; null removes one.
    Attribute(BTreeMap<String, Option<String>>),
    /// Adds and removes classes.
    Class(ClassNames),
    /// Sets inline style properties.
    Style(BTreeMap<String, String>),
    /// Hides the element; it stays in the page for scripts. Always true.
    Hide(bool),
    /// Takes the element out of the page. Always true.
    Remove(bool),
    /// Puts HTML beside or inside the element.
    Insert(Insertion),
    /// Adds a style sheet to the page; the one action without a selector.
    Css(String),
}

impl Action {
    /// Whether it can only be done once the element's end is found.
    pub(crate) fn needs_end(&self) -> bool {
        use Insertion::{After, Append};
        matches!(
            self,
            Self::Text(_)
                | Self::Html(_)
                | Self::Remove(_)
                | Self::Insert(Append(_) | After(_))
        )
    }

    /// The texts that may have tokens in them, each with what becomes of it; always in the same order.
    fn copy_mut(&mut self) -> Vec<(Landing<'_>, &mut String)> {
        match self {
            Self::Text(text) => vec![(Landing::Text, text)],
            Self::Html(html)
            | Self::Insert(
                Insertion::Before(html)
                | Insertion::Prepend(html)
                | Insertion::Append(html)
                | Insertion::After(html),
            ) => vec![(Landing::Html, html)],
            Self::Attribute(attributes) => attributes
                .iter_mut()
                .filter_map(|(name, value)| {
                    Some((Landing::Attribute(name), value.as_mut()?))
                })
                .collect(),
            Self::Class(_)
            | Self::Style(_)
            | Self::Hide(_)
            | Self::Remove(_)
            | Self::Css(_) => Vec::new(),
        }
    }
}

/// The classes of [`Action::Class`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassNames {
    /// To add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<String>,
    /// To remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

/// Where [`Action::Insert`] puts its HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Insertion {
    /// In front of the element.
    Before(String),
    /// As its first content.
    Prepend(String),
    /// As its last content.
    Append(String),
    /// Behind the element.
    After(String),
}

/// One edit to a page.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Change {
    /// For which elements; none for [`Action::Css`] only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<Selector>,
    /// What to do.
    #[serde(flatten)]
    pub action: Action,
    /// The texts of the action, in the order of `copy_mut`, each as a template if it has tokens. None have if it is
    /// empty, as nearly always.
    #[serde(skip)]
    templates: Vec<Option<Template>>,
}

/// A change as it stands in a file.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    selector: Option<Selector>,
    #[serde(flatten)]
    action: Action,
}

impl TryFrom<Written> for Change {
    type Error = InvalidToken;
    fn try_from(Written { selector, action }: Written) -> Result<Self, InvalidToken> {
        Self::new(selector, action)
    }
}

impl Change {
    /// Reads the tokens in the action's texts.
    pub(crate) fn new(
        selector: Option<Selector>,
        mut action: Action,
    ) -> Result<Self, InvalidToken> {
        let mut templates = Vec::new();
        for (landing, text) in action.copy_mut() {
            let template = has_tokens(text).then(|| Template::parse(text, landing));
            templates
                .push(template.transpose().map_err(|mut invalid| invalid.remove(0))?);
        }
        if templates.iter().all(Option::is_none) {
            templates.clear();
        }
        Ok(Self { selector, action, templates })
    }

    /// Whether it takes the facts of a visit to tell what is done.
    pub(crate) fn has_tokens(&self) -> bool {
        !self.templates.is_empty()
    }

    /// What to do for one visit.
    pub(crate) fn action_for(&self, facts: &Facts) -> Cow<'_, Action> {
        if !self.has_tokens() {
            return Cow::Borrowed(&self.action);
        }
        let mut action = self.action.clone();
        for ((_, text), template) in action.copy_mut().into_iter().zip(&self.templates) {
            if let Some(template) = template {
                *text = template.fill(facts);
            }
        }
        Cow::Owned(action)
    }

    /// One sentence for people, without a full stop.
    ///
    /// ```
    /// use edgewise_engine::Change;
    /// let change: Change = serde_json::from_str(r#"{"selector":"h1","text":"Start free"}"#).unwrap();
    /// assert_eq!(change.describe(), "the text of h1 becomes “Start free”");
    /// ```
    pub fn describe(&self) -> String {
        let whom = self.selector.as_ref().map_or("the page", Selector::as_str);
        match &self.action {
            Action::Text(text) => {
                format!("the text of {whom} becomes “{}”", shorten(text))
            }
            Action::Html(html) => {
                format!("the content of {whom} becomes {}", shorten(html))
            }
            Action::Attribute(attributes) => {
                let each = attributes.iter().map(|(name, value)| match value {
                    Some(value) => {
                        format!("{name} of {whom} becomes “{}”", shorten(value))
                    }
                    None => format!("{name} of {whom} is removed"),
                });
                each.collect::<Vec<_>>().join(", ")
            }
            Action::Class(ClassNames { add, remove }) => {
                let words = |verb: &str, names: &[String]| {
                    (!names.is_empty())
                        .then(|| format!("{verb} the class {}", names.join(" ")))
                };
                let parts: Vec<_> = [words("gets", add), words("loses", remove)]
                    .into_iter()
                    .flatten()
                    .collect();
                format!("{whom} {}", parts.join(" and "))
            }
            Action::Style(style) => {
                let each = style.iter().map(|(name, value)| format!("{name}: {value}"));
                format!("{whom} is styled {}", each.collect::<Vec<_>>().join("; "))
            }
            Action::Hide(_) => format!("{whom} is hidden"),
            Action::Remove(_) => format!("{whom} is removed"),
            Action::Insert(insertion) => match insertion {
                Insertion::Before(html) => {
                    format!("{} is put before {whom}", shorten(html))
                }
                Insertion::Prepend(html) => {
                    format!("{} is put first in {whom}", shorten(html))
                }
                Insertion::Append(html) => {
                    format!("{} is put last in {whom}", shorten(html))
                }
                Insertion::After(html) => {
                    format!("{} is put after {whom}", shorten(html))
                }
            },
            Action::Css(css) => format!("the page gets the styles {}", shorten(css)),
        }
    }
}

/// At most 80 characters on one line.
fn shorten(text: &str) -> String {
    let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((cut, _)) = words.char_indices().nth(80) {
        words.truncate(cut);
        words.push('…');
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descendants_of_every_part_of_a_list() {
        assert_eq!(descendants("h1"), "h1 *");
        assert_eq!(descendants("h1, main > p "), "h1 *, main > p *");
        assert_eq!(descendants("a[title='x,y'],b"), "a[title='x,y'] *,b *");
        assert_eq!(descendants(":not(.a, .b)"), ":not(.a, .b) *");
        assert_eq!(descendants(r"a\,b"), r"a\,b *");
        assert_eq!(descendants(r#"a[b="\",c"]"#), r#"a[b="\",c"] *"#);
    }
}
