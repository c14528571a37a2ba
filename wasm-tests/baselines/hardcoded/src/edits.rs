//! The five edits. `src/bin/bench/experiment.rs` says the same ones as a datafile.

use std::borrow::Cow;

use lol_html::html_content::{ContentType, Element};
use lol_html::{ElementContentHandlers, HandlerResult, Selector, Settings};

type Edit = fn(&mut Element<'_, '_>) -> HandlerResult;

pub(crate) struct Edits([(Selector, Edit); 5]);

impl Edits {
    pub(crate) fn parse() -> Self {
        let selector = |text: &str| text.parse().expect("a selector of ours parses");
        Self([
            (selector("h1"), headline),
            (selector(".lead"), lead),
            (selector("a.cta"), call_to_action),
            (selector("#plans"), promise),
            (selector("main"), mark),
        ])
    }

    pub(crate) fn settings(&self) -> Settings<'static, '_> {
        let settings = Settings::new().with_strict(false);
        self.0.iter().fold(settings, |settings, (selector, edit)| {
            settings.append_element_content_handler((
                Cow::Borrowed(selector),
                ElementContentHandlers::default().element(*edit),
            ))
        })
    }
}

fn headline(element: &mut Element<'_, '_>) -> HandlerResult {
    element.set_inner_content("Ship calm software, faster", ContentType::Text);
    Ok(())
}

fn lead(element: &mut Element<'_, '_>) -> HandlerResult {
    element.set_inner_content("Ask first, then build what wins.", ContentType::Text);
    Ok(())
}

fn call_to_action(element: &mut Element<'_, '_>) -> HandlerResult {
    element.set_attribute("href", "/signup?plan=team")?;
    Ok(())
}

fn promise(element: &mut Element<'_, '_>) -> HandlerResult {
    element.after(r#"<p class="promise">Thirty days, no card.</p>"#, ContentType::Html);
    Ok(())
}

fn mark(element: &mut Element<'_, '_>) -> HandlerResult {
    let classes = element.get_attribute("class").unwrap_or_default();
    element.set_attribute("class", format!("{classes} calm").trim_start())?;
    Ok(())
}
