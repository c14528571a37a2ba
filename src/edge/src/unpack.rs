//! Packed body → plain body, while it arrives: brotli and zstd, from origins that send them though gzip was asked for.
//! Gzip is unpacked by the platform.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use brotli_decompressor::{
    BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc,
};
use fastly::http::header::CONTENT_ENCODING;
use fastly::{Body, Response};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::header::{self, Names};

/// How much that is packed is read at a time.
const CHUNK: usize = 16 * 1024;

/// The largest window that is kept: what RFC 9659 lets senders of `zstd` use. Whoever asks for more is not unpacked.
const MAX_WINDOW: u64 = 8 * 1024 * 1024;

/// The same for brotli, as the power of two that it writes.
const MAX_BROTLI_WINDOW: u8 = 23;

/// After so many bytes it is no page any more, but something that was packed to burst.
const MAX_UNPACKED: u64 = 64 * 1024 * 1024;

/// How a body is packed, as far as it can be unpacked here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Not at all, or no longer.
    None,
    Brotli,
    Zstd,
}

/// How the body of a response that has `names` is packed. None if in some way that is not unpacked here: several ways one after the other,
/// or another one.
pub(crate) fn packing(response: &Response, names: &Names) -> Option<Packing> {
    match header::values_of(response, names, CONTENT_ENCODING).as_slice() {
        [] => Some(Packing::None),
        [one] => match one.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Some(Packing::None),
            "br" => Some(Packing::Brotli),
            "zstd" => Some(Packing::Zstd),
            _ => None,
        },
        _ => None,
    }
}

/// Where the plain bytes of a page come from.
pub(crate) enum Source {
    /// The platform has them.
    Plain(Body),
    Brotli(Box<Unbrotli>),
    Zstd(Box<Unzstd>),
}

impl Source {
    /// The body of a response, whose headers, which are these `names`, say how it is packed.
    pub(crate) fn of(response: &mut Response, names: &Names) -> Self {
        let packing = packing(response, names).unwrap_or(Packing::None);
        let body = response.take_body();
        match packing {
            Packing::None => Self::Plain(body),
            Packing::Brotli => Self::Brotli(Box::new(Unbrotli::new(body))),
            Packing::Zstd => Self::Zstd(Box::new(Unzstd::new(body))),
        }
    }

    /// What has not been read yet, if it can go on without being read. What is packed cannot: its beginning went out plain.
    pub(crate) fn take_rest(&mut self) -> Option<Body> {
        match self {
            Self::Plain(body) => Some(std::mem::replace(body, Body::new())),
            Self::Brotli(_) | Self::Zstd(_) => None,
        }
    }
}

impl Read for Source {
    /// Gives what there is, however little: nothing that has arrived waits for more.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(body) => body.read(out),
            Self::Brotli(body) => body.read(out),
            Self::Zstd(body) => body.read(out),
        }
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what.to_owned())
}

/// Counts what was unpacked, up to the limit.
fn count(so_far: &mut u64, length: usize) -> io::Result<usize> {
    *so_far += length as u64;
    if *so_far > MAX_UNPACKED {
        return Err(broken("unpacked it is longer than 64 MiB"));
    }
    Ok(length)
}

/// Brotli (RFC 7932).
pub(crate) struct Unbrotli {
    body: Body,
    /// What has arrived and is not unpacked yet: `packed[from..to]`.
    packed: Vec<u8>,
    from: usize,
    to: usize,
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    begun: bool,
    finished: bool,
    unpacked: u64,
}

impl Unbrotli {
    fn new(body: Body) -> Self {
        // Strict: without the windows of up to 1 GiB that are no part of the RFC.
        let state = BrotliState::new_strict(
            StandardAlloc::default(),
            StandardAlloc::default(),
            StandardAlloc::default(),
        );
        let packed = vec![0; CHUNK];
        let (begun, finished) = (false, false);
        Self { body, packed, from: 0, to: 0, state, begun, finished, unpacked: 0 }
    }

    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if !self.begun {
            // No bytes at all are an empty page.
            if !self.fill()? {
                return Ok(0);
            }
            if window_bits(self.packed[0]) > MAX_BROTLI_WINDOW {
                return Err(broken("brotli with a window of more than 8 MiB"));
            }
            self.begun = true;
        }
        while !self.finished && !out.is_empty() {
            let (mut left, mut room, mut given, mut total) =
                (self.to - self.from, out.len(), 0, 0);
            let result = BrotliDecompressStream(
                &mut left,
                &mut self.from,
                &self.packed,
                &mut room,
                &mut given,
                out,
                &mut total,
                &mut self.state,
            );
            match result {
                BrotliResult::ResultFailure => return Err(broken("no brotli")),
                BrotliResult::ResultSuccess => self.finished = true,
                BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
            }
            if given > 0 {
                return count(&mut self.unpacked, given);
            }
            if matches!(result, BrotliResult::NeedsMoreInput) && !self.fill()? {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(0)
    }

    /// Reads what has arrived. False if nothing more will.
    fn fill(&mut self) -> io::Result<bool> {
        self.packed.copy_within(self.from..self.to, 0);
        (self.from, self.to) = (0, self.to - self.from);
        let length = self.body.read(&mut self.packed[self.to..])?;
        self.to += length;
        Ok(length > 0)
    }
}

/// The size of the window that a stream's first byte asks for, as a power of two (RFC 7932, section 9.1). The byte of no
/// stream of the RFC asks for the most.
fn window_bits(first: u8) -> u8 {
    match (first & 1, first >> 1 & 7, first >> 4 & 7) {
        (0, ..) => 16,
        (_, 0, 0) => 17,
        (_, 0, 1) => u8::MAX,
        (_, 0, bits) => 8 + bits,
        (_, bits, _) => 17 + bits,
    }
}

/// Zstandard (RFC 8878), one frame after the other.
pub(crate) struct Unzstd {
    packed: BufReader<Body>,
    decoder: FrameDecoder,
    in_frame: bool,
    unpacked: u64,
}

impl Unzstd {
    fn new(body: Body) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_WINDOW);
        let packed = BufReader::with_capacity(CHUNK, body);
        Self { packed, decoder, in_frame: false, unpacked: 0 }
    }

    /// The decoder keeps a window's worth of what it has unpacked until its frame ends, so that is how late it may be.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !out.is_empty() {
            if !self.in_frame {
                if self.packed.fill_buf()?.is_empty() {
                    break;
                }
                self.in_frame = self.begin_frame()?;
                continue;
            }
            if self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.packed, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(io::Error::other)?;
            }
            let given = self.decoder.read(out)?;
            if given > 0 {
                return count(&mut self.unpacked, given);
            }
            if self.decoder.is_finished() {
                let said = self.decoder.get_checksum_from_data();
                if said.is_some() && said != self.decoder.get_calculated_checksum() {
                    return Err(broken("zstd with another checksum"));
                }
                self.in_frame = false;
            }
        }
        Ok(0)
    }

    /// Reads the head of a frame. False if it was one to be skipped, which is done.
    fn begin_frame(&mut self) -> io::Result<bool> {
        let length = match self.decoder.reset(&mut self.packed) {
            Ok(()) => return Ok(true),
            Err(FrameDecoderError::ReadFrameHeaderError(
                ReadFrameHeaderError::SkipFrame { length, .. },
            )) => u64::from(length),
            Err(error) => return Err(io::Error::other(error)),
        };
        let skipped = io::copy(&mut (&mut self.packed).take(length), &mut io::sink())?;
        if skipped < length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(false)
    }
}
