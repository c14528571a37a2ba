//! Who may use the API: access tokens, of which only hashes are kept, and the short-lived tokens of a session that they
//! are exchanged for.

use std::fmt;

use serde::Serialize;

use crate::signature::{self, sha256};
use crate::time::Moment;

/// How long a session lasts, seconds.
pub const SESSION_SECONDS: u64 = 15 * 60;

/// How young a session has to be for what reaches visitors, seconds.
pub const FRESH_SECONDS: u64 = 5 * 60;

/// Names what is signed, so that a signature made for another purpose with the same key is worth nothing here.
const DOMAIN: &[u8] = b"edgewise session 1\n";

/// How the token of a session begins.
const PREFIX: &str = "ews.";

/// The longest name of a holder, bytes.
const MAX_NAME: usize = 64;

/// The longest token that is looked at, bytes.
const MAX_TOKEN: usize = 512;

/// How many of the hash's hexadecimal digits tell tokens apart.
const MARK: usize = 16;

/// What somebody may do; each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Look.
    Viewer,
    /// Write experiments that no visitor sees yet, and make QA links.
    Editor,
    /// Change what visitors see.
    Publisher,
    /// Everything.
    Admin,
}

impl Role {
    /// All of them, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Editor, Self::Publisher, Self::Admin];

    /// The word people write and read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Publisher => "publisher",
            Self::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// As the history names them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The beginning of the token's hash.
    mark: String,
}

struct AccessToken {
    /// SHA-256, in hexadecimal digits.
    hash: String,
    holder: Holder,
    expires_at: Option<Moment>,
}

/// The access tokens that are accepted, by their hashes.
pub struct AccessTokens(Vec<AccessToken>);

/// Why a token opens nothing. Nobody who shows one is told which it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectedSession {
    /// It is no token of a session, was altered, or whose access token it came from is gone.
    NotOurs,
    /// Its time has passed.
    Expired,
}

/// The hash that stands for a token in a list of access tokens.
pub fn token_hash(token: &str) -> String {
    sha256(token.as_bytes())
}

impl AccessTokens {
    /// Reads a list: a token a line, as `SHA256 ROLE NAME [EXPIRES]` with blanks between; `#` begins a comment. Lines
    /// that are none of these are left out, and their numbers, from 1, are given beside.
    ///
    /// ```
    /// use edgewise_engine::{AccessTokens, Role, token_hash};
    /// let list = format!("# us\n{} publisher ada 2027-01-01T00:00:00Z\nnonsense\n", token_hash("ew_1"));
    /// let (tokens, unreadable) = AccessTokens::read(list.as_bytes());
    /// assert_eq!(unreadable, [3]);
    /// let ada = tokens.holder("ew_1", 1_780_000_000).unwrap();
    /// assert_eq!((ada.name.as_str(), ada.role), ("ada", Role::Publisher));
    /// assert!(tokens.holder("ew_1", 1_800_000_000).is_none());
    /// assert!(tokens.holder("ew_2", 1_780_000_000).is_none());
    /// ```
    pub fn read(list: &[u8]) -> (Self, Vec<usize>) {
        let mut tokens = Vec::new();
        let mut unreadable = Vec::new();
        for (index, line) in list.split(|byte| *byte == b'\n').enumerate() {
            let text = str::from_utf8(line).ok();
            let written = text.map(|line| line.split('#').next().unwrap_or_default());
            if written.is_some_and(|line| line.trim().is_empty()) {
                continue;
            }
            match written.and_then(read_line) {
                Some(token) => tokens.push(token),
                None => unreadable.push(index + 1),
            }
        }
        (Self(tokens), unreadable)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose token this is; none if nobody's or if it has expired. Takes as long whichever line it is, if any. `now` counts
    /// seconds since 1970 (UTC).
    pub fn holder(&self, token: &str, now: u64) -> Option<&Holder> {
        let shown = token_hash(token);
        let mut found = None;
        for one in &self.0 {
            if is_same(shown.as_bytes(), one.hash.as_bytes()) {
                found = Some(one);
            }
        }
        found.filter(|one| one.is_valid(now)).map(|one| &one.holder)
    }

    /// Whether a holder's access token is still there, with the same name and role.
    fn has(&self, holder: &Holder, now: u64) -> bool {
        self.0.iter().any(|one| one.holder == *holder && one.is_valid(now))
    }
}

impl AccessToken {
    fn is_valid(&self, now: u64) -> bool {
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        self.expires_at.is_none_or(|at| now < at.unix())
    }
}

fn read_line(line: &str) -> Option<AccessToken> {
    let mut words = line.split_ascii_whitespace();
    let hash = words.next()?.to_ascii_lowercase();
    let is_hash = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    let role = Role::parse(words.next()?)?;
    let name = words.next().filter(|name| is_name(name))?.to_owned();
    let expires_at = match words.next() {
        Some(text) => Some(Moment::parse(text).ok()?),
        None => None,
    };
    let mark = hash.get(..MARK)?.to_owned();
    (is_hash && words.next().is_none()).then_some(AccessToken {
        hash,
        holder: Holder { name, role, mark },
        expires_at,
    })
}

/// Whether a list of access tokens can name somebody so: printable ASCII without blanks or `#`, 64 characters at most.
pub fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_graphic() && b != b'#')
}

/// Looks at every byte whatever it finds. What is compared are hashes, so even their lengths tell nothing.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// Somebody who has shown an access token not long ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub holder: Holder,
    /// When they showed it, in seconds since 1970 (UTC).
    pub issued_at: u64,
}

impl Session {
    /// When it ends, in seconds since 1970 (UTC).
    pub fn expires_at(&self) -> u64 {
        self.issued_at.saturating_add(SESSION_SECONDS)
    }

