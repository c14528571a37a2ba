//! `edgewise token new`: an access token for the API and the web app, of which the edge knows nothing but the hash.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
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
    let token = format!("ew_{}", base64url(&bytes));
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

/// RFC 4648, section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] =
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |index| u32::from(group.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..=group.len() {
            let place = (bits >> (18 - 6 * digit)) as usize & 63;
            let _ = write!(text, "{}", char::from(DIGITS[place]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_is_as_in_the_rfc() {
        // The examples of RFC 4648, section 10, without padding, and one with the two digits that are different.
        let examples = [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, text) in examples {
            assert_eq!(base64url(bytes.as_bytes()), text);
        }
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
        assert_eq!(base64url(&[7; 32]).len(), 43);
    }
}
