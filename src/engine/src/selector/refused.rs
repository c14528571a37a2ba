//! Pseudo-classes and pseudo-elements that people know, and that a page cannot be asked about while it streams past: what
//! is wrong with each, and what comes nearest to it.

use super::scan::Scanner;

/// What is wrong with a pseudo-class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It asks what follows the element in its parent.
    Parent,
    /// It asks that nothing is inside.
    Empty,
    /// It asks what else is inside or behind.
    Has,
    /// It follows what the visitor does; the page has nothing like it.
    State,
    /// It follows what the visitor does; an attribute says how it begins.
    Attribute,
    /// It asks for a language or a direction, which headers and contents decide too.
    Inherited,
    /// A pseudo-element.
    Element,
    /// It asks for something about a shadow tree.
    Shadow,
    /// `:scope`
    Scope,
    /// jQuery's, not CSS.
    Script,
    /// Words of the page: jQuery's too, and without anything like it.
    Words,
    /// Nobody's, or an older name of something.
    Unknown,
}

/// A pseudo-class or pseudo-element as it was written.
pub(super) struct Piece<'t> {
    /// `:has()`: without what is inside.
    pub(super) label: String,
    pub(super) refusal: Refusal,
    name: String,
    /// What is inside, if there are parentheses.
    argument: Option<&'t str>,
}

impl<'t> Piece<'t> {
    /// Reads it again; `text` begins with its colon and ends with it.
    pub(super) fn read(text: &'t str) -> Self {
        let mut scan = Scanner::new(text);
        scan.eat(":");
        let colons = if scan.eat(":") { "::" } else { ":" };
        let name = scan.name().unwrap_or_default().to_ascii_lowercase();
        let argument = scan.eat("(").then(|| scan.rest());
        let argument = argument.map(|rest| rest.strip_suffix(')').unwrap_or(rest).trim());
        let parentheses = if argument.is_some() { "()" } else { "" };
        let refusal = if colons == ":" { refusal(&name) } else { Refusal::Element };
        Self { label: format!("{colons}{name}{parentheses}"), refusal, name, argument }
    }

    /// What can stand where it stood; nothing if it had better be left out.
    pub(super) fn instead(&self) -> String {
        let argument = self.argument.unwrap_or_default();
        let number = argument.parse::<u16>().unwrap_or(1);
        match (self.refusal, self.name.as_str()) {
            (Refusal::Has, _) if argument.contains(',') => format!(" :is({argument})"),
            (Refusal::Has, _) => format!(" {argument}"),
            (Refusal::Inherited, "lang") => {
                format!(":is([lang|={argument}], [lang|={argument}] *)")
            }
            (Refusal::Inherited, _) => {
                format!(":is([dir={argument}], [dir={argument}] *)")
            }
            // jQuery counts from 0.
            (Refusal::Script, "eq") => format!(":nth-child({})", u32::from(number) + 1),
            (Refusal::Script, "gt") => format!(":nth-child(n+{})", u32::from(number) + 2),
            (Refusal::Script, "lt") => format!(":nth-child(-n+{number})"),
            (Refusal::Unknown, "matches" | "-webkit-any" | "-moz-any") => {
                format!(":is({argument})")
            }
            (Refusal::Element, _) => String::new(),
            (_, name) => instead(name).to_owned(),
        }
    }
}

fn refusal(name: &str) -> Refusal {
    match name {
        "last-child" | "nth-last-child" | "last-of-type" | "nth-last-of-type"
        | "only-child" | "only-of-type" => Refusal::Parent,
        "empty" => Refusal::Empty,
        "has" => Refusal::Has,
        "active" | "autofill" | "defined" | "focus" | "focus-visible"
        | "focus-within" | "fullscreen" | "hover" | "in-range" | "indeterminate"
        | "invalid" | "modal" | "out-of-range" | "paused" | "picture-in-picture"
        | "playing" | "target" | "user-invalid" | "user-valid" | "valid" | "visited" => {
            Refusal::State
        }
        "checked" | "default" | "disabled" | "enabled" | "muted" | "open"
        | "optional" | "placeholder-shown" | "popover-open" | "read-only"
        | "read-write" | "required" => Refusal::Attribute,
        "dir" | "lang" => Refusal::Inherited,
        // Pseudo-elements that may have a single colon.
        "after" | "before" | "first-letter" | "first-line" => Refusal::Element,
        "host" | "host-context" | "state" => Refusal::Shadow,
        "scope" => Refusal::Scope,
        "animated" | "button" | "checkbox" | "eq" | "even" | "file" | "first" | "gt"
        | "header" | "hidden" | "image" | "input" | "last" | "lt" | "odd"
        | "password" | "radio" | "reset" | "selected" | "submit" | "text" | "visible" => {
            Refusal::Script
        }
        "contains" | "has-text" | "icontains" | "parent" => Refusal::Words,
        _ => Refusal::Unknown,
    }
}

fn instead(name: &str) -> &'static str {
    match name {
        "last-child" | "nth-last-child" | "last" => ":nth-child(3)",
        "last-of-type" | "nth-last-of-type" => ":nth-of-type(3)",
        "only-child" | "first" => ":first-child",
        "only-of-type" => ":first-of-type",
        "checked" | "default" => "[checked]",
        "disabled" => "[disabled]",
        "enabled" => ":not([disabled])",
        "muted" => "[muted]",
        "open" => "[open]",
        "optional" => ":not([required])",
        "placeholder-shown" => "[placeholder]",
        "popover-open" => "[popover]",
        "read-only" => "[readonly]",
        "read-write" => ":not([readonly])",
        "required" => "[required]",
        "scope" => ":root",
        "even" => ":nth-child(odd)",
        "odd" => ":nth-child(even)",
        "hidden" => "[hidden]",
        "visible" => ":not([hidden])",
        "selected" => "[selected]",
        "header" => ":is(h1, h2, h3, h4, h5, h6)",
        "input" => ":is(input, select, textarea, button)",
        "button" => ":is(button, [type=button])",
        "checkbox" => "[type=checkbox]",
        "file" => "[type=file]",
        "image" => "[type=image]",
        "password" => "[type=password]",
        "radio" => "[type=radio]",
        "reset" => "[type=reset]",
        "submit" => "[type=submit]",
        "text" => "[type=text]",
        _ => "",
    }
}
