use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Instant;

use crate::PATIENCE;

/// What a process has said so far, line by line, from several pipes.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<(Mutex<Vec<String>>, Condvar)>);

impl Log {
    /// Takes down everything that comes out of a pipe, until it closes.
    pub(crate) fn follow(&self, pipe: impl Read + Send + 'static) {
        let log = self.clone();
        thread::spawn(move || {
            for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
                log.push(String::from_utf8_lossy(&line).into_owned());
            }
        });
    }

    /// Every line so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.0.lock().expect("nobody panics while holding the log").clone()
    }

    /// Waits for the lines to hold something. None after patience ran out, or once
    /// `hopeless` says that it will never come.
    pub(crate) fn wait_for<T>(
        &self,
        find: impl Fn(&[String]) -> Option<T>,
        mut hopeless: impl FnMut() -> bool,
    ) -> Option<T> {
        let (lines, grown) = &*self.0;
        let mut lines = lines.lock().expect("nobody panics while holding the log");
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = find(&lines) {
                return Some(found);
            }
            if hopeless() || Instant::now() > deadline {
                return None;
            }
            // In steps, because a process that dies does not always say so.
            let waited = grown.wait_timeout(lines, PATIENCE / 300);
            (lines, _) = waited.expect("nobody panics while holding the log");
        }
    }

    fn push(&self, line: String) {
        let (lines, grown) = &*self.0;
        lines.lock().expect("nobody panics while holding the log").push(line);
        grown.notify_all();
    }
}
