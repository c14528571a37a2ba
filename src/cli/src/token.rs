//! `edgewise token new`: an access token for the API and the web app, of which the edge knows nothing but the hash.

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use edgewise_engine::Moment;
use edgewise_engine::registry::hash;

use crate::args::{NewToken, Role};
use crate::{Outcome, output, visit};

/// How long a name may be, bytes.
const MAX_NAME: usize = 64;

pub(crate) fn new(args: &NewToken) -> Result<Outcome> {
    check_name(&args.name)?;
    let expires = match &args.expires {
        Some(time) => {
            let moment = Moment::parse(time).context("--expires")?;
            if moment <= visit::now() {
                bail!("--expires: {time:?} is over already");
            }
            format!(" {moment}")
        }
        None => String::new(),
    };
    let mut bytes = [0; 32];
    // Not an `Error` in every build of the library, hence by its words.
    if let Err(error) = getrandom::fill(&mut bytes) {
        bail!("this machine gives no random numbers: {error}");
    }
    let token = format!("ew_{}", BASE64_URL_SAFE_NO_PAD.encode(bytes));
    let role = match args.role {
        Role::Viewer => "viewer",
        Role::Editor => "editor",
        Role::Publisher => "publisher",
        Role::Admin => "admin",
    };
    let line = format!("{} {role} {}{expires}", hash(token.as_bytes()), args.name);
    output::data(format!("{token}\n").as_bytes())?;
    output::talk(&format!(
        "Keep it well: it is shown this once, and nobody can read it out of what is stored.\n\
         For it to work, put this line into the secret \"access-tokens\" of the secret store \"edgewise\", below those that are there:\n\
         {line}"
    ));
    Ok(Outcome::Done)
}

/// A name stands between spaces on a line, and in log lines and history.
fn check_name(name: &str) -> Result<()> {
    let may_stand = |c: char| c.is_ascii_alphanumeric() || "._@+-".contains(c);
    if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(may_stand) {
        bail!(
            "--name: {name:?} is not a name for a token; write 1 to {MAX_NAME} letters (a to z), digits and . _ @ + -"
        );
    }
    Ok(())
}
