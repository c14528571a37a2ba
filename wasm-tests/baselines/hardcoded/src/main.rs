//! What a good engineer would write in an afternoon for one experiment: five edits,
//! fixed at compile time (on one path a hundred), applied while the page streams. No datafile, no visitor, no
//! log. A bench run asks how much more than this Edgewise costs.

mod edits;

use std::cell::{OnceCell, RefCell};
use std::error::Error;
use std::io::{Read, Write};

use edits::Edits;
use fastly::http::body::StreamingBody;
use fastly::http::serve::Serve;
use fastly::http::{StatusCode, header};
use fastly::{Body, Request, Response};
use lol_html::HtmlRewriter;

fn main() {
    // Parsed once for all the requests of a sandbox, as the product does.
    Serve::new().run_with_context(answer, &mut Parsed::default());
}

/// The edits, as far as they were needed.
#[derive(Default)]
struct Parsed {
    five: OnceCell<Edits>,
    hundred: OnceCell<Edits>,
}

fn answer(mut request: Request, parsed: &mut Parsed) {
    let edits = if request.get_path().starts_with("/hundred") {
        parsed.hundred.get_or_init(Edits::hundred)
    } else {
        parsed.five.get_or_init(Edits::five)
    };
    request.set_header(header::ACCEPT_ENCODING, "gzip");
    request.set_auto_decompress_gzip(true);
    match request.send("origin") {
        Ok(response) if is_page(&response) => rewrite(response, edits),
        Ok(response) => response.send_to_client(),
        Err(_) => Response::from_status(502).send_to_client(),
    }
}

fn is_page(response: &Response) -> bool {
    response.get_status() == StatusCode::OK
        && !response.contains_header(header::CONTENT_ENCODING)
        && response
            .get_header_str(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.starts_with("text/html"))
}

fn rewrite(mut response: Response, edits: &Edits) {
    let body = response.take_body();
    for name in [header::CONTENT_LENGTH, header::ETAG, header::LAST_MODIFIED] {
        response.remove_header(name);
    }
    response.set_header(header::CACHE_CONTROL, "private, no-cache");
    let mut page = response.stream_to_client();
    // After an error `page` is dropped unfinished, so the client sees that it was cut.
    if stream(body, &mut page, edits).is_ok() {
        let _ = page.finish();
    }
}

fn stream(
    mut body: Body,
    page: &mut StreamingBody,
    edits: &Edits,
) -> Result<(), Box<dyn Error>> {
    // The rewriter owns its sink while it lives, so the page is shared with it.
    let page = RefCell::new(page);
    let mut written = Ok(());
    let mut rewriter = HtmlRewriter::new(edits.settings(), |bytes: &[u8]| {
        if written.is_ok() {
            written = page.borrow_mut().write_all(bytes);
        }
    });
    let mut chunk = [0; 16 * 1024];
    loop {
        let length = body.read(&mut chunk)?;
        if length == 0 {
            break;
        }
        rewriter.write(&chunk[..length])?;
        // Without this the first bytes would wait for 8 KiB of company.
        page.borrow_mut().flush()?;
    }
    rewriter.end()?;
    written?;
    Ok(())
}
