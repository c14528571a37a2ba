//! What to write instead of a selector that does not work here: the nearest one that does, in the words of the first.

use std::ops::Range;

use super::invalid::{InvalidSelector, Reason};
use super::parse::parse;
use super::refused::{Piece, Refusal};
use super::scan::{continues_name, is_space};

impl InvalidSelector {
    /// What to do instead. Where a selector comes near to the one that was given, it is named.
    pub fn hint(&self) -> String {
        let (lead, example, end) = match self.reason {
            Reason::Empty => {
                ("Write which element to change, for example `h1`", None, "")
            }
            Reason::TooLong(_) | Reason::TooManyCompounds => (
                "Name the element by an id or a class instead of its way through the page",
                None,
                "",
            ),
            Reason::TooDeep => {
                ("Write the cases beside each other, with commas between them", None, "")
            }
            Reason::Comma => ("Write an element on both sides of the comma", None, ""),
            Reason::Dangling => {
                ("Write an element on both sides of the combinator", None, "")
            }
            Reason::TwoCombinators => ("Keep one of them", self.with(""), ""),
            Reason::Column => (
                "Name the cell by its place in the row, for example `td:nth-child(2)`",
                None,
                "",
            ),
            Reason::Namespace => {
                ("Leave out what stands before the \"|\"", self.with(""), "")
            }
            Reason::NameBehind { compound } => {
                ("Write the name in front", self.with_name_at(compound), "")
            }
            Reason::StartsWithDigit => return self.hint_at_digit(),
            Reason::Stray if !self.at.is_empty() => return self.hint_at_stray(),
            Reason::Unquoted => {
                let quoted = format!("\"{}\"", self.piece().trim_end());
                ("Put the value in quotes", self.with(&quoted), "")
            }
            Reason::Unclosed(open) => ("Close it", self.with_end(open), ""),
            Reason::NothingInside => {
                ("Write a selector inside", self.with(&self.inside(".name")), "")
            }
            Reason::NoArgument => {
                let inside = if self.piece().contains("nth") { "3" } else { ".name" };
                let full = format!("{}({inside})", self.piece());
                ("Say it in parentheses", self.with(&full), "")
            }
            Reason::NeedlessArgument => ("Leave out the parentheses", self.with(""), ""),
            Reason::NotAPlace => {
                let lead = "Write a number, \"odd\", \"even\" or a step";
                (lead, self.with(&self.inside("2n+1")), "")
            }
            Reason::PlaceAmong => {
                ("Count all children", self.with(&self.inside("2")), ", or name a class")
            }
            Reason::Refused => return self.hint_at_refused(),
            Reason::Stray | Reason::NotCss => (
                "Quote attribute values, as in `a[href=\"/pricing\"]`, and escape names that start with a digit",
                None,
                "",
            ),
        };
        advise(lead, ", as in ", example, end)
    }

    fn hint_at_digit(&self) -> String {
        let front = &self.text[..self.at.start];
        if !front.ends_with('.') || !self.is_in_name(1) {
            let escaped = self.with(&escape_digit(self.piece()));
            return advise("Escape the digit", ", as in ", escaped, "");
        }
        // `.w-1.5`
        let dot = Self { at: self.at.start - 1..self.at.end, ..self.clone() };
        let lead = "Escape the \".\" if it belongs to the name";
        advise(lead, ", as in ", dot.escaped(), "")
    }

    fn hint_at_stray(&self) -> String {
        let piece = self.piece();
        if self.is_in_name(0) && !piece.starts_with(is_space) {
            let lead = format!("Escape the {piece:?} if it belongs to the name");
            advise(&lead, ", as in ", self.escaped(), "")
        } else {
            advise(&format!("Leave out the {piece:?}"), ", as in ", self.with(""), "")
        }
    }

    /// Whether a class or an id ends that many bytes before that place.
    fn is_in_name(&self, before: usize) -> bool {
        let front = &self.text[..self.at.start - before];
        let begin = front.trim_end_matches(continues_name);
        begin.len() < front.len() && begin.ends_with(['.', '#'])
    }

