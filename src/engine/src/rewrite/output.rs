//! The bytes on their way out. While an element that may be replaced or removed passes, what it was is held beside
//! what it becomes; where the element ends, one of the two goes on.

/// The most bytes held back for a page. An element longer than this stays as it is.
pub(super) const MAX_HELD: usize = 1024 * 1024;

/// An element whose fate is open.
struct Frame {
    id: u32,
    /// What goes out if the change can be made.
    replacement: Vec<u8>,
    /// What goes out if it cannot.
    original: Vec<u8>,
    /// Which of the two is being written.
    replacing: bool,
}

/// See the module.
#[derive(Default)]
pub(super) struct Output {
    ready: Vec<u8>,
    /// Elements inside one another, outermost first.
    frames: Vec<Frame>,
    held: usize,
    position: u64,
}

impl Output {
    /// Takes bytes in the page's order.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.position += bytes.len() as u64;
        let Some(frame) = self.frames.last_mut() else {
            self.ready.extend_from_slice(bytes);
            return;
        };
        if frame.replacing {
            frame.replacement.extend_from_slice(bytes);
        } else {
            frame.original.extend_from_slice(bytes);
        }
        self.held += bytes.len();
        if self.held > MAX_HELD {
            self.release_all();
        }
    }

    /// How many bytes came in so far.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Starts to hold; what comes next is the replacement.
    pub(super) fn open(&mut self, id: u32) {
        self.frames.push(Frame {
            id,
            replacement: Vec::new(),
            original: Vec::new(),
            replacing: true,
        });
    }

    /// From here on comes what the element was.
    pub(super) fn original(&mut self, id: u32) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| frame.id == id) {
            frame.replacing = false;
        }
    }

    /// Lets the replacement out. False if the element had grown too long and was let out as it was.
    pub(super) fn commit(&mut self, id: u32) -> bool {
        self.close(id, |frame| frame.replacement)
    }

    /// Lets the original out.
    pub(super) fn release(&mut self, id: u32) {
        self.close(id, |frame| frame.original);
    }

    fn close(&mut self, id: u32, choose: fn(Frame) -> Vec<u8>) -> bool {
        let Some(frame) = self.frames.pop_if(|frame| frame.id == id) else {
            return false;
        };
        self.held -= frame.replacement.len() + frame.original.len();
        let chosen = choose(frame);
        // Already counted when it first came in.
        self.position -= chosen.len() as u64;
        self.push(&chosen);
        true
    }

    /// Gives up on every open element: each goes out as it was.
    pub(super) fn release_all(&mut self) {
        self.held = 0;
        for frame in self.frames.drain(..) {
            self.ready.extend_from_slice(&frame.original);
        }
    }

    /// Moves what may go out to the end of `out`.
    pub(super) fn drain_to(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.ready);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(output: &mut Output) -> String {
        let mut out = Vec::new();
        output.drain_to(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn nested_elements_settle_from_the_inside() {
        let mut output = Output::default();
        output.push(b"a");
        output.open(1);
        output.push(b"NEW");
        output.original(1);
        output.push(b"b");
        output.open(2);
        output.push(b"INNER");
        output.original(2);
        output.push(b"c");
        assert_eq!(written(&mut output), "a");
        assert!(output.commit(2));
        output.push(b"d");
        output.release(1);
        assert_eq!(written(&mut output), "bINNERd");
        assert_eq!(output.held, 0);
    }

    #[test]
    fn what_grows_too_long_goes_out_as_it_was() {
        let mut output = Output::default();
        output.open(1);
        output.push(b"NEW");
        output.original(1);
        output.push(&vec![b'x'; MAX_HELD]);
        assert_eq!(written(&mut output).len(), MAX_HELD);
        assert!(!output.commit(1));
    }
}
