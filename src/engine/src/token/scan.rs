//! HTML that people wrote → what the place is that has been come to. It reads tags as browsers do (HTML Standard,
//! section 13.2.5). It does not build a tree, so where the tree would decide how the text is read on, it says that it
//! does not know.

use super::escape::Escape;
use super::place::{Refusal, Value, is_code};

/// Elements whose content browsers read as text; inside some others, or with scripts switched off, they do not.
const RAW: &[&str] = &[
    "title",
    "textarea",
    "style",
    "script",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
];

#[derive(Debug, Default)]
pub(super) struct Scanner {
    state: State,
    /// The tag that is being read, or was read last.
    tag: Tag,
    /// From here on browsers may differ.
    unsure: bool,
}

#[derive(Debug, Default)]
struct Tag {
    name: String,
    /// Whether it is an end tag, and has no attributes that count.
    end: bool,
    attribute: String,
    value: Value,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// Behind `<`, and what of `</`, `<!` and `<!-` has been read since.
    Open(String),
    Name,
    BeforeAttribute,
    Attribute,
    AfterAttribute,
    BeforeValue,
    Quoted(char),
    Unquoted,
    AfterValue,
    /// The last characters that were read of it.
    Comment(String),
    /// `<!…>` and `<?…>`.
    Declaration,
    /// The content of one of [`RAW`], and what was read since its last `<`.
    Raw(Option<String>),
}

impl Scanner {
    pub(super) fn read(&mut self, c: char) {
        let c = c.to_ascii_lowercase();
        self.state = match std::mem::take(&mut self.state) {
            State::Text if c == '<' => State::Open(String::new()),
            State::Text => State::Text,
            State::Open(read) => self.open(read, c),
            State::Name => match c {
                '>' => self.close(),
                '/' => State::BeforeAttribute,
                c if c.is_ascii_whitespace() => State::BeforeAttribute,
                c => {
                    self.tag.name.push(c);
                    State::Name
                }
            },
            State::BeforeAttribute | State::AfterValue => self.before_attribute(c),
            State::Attribute => match c {
                '=' => self.start_value(),
                '>' => self.close(),
                '/' => State::BeforeAttribute,
                c if c.is_ascii_whitespace() => State::AfterAttribute,
                c => {
                    self.tag.attribute.push(c);
                    State::Attribute
                }
            },
            State::AfterAttribute => match c {
                '=' => self.start_value(),
                c if c.is_ascii_whitespace() => State::AfterAttribute,
                c => self.before_attribute(c),
            },
            State::BeforeValue => match c {
                '"' | '\'' => State::Quoted(c),
                '>' => self.close(),
                c if c.is_ascii_whitespace() => State::BeforeValue,
                _ => State::Unquoted,
            },
            State::Quoted(quote) if c == quote => State::AfterValue,
            State::Quoted(quote) => {
                self.tag.value.text.push(c);
                State::Quoted(quote)
            }
            State::Unquoted => match c {
                '>' => self.close(),
                c if c.is_ascii_whitespace() => State::BeforeAttribute,
                _ => State::Unquoted,
            },
            State::Comment(read) => comment(read, c),
            State::Declaration if c == '>' => State::Text,
            State::Declaration => State::Declaration,
            State::Raw(read) => self.raw(read, c),
        };
    }

    /// How a token is escaped that stands here.
    pub(super) fn land(&mut self) -> Result<Escape, Refusal> {
        let words = matches!(self.tag.name.as_str(), "title" | "textarea");
        match &self.state {
            State::Raw(_) if !words => Err(Refusal::Code(self.tag.name.clone())),
            _ if self.unsure => Err(Refusal::Unsure),
            State::Text | State::Raw(None) => Ok(Escape::Markup),
            State::Comment(_) | State::Declaration => Err(Refusal::Comment),
            State::Quoted(_) if is_code(&self.tag.name) => {
                Err(Refusal::Code(self.tag.name.clone()))
            }
            State::Quoted(_) if !self.tag.end => {
                self.tag.value.land(&self.tag.attribute, Escape::Markup)
            }
            State::BeforeValue | State::Unquoted => {
                Err(Refusal::NotQuoted(self.tag.attribute.clone()))
            }
            // In or right before a name, also that of an end tag which text would become a part of.
            _ => Err(Refusal::Name),
        }
    }

