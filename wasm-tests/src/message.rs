//! HTTP/1.1 as bytes, for both ends of a site: what the tests check is exactly what a
//! friendlier library would tidy away.

use std::io::{self, BufRead, ErrorKind, Read};

/// Headers in the order in which they came, duplicates kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Every value under a name, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, v)| v)
            .collect()
    }

    /// The first value under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    /// Whether a name is there at all.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Names and values, as they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The same in the order of their names: those of one name keep theirs.
    pub fn by_name(&self) -> Vec<(String, &str)> {
        let mut sorted: Vec<_> =
            self.iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        sorted.sort_by(|(left, _), (right, _)| left.cmp(right));
        sorted
    }

    pub(crate) fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
    }

    /// Those up to the next empty line.
    fn read(from: &mut impl BufRead) -> io::Result<Self> {
        let mut headers = Self::default();
        loop {
            let header = line(from)?.ok_or(ErrorKind::UnexpectedEof)?;
            if header.is_empty() {
                return Ok(headers);
            }
            let (name, value) = header.split_once(':').ok_or(ErrorKind::InvalidData)?;
            headers.push(name, value.trim());
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        for (name, value) in self.iter() {
            out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    }
}

/// The first line of a message and its headers.
pub(crate) struct Head {
    pub(crate) first: String,
    pub(crate) headers: Headers,
}

impl Head {
    /// The next head, or none where the other side has nothing more to say.
    pub(crate) fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let Some(first) = line(from)? else { return Ok(None) };
        Ok(Some(Self { first, headers: Headers::read(from)? }))
    }

    /// The n-th word of the first line.
    pub(crate) fn word(&self, n: usize) -> &str {
        self.first.split(' ').nth(n).unwrap_or_default()
    }
}

fn line(from: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if from.read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.pop() != Some(b'\n') {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    bytes.pop_if(|byte| *byte == b'\r');
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// How the end of a body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(u64),
    Chunked,
    UntilClose,
}

impl Framing {
    /// What the headers say, or `otherwise` where they say nothing.
    pub(crate) fn of(headers: &Headers, otherwise: Self) -> Self {
        if headers.get("transfer-encoding").is_some_and(|value| value.contains("chunked"))
        {
            return Self::Chunked;
        }
        let length = headers.get("content-length").and_then(|value| value.parse().ok());
        length.map_or(otherwise, Self::Length)
    }
}

/// How a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As its framing promised.
    Clean,
    /// Too early, and the receiver can tell.
    Cut,
}

/// A body that is read piece by piece, as it arrives.
pub(crate) struct BodyReader {
    framing: Framing,
    end: Option<End>,
    trailers: Headers,
}

impl BodyReader {
    pub(crate) fn new(framing: Framing) -> Self {
        Self { framing, end: None, trailers: Headers::default() }
    }

    /// The headers behind the body, once it has ended.
    pub(crate) fn into_trailers(self) -> Headers {
        self.trailers
    }

    /// How the body ended, once it has.
    pub(crate) fn end(&self) -> Option<End> {
        self.end
    }

    /// The next bytes to arrive, or none once the body has ended.
    ///
    /// Running out of patience is an error; a connection that breaks is [`End::Cut`].
    pub(crate) fn piece(
        &mut self,
        from: &mut impl BufRead,
    ) -> io::Result<Option<Vec<u8>>> {
        if self.end.is_some() {
            return Ok(None);
        }
        match self.try_piece(from) {
            Ok(Some(piece)) => Ok(Some(piece)),
            Ok(None) => {
                self.end = Some(End::Clean);
                Ok(None)
            }
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut
                ) =>
            {
                Err(error)
            }
            Err(_) => {
                self.end = Some(End::Cut);
                Ok(None)
            }
        }
    }

    /// Everything that is left.
    pub(crate) fn rest(&mut self, from: &mut impl BufRead) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece(from)? {
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }

    fn try_piece(&mut self, from: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
        match &mut self.framing {
            Framing::Length(0) => Ok(None),
            Framing::Length(left) => {
                let piece = available(from, *left)?;
                if piece.is_empty() {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
                *left -= piece.len() as u64;
                Ok(Some(piece))
            }
            Framing::UntilClose => {
                let piece = available(from, u64::MAX)?;
                Ok(Some(piece).filter(|piece| !piece.is_empty()))
            }
            Framing::Chunked => chunk(from, &mut self.trailers),
        }
    }
}

fn available(from: &mut impl BufRead, most: u64) -> io::Result<Vec<u8>> {
    let buffer = from.fill_buf()?;
    let length = buffer.len().min(usize::try_from(most).unwrap_or(usize::MAX));
    let piece = buffer[..length].to_vec();
    from.consume(length);
    Ok(piece)
}

fn chunk(from: &mut impl BufRead, trailers: &mut Headers) -> io::Result<Option<Vec<u8>>> {
    let size = line(from)?.ok_or(ErrorKind::UnexpectedEof)?;
    let size = size.split(';').next().unwrap_or_default();
    let size = u64::from_str_radix(size, 16).map_err(|_| ErrorKind::InvalidData)?;
    if size == 0 {
        *trailers = Headers::read(from)?;
        return Ok(None);
    }
    let mut bytes = Vec::new();
    from.take(size).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != size || line(from)?.as_deref() != Some("") {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(bytes))
}