    /// Whether it is young enough for what reaches visitors.
    pub fn is_fresh(&self, now: u64) -> bool {
        now.saturating_sub(self.issued_at) <= FRESH_SECONDS
    }

    /// A token: `ews.ISSUED.MARK.ROLE.NAME.SIGNATURE`.
    ///
    /// ```
    /// use edgewise_engine::{AccessTokens, RejectedSession, Session, token_hash};
    /// let list = format!("{} editor ada.l\n", token_hash("ew_1"));
    /// let (tokens, _) = AccessTokens::read(list.as_bytes());
    /// let holder = tokens.holder("ew_1", 1_000).unwrap().clone();
    /// let session = Session { holder, issued_at: 1_000 };
    /// let token = session.sign(b"secret");
    /// assert_eq!(Session::verify(b"secret", &token, &tokens, 1_899), Ok(session));
    /// assert_eq!(Session::verify(b"secret", &token, &tokens, 1_900), Err(RejectedSession::Expired));
    /// assert_eq!(Session::verify(b"other", &token, &tokens, 1_000), Err(RejectedSession::NotOurs));
    /// let (nobody, _) = AccessTokens::read(b"");
    /// assert_eq!(Session::verify(b"secret", &token, &nobody, 1_000), Err(RejectedSession::NotOurs));
    /// ```
    pub fn sign(&self, key: &[u8]) -> String {
        let Holder { name, role, mark } = &self.holder;
        let claim = format!("{PREFIX}{}.{mark}.{role}.{name}", self.issued_at);
        let signature = signature::write(key, DOMAIN, &claim);
        format!("{claim}.{signature}")
    }

    /// Reads a token that `sign` made with the same key, of somebody whose access token is still accepted. `now` counts
    /// seconds since 1970 (UTC).
    pub fn verify(
        key: &[u8],
        token: &str,
        tokens: &AccessTokens,
        now: u64,
    ) -> Result<Self, RejectedSession> {
        let read = || {
            if token.len() > MAX_TOKEN {
                return None;
            }
            let (claim, signature) = token.rsplit_once('.')?;
            let signature = signature::read(signature)?;
            if !signature::is_of(key, DOMAIN, claim, &signature) {
                return None;
            }
            let mut parts = claim.strip_prefix(PREFIX)?.splitn(4, '.');
            let issued_at = parts.next()?.parse().ok()?;
            let mark = parts.next()?.to_owned();
            let role = Role::parse(parts.next()?)?;
            let name = parts.next()?.to_owned();
            Some(Self { holder: Holder { name, role, mark }, issued_at })
        };
        let session = read().ok_or(RejectedSession::NotOurs)?;
        if now >= session.expires_at() {
            return Err(RejectedSession::Expired);
        }
        if !tokens.has(&session.holder, now) {
            return Err(RejectedSession::NotOurs);
        }
        Ok(session)
    }
}

/// Whether a token says that it is a session's.
pub fn is_session_token(token: &str) -> bool {
    token.starts_with(PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(list: &str) -> AccessTokens {
        AccessTokens::read(list.as_bytes()).0
    }

    #[test]
    fn lines_that_are_no_tokens_are_left_out() {
        let hash = token_hash("a");
        for line in [
            format!("{hash} owner ada"),
            format!("{hash} viewer"),
            format!("{hash} viewer {}", "n".repeat(65)),
            format!("{hash} viewer ada tomorrow"),
            format!("{hash} viewer ada 2027-01-01T00:00:00Z more"),
            format!("{} viewer ada", &hash[1..]),
            format!("{}g viewer ada", &hash[1..]),
            "viewer ada".to_owned(),
        ] {
            let (tokens, unreadable) = AccessTokens::read(line.as_bytes());
            assert!(tokens.is_empty() && unreadable == [1], "{line}");
        }
        assert_eq!(AccessTokens::read(b"\xff\n\n  # nothing\n").1, [1]);
    }

    #[test]
    fn hashes_may_be_written_in_capitals() {
        let list = format!("\t{}  admin  root\r\n", token_hash("a").to_uppercase());
        assert_eq!(tokens(&list).holder("a", 0).map(|one| one.role), Some(Role::Admin));
    }

    #[test]
    fn a_session_ends_with_its_access_token() {
        let hash = token_hash("a");
        let before = tokens(&format!("{hash} publisher ada 1970-01-01T00:10:00Z"));
        let holder = before.holder("a", 0).expect("a token").clone();
        let token = Session { holder, issued_at: 0 }.sign(b"k");
        assert!(Session::verify(b"k", &token, &before, 599).is_ok());
        assert!(Session::verify(b"k", &token, &before, 600).is_err());
        for after in [
            format!("{hash} editor ada"),
            format!("{hash} publisher eve"),
            format!("{} publisher ada", token_hash("b")),
        ] {
            let verified = Session::verify(b"k", &token, &tokens(&after), 1);
            assert_eq!(verified, Err(RejectedSession::NotOurs), "{after}");
        }
    }

    #[test]
    fn no_byte_of_a_session_can_be_another() {
        let list = tokens(&format!("{} editor ada", token_hash("a")));
        let holder = list.holder("a", 0).expect("a token").clone();
        let token = Session { holder, issued_at: 100 }.sign(b"k");
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1;
            let altered = String::from_utf8(bytes).expect("still ASCII");
            let verified = Session::verify(b"k", &altered, &list, 100);
            assert_eq!(verified, Err(RejectedSession::NotOurs), "{altered}");
        }
        let endless = format!("{}{}", "ews.".repeat(1_000), token);
        assert!(Session::verify(b"k", &endless, &list, 100).is_err());
    }
}
