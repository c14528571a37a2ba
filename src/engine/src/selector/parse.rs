//! From a text to what it says, after Selectors 4. What matching cannot answer while the page streams past is refused here,
//! as is what browsers would close or ignore silently.

use std::ops::Range;
use std::sync::Arc;

use super::attribute::{Attribute, Case, Operator};
use super::compound::{Combinator, Complex, Compound, Name};
use super::invalid::Reason;
use super::scan::{Fault, Scanner};

/// Bytes of a selector.
pub(super) const MAX_TEXT: usize = 2_000;
/// Compounds of a selector, with those inside `:is()` and its like.
pub(super) const MAX_COMPOUNDS: usize = 64;
/// How deep `:is()` and its like may stand in each other.
pub(super) const MAX_DEPTH: usize = 8;

/// Reads a list of selectors.
pub(super) fn parse(text: &str) -> Result<Vec<Complex>, Fault> {
    let mut parser = Parser { scan: Scanner::new(text), compounds: 0, depth: 0 };
    if text.len() > MAX_TEXT {
        return Err(Fault { at: 0..0, reason: Reason::TooLong(text.len()) });
    }
    parser.skip_space()?;
    if parser.scan.rest().is_empty() {
        return Err(Fault { at: 0..0, reason: Reason::Empty });
    }
    let list = parser.list()?;
    if parser.scan.rest().is_empty() { Ok(list) } else { Err(parser.stray()) }
}

pub(super) struct Parser<'t> {
    pub(super) scan: Scanner<'t>,
    compounds: usize,
    /// In how many lists of `:is()` and its like.
    pub(super) depth: usize,
}

