//! One edit to a page: a selector, how many elements it is for, and an action.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::selector::Selector;
use crate::token::{InvalidToken, Landing, Template, has_tokens};

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
    /// Puts HTML in place of the element.
    Replace(String),
    /// Replaces words inside, wherever they stand.
    Find(Words),
    /// Puts the first element that matches beside or into another one.
    Move(Target),
    /// Sets the page's title.
    Title(String),
    /// Sets the content of one of the page's `<meta>` elements, which is made if there is none. One entry: its name.
    Meta(BTreeMap<String, String>),
    /// Adds a style sheet to the page.
    Css(String),
    /// Shows another picture in an `<img>`.
    Image(Image),
    /// Adds a script to the page, where its policy lets it run.
    Script(String),
}

impl Action {
    /// The texts that may have tokens in them, each with what becomes of it; always in the same order.
    fn copy_mut(&mut self) -> Vec<(Landing<'_>, &mut String)> {
        match self {
            Self::Text(text)
            | Self::Title(text)
            | Self::Find(Words { with: text, .. }) => {
                vec![(Landing::Text, text)]
            }
            Self::Html(html)
            | Self::Replace(html)
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
            Self::Meta(meta) => meta
                .iter_mut()
                .map(|(name, content)| (Landing::Meta(name), content))
                .collect(),
            Self::Image(Image { src, srcset, alt, .. }) => {
                let mut copy = vec![(Landing::Attribute("src"), src)];
                copy.extend(srcset.as_mut().map(|s| (Landing::Attribute("srcset"), s)));
                copy.extend(alt.as_mut().map(|alt| (Landing::Attribute("alt"), alt)));
                copy
            }
            Self::Class(_)
            | Self::Style(_)
            | Self::Hide(_)
            | Self::Remove(_)
            | Self::Move(_)
            | Self::Css(_)
            | Self::Script(_) => Vec::new(),
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

/// What [`Action::Image`] shows. Width and height of the element stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// The address of the picture.
    pub src: String,
    /// The same picture in other sizes; without them, those of the old picture go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub srcset: Option<String>,
    /// How browsers choose from them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sizes: Option<String>,
    /// What it shows, in words; without, the old ones stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// The old address, if the page's head asks browsers to load it early: they are asked for the new one then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
}

/// What [`Action::Find`] looks for, and what it puts there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// To look for. White space matches any white space, and letters their own case only; tags of inline elements may
    /// stand in between, those of others not.
    pub text: String,
    /// To put there.
    pub with: String,
}

/// Where [`Action::Move`] puts the element: by the first element that this selector matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// In front of it.
    Before(Selector),
    /// As its first content.
    Prepend(Selector),
    /// As its last content.
    Append(Selector),
    /// Behind it.
    After(Selector),
}

impl Target {
    /// The selector of the element that gives the place.
    pub fn selector(&self) -> &Selector {
        let (Self::Before(selector)
        | Self::Prepend(selector)
        | Self::Append(selector)
        | Self::After(selector)) = self;
        selector
    }
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

/// How many elements a change is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// The first that matches, and no other.
    One,
    /// Every one that matches, be it none.
    #[default]
    All,
    /// Every one that matches; that none does is a fault of the change.
    AtLeastOne,
}

impl Expect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::One, Self::All, Self::AtLeastOne];

    /// The word people write and read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::All => "all",
            Self::AtLeastOne => "at-least-one",
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    fn is_all(&self) -> bool {
        *self == Self::All
    }
}

/// One edit to a page.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Change {
    /// For which elements; none for what is about the whole page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<Selector>,
    /// For how many of them.
    #[serde(skip_serializing_if = "Expect::is_all")]
    pub expect: Expect,
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
    #[serde(default)]
    expect: Expect,
    #[serde(flatten)]
    action: Action,
}

impl TryFrom<Written> for Change {
    type Error = InvalidToken;
    fn try_from(written: Written) -> Result<Self, InvalidToken> {
        let Written { selector, expect, action } = written;
        Self::new(selector, expect, action)
    }
}

impl Change {
    /// Reads the tokens in the action's texts.
    pub(crate) fn new(
        selector: Option<Selector>,
        expect: Expect,
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
        Ok(Self { selector, expect, action, templates })
    }

    /// Whether it takes the facts of a visit to tell what is done.
    pub(crate) fn has_tokens(&self) -> bool {
        !self.templates.is_empty()
    }

    /// What to do for one visit.
    pub(crate) fn action_for(&self, facts: &Facts<'_>) -> Cow<'_, Action> {
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
            Action::Replace(html) => {
                format!("{whom} is replaced by {}", shorten(html))
            }
            Action::Find(Words { text, with }) => {
                format!("“{}” in {whom} becomes “{}”", shorten(text), shorten(with))
            }
            Action::Move(target) => {
                let place = match target {
                    Target::Before(_) => "before",
                    Target::Prepend(_) => "to the start of",
                    Target::Append(_) => "to the end of",
                    Target::After(_) => "behind",
                };
                format!("{whom} is moved {place} {}", target.selector().as_str())
            }
            Action::Title(title) => {
                format!("the title of the page becomes “{}”", shorten(title))
            }
            Action::Meta(meta) => {
                let each = meta.iter().map(|(name, content)| {
                    format!("the page's {name} becomes “{}”", shorten(content))
                });
                each.collect::<Vec<_>>().join(", ")
            }
            Action::Css(css) => format!("the page gets the styles {}", shorten(css)),
            Action::Image(image) => format!("{whom} shows {}", shorten(&image.src)),
            Action::Script(code) => format!("the page runs {}", shorten(code)),
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
