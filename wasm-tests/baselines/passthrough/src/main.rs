//! The least a module in front of an origin can do: every request goes to it, every
//! answer comes back as it is. A bench run measures the other modules against this one.

use fastly::http::serve::Serve;
use fastly::{Request, Response};

fn main() {
    Serve::new().run(answer);
}

fn answer(request: Request) {
    match request.send("origin") {
        // The host streams the body on its own: no byte of it enters the module.
        Ok(response) => response.send_to_client(),
        Err(_) => Response::from_status(502).send_to_client(),
    }
}
