//! What visitors see in an element's place while the element stays as the origin wrote it: a shadow root that the parser
//! makes of a `<template>`. A framework that takes the page over compares what is in the element, and a shadow root is not.

/// The shadow root of one element, put together from its changes.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    steps: Vec<usize>,
    first: String,
    /// In place of what the element holds.
    content: Option<String>,
    last: String,
}

impl Overlay {
    /// Notes a step that is part of it.
    pub(super) fn add(&mut self, step: usize) {
        self.steps.push(step);
    }

    /// Shows this instead of all that is in the element, and what was shown beside it.
    pub(super) fn set_content(&mut self, html: &str) {
        self.first.clear();
        self.last.clear();
        self.content = Some(html.to_owned());
    }

    /// Shows this in front of the rest.
    pub(super) fn prepend(&mut self, html: &str) {
        self.first.insert_str(0, html);
    }

    /// Shows this behind the rest.
    pub(super) fn append(&mut self, html: &str) {
        self.last.push_str(html);
    }

    /// The steps, and what is to be written first into the element; none if there is nothing to show.
    pub(super) fn into_html(self) -> Option<(Vec<usize>, String)> {
        let Self { steps, first, content, last } = self;
        let content = content.as_deref().unwrap_or("<slot></slot>");
        let html = format!(
            "<template shadowrootmode=\"open\">{first}{content}{last}</template>"
        );
        (!steps.is_empty()).then_some((steps, html))
    }
}
