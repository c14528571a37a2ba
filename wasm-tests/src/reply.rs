use std::fmt::Write as _;
use std::io::BufReader;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Answer;
use crate::message::{BodyReader, End, Headers};

/// Headers about a connection, not about a page: each server has its own.
const HOP_BY_HOP: [&str; 5] =
    ["connection", "keep-alive", "transfer-encoding", "te", "trailer"];

/// Headers for caches, which no answer to one visitor has as the origin wrote them.
const FOR_CACHES: [&str; 6] = [
    "cache-control",
    "age",
    "expires",
    "surrogate-control",
    "surrogate-key",
    "cdn-cache-control",
];

/// An answer whose head has arrived, and whose body is on its way.
pub struct Opened {
    what: String,
    /// The status code.
    pub status: u16,
    /// All of its headers.
    pub headers: Headers,
    reader: BufReader<TcpStream>,
    body: BodyReader,
    read: Vec<u8>,
    sent_at: Instant,
    first_byte: Option<Duration>,
}

impl Opened {
    pub(crate) fn new(
        what: String,
        status: u16,
        headers: Headers,
        reader: BufReader<TcpStream>,
        body: BodyReader,
        sent_at: Instant,
    ) -> Self {
        let (read, first_byte) = Default::default();
        Self { what, status, headers, reader, body, read, sent_at, first_byte }
    }

    /// Reads on until the body so far holds some words.
    #[track_caller]
    pub fn wait_for(&mut self, words: &str) -> &mut Self {
        while !contains(&self.read, words.as_bytes()) {
            assert!(
                self.read_piece(),
                "{}: the body ended without {words:?}:\n{}",
                self.what,
                String::from_utf8_lossy(&self.read)
            );
        }
        self
    }

    /// Reads on until anything of the body has arrived.
    #[track_caller]
    pub fn wait_for_any(&mut self) -> &mut Self {
        if self.read.is_empty() {
            assert!(self.read_piece(), "{}: an empty body", self.what);
        }
        self
    }

    /// Reads the rest.
    #[track_caller]
    pub fn finish(mut self) -> Reply {
        while self.read_piece() {}
        let took = self.sent_at.elapsed();
        let end = self.body.end().expect("a body without further pieces has ended");
        Reply {
            what: self.what,
            status: self.status,
            headers: self.headers,
            body: self.read,
            end,
            trailers: self.body.into_trailers(),
            first_byte: self.first_byte.unwrap_or(took),
            took,
        }
    }

    #[track_caller]
    fn read_piece(&mut self) -> bool {
        let piece = match self.body.piece(&mut self.reader) {
            Ok(piece) => piece,
            Err(error) => panic!("{}: nothing more arrives: {error}", self.what),
        };
        let Some(piece) = piece else { return false };
        self.first_byte.get_or_insert_with(|| self.sent_at.elapsed());
        self.read.extend_from_slice(&piece);
        true
    }
}

