//! Selectors that are written and answered without the room's own code: from right to left, with the whole page at hand.

use super::page::Node;

#[derive(Debug, Clone)]
pub(super) enum Simple {
    Name(&'static str),
    Id(&'static str),
    Class(&'static str),
    /// Name, operator, value, flag.
    Attribute(&'static str, &'static str, &'static str, &'static str),
    Nth(i32, i32),
    NthOfType(i32, i32),
    Root,
    Link,
    Is(Vec<Complex>),
    Not(Vec<Complex>),
}

/// Its last compound, and those in front, from the right: each with the combinator behind it.
#[derive(Debug, Clone)]
pub(super) struct Complex {
    pub(super) last: Vec<Simple>,
    pub(super) before: Vec<(char, Vec<Simple>)>,
}

/// How many compounds there are.
pub(super) fn size(list: &[Complex]) -> usize {
    let inside = |simple: &Simple| match simple {
        Simple::Is(list) | Simple::Not(list) => size(list),
        _ => 0,
    };
    let compounds = |complex: &Complex| {
        let before = complex.before.iter().map(|(_, compound)| compound);
        let simples = before.flatten().chain(&complex.last);
        1 + complex.before.len() + simples.map(inside).sum::<usize>()
    };
    list.iter().map(compounds).sum()
}

/// A selector as CSS. `style` varies the spelling.
pub(super) fn write(list: &[Complex], style: u32) -> String {
    let separator = [",", ", ", " /**/,\n"][style as usize % 3];
    let list = list.iter().map(|complex| write_complex(complex, style));
    list.collect::<Vec<_>>().join(separator)
}

fn write_complex(complex: &Complex, style: u32) -> String {
    let mut text = String::new();
    for (combinator, compound) in complex.before.iter().rev() {
        text += &write_compound(compound, style);
        text += &match (combinator, style % 4) {
            (' ', 0) => "/**/ ".to_owned(),
            (' ', _) | (_, 1) => combinator.to_string(),
            (_, 2) => format!(" {combinator}/* > */"),
            _ => format!(" {combinator} "),
        };
    }
    text + &write_compound(&complex.last, style)
}

fn write_compound(compound: &[Simple], style: u32) -> String {
    // A name can only stand in front, and only once.
    let (names, others): (Vec<_>, Vec<_>) =
        compound.iter().partition(|simple| matches!(simple, Simple::Name(_)));
    let mut text = match names.first() {
        Some(Simple::Name(name)) => (*name).to_owned(),
        _ if others.is_empty() || style.is_multiple_of(5) => "*".to_owned(),
        _ => String::new(),
    };
    for simple in others {
        text += &match simple {
            Simple::Name(_) => String::new(),
            Simple::Id(id) => format!("#{id}"),
            Simple::Class(class) if style.is_multiple_of(3) => {
                let code = u32::from(class.chars().next().unwrap());
                format!(".\\{code:x} {}", &class[1..])
            }
            Simple::Class(class) => format!(".{class}"),
            Simple::Attribute(name, "", ..) => format!("[{name}]"),
            Simple::Attribute(name, operator, value, flag) => {
                let quote = ["\"", "'"][style as usize % 2];
                format!("[ {name}{operator}{quote}{value}{quote} {flag}]")
            }
            Simple::Nth(0, 1) if style.is_multiple_of(2) => ":first-child".to_owned(),
            Simple::NthOfType(0, 1) if style.is_multiple_of(2) => {
                ":first-of-type".to_owned()
            }
            Simple::Nth(step, offset) => {
                format!(":nth-child({})", write_nth(*step, *offset))
            }
            Simple::NthOfType(step, offset) => {
                format!(":nth-of-type( {} )", write_nth(*step, *offset))
            }
            Simple::Root => ":root".to_owned(),
            Simple::Link => [":link", ":any-link"][style as usize % 2].to_owned(),
            Simple::Is(list) => {
                let name = ["is", "where"][style as usize % 2];
                format!(":{name}({})", write(list, style / 2))
            }
            Simple::Not(list) => format!(":not( {} )", write(list, style / 2)),
        };
    }
    text
}

fn write_nth(step: i32, offset: i32) -> String {
    match (step, offset) {
        (0, _) => offset.to_string(),
        (2, 1) => "odd".to_owned(),
        (-1, _) => format!("-n{offset:+}"),
        _ => format!("{step}n{offset:+}"),
    }
}

/// Whether any of the list matches.
pub(super) fn matches(page: &[Node], node: usize, list: &[Complex]) -> bool {
    list.iter().any(|complex| {
        is(page, node, &complex.last) && leads_to(page, node, &complex.before)
    })
}

fn leads_to(page: &[Node], node: usize, before: &[(char, Vec<Simple>)]) -> bool {
    let Some(((combinator, compound), before)) = before.split_first() else {
        return true;
    };
    let fits =
        |other: &usize| is(page, *other, compound) && leads_to(page, *other, before);
    let around = |node: &usize| page[*node].parent;
    match combinator {
        ' ' => std::iter::successors(around(&node), around).any(|other| fits(&other)),
        '>' => around(&node).is_some_and(|other| fits(&other)),
        '+' => siblings(page, node).last().is_some_and(|other| fits(&other)),
        _ => siblings(page, node).any(|other| fits(&other)),
    }
}

/// Those in front of it, from the first.
fn siblings(page: &[Node], node: usize) -> impl Iterator<Item = usize> {
    (0..node).filter(move |other| page[*other].parent == page[node].parent)
}

fn is(page: &[Node], node: usize, compound: &[Simple]) -> bool {
    let own = &page[node];
    let mut named = false;
    compound.iter().all(|simple| match simple {
        Simple::Name(_) if named => true,
        Simple::Name(name) => {
            named = true;
            own.name == spelled(own, name)
        }
        Simple::Id(id) => own.value("id") == Some(id),
        Simple::Class(class) => {
            let classes = own.value("class").unwrap_or_default();
            classes.split_ascii_whitespace().any(|word| word == *class)
        }
        Simple::Attribute(name, operator, value, flag) => {
            let Some(found) = own.value(&spelled(own, name)) else { return false };
            let usual = own.is_html && ["type", "lang"].contains(name);
            let folds = *flag == "i" || usual && *flag != "s";
            let fold =
                |text: &str| if folds { text.to_lowercase() } else { text.to_owned() };
            compares(&fold(found), operator, &fold(value))
        }
        Simple::Nth(step, offset) => {
            is_step(siblings(page, node).count(), *step, *offset)
        }
        Simple::NthOfType(step, offset) => {
            let same = siblings(page, node).filter(|other| {
                page[*other].name == own.name && page[*other].is_html == own.is_html
            });
            is_step(same.count(), *step, *offset)
        }
        Simple::Root => own.parent.is_none(),
        Simple::Link => {
            let is_area = own.name == "area" && own.is_html;
            (own.name == "a" || is_area) && own.value("href").is_some()
        }
        Simple::Is(list) => matches(page, node, list),
        Simple::Not(list) => !matches(page, node, list),
    })
}

fn spelled(node: &Node, name: &str) -> String {
    if node.is_html { name.to_lowercase() } else { name.to_owned() }
}

fn compares(found: &str, operator: &str, value: &str) -> bool {
    match operator {
        "" => true,
        "=" => found == value,
        "~=" => found.split(' ').any(|word| word == value && !word.is_empty()),
        "|=" => found == value || found.starts_with(&format!("{value}-")),
        _ if value.is_empty() => false,
        "^=" => found.starts_with(value),
        "$=" => found.ends_with(value),
        _ => found.contains(value),
    }
}

/// Whether the place behind so many others is one of the steps, by trying each.
fn is_step(others: usize, step: i32, offset: i32) -> bool {
    let place = i32::try_from(others).unwrap() + 1;
    (0..=100).any(|n| step * n + offset == place)
}
