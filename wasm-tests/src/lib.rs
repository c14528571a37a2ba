//! Tests of the built wasm, never of the sources.
//!
//! A [`Site`] is a website with Edgewise in front of it: an origin inside the test
//! process, the built module in Fastly's local runtime, and a client that sees every
//! byte. Tests read as sentences:
//!
//! ```no_run
//! use edgewise_wasm_tests::{Site, datafile, html};
//!
//! Site::serving("/", html("<h1>Hi</h1>"))
//!     .with_datafile(datafile::headline("Start free"))
//!     .get("/")
//!     .visitor("alice")
//!     .send()
//!     .shows("Start free");
//! ```
//!
//! Nothing waits by sleeping. A slow origin waits at a [`Gate`] that the test opens,
//! and log lines are read once the module has asked for its next request. Whatever
//! waits gives up after [`PATIENCE`], so a hang is a failure.

mod answer;
pub mod datafile;
mod gate;
mod history;
pub mod load;
mod log;
mod message;
mod origin;
mod pack;
mod published;
mod reply;
mod request;
mod setup;
mod signing;
mod site;
mod viceroy;

use std::time::Duration;

pub use answer::{Answer, asset, html, raw};
pub use gate::Gate;
pub use message::{End, Headers};
pub use origin::{Origin, Seen};
pub use published::{Published, cli, sha256};
pub use reply::{Opened, Reply, difference};
pub use request::Request;
pub use setup::{EDITOR, EXPIRED, PUBLISHER, TOKEN, VIEWER, baseline, edgewise};
pub use signing::session;
pub use site::Site;
pub use viceroy::program as viceroy;

/// How long anything may take before it counts as hung.
///
/// Long, because a run shares two cores with compilers; it is only waited out by a
/// test that fails.
pub const PATIENCE: Duration = Duration::from_secs(60);
