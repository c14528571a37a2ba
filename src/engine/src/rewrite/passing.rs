//! One element after another, as they pass: what lies around an element is closed, its changes are made, and its end is
//! waited for where one of them needs to know it.

use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;

use lol_html::html_content::{ContentType, Element, StreamingHandlerSink};
use lol_html::{HandlerResult, end_tag};

use super::element::{Edits, Rules, edit, insert_html};
use super::nesting;
use super::state::{Region, State};
use crate::plan::Plan;

const HTML_NAMESPACE: &str = "http://www.w3.org/1999/xhtml";

/// Runs after the selectors, for every element that a change matched, that lies in one whose end is waited for, or in
/// front of which the style sheet may have to stand.
pub(super) fn on_element(
    el: &mut Element<'_, '_>,
    plan: &Plan<'_>,
    rules: &Rules,
    shared: &Rc<RefCell<State>>,
) -> HandlerResult {
    let mut state = shared.borrow_mut();
    if state.matched.is_empty() && state.css.is_none() && !state.is_waiting() {
        return Ok(());
    }
    let place = Some(el.source_location().bytes().start);
    if state.dealt_with == place {
        return Ok(());
    }
    state.dealt_with = place;
    let name = el.tag_name();
    let html = el.namespace_uri() == HTML_NAMESPACE;
    if html {
        let closed = state.close_for_start_tag(&name);
        insert_html(&closed, |html, kind| el.before(html, kind));
        place_css(el, &name, &mut state, shared)?;
    }
    let matched = std::mem::take(&mut state.matched);
    let edits = match matched.as_slice() {
        [] => Edits::default(),
        matched => edit(el, matched, plan, rules, &mut state),
    };
    // Keeps the allocation.
    state.matched = matched;
    state.matched.clear();

    insert_html(&edits.before, |html, kind| el.before(html, kind));
    if edits.needs_end() {
        wait_for_end(el, name, html, edits, &mut state, shared)
    } else {
        insert_html(&edits.prepend, |html, kind| el.prepend(html, kind));
        insert_html(&edits.after, |html, kind| el.after(html, kind));
        if state.is_waiting()
            && el.can_have_content()
            && !(html && nesting::is_void(&name))
        {
            follow(el, name, html, None, &mut state, shared)?;
        }
        Ok(())
    }
}

/// The style sheet goes last into the head, where it wins over the page's own; a page whose head has no end tag gets it
/// in front of the first element that cannot stand in a head.
fn place_css(
    el: &mut Element<'_, '_>,
    name: &str,
    state: &mut State,
    shared: &Rc<RefCell<State>>,
) -> HandlerResult {
    if state.css.is_none() {
        return Ok(());
    }
    if matches!(name, "head" | "template") {
        state.templates += u32::from(name == "template");
        let shared = Rc::clone(shared);
        let name = name.to_owned();
        return el.on_end_tag(end_tag!(move |end| {
            let mut state = shared.borrow_mut();
            if name == "template" {
                state.templates -= 1;
            } else if end.name() == "head"
                && let Some(css) = state.place_css()
            {
                insert_html(&css, |html, kind| end.before(html, kind));
            }
            Ok(())
        }));
    }
    // What stands in a template of the head is not on the page.
    if !nesting::belongs_in_head(name)
        && state.templates == 0
        && let Some(css) = state.place_css()
    {
        insert_html(&css, |html, kind| el.before(html, kind));
    }
    Ok(())
}

/// Holds what has to be held and sees to the element's end.
fn wait_for_end(
    el: &mut Element<'_, '_>,
    name: String,
    html: bool,
    edits: Edits,
    state: &mut State,
    shared: &Rc<RefCell<State>>,
) -> HandlerResult {
    let Edits { prepend, inner, append, after, remove, waiting, replaces, .. } = edits;
    let held = remove || inner.is_some();
    let position = state.output.lock().position();
    let region = Region {
        waiting,
        append,
        after,
        held,
        remove,
        replaces,
        inside: Vec::new(),
        position,
    };
    let Some(id) = follow(el, name, html, Some(region), state, shared)? else {
        insert_html(&prepend, |html, kind| el.prepend(html, kind));
        return Ok(());
    };
    // The callbacks run while the tag is written out, so they mark exactly where the held bytes begin.
    let output = state.output.clone();
    if remove {
        el.streaming_before(Box::new(move |_: &mut StreamingHandlerSink<'_>| {
            let mut output = output.lock();
            output.open(id);
            output.original(id);
            Ok(())
        }));
    } else if let Some(inner) = inner {
        el.streaming_prepend(Box::new(move |sink: &mut StreamingHandlerSink<'_>| {
            output.lock().open(id);
            sink.write_str(&inner, ContentType::Html);
            output.lock().original(id);
            Ok(())
        }));
    } else {
        insert_html(&prepend, |html, kind| el.prepend(html, kind));
    }
    Ok(())
}

/// Adds the element to the open ones and listens for the tag that ends it. None if too many are open.
fn follow(
    el: &mut Element<'_, '_>,
    name: String,
    html: bool,
    region: Option<Region>,
    state: &mut State,
    shared: &Rc<RefCell<State>>,
) -> Result<Option<u32>, Box<dyn Error + Send + Sync>> {
    let Some(id) = state.push(name, html, region) else { return Ok(None) };
    let shared = Rc::clone(shared);
    el.on_end_tag(end_tag!(move |end| {
        let closing = shared.borrow_mut().close_for_end_tag(id, &end.name());
        insert_html(&closing.before, |html, kind| end.before(html, kind));
        insert_html(&closing.after, |html, kind| end.after(html, kind));
        if closing.swallow {
            end.remove();
        }
        Ok(())
    }))?;
    Ok(Some(id))
}
