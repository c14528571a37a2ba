use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{mem, thread};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::message::{Framing, Headers};
use crate::origin::Seen;
use crate::{Gate, pack};

/// What the origin answers at one path, down to where its bytes stop and wait.
#[derive(Clone)]
#[must_use]
pub struct Answer {
    pub(crate) status: u16,
    headers: Headers,
    pieces: Vec<Piece>,
    framing: Option<Framing>,
    gzip_if_accepted: bool,
    /// Whether conditions are heard.
    conditional: bool,
    thinks: Duration,
    /// How much is sent at a time, and the pause behind it.
    drips: Option<(usize, Duration)>,
    /// What is on the wire instead of all this.
    raw: Option<Vec<u8>>,
    /// Other heads in front, each with its status.
    early: Vec<(u16, Headers)>,
    trailers: Headers,
    /// How many more times there is no answer at all.
    hangs_up: Arc<AtomicUsize>,
    /// Opens when the request's body begins to arrive.
    pub(crate) hears: Option<Gate>,
    /// How often it was given, if its body tells.
    number: Option<Arc<AtomicUsize>>,
}

#[derive(Clone)]
enum Piece {
    Bytes(Vec<u8>),
    Wait(Gate),
    Cut,
}

/// A page: 200, `text/html; charset=utf-8`.
pub fn html(body: impl AsRef<[u8]>) -> Answer {
    asset("text/html; charset=utf-8", body)
}

/// Any other file: 200, with the content type given.
pub fn asset(content_type: &str, body: impl AsRef<[u8]>) -> Answer {
    let mut headers = Headers::default();
    headers.push("Content-Type", content_type);
    let pieces = vec![Piece::Bytes(body.as_ref().to_vec())];
    Answer {
        status: 200,
        headers,
        pieces,
        framing: None,
        gzip_if_accepted: false,
        conditional: true,
        thinks: Duration::ZERO,
        drips: None,
        raw: None,
        early: Vec::new(),
        trailers: Headers::default(),
        hangs_up: Arc::default(),
        hears: None,
        number: None,
    }
}

/// Bytes that need not be HTTP, after which the connection closes.
pub fn raw(bytes: impl AsRef<[u8]>) -> Answer {
    Answer { raw: Some(bytes.as_ref().to_vec()), ..html("") }
}

