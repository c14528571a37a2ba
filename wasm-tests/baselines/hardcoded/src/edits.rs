//! The five edits. `src/bin/bench/lanes.rs` says the same ones as an experiment.

use std::borrow::Cow;

use lol_html::html_content::{ContentType, Element};
use lol_html::{ElementContentHandlers, HandlerResult, Selector, Settings};

pub(crate) struct Edits([(Selector, Edit); 5]);

enum Edit {
    Text(&'static str),
    Link(&'static str),
    After(&'static str),
    Class(&'static str),
}

impl Edits {
    pub(crate) fn parse() -> Self {
        let selector = |text: &str| text.parse().expect("a selector of ours parses");
        Self([
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
