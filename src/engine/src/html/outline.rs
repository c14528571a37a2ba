//! The elements of a page as the rewriter follows them, to be held against a browser's.

use std::fmt::Write as _;

use super::name;
use super::node::{Birth, Event, Namespace, Node, Origin};
use super::parser::Parser;
use super::token::Token;

/// The elements of a page, one inside the other, as the rewriter follows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Names with their children in parentheses, as `html(head()body(p()))`; the content of a template stands in
    /// brackets, a shadow root is `#shadow`, foreign names have `svg:` or `math:` in front.
    pub elements: String,
    /// Whether the parser moved elements about, so that what is told of those is not sure.
    pub rearranged: bool,
    /// Whether the page was too much, and what is told breaks off.
    pub cut: bool,
}

struct Element {
    name: String,
    children: Vec<usize>,
}

/// Reads a whole page. For tests: it keeps every element, which the rewriter does not.
///
/// ```
/// let outline = edgewise_engine::outline(b"<table><td>a<td>b");
/// assert_eq!(outline.elements, "html(head()body(table(tbody(tr(td()td())))))");
/// ```
pub fn outline(html: &[u8]) -> Outline {
    let mut parser = Parser::default();
    let mut events = Vec::new();
    let mut all = vec![Element { name: String::new(), children: Vec::new() }];
    let mut open: Vec<(usize, u32)> = Vec::new();
    let mut head = None;
    let mut outline = Outline { elements: String::new(), rearranged: false, cut: false };
    let mut at = 0;
    loop {
        let mut token_name = Vec::new();
        match parser.next(&html[at..], true, &mut events) {
            Ok(Some((token, length))) => {
                if matches!(token, Token::Start { .. }) {
                    let name = &html[at + 1..=at + parser.tokenizer.name_length()];
                    token_name = name.to_ascii_lowercase();
                }
                at += length;
            }
            Ok(None) => break,
            Err(_) => {
                outline.cut = true;
                break;
            }
        }
        apply(&events, &token_name, &mut all, &mut open, &mut head, &mut outline);
    }
    if !outline.cut {
        parser.finish();
        parser.tree.take_events(&mut events);
        apply(&events, &[], &mut all, &mut open, &mut head, &mut outline);
    }
    write(&all, &mut outline.elements);
    outline
}

fn apply(
    events: &[Event],
    token_name: &[u8],
    all: &mut Vec<Element>,
    open: &mut Vec<(usize, u32)>,
    head: &mut Option<(usize, u32)>,
    outline: &mut Outline,
) {
    for event in events {
        match event {
            Event::Open(Birth { node, origin, parent, fostered, leaf }) => {
                let name = match (origin, name::unpack(node.tag)) {
                    (Origin::Tag, None) => {
                        String::from_utf8_lossy(token_name).into_owned()
                    }
                    (_, name) => name.unwrap_or_default(),
                };
                let index = all.len();
                all.push(Element { name: full_name(*node, &name), children: Vec::new() });
                let parent = parent.map_or(0, |parent| open[parent].0);
                outline.rearranged |= *fostered;
                all[parent].children.push(index);
                if node.is_html(name::HEAD) {
                    *head = Some((index, node.id));
                }
                if !leaf {
                    open.push((index, node.id));
                }
            }
            Event::Close { .. } => {
                open.pop();
            }
            Event::ReopenHead => open.extend(*head),
            Event::Drop { index, .. } => {
                open.remove(*index);
            }
            Event::Rearrange { from, nodes } => {
                outline.rearranged = true;
                let old = open.split_off(*from);
                for node in nodes {
                    let known = old.iter().find(|(_, id)| *id == node.id);
                    let index = known.map_or(old[0].0, |(index, _)| *index);
                    open.push((index, node.id));
                }
            }
            Event::Frameset => {
                outline.rearranged = true;
            }
            Event::FosterText { .. } | Event::Attributes { .. } => {}
        }
    }
}

fn full_name(node: Node, name: &str) -> String {
    match node.namespace {
        Namespace::Html if node.shadow_root => "#shadow".to_owned(),
        Namespace::Html => name.to_owned(),
        Namespace::Svg => format!("svg:{}", name::svg_name(name)),
        Namespace::MathMl => format!("math:{name}"),
    }
}

/// Written without recursion: a page may be deep.
fn write(all: &[Element], out: &mut String) {
    enum Step {
        Element(usize),
        Text(char),
    }
    let mut todo: Vec<Step> =
        all[0].children.iter().rev().map(|&at| Step::Element(at)).collect();
    while let Some(step) = todo.pop() {
        match step {
            Step::Text(c) => out.push(c),
            Step::Element(index) => {
                let element = &all[index];
                let holds_apart = matches!(element.name.as_str(), "template" | "#shadow");
                let (open, close) = if holds_apart { ('[', ']') } else { ('(', ')') };
                // A shadow root stands between its host's name and the host's children.
                let (roots, children): (Vec<_>, Vec<_>) =
                    element.children.iter().partition(|&&at| all[at].name == "#shadow");
                let _ = write!(out, "{}", element.name);
                todo.push(Step::Text(close));
                todo.extend(children.iter().rev().map(|&&at| Step::Element(at)));
                todo.push(Step::Text(open));
                todo.extend(roots.iter().rev().map(|&&at| Step::Element(at)));
            }
        }
    }
}
