//! Fastly's KV store over its REST API, as documented at
//! <https://www.fastly.com/documentation/reference/api/services/resources/kv-store-item> and as recorded in the tests of
//! Fastly's own client, `fastly/fixtures/kv_store` of <https://github.com/fastly/go-fastly>:
//!
//! | request | answer |
//! |---|---|
//! | `GET /resources/stores/kv/ID/keys/KEY` | 200 and a `generation` header; 404 |
//! | `PUT …/KEY`, with `if-generation-match: N` or `?add=true` | 200; 412 where the condition does not hold |
//! | `DELETE …/KEY?force=true` | 204, also where nothing has the key |
//! | `GET …/keys?prefix=P&consistency=strong&cursor=C` | `{"data": [KEY], "meta": {"next_cursor": C}}` |
//!
//! 429 where more than 1,000 writes came in an hour (<https://docs.fastly.com/api/>, "Rate limiting"). Reads are eventually
//! consistent (<https://www.fastly.com/documentation/guides/concepts/edge-state/data-stores/>): what is read may be old,
//! but what is written under a condition on a generation never replaces something that was not seen.

use std::thread;

use edgewise_engine::registry::{Store, StoreError, Stored, When};
use serde::Deserialize;

use super::http::{Answer, Ask, Client, NoAnswer, pause_before};

/// How often a write is tried whose outcome is not known.
const ATTEMPTS: u32 = 3;

/// How often a value is read that has to be there by now: a store that is eventually consistent may show the one before.
const LOOKS: u32 = 3;

/// More pages of keys than these are not read: a store that goes on and on is broken.
const MAX_PAGES: usize = 1000;

/// One KV store.
#[derive(Debug)]
pub(crate) struct KvStore {
    pub(crate) client: Client,
    pub(crate) id: String,
}

#[derive(Deserialize)]
struct Keys {
    data: Vec<String>,
    #[serde(default)]
    meta: Meta,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(default)]
    next_cursor: Option<String>,
}

impl KvStore {
    fn path(&self, key: &str) -> String {
        format!("/resources/stores/kv/{}/keys/{}", self.id, encode(key))
    }

    /// Whether the store is there, and the token may look at it.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let path = format!("/resources/stores/kv/{}", self.id);
        let answer = self.client.read(&path).map_err(unanswered)?;
        if answer.is_success() { Ok(()) } else { Err(self.refused(&answer)) }
    }

    /// Whether the store has these bytes by now, looked at until it has, with some patience.
    fn has(&self, key: &str, bytes: &[u8]) -> bool {
        for look in 1..=LOOKS {
            if self.get(key).is_ok_and(|found| found.is_some_and(|it| it.bytes == bytes))
            {
                return true;
            }
            if look < LOOKS {
                thread::sleep(pause_before(look));
            }
        }
        false
    }

    fn refused(&self, answer: &Answer) -> StoreError {
        let words = self.client.words(answer);
        match answer.status {
            401 | 403 => StoreError::Failed(format!(
                "it does not accept the token in FASTLY_API_TOKEN: {words}; it needs the scope global and the role of an engineer"
            )),
            404 => StoreError::Failed(format!(
                "there is no store of that id: {words}; \"fastly kv-store list\" prints the ids"
            )),
            412 => StoreError::Changed,
            413 | 507 => StoreError::Full(words),
            429 => StoreError::Busy,
            _ => StoreError::Failed(words),
        }
    }
}

fn unanswered(error: NoAnswer) -> StoreError {
    StoreError::Failed(error.why)
}

impl Store for KvStore {
    fn get(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let answer = self.client.read(&self.path(key)).map_err(unanswered)?;
        if answer.status == 404 {
            return Ok(None);
        }
        if !answer.is_success() {
            return Err(self.refused(&answer));
        }
        let generation = answer.header("generation").and_then(|it| it.parse().ok());
        let generation = generation.ok_or_else(|| {
            StoreError::Failed("its answer has no generation".to_owned())
        })?;
        Ok(Some(Stored { bytes: answer.body, generation }))
    }

    /// A write that was not answered is looked for before it is called failed; it may have been done.
    fn put(&self, key: &str, bytes: &[u8], when: When) -> Result<(), StoreError> {
        let mut path = self.path(key);
        let generation;
        let mut headers = vec![("content-type", "application/octet-stream")];
        match when {
            When::Always => {}
            When::Absent => path.push_str("?add=true"),
            When::Unchanged(seen) => {
                generation = seen.to_string();
                headers.push(("if-generation-match", &generation));
            }
        }
        let ask =
            Ask { method: "PUT", path: &path, headers: &headers, body: Some(bytes) };
        let mut last = StoreError::Busy;
        for attempt in 1..=ATTEMPTS {
            let known = match self.client.write(ask) {
                Ok(answer) if answer.is_success() => return Ok(()),
                // The condition may not hold because an earlier attempt was done after all.
                Ok(answer) if answer.status == 412 && attempt > 1 => {
                    let is_ours = self.has(key, bytes);
                    return if is_ours { Ok(()) } else { Err(StoreError::Changed) };
                }
                Ok(answer) if !answer.is_trouble() || answer.status == 507 => {
                    return Err(self.refused(&answer));
                }
                Ok(answer) => {
                    last = self.refused(&answer);
                    false
                }
                Err(error) => {
                    let known = !error.may_have_arrived;
                    last = unanswered(error);
                    known
                }
            };
            if known {
                return Err(last);
            }
            if self.has(key, bytes) {
                return Ok(());
            }
        }
        Err(last)
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        let path = format!("{}?force=true", self.path(key));
        let ask = Ask { method: "DELETE", path: &path, headers: &[], body: None };
        let mut last = StoreError::Busy;
        // Removing twice is the same as once.
        for _ in 0..ATTEMPTS {
            match self.client.write(ask) {
                Ok(answer) if answer.is_success() => return Ok(()),
                Ok(answer) if !answer.is_trouble() => return Err(self.refused(&answer)),
                Ok(answer) => last = self.refused(&answer),
                Err(error) => last = unanswered(error),
            }
        }
        Err(last)
    }

    fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let start = format!(
            "/resources/stores/kv/{}/keys?prefix={}&consistency=strong",
            self.id,
            encode(prefix)
        );
        let (mut found, mut cursor) = (Vec::new(), None::<String>);
        for _ in 0..MAX_PAGES {
            let path = match &cursor {
                Some(cursor) => format!("{start}&cursor={}", encode(cursor)),
                None => start.clone(),
            };
            let answer = self.client.read(&path).map_err(unanswered)?;
            if !answer.is_success() {
                return Err(self.refused(&answer));
            }
            let keys: Keys = serde_json::from_slice(&answer.body).map_err(|_| {
                StoreError::Failed("its list of keys cannot be read".to_owned())
            })?;
            found.extend(keys.data);
            cursor = keys.meta.next_cursor.filter(|next| !next.is_empty());
            if cursor.is_none() {
                found.sort();
                return Ok(found);
            }
        }
        Err(StoreError::Failed("its list of keys does not end".to_owned()))
    }
}

/// For a path's segment or a query's value.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                encoded.push(char::from(byte));
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}