    fn open(&mut self, mut read: String, c: char) -> State {
        match (read.as_str(), c) {
            ("" | "/", c) if c.is_ascii_alphabetic() => {
                self.tag =
                    Tag { name: c.to_string(), end: read == "/", ..Tag::default() };
                State::Name
            }
            ("", '/' | '!') | ("!", '-') => {
                read.push(c);
                State::Open(read)
            }
            ("!-", '-') => State::Comment(String::new()),
            ("!", '[') => {
                // Inside SVG, text up to the next "]]>"; elsewhere a comment up to the next ">".
                self.unsure = true;
                State::Declaration
            }
            ("/" | "!" | "!-", '>') => State::Text,
            ("", '?') | ("/" | "!" | "!-", _) => State::Declaration,
            (_, '<') => State::Open(String::new()),
            _ => State::Text,
        }
    }

    fn before_attribute(&mut self, c: char) -> State {
        match c {
            '>' => self.close(),
            '/' => State::BeforeAttribute,
            c if c.is_ascii_whitespace() => State::BeforeAttribute,
            c => {
                self.tag.attribute = c.to_string();
                self.tag.value = Value::default();
                State::Attribute
            }
        }
    }

    fn start_value(&mut self) -> State {
        self.tag.value = Value::default();
        State::BeforeValue
    }

    /// What follows the tag that ends here.
    fn close(&mut self) -> State {
        if self.tag.end || !RAW.contains(&self.tag.name.as_str()) {
            return State::Text;
        }
        // A script may hold another script's end tag, and plain text has no end.
        self.unsure |= matches!(self.tag.name.as_str(), "script" | "plaintext");
        State::Raw(None)
    }

    fn raw(&mut self, read: Option<String>, c: char) -> State {
        let Some(mut read) = read else {
            return State::Raw((c == '<').then(String::new));
        };
        let end = read.strip_prefix('/') == Some(self.tag.name.as_str());
        if end && (c.is_ascii_whitespace() || matches!(c, '/' | '>')) {
            self.tag.end = true;
            return if c == '>' { State::Text } else { State::BeforeAttribute };
        }
        read.push(c);
        let wanted = format!("/{}", self.tag.name);
        if wanted.starts_with(&read) {
            return State::Raw(Some(read));
        }
        // Where such an element is read as an ordinary one, this may be a tag.
        self.unsure = true;
        State::Raw((c == '<').then(String::new))
    }
}