    fn hint_at_refused(&self) -> String {
        let piece = Piece::read(self.piece());
        let near = match piece.refusal {
            // What stands behind `:has()` is not about the element inside.
            Refusal::Has if !self.text[self.at.end..].trim().is_empty() => None,
            _ => self.with(&piece.instead()),
        };
        let (lead, joint, end) = match piece.refusal {
            Refusal::Parent => {
                ("Count from the start", ", for example ", ", or name a class")
            }
            Refusal::Has => {
                let lead = "Change the element inside instead";
                (lead, ", for example ", ", or give this one a class")
            }
            Refusal::Empty => ("Leave it out", ", as in ", ", or name a class"),
            Refusal::State | Refusal::Element => {
                let end = "; the styles of a \"css\" change may use it";
                ("Leave it out", ", as in ", end)
            }
            Refusal::Attribute => {
                ("Take what the page says at first", ", as in ", ", or name a class")
            }
            Refusal::Inherited => ("Name the attribute that sets it", ", as in ", ""),
            Refusal::Shadow => ("Name an element of the page itself", ", as in ", ""),
            Refusal::Scope => {
                ("Begin with an id, a class or \":root\"", ", for example ", "")
            }
            Refusal::Script => ("Say it in CSS", ", for example ", ", or name a class"),
            Refusal::Words => {
                let lead =
                    "Name the element by an id, a class, an attribute or its place";
                return advise(lead, "", None, "");
            }
            Refusal::Unknown if near.is_some() && !piece.instead().is_empty() => {
                ("Use today's name", ", as in ", "")
            }
            Refusal::Unknown => {
                let lead = "Use an id, a class, an attribute, `:nth-child()` or `:not()`";
                let joint = ", or escape the \":\" if it belongs to the name, as in ";
                // `.md:flex`
                let escaped = self.is_in_name(0).then(|| self.escaped());
                return advise(lead, joint, escaped.flatten(), "");
            }
        };
        advise(lead, joint, near, end)
    }

    /// The selector with something else in that place, or that alone if there is more that is wrong.
    fn with(&self, instead: &str) -> Option<String> {
        let (front, behind) = (&self.text[..self.at.start], &self.text[self.at.end..]);
        if !instead.is_empty() {
            let alone = instead.trim().to_owned();
            return usable([format!("{front}{instead}{behind}"), alone]);
        }
        let parted = front.is_empty() || front.ends_with(is_space);
        let closer = if parted { behind.trim_start() } else { behind };
        usable([format!("{front}{closer}"), format!("{front}*{behind}")])
    }

    /// The selector with a backslash in front of that place.
    fn escaped(&self) -> Option<String> {
        let (front, behind) = self.text.split_at(self.at.start);
        usable([format!("{front}\\{behind}")])
    }

    /// The selector with the name in that place moved to where its compound begins.
    fn with_name_at(&self, compound: usize) -> Option<String> {
        let Range { start, end } = self.at;
        let text = &self.text;
        let (name, other) = (&text[start..end], &text[compound..start]);
        if !other.starts_with(['#', '.', '[', ':']) {
            return None;
        }
        usable([format!("{}{name}{other}{}", &text[..compound], &text[end..])])
    }

    /// The selector with what closes `open`, and the brackets around it.
    fn with_end(&self, open: &str) -> Option<String> {
        let close = match open {
            "[" => "]",
            "(" => ")",
            "/*" => " */",
            quote => quote,
        };
        let text = &self.text;
        // `a[href="/pricing]`: the string ran on over the bracket.
        let within = text.strip_suffix(']').map(|text| format!("{text}{close}]"));
        within.and_then(|text| usable([text])).or_else(|| {
            usable(["", "]", ")", "])"].map(|end| format!("{text}{close}{end}")))
        })
    }

    /// The pseudo-class in that place with something else in its parentheses.
    fn inside(&self, inside: &str) -> String {
        let name = self.piece().split('(').next().unwrap_or_default();
        format!("{name}({inside})")
    }
}

/// The first that is a selector and says something.
fn usable<const N: usize>(candidates: [String; N]) -> Option<String> {
    let usable = |text: &String| text.trim() != "*" && parse(text).is_ok();
    candidates.into_iter().find(usable)
}

/// CSS writes the digit that begins a name as its number.
fn escape_digit(name: &str) -> String {
    let (minus, rest) = name.split_at(usize::from(name.starts_with('-')));
    let mut rest = rest.chars();
    let digit = rest.next().map(u32::from).unwrap_or_default();
    format!("{minus}\\{digit:x} {}", rest.as_str())
}

fn advise(lead: &str, joint: &str, example: Option<String>, end: &str) -> String {
    match example {
        None => format!("{lead}{end}."),
        Some(example) => {
            let example = example.trim();
            let quote = if example.contains('"') { '`' } else { '"' };
            format!("{lead}{joint}{quote}{example}{quote}{end}.")
        }
    }
}
