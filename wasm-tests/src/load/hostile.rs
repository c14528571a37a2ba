use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use super::{Chance, memory_of, several_at_once};
use crate::{Site, TOKEN, datafile, html};

/// How long a hostile client waits for anything.
const WAIT: Duration = Duration::from_secs(20);

/// What traffic that means harm did.
#[derive(Debug)]
pub struct Harm {
    /// How many requests, or what was sent in place of one.
    pub requests: usize,
    /// Ordinary visitors in between who did not get their page.
    pub errors: Vec<String>,
    /// The runtime's resident memory after the first tenth, at the end and at most, KiB.
    pub memory: [u64; 3],
    /// How long it took.
    pub took: Duration,
}

/// With fewer requests memory is still on its way up.
const ENOUGH: usize = 5_000;

impl Harm {
    /// Whether memory stayed flat: at the end it is at most a quarter more than after the first tenth. None if there were
    /// too few requests to tell.
    pub fn is_flat(&self) -> Option<bool> {
        let [first, last, _] = self.memory;
        (self.requests >= ENOUGH).then_some(last * 4 <= first * 5)
    }
}

/// Sends so many requests, or as many as there is time for, no two alike: odd cookies, entity tags like ours, giant headers,
/// odd methods, cut connections, broken uploads, random bodies, lies about changes, slow clients, broken pages, bombs in
/// gzip, brotli and zstd, links that nobody signed. Every twelfth is an ordinary visitor's, who has to get their page.
pub fn harm(requests: usize, time: Option<Duration>) -> Harm {
    let bomb = vec![b' '; 24 * 1024 * 1024];
    let page = "<!doctype html><body><h1>Hi</h1><p>the end</p></body>";
    let site = Site::serving("/", html(page))
        .and("/bomb", html(&bomb).gzip())
        .and("/bomb-br", html(&bomb).brotli())
        .and("/bomb-zstd", html(&bomb).zstd())
        .and("/wide-zstd", html(page).zstd_with_wide_window())
        .and("/no-br", html("this is no brotli").header("Content-Encoding", "br"))
        .and("/no-zstd", html("this is no zstd").header("Content-Encoding", "zstd"))
        .and("/no-gzip", html("this is no gzip").header("Content-Encoding", "gzip"))
        .and("/deep", html("<div>".repeat(50_000)))
        .and("/tag", html(format!("<p {}", "a ".repeat(500_000))))
        .and("/formatting", html("<b><i><p>".repeat(20_000)))
        .and("/cut", html("<h1>Hi").then("</h1>".repeat(5_000)).then_cut().chunked())
        .with_datafile(datafile::below("/"))
        .for_measuring();
    site.get("/").visitor("first").send().is(200);
    let address = site.address();
    let errors = Mutex::new(Vec::new());
    let samples = Mutex::new(vec![memory_of(site.pid())]);
    let sent = Mutex::new(0);
    let began = Instant::now();
    several_at_once(requests, |number| {
        if number % 12 == 0 {
            let reply = site.get("/").visitor("alice").navigating().try_send();
            let shown = reply.map_or_else(String::new, |reply| reply.text());
            if shown != page.replace("Hi", "Start free") {
                errors.lock().expect("nobody panics").push(format!("{number}: {shown}"));
            }
        } else {
            // Whatever the runtime does with it, it is a hostile client's own problem.
            drop(misbehave(address, number));
        }
        if number % 100 == 0 {
            samples.lock().expect("nobody panics").push(memory_of(site.pid()));
            site.origin().forget();
        }
        *sent.lock().expect("nobody panics") += 1;
        time.is_none_or(|time| began.elapsed() < time)
    });
    let took = began.elapsed();
    let last = memory_of(site.pid());
    let samples = samples.into_inner().expect("nobody panics");
    let first = samples[samples.len() / 10];
    let peak = samples.iter().copied().max().unwrap_or_default().max(last);
    let requests = sent.into_inner().expect("nobody panics");
    Harm {
        requests,
        errors: errors.into_inner().expect("nobody panics"),
        memory: [first, last, peak],
        took,
    }
}