/// What a comment is after one more character; `read` holds the last few that were read of it.
fn comment(mut read: String, c: char) -> State {
    let ends =
        read.is_empty() || read == "-" || read.ends_with("--") || read.ends_with("--!");
    if c == '>' && ends {
        return State::Text;
    }
    read.push(c);
    // Three are looked at; a fourth keeps them from being taken for the comment's first.
    if let Some((cut, _)) = read.char_indices().rev().nth(3)
        && cut > 0
    {
        read.drain(..cut);
    }
    State::Comment(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn land(html: &str) -> Result<Escape, Refusal> {
        let mut scanner = Scanner::default();
        html.chars().for_each(|c| scanner.read(c));
        scanner.land()
    }

    #[test]
    fn text_is_escaped() {
        for html in [
            "",
            "a",
            "<p>",
            "<p>a<b class='>'>",
            "<p/>",
            "< p",
            "a < b",
            "a << b",
            "<>",
            "</>",
            "<!-->",
            "<!--->",
            "<!---->",
            "<!-- -- > -->",
            "<!----!>",
            "<!-- <p -->",
            "<!x>",
            "<?x>",
            "<!doctype html>",
            "<p a=b c>",
            "<p a=b/>",
            "<p a = \"b>\" >",
            "<p a='\"'>",
            "<title>",
            "<textarea a>b",
            "<TextArea>",
            "<style>a{}</style>",
            "<style>a{}</STYLE x>",
            "<title>a</title >",
            "<iframe></iframe>",
            "<p =a='>'>",
            "<p a='b'c='d'>",
            "</p a='>'>",
            "<svg><path d='M0 0'/></svg>",
        ] {
            assert_eq!(land(html), Ok(Escape::Markup), "{html}");
        }
    }

    #[test]
    fn values_are_escaped() {
        for html in [
            "<p title=\"",
            "<p title='a",
            "<p class=a title = '",
            "<p/title='",
            "<p class='a'title='",
            "<P TITLE=\"b ",
            "<p =title='",
            "<img alt='a' title='b' alt='",
        ] {
            assert_eq!(land(html).is_ok(), html != "<p =title='", "{html}");
        }
        assert_eq!(land("<a href='/a/"), Ok(Escape::Address));
        assert_eq!(land("<a href=\"HTTPS://a.b/"), Ok(Escape::Address));
        assert_eq!(land("<a href='/"), Ok(Escape::FirstOfPath));
        assert_eq!(land("<a title='a' href='"), Err(Refusal::AddressStart));
        assert_eq!(land("<a href='/' href='"), Err(Refusal::AddressStart));
    }

    #[test]
    fn elsewhere_it_is_refused() {
        let quotes = |name: &str| Refusal::NotQuoted(name.to_owned());
        let code = |name: &str| Refusal::Code(name.to_owned());
        let attribute = |name: &str| Refusal::Attribute(name.to_owned());
        for (html, expected) in [
            ("<", Refusal::Name),
            ("</", Refusal::Name),
            ("a <", Refusal::Name),
            ("<<", Refusal::Name),
            ("<!", Refusal::Name),
            ("<!-", Refusal::Name),
            ("<p", Refusal::Name),
            ("<p ", Refusal::Name),
            ("<p a", Refusal::Name),
            ("<p a ", Refusal::Name),
            ("<p a=''", Refusal::Name),
            ("<p /", Refusal::Name),
            ("</p a='", Refusal::Name),
            ("<p title=", quotes("title")),
            ("<p title= ", quotes("title")),
            ("<p title=a", quotes("title")),
            ("<p title=a'", quotes("title")),
            ("<!--", Refusal::Comment),
            ("<!-- -- >", Refusal::Comment),
            ("<!--a->", Refusal::Comment),
            ("<!--->a<!--a", Refusal::Comment),
            ("<!--x>", Refusal::Comment),
            ("<!--x->", Refusal::Comment),
            ("<!x", Refusal::Comment),
            ("<?x", Refusal::Comment),
            ("</?x", Refusal::Comment),
            ("<style>", code("style")),
            ("<xmp>", code("xmp")),
            ("<noscript>", code("noscript")),
            ("<title>a<", Refusal::Name),
            ("<textarea></textarea", Refusal::Name),
            ("<textarea></", Refusal::Name),
            ("<style></title>", code("style")),
            ("<script>", code("script")),
            ("<script></script>", Refusal::Unsure),
            ("<textarea><p></textarea>", Refusal::Unsure),
            ("<svg><style><a title=\"</style>", Refusal::Unsure),
            ("<svg><![CDATA[ <p title=']]>", Refusal::Unsure),
            ("<link href='/", code("link")),
            ("<p class='", attribute("class")),
            ("<p style='color:", attribute("style")),
            ("<p onclick='", attribute("onclick")),
            ("<p srcdoc='", attribute("srcdoc")),
            ("<p data-a='", attribute("data-a")),
            ("<p id='", attribute("id")),
        ] {
            assert_eq!(land(html), Err(expected), "{html}");
        }
    }
}
