//! The edits. `src/bin/bench/lanes.rs` says the same ones as experiments.

use std::borrow::Cow;

use lol_html::html_content::{ContentType, Element};
use lol_html::{ElementContentHandlers, HandlerResult, Selector, Settings};

pub(crate) struct Edits(Vec<(Selector, Edit)>);

enum Edit {
    Text(&'static str),
    Link(&'static str),
    After(&'static str),
    Class(&'static str),
}

impl Edits {
    pub(crate) fn five() -> Self {
        Self(vec![
            (selector("h1"), Edit::Text("Ship calm software, faster")),
            (selector(".lead"), Edit::Text("Ask first, then build what wins.")),
            (selector("a.cta"), Edit::Link("/signup?plan=team")),
            (
                selector("#plans"),
                Edit::After(r#"<p class="promise">Thirty days, no card.</p>"#),
            ),
            (selector("main"), Edit::Class("calm")),
        ])
    }

    /// A hundred selectors, few of which find anything on a page.
    pub(crate) fn hundred() -> Self {
        let edit = |number: usize| {
            let place = number / 5 + 1;
            let text = match number % 5 {
                0 => format!("#part-{place}"),
                1 => format!(".promo-{place}"),
                2 => format!("article.offer-{place}"),
                3 => format!("main .band .tile-{place}"),
                _ => format!("article[data-card='{place}-2']"),
            };
            (selector(&text), Edit::Class("seen"))
        };
        Self((0..100).map(edit).collect())
    }

    pub(crate) fn settings(&self) -> Settings<'_, '_> {
        let settings = Settings::new().with_strict(false);
        self.0.iter().fold(settings, |settings, (selector, edit)| {
            let handler = |element: &mut Element<'_, '_>| edit.apply(element);
            settings.append_element_content_handler((
                Cow::Borrowed(selector),
                ElementContentHandlers::default().element(handler),
            ))
        })
    }
}

fn selector(text: &str) -> Selector {
    text.parse().expect("a selector of ours parses")
}

impl Edit {
    fn apply(&self, element: &mut Element<'_, '_>) -> HandlerResult {
        match self {
            Self::Text(words) => element.set_inner_content(words, ContentType::Text),
            Self::Link(to) => element.set_attribute("href", to)?,
            Self::After(html) => element.after(html, ContentType::Html),
            Self::Class(name) => {
                let classes = element.get_attribute("class").unwrap_or_default();
                element.set_attribute("class", format!("{classes} {name}").trim())?;
            }
        }
        Ok(())
    }
}
