use std::collections::BTreeMap;
use std::io::{self, BufReader, BufWriter, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use crate::message::{BodyReader, Framing, Head, Headers};
use crate::{Answer, PATIENCE, asset};

/// A request as it reached the origin.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// All of its headers.
    pub headers: Headers,
    /// All of its body.
    pub body: Vec<u8>,
}

/// The website behind the edge: a small web server inside the test process.
pub struct Origin {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    answers: Mutex<BTreeMap<String, Arc<Answer>>>,
    seen: Mutex<Vec<Seen>>,
    closed: AtomicBool,
}

impl Shared {
    fn answers(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Answer>>> {
        self.answers.lock().expect("nobody panics while holding the answers")
    }

    fn seen(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.seen.lock().expect("nobody panics while holding the list")
    }
}

impl Origin {
    /// Starts a server that gives these answers by path, and 404 elsewhere.
    pub fn serving(answers: BTreeMap<String, Answer>) -> Self {
        let listener =
            TcpListener::bind("127.0.0.1:0").expect("a free port on this host");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = |(path, answer)| (path, Arc::new(answer));
        let answers = Mutex::new(answers.into_iter().map(shared).collect());
        let seen = Mutex::default();
        let shared = Arc::new(Shared { answers, seen, closed: AtomicBool::new(false) });
        let server = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if server.closed.load(Ordering::Acquire) {
                    break;
                }
                let server = Arc::clone(&server);
                // A client that goes away early is part of the tests.
                thread::spawn(move || drop(converse(&server, &stream)));
            }
        });
        Self { address, shared }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives another answer at a path from now on.
    pub fn answer(&self, path: &str, answer: Answer) {
        self.shared.answers().insert(path.to_owned(), Arc::new(answer));
    }

    /// Every request that reached it so far, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen().clone()
    }

    /// Starts the list anew.
    pub(crate) fn forget(&self) {
        self.shared.seen().clear();
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Release);
        // The listener only notices when somebody calls.
        drop(TcpStream::connect(self.address));
    }
}

fn converse(shared: &Shared, stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    while let Some(head) = Head::read(&mut reader)? {
        let target = head.word(1).to_owned();
        let path = target.split('?').next().unwrap_or_default();
        let answer = shared.answers().get(path).cloned();
        let framing = Framing::of(&head.headers, Framing::Length(0));
        let mut pieces = BodyReader::new(framing);
        let mut body = Vec::new();
        if let Some(gate) = answer.as_ref().and_then(|answer| answer.hears.as_ref()) {
            body = pieces.piece(&mut reader)?.unwrap_or_default();
            gate.open();
        }
        body.extend(pieces.rest(&mut reader)?);
        let request = Seen {
            method: head.word(0).to_owned(),
            target: target.clone(),
            headers: head.headers,
            body,
        };
        let to_head = request.method == "HEAD";
        shared.seen().push(request.clone());
        if answer.as_ref().is_some_and(|answer| answer.hangs_up()) {
            break;
        }
        let answer = answer.unwrap_or_else(|| Arc::new(not_found(path)));
        let answer = answer.to(&request);
        let mut writer = BufWriter::with_capacity(64 * 1024, stream);
        let kept_alive = answer.write(to_head, &mut writer)?;
        writer.flush()?;
        if !kept_alive {
            break;
        }
    }
    stream.shutdown(std::net::Shutdown::Both)
}

fn not_found(path: &str) -> Answer {
    asset("text/plain", format!("the origin has no {path}")).status(404)
}
