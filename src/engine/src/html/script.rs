//! The text of scripts, which knows a kind of comment and scripts inside of that (13.2.5.15 to 31).

use memchr::{memchr, memchr2};

use super::name::SCRIPT;
use super::token::{Found, Mode, Script, Token, Tokenizer, TooLong, ends_name};

impl Tokenizer {
    pub(super) fn script(
        &mut self,
        bytes: &[u8],
        last: bool,
        mut script: Script,
    ) -> Result<Option<(Token, usize)>, TooLong> {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let (next, taken) = match (script, rest[0]) {
                (Script::Data, b'<') => {
                    if rest.starts_with(b"<!--") {
                        (Script::Escaped(2), 4)
                    } else if !last && b"<!--".starts_with(rest) {
                        break;
                    } else {
                        (script, 0)
                    }
                }
                (Script::Data, _) => (script, memchr(b'<', rest).unwrap_or(rest.len())),
                (Script::Escaped(_), b'<') => match double_escape(&rest[1..], last) {
                    Some(true) => (Script::DoubleEscaped(0), 7),
                    Some(false) => (Script::Escaped(0), 0),
                    None => break,
                },
                (Script::DoubleEscaped(_), b'<') if rest.get(1) == Some(&b'/') => {
                    match double_escape(&rest[2..], last) {
                        Some(true) => (Script::Escaped(0), 8),
                        Some(false) => (Script::DoubleEscaped(0), 1),
                        None => break,
                    }
                }
                (Script::DoubleEscaped(_), b'<') if rest.len() == 1 && !last => break,
                (Script::Escaped(n), b'-') => (Script::Escaped(2.min(n + 1)), 1),
                (Script::DoubleEscaped(n), b'-') => {
                    (Script::DoubleEscaped(2.min(n + 1)), 1)
                }
                (Script::Escaped(2) | Script::DoubleEscaped(2), b'>') => {
                    (Script::Data, 1)
                }
                (Script::Escaped(_), _) => {
                    let run = memchr2(b'<', b'-', rest).unwrap_or(rest.len());
                    (Script::Escaped(0), run.max(1))
                }
                (Script::DoubleEscaped(_), _) => {
                    let run = memchr2(b'<', b'-', rest).unwrap_or(rest.len());
                    (Script::DoubleEscaped(0), run.max(1))
                }
            };
            script = next;
            if taken > 0 {
                at += taken;
                continue;
            }
            // A "<" that may begin the end tag.
            if at > 0 {
                break;
            }
            match self.end_tag(bytes, last, SCRIPT)? {
                Found::Token(token) => return Ok(Some(token)),
                Found::Perhaps => {
                    self.mode = Mode::Script(script);
                    return Ok(None);
                }
                Found::No => at += 1,
            }
        }
        self.mode = Mode::Script(script);
        Ok((at > 0).then_some((Token::Text, at)))
    }
}

/// Whether `script` and what ends a name stand here; none if that is not known yet.
fn double_escape(bytes: &[u8], last: bool) -> Option<bool> {
    const NAME: &[u8] = b"script";
    let length = bytes.len().min(NAME.len());
    if !bytes[..length].eq_ignore_ascii_case(&NAME[..length]) {
        return Some(false);
    }
    match bytes.get(NAME.len()) {
        Some(&byte) => Some(ends_name(byte)),
        None if last => Some(false),
        None => None,
    }
}