/// A whole answer, and what tests claim about it.
#[derive(Debug)]
pub struct Reply {
    what: String,
    /// The status code.
    pub status: u16,
    /// All of its headers.
    pub headers: Headers,
    /// Its body, without the framing, compressed if it came so.
    pub body: Vec<u8>,
    /// Whether the body came whole.
    pub end: End,
    /// The headers behind the body.
    pub trailers: Headers,
    /// From the connection's start to the body's first byte.
    pub first_byte: Duration,
    /// From the connection's start to the last byte.
    pub took: Duration,
}

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}:\n{}", self.what, self.brief()))
    }

    /// The cookie lines that set a cookie of this name.
    pub fn sets_cookie(&self, name: &str) -> Vec<&str> {
        let mut lines = self.headers.all("set-cookie");
        lines.retain(|line| line.split('=').next() == Some(name));
        lines
    }

    /// The visitor whom the answer's cookie names.
    #[track_caller]
    pub fn visitor(&self) -> &str {
        let lines = self.sets_cookie("edgewise");
        assert_eq!(lines.len(), 1, "{}: cookies of ours {lines:?}", self.what);
        let value =
            lines[0].split(';').next().and_then(|it| it.strip_prefix("edgewise=2."));
        let mut parts = value.expect("the cookie's name and version").split('.');
        parts.next().expect("a visitor's id")
    }

    /// A cookie that the answer sets, as the browser sends it back: `name=value`.
    #[track_caller]
    pub fn cookie(&self, name: &str) -> String {
        let lines = self.sets_cookie(name);
        assert_eq!(lines.len(), 1, "{}: {lines:?} for \"{name}\"", self.what);
        lines[0].split(';').next().unwrap_or_default().to_owned()
    }

    /// Claims that a page arrived whole, holding these words.
    #[track_caller]
    pub fn shows(&self, words: &str) -> &Self {
        self.is(200);
        let found = contains(&self.body, words.as_bytes());
        assert!(found, "{}: no {words:?} in\n{}", self.what, self.brief());
        self
    }

    /// Claims that these words are nowhere in the body.
    #[track_caller]
    pub fn hides(&self, words: &str) -> &Self {
        let found = contains(&self.body, words.as_bytes());
        assert!(!found, "{}: {words:?} is in\n{}", self.what, self.brief());
        self
    }

    /// Claims a status and a whole body.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}: {}", self.what, self.brief());
        assert_eq!(self.end, End::Clean, "{}: the body was cut", self.what);
        self
    }

    /// Claims that the client could tell that the body is not whole.
    #[track_caller]
    pub fn was_cut(&self) -> &Self {
        assert_eq!(self.end, End::Cut, "{}: a clean end\n{}", self.what, self.brief());
        self
    }

    /// Claims the body, byte by byte.
    #[track_caller]
    pub fn holds(&self, bytes: impl AsRef<[u8]>) -> &Self {
        if let Some(difference) = difference(bytes.as_ref(), &self.body) {
            panic!("{}: {difference}", self.what);
        }
        self
    }

    /// Claims that this is what the origin answered: status, headers and bytes.
    #[track_caller]
    pub fn is_untouched(&self, answer: &Answer) -> &Self {
        self.is(answer.status).holds(answer.bytes());
        let expected = answer.headers_on_the_wire();
        assert_eq!(sorted(&self.headers), sorted(&expected), "{}: headers", self.what);
        self
    }

    /// Claims that this is what the origin answered, but that no cache may keep it for others.
    #[track_caller]
    pub fn is_untouched_but_private(&self, answer: &Answer) -> &Self {
        let caching = self.headers.all("cache-control").join(", ");
        assert!(caching.starts_with("private, no-"), "{}: {caching:?}", self.what);
        self.is(answer.status).holds(answer.bytes());
        let own = |(name, _): &(String, &str)| !FOR_CACHES.contains(&name.as_str());
        let expected = answer.headers_on_the_wire();
        let (mut came, mut sent) = (sorted(&self.headers), sorted(&expected));
        came.retain(own);
        sent.retain(own);
        assert_eq!(came, sent, "{}: headers", self.what);
        self
    }

    /// Claims that a header is there once, with this value.
    #[track_caller]
    pub fn has(&self, name: &str, value: &str) -> &Self {
        assert_eq!(self.headers.all(name), [value], "{}: \"{name}\"", self.what);
        self
    }

    /// Claims that headers are absent.
    #[track_caller]
    pub fn lacks(&self, names: &[&str]) -> &Self {
        for name in names {
            let values = self.headers.all(name);
            assert!(values.is_empty(), "{}: \"{name}\" is {values:?}", self.what);
        }
        self
    }

    /// Status, headers and the beginning of the body, for messages.
    pub fn brief(&self) -> String {
        let mut text = format!("{}\n", self.status);
        for (name, value) in self.headers.iter() {
            let _ = writeln!(text, "{name}: {value}");
        }
        text + "\n" + &excerpt(&self.body, 0, 2_000)
    }
}

/// By name, in lower case. Those of one name keep their order, and those that belong to
/// a connection are left out.
fn sorted(headers: &Headers) -> Vec<(String, &str)> {
    let own = headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    let mut own: Vec<_> = own
        .filter(|(name, _)| !HOP_BY_HOP.contains(&name.as_str()) && name != "date")
        .collect();
    own.sort_by(|(left, _), (right, _)| left.cmp(right));
    own
}

/// Where two bodies part, and what is around that place. None where they are equal.
pub fn difference(expected: &[u8], actual: &[u8]) -> Option<String> {
    if expected == actual {
        return None;
    }
    let same = expected.iter().zip(actual).take_while(|(left, right)| left == right);
    let offset = same.count();
    let from = offset.saturating_sub(60);
    Some(format!(
        "differs from byte {offset} on ({} bytes expected, {} came)\n  expected …{}…\n  \
         came     …{}…",
        expected.len(),
        actual.len(),
        excerpt(expected, from, 140),
        excerpt(actual, from, 140),
    ))
}

fn excerpt(bytes: &[u8], from: usize, most: usize) -> String {
    let to = bytes.len().min(from + most);
    bytes[from.min(to)..to].escape_ascii().to_string().replace("\\n", "\n")
}

fn contains(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len().max(1)).any(|window| window == words)
}