impl Answer {
    /// Another status than 200.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// One more header line, beside any of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(name, value);
        self
    }

    /// Another content type, or an odd one.
    pub fn content_type(mut self, value: &str) -> Self {
        self.headers.remove("content-type");
        self.header("Content-Type", value)
    }

    /// No line of this name.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// Compressed, whether or not the request accepts it. What is sent before a wait
    /// can be unpacked before it too.
    pub fn gzip(mut self) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        for piece in &mut self.pieces {
            let Piece::Bytes(bytes) = piece else { continue };
            encoder.write_all(bytes).expect("a vector takes everything");
            encoder.flush().expect("a vector takes everything");
            *bytes = mem::take(encoder.get_mut());
        }
        self = self.then(encoder.finish().expect("a vector takes everything"));
        self.header("Content-Encoding", "gzip").header("Vary", "Accept-Encoding")
    }

    /// In brotli, whether or not the request accepts it. What is sent before a wait can be unpacked before it too.
    pub fn brotli(mut self) -> Self {
        let bytes = self.pieces.iter_mut().filter_map(|piece| match piece {
            Piece::Bytes(bytes) => Some(bytes),
            Piece::Wait(_) | Piece::Cut => None,
        });
        let end = pack::brotli(&mut bytes.collect::<Vec<_>>());
        self.then(end).header("Content-Encoding", "br")
    }

    /// In zstd, whether or not the request accepts it, each piece a frame of its own.
    pub fn zstd(self) -> Self {
        self.zstd_pieces(pack::zstd)
    }

    /// The same, asking for a window of 16 MiB.
    pub fn zstd_with_wide_window(self) -> Self {
        self.zstd_pieces(|bytes| pack::zstd_with_window(bytes, 14 << 3))
    }

    fn zstd_pieces(mut self, pack: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        for piece in &mut self.pieces {
            if let Piece::Bytes(bytes) = piece {
                *bytes = pack(bytes);
            }
        }
        self.header("Content-Encoding", "zstd")
    }

    /// Another head in front, as 103 with links to what the page will need.
    pub fn early(mut self, status: u16, name: &str, value: &str) -> Self {
        let mut headers = Headers::default();
        headers.push(name, value);
        self.early.push((status, headers));
        self
    }

    /// Sent in chunks, with one more header behind the last.
    pub fn trailer(mut self, name: &str, value: &str) -> Self {
        self.trailers.push(name, value);
        self.chunked()
    }

    /// The first times that it is asked for, the connection closes without an answer; after a while, if it thinks.
    pub fn hanging_up(self, times: usize) -> Self {
        self.hangs_up.store(times, Ordering::Release);
        self
    }

    /// Opens the gate when the body of a request begins to arrive, before all of it is there.
    pub fn hearing(mut self, gate: &Gate) -> Self {
        self.hears = Some(gate.clone());
        self
    }

    /// Whether it hangs up this time; if so, it is time to.
    pub(crate) fn hangs_up(&self) -> bool {
        let less = |times: usize| times.checked_sub(1);
        let counted =
            self.hangs_up.fetch_update(Ordering::AcqRel, Ordering::Acquire, less);
        if counted.is_ok() {
            thread::sleep(self.thinks);
        }
        counted.is_ok()
    }

    /// Sent so many bytes at a time, with a pause behind each, as over a bad line.
    pub fn dripping(mut self, bytes: usize, pause: Duration) -> Self {
        self.drips = Some((bytes, pause));
        self
    }

    /// Another page each time: the words "(number)" in its body are the number of the request, in eight digits.
    pub fn numbered(mut self) -> Self {
        self.number = Some(Arc::default());
        self
    }

    fn with_number(&self, number: usize) -> Self {
        let mut answer = self.clone();
        for piece in &mut answer.pieces {
            if let Piece::Bytes(bytes) = piece {
                let text = String::from_utf8_lossy(bytes);
                *bytes = text.replace("(number)", &format!("{number:08}")).into_bytes();
            }
        }
        answer
    }

    /// Sent whole whatever the request has of it, as by a cache that leaves conditions to others.
    pub fn always_whole(mut self) -> Self {
        self.conditional = false;
        self
    }

    /// Compressed for those who accept gzip, as web servers do.
    pub fn gzip_if_accepted(mut self) -> Self {
        self.gzip_if_accepted = true;
        self
    }

    /// Sent only after a while, even its head, as by an origin that has much to do. For
    /// measuring; a test waits at a gate.
    pub fn thinking(mut self, time: Duration) -> Self {
        self.thinks = time;
        self
    }

    /// Sent in chunks, so that its length is not known from the start.
    pub fn chunked(mut self) -> Self {
        self.framing = Some(Framing::Chunked);
        self
    }

    /// Sent until the connection closes, as HTTP/1.0 servers do.
    pub fn until_close(mut self) -> Self {
        self.framing = Some(Framing::UntilClose);
        self
    }

    /// Further bytes.
    pub fn then(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.pieces.push(Piece::Bytes(bytes.as_ref().to_vec()));
        self
    }

    /// Nothing more is sent until the gate opens.
    pub fn then_wait(mut self, gate: &Gate) -> Self {
        self.pieces.push(Piece::Wait(gate.clone()));
        self
    }

    /// The connection closes here, whatever was promised.
    pub fn then_cut(mut self) -> Self {
        self.pieces.push(Piece::Cut);
        self
    }

    /// The whole body as it is sent to a client that accepts anything.
    pub fn bytes(&self) -> Vec<u8> {
        self.parts().collect::<Vec<_>>().concat()
    }

    fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Bytes(bytes) => Some(bytes.as_slice()),
            Piece::Wait(_) | Piece::Cut => None,
        })
    }

    /// The answer to one request, with what a web server does on its own: conditions,
    /// ranges and compression.
    pub(crate) fn to(&self, request: &Seen) -> Cow<'_, Self> {
        if self.conditional && self.validates(request) {
            let mut answer = self.clone().status(304).without("content-type");
            answer.pieces.clear();
            return Cow::Owned(answer);
        }
        if let Some(part) = self.part(request) {
            return Cow::Owned(part);
        }
        let accepts = request.headers.get("accept-encoding").unwrap_or_default();
        if let Some(number) = &self.number {
            return Cow::Owned(self.with_number(number.fetch_add(1, Ordering::AcqRel)));
        }
        if self.gzip_if_accepted && accepts.contains("gzip") {
            return Cow::Owned(self.clone().gzip());
        }
        Cow::Borrowed(self)
    }

    fn validates(&self, request: &Seen) -> bool {
        let same = |validator, condition| {
            let value = self.headers.get(validator);
            value.is_some() && value == request.headers.get(condition)
        };
        same("etag", "if-none-match") || same("last-modified", "if-modified-since")
    }

    fn part(&self, request: &Seen) -> Option<Self> {
        self.headers.get("accept-ranges").filter(|unit| *unit == "bytes")?;
        let (first, last) =
            request.headers.get("range")?.strip_prefix("bytes=")?.split_once('-')?;
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        let whole = self.bytes();
        let bytes = whole.get(first..=last)?.to_vec();
        let range = format!("bytes {first}-{last}/{}", whole.len());
        let mut part = self.clone().status(206).header("Content-Range", &range);
        part.pieces = vec![Piece::Bytes(bytes)];
        Some(part)
    }

    /// Puts the answer on the wire. Says whether the connection may carry another.
    pub(crate) fn write(&self, to_head: bool, out: &mut impl Write) -> io::Result<bool> {
        let framing = self.framing();
        thread::sleep(self.thinks);
        if let Some(raw) = &self.raw {
            out.write_all(raw)?;
            return Ok(false);
        }
        out.write_all(&self.head())?;
        if self.empty() || to_head {
            return Ok(framing != Framing::UntilClose);
        }
        for piece in &self.pieces {
            match piece {
                Piece::Bytes(bytes) => self.write_bytes(bytes, framing, out)?,
                Piece::Wait(gate) if gate.pass() => {}
                Piece::Wait(_) | Piece::Cut => return Ok(false),
            }
            out.flush()?;
        }
        if framing == Framing::Chunked {
            let mut end = b"0\r\n".to_vec();
            self.trailers.write(&mut end);
            out.write_all(&end)?;
        }
        Ok(framing != Framing::UntilClose)
    }

    fn write_bytes(
        &self,
        bytes: &[u8],
        framing: Framing,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let (at_a_time, pause) = self.drips.unwrap_or((usize::MAX, Duration::ZERO));
        for part in bytes.chunks(at_a_time) {
            if framing == Framing::Chunked {
                chunk(part, out)?;
            } else {
                out.write_all(part)?;
            }
            if !pause.is_zero() {
                out.flush()?;
                thread::sleep(pause);
            }
        }
        Ok(())
    }

    fn head(&self) -> Vec<u8> {
        // The reason is for people; an odd one proves that nobody reads it.
        let line = |status: u16| format!("HTTP/1.1 {status} Whatever\r\n").into_bytes();
        let mut head = Vec::new();
        for (status, headers) in &self.early {
            head.extend(line(*status));
            headers.write(&mut head);
        }
        head.extend(line(self.status));
        self.headers_on_the_wire().write(&mut head);
        head
    }

    fn empty(&self) -> bool {
        matches!(self.status, 204 | 304)
    }

    fn framing(&self) -> Framing {
        let length = self.parts().map(|part| part.len() as u64).sum();
        self.framing.unwrap_or(Framing::Length(length))
    }

    /// The headers given, and those that tell where the body ends.
    pub(crate) fn headers_on_the_wire(&self) -> Headers {
        let mut headers = self.headers.clone();
        match self.framing() {
            Framing::Chunked => headers.push("Transfer-Encoding", "chunked"),
            Framing::UntilClose => headers.push("Connection", "close"),
            Framing::Length(length) => {
                if !self.empty() && !headers.has("content-length") {
                    headers.push("Content-Length", &length.to_string());
                }
            }
        }
        headers
    }
}

fn chunk(bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
    // An empty chunk would end the body.
    if bytes.is_empty() {
        return Ok(());
    }
    out.write_all(format!("{:x}\r\n", bytes.len()).as_bytes())?;
    out.write_all(bytes)?;
    out.write_all(b"\r\n")
}