#[expect(clippy::too_many_lines, reason = "one arm for each sort of harm")]
fn misbehave(address: SocketAddr, number: usize) -> std::io::Result<()> {
    let mut chance = Chance::of(number);
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(WAIT))?;
    stream.set_write_timeout(Some(WAIT))?;
    let agent = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n";
    let rest = format!(
        "Host: www.example.com\r\nAccept: text/html\r\n{agent}Connection: close\r\n\r\n"
    );
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\n{rest}").into_bytes();
    let pages = [
        "/bomb",
        "/bomb-br",
        "/bomb-zstd",
        "/wide-zstd",
        "/no-br",
        "/no-zstd",
        "/no-gzip",
        "/deep",
        "/tag",
        "/formatting",
        "/cut",
        "/none",
    ];
    let with =
        |line: &[u8]| [b"GET / HTTP/1.1\r\n", line, b"\r\n", rest.as_bytes()].concat();
    let mut read_at_most = usize::MAX;
    let message = match number % 12 {
        1 => {
            let length = chance.below(4_000);
            with(&[b"Cookie: edgewise=2.".to_vec(), chance.bytes(length)].concat())
        }
        2 => {
            let length = chance.below(8_000);
            let lines: Vec<_> = (0..60)
                .map(|n| format!("Cookie: c{n}={}", "x".repeat(length / 8)))
                .collect();
            with(lines.join("\r\n").as_bytes())
        }
        3 if chance.below(2) == 0 => {
            let giant = "y".repeat(chance.below(60_000));
            with(format!("X-Giant: {giant}").as_bytes())
        }
        3 => {
            let count = chance.below(400);
            let tags: Vec<_> =
                (0..count).map(|n| format!("W/\"edgewise.{n:x}.eImFiYyI\"")).collect();
            let names = ["If-None-Match", "If-Match", "If-Range"];
            let name = names[chance.below(3)];
            let odd = chance.bytes(50);
            with(&[format!("{name}: {}, ", tags.join(", ")).into_bytes(), odd].concat())
        }
        4 => {
            let methods =
                ["TRACE", "CONNECT", "PROPFIND", "get", "DELETE", "OPTIONS", "X-Y"];
            format!("{} / HTTP/1.1\r\n{rest}", methods[chance.below(7)]).into_bytes()
        }
        5 => {
            let whole = get("/");
            stream.write_all(&whole[..chance.below(whole.len())])?;
            return stream.shutdown(Shutdown::Both);
        }
        6 => {
            read_at_most = chance.below(500);
            get(pages[chance.below(pages.len())])
        }
        7 => {
            let chunk = [
                "zz\r\nabc",
                "5\r\nab",
                "ffffffffffffffff\r\n",
                "-1\r\n",
                "3\r\nabcXX0\r\n\r\n",
            ];
            format!(
                "POST /form HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{rest}{}",
                chunk[chance.below(5)]
            )
            .into_bytes()
        }
        8 if chance.below(4) == 0 => {
            let count = chance.below(300);
            let entry = r#"{"change":"headline/benefit/1","state":"kept"}"#;
            let body = format!("[{}", [entry].repeat(count).join(","));
            let end = if chance.below(2) == 0 { "]" } else { "" };
            let length = body.len() + end.len();
            format!(
                "POST /_edgewise/kept HTTP/1.1\r\nContent-Length: {length}\r\n{rest}{body}{end}"
            )
            .into_bytes()
        }
        8 => {
            let length = chance.below(70_000);
            let paths =
                ["decisions", "qa-links", "page", "experiments", "datafile", "nothing"];
            let path = paths[chance.below(6)];
            let head = format!(
                "POST /_edgewise/api/v1/{path} HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {length}\r\n{rest}"
            );
            [head.into_bytes(), chance.bytes(length)].concat()
        }
        9 => {
            // It takes its time with every piece.
            stream.write_all(&get(pages[chance.below(pages.len())]))?;
            let mut piece = [0; 512];
            for _ in 0..chance.below(20) {
                thread::sleep(Duration::from_millis(2));
                if stream.read(&mut piece)? == 0 {
                    break;
                }
            }
            return Ok(());
        }
        10 => {
            let path = [
                "/%00%ff",
                "//..//../",
                "/?_edgewise=headline.control.4102444800.00&_edgewise_debug=4102444800.00",
                "/a?&&==&%",
                "*",
                "/_edgewise/",
            ];
            let path = path[chance.below(6)];
            let long = "q".repeat(chance.below(7_000));
            get(&if chance.below(2) == 0 {
                path.to_owned()
            } else {
                format!("/{long}?{long}")
            })
        }
        _ => get(pages[chance.below(pages.len())]),
    };
    stream.write_all(&message)?;
    let mut piece = vec![0; 16 * 1024];
    let mut read = 0;
    while read < read_at_most {
        let length = stream.read(&mut piece)?;
        if length == 0 {
            break;
        }
        read += length;
    }
    Ok(())
}
