use std::io::{BufReader, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use crate::message::{BodyReader, Framing, Head, Headers};
use crate::{Gate, Opened, PATIENCE, Reply, Site, TOKEN};

/// What a browser calls itself. Programs, and whoever calls itself nothing, take part in no
/// experiment.
const USER_AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A request on its way to a site. Every request has a connection of its own.
#[must_use]
pub struct Request<'a> {
    site: &'a Site,
    method: String,
    target: String,
    headers: Headers,
    /// Header lines that need not be text.
    odd_lines: Vec<u8>,
    body: Vec<u8>,
    /// What of the body waits until the gate opens.
    late: Option<(Gate, Vec<u8>)>,
}

impl<'a> Request<'a> {
    pub(crate) fn new(site: &'a Site, method: &str, target: &str) -> Self {
        let (method, target) = (method.to_owned(), target.to_owned());
        let mut headers = Headers::default();
        headers.push("User-Agent", USER_AGENT);
        let (odd_lines, body) = Default::default();
        Self { site, method, target, headers, odd_lines, body, late: None }
    }

    /// One more header line, beside any of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The same, with a value that need not be text.
    pub fn header_bytes(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let parts = [name.as_bytes(), b": ", value.as_ref(), b"\r\n"];
        self.odd_lines.extend(parts.concat());
        self
    }

    /// No line of this name.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// Another `User-Agent` than that of a plain browser.
    pub fn user_agent(self, value: &str) -> Self {
        self.without("User-Agent").header("User-Agent", value)
    }

    /// The host that the visitor typed. Otherwise it is the address of the runtime.
    pub fn host(self, host: &str) -> Self {
        self.header("Host", host)
    }

    /// The cookie of a visitor who has been here before.
    pub fn visitor(self, id: &str) -> Self {
        self.cookie(&format!("edgewise=2.{id}"))
    }

    /// One more `Cookie` line.
    pub fn cookie(self, value: &str) -> Self {
        self.header("Cookie", value)
    }

    /// What a browser adds when somebody opens a page.
    pub fn navigating(self) -> Self {
        self.header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("Accept-Encoding", "gzip, deflate, br, zstd")
            .header("Sec-Fetch-Dest", "document")
            .header("Sec-Fetch-Mode", "navigate")
    }

    /// The token that the web app's API asks for.
    pub fn with_token(self) -> Self {
        self.bearer(TOKEN)
    }

    /// Any token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// A body, with its length.
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        let length = self.body.len().to_string();
        self.header("Content-Length", &length)
    }

    /// More of the body, in one length with the first part, which is sent when the gate opens.
    pub fn then_body(mut self, gate: &Gate, rest: impl AsRef<[u8]>) -> Self {
        let rest = rest.as_ref().to_vec();
        let length = (self.body.len() + rest.len()).to_string();
        self.late = Some((gate.clone(), rest));
        self.without("Content-Length").header("Content-Length", &length)
    }

    /// A body that brings its own framing, with its chunks as they go on the wire.
    pub fn chunked(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    /// Sends it and waits for the whole answer.
    #[track_caller]
    pub fn send(self) -> Reply {
        self.open().finish()
    }

    /// Sends it and waits for the whole answer; none if there is not even a head.
    #[track_caller]
    pub fn try_send(self) -> Option<Reply> {
        self.try_open().map(Opened::finish)
    }

    /// Sends it and waits for the head of the answer only.
    #[track_caller]
    pub fn open(self) -> Opened {
        let what = format!("{} {}", self.method, self.target);
        let opened = self.try_open();
        opened
            .unwrap_or_else(|| panic!("{what}: the connection closed without an answer"))
    }

    #[track_caller]
    fn try_open(self) -> Option<Opened> {
        self.site.count_request();
        let address = self.site.address();
        let what = format!("{} {}", self.method, self.target);
        let sent_at = Instant::now();
        let mut stream = TcpStream::connect(address).expect("the runtime listens");
        stream.set_nodelay(true).expect("a fresh socket takes options");
        stream.set_read_timeout(Some(PATIENCE)).expect("a fresh socket takes options");
        let to_head = self.method == "HEAD";
        let (message, late) = self.message(address);
        stream.write_all(&message).expect("the runtime takes the request");
        if let Some((gate, rest)) = late {
            assert!(gate.pass(), "{what}: the gate stayed shut");
            stream.write_all(&rest).expect("the runtime takes the rest");
        }
        let mut reader = BufReader::with_capacity(64 * 1024, stream);
        let final_head = loop {
            match Head::read(&mut reader) {
                // 100 and 103 come in front of the answer.
                Ok(Some(head))
                    if head.word(1).starts_with('1') && head.word(1) != "101" => {}
                other => break other,
            }
        };
        let head = match final_head {
            Ok(Some(head)) => head,
            Ok(None) => return None,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                panic!("{what}: no answer in {PATIENCE:?}")
            }
            Err(error) => panic!("{what}: {error}"),
        };
        let status = head.word(1).parse().expect("a status is a number");
        let empty = to_head || matches!(status, 204 | 304);
        let framing = if empty {
            Framing::Length(0)
        } else {
            Framing::of(&head.headers, Framing::UntilClose)
        };
        let body = BodyReader::new(framing);
        Some(Opened::new(what, status, head.headers, reader, body, sent_at))
    }

    fn message(self, address: SocketAddr) -> (Vec<u8>, Option<(Gate, Vec<u8>)>) {
        let mut headers = self.headers;
        if !headers.has("host") {
            headers.push("Host", &address.to_string());
        }
        if !headers.has("connection") {
            headers.push("Connection", "close");
        }
        let mut message =
            format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        message.extend_from_slice(&self.odd_lines);
        headers.write(&mut message);
        message.extend_from_slice(&self.body);
        (message, self.late)
    }
}