impl Parser<'_> {
    pub(super) fn fault(&self, from: usize, reason: Reason) -> Fault {
        Fault { at: from..self.scan.at(), reason }
    }

    fn not_css(&self) -> Fault {
        self.fault(self.scan.at(), Reason::NotCss)
    }

    /// What is next has no place here.
    pub(super) fn stray(&self) -> Fault {
        let at = self.scan.at();
        let length = self.scan.peek().map_or(0, char::len_utf8);
        Fault { at: at..at + length, reason: Reason::Stray }
    }

    /// Skips white space and comments, and says whether there was white space.
    pub(super) fn skip_space(&mut self) -> Result<bool, Fault> {
        self.scan.skip_space().map_err(unclosed_comment)
    }

    /// Reads selectors up to the end of the text or of the parentheses around them.
    pub(super) fn list(&mut self) -> Result<Vec<Complex>, Fault> {
        let mut list = Vec::new();
        loop {
            self.skip_space()?;
            list.push(self.complex()?);
            if !self.scan.eat(",") {
                return Ok(list);
            }
        }
    }

    fn complex(&mut self) -> Result<Complex, Fault> {
        let mut before = Vec::new();
        loop {
            if let None | Some(',' | ')' | '>' | '+' | '~') = self.scan.peek() {
                return Err(self.lacking(before.is_empty()));
            }
            let compound = Arc::new(self.compound()?);
            let space = self.skip_space()?;
            let from = self.scan.at();
            let combinator = match self.scan.peek() {
                None | Some(',') => return Ok(Complex { before, last: compound }),
                Some(')') if self.depth > 0 => {
                    return Ok(Complex { before, last: compound });
                }
                Some('>') => Combinator::Child,
                Some('+') => Combinator::Next,
                Some('~') => Combinator::Later,
                Some('|') if self.scan.eat("||") => {
                    return Err(self.fault(from, Reason::Column));
                }
                Some(_) if space => Combinator::Descendant,
                Some(_) => return Err(self.stray()),
            };
            if combinator != Combinator::Descendant {
                self.scan.next();
            }
            self.skip_space()?;
            before.push((compound, combinator));
        }
    }

    /// Why there is no compound here: `first` if none came before it.
    fn lacking(&mut self, first: bool) -> Fault {
        let from = self.scan.at();
        let reason = match self.scan.peek() {
            Some('>' | '+' | '~') if !first => {
                while let Some('>' | '+' | '~') = self.scan.peek() {
                    self.scan.next();
                }
                Reason::TwoCombinators
            }
            Some(')') if self.depth == 0 => return self.stray(),
            None | Some(',' | ')') if first => Reason::Comma,
            _ => Reason::Dangling,
        };
        self.fault(from, reason)
    }

    fn compound(&mut self) -> Result<Compound, Fault> {
        let from = self.scan.at();
        self.compounds += 1;
        if self.compounds > MAX_COMPOUNDS {
            return Err(self.fault(from, Reason::TooManyCompounds));
        }
        let mut compound = Compound::default();
        if !self.scan.eat("*") {
            compound.name = self.scan.name().map(Name::new);
        }
        if self.scan.rest().starts_with('|') && !self.scan.rest().starts_with("||") {
            self.scan.next();
            return Err(self.fault(from, Reason::Namespace));
        }
        loop {
            self.scan.skip_comments().map_err(unclosed_comment)?;
            let at = self.scan.at();
            match self.scan.peek() {
                Some('#') => {
                    self.scan.next();
                    compound.ids.push(self.name_behind(at)?.into());
                }
                Some('.') => {
                    self.scan.next();
                    compound.classes.push(self.name_behind(at)?.into());
                }
                Some('[') => {
                    self.scan.next();
                    compound.attributes.push(self.attribute(at)?);
                }
                Some(':') => self.pseudo(&mut compound)?,
                _ if at == from => return Err(self.stray()),
                Some('*') => return Err(self.stray()),
                _ if self.scan.name().is_some() => {
                    let reason = Reason::NameBehind { compound: from };
                    return Err(self.fault(at, reason));
                }
                _ => return Ok(compound),
            }
        }
    }

    /// The name behind the `#` or `.` at `from`.
    fn name_behind(&mut self, from: usize) -> Result<String, Fault> {
        if let Some(name) = self.scan.name() {
            return Ok(name);
        }
        let digit = self.scan.at();
        let rest = self.scan.rest();
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            self.scan.name_rest();
            return Err(self.fault(digit, Reason::StartsWithDigit));
        }
        Err(self.fault(from, Reason::Stray))
    }

    /// What follows the `[` at `from`.
    fn attribute(&mut self, from: usize) -> Result<Attribute, Fault> {
        self.skip_space()?;
        let at = self.scan.at();
        let any = self.scan.eat("*");
        let name = if any { None } else { self.scan.name() };
        let rest = self.scan.rest();
        if rest.starts_with('|') && !rest.starts_with("|=") {
            self.scan.next();
            return Err(self.fault(at, Reason::Namespace));
        }
        let Some(name) = name.map(Name::new) else { return Err(self.not_css()) };
        self.skip_space()?;
        let operator = self.operator()?;
        let (value, flag) = match operator {
            Operator::Exists => (String::new(), None),
            _ => self.value()?,
        };
        self.close("[", "]", from)?;
        Ok(Attribute::new(name, operator, value, flag))
    }

    fn operator(&mut self) -> Result<Operator, Fault> {
        let operators = [
            ("=", Operator::Equals),
            ("~=", Operator::Word),
            ("|=", Operator::Dash),
            ("^=", Operator::Start),
            ("$=", Operator::End),
            ("*=", Operator::Part),
        ];
        let found = operators.into_iter().find(|(sign, _)| self.scan.eat(sign));
        match (found, self.scan.peek()) {
            (Some((_, operator)), _) => Ok(operator),
            (None, Some(']') | None) => Ok(Operator::Exists),
            (None, Some(_)) => Err(self.not_css()),
        }
    }

    /// A value, and what `i` or `s` behind it says.
    fn value(&mut self) -> Result<(String, Option<Case>), Fault> {
        self.skip_space()?;
        let from = self.scan.at();
        if let Some(value) = self.scan.string() {
            self.skip_space()?;
            let flag = self.scan.name().as_deref().map(case);
            let flag = flag.map(|case| case.ok_or_else(|| self.not_css()));
            return Ok((value, flag.transpose()?));
        }
        for quote in ["\"", "'"] {
            if self.scan.eat(quote) {
                return Err(self.fault(from, Reason::Unclosed(quote)));
            }
        }
        if let Some(value) = self.scan.name() {
            let space = self.skip_space()?;
            let flag = if space { self.scan.name() } else { None };
            let flag = flag.as_deref().map(case);
            let ends = matches!(self.scan.peek(), None | Some(']'));
            if ends && flag != Some(None) {
                return Ok((value, flag.flatten()));
            }
        }
        Err(self.unquoted(from))
    }

    /// What is wrong with the value at `from`, which is no name and has no quotes.
    fn unquoted(&mut self, from: usize) -> Fault {
        self.scan.go_back(from);
        while self.scan.peek().is_some_and(|c| c != ']') {
            self.scan.next();
        }
        let fault = self.fault(from, Reason::Unquoted);
        if fault.at.is_empty() { self.not_css() } else { fault }
    }

    /// Reads what closes the parenthesis or bracket at `from`.
    pub(super) fn close(
        &mut self,
        open: &'static str,
        close: &'static str,
        from: usize,
    ) -> Result<(), Fault> {
        self.skip_space()?;
        if self.scan.eat(close) {
            Ok(())
        } else if self.scan.rest().is_empty() {
            Err(self.fault(from, Reason::Unclosed(open)))
        } else if close == ")" {
            Err(self.stray())
        } else {
            Err(self.not_css())
        }
    }
}

fn case(flag: &str) -> Option<Case> {
    match flag {
        "i" | "I" => Some(Case::Folded),
        "s" | "S" => Some(Case::Exact),
        _ => None,
    }
}

fn unclosed_comment(at: Range<usize>) -> Fault {
    Fault { at, reason: Reason::Unclosed("/*") }
}
