//! Queries, parameter by parameter: what a redirect keeps of the visitor's, and what it sets itself.

use std::collections::{BTreeMap, BTreeSet};

/// What a query says: each parameter's first value by its name, decoded as servers decode them.
#[derive(Debug, Clone)]
pub(crate) struct Parameters(BTreeMap<String, Option<String>>);

impl Parameters {
    /// Reads a query. Names that are no text are left out.
    pub(crate) fn of(query: &str) -> Self {
        let decode = |part: &str| String::from_utf8(decoded(part)).ok();
        let mut parameters = BTreeMap::new();
        for pair in pairs(query) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if let Some(name) = decode(name) {
                parameters.entry(name).or_insert_with(|| decode(value));
            }
        }
        Self(parameters)
    }

    /// The first value of a parameter. None where it is not there, or is no text.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_deref()
    }
}

/// The parameters of a query, as they are written.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter(|pair| !pair.is_empty())
}

/// A parameter's name as servers read it.
pub(crate) fn name(pair: &str) -> Vec<u8> {
    decoded(pair.split('=').next().unwrap_or_default())
}

/// Percent signs and pluses decoded; a percent sign that two hexadecimal digits do not follow stays.
fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = (byte == b'%').then(|| hex(bytes.get(at + 1..at + 3)?)).flatten();
        at += if escape.is_some() { 3 } else { 1 };
        decoded.push(escape.unwrap_or(if byte == b'+' { b' ' } else { byte }));
    }
    decoded
}

/// The byte that two hexadecimal digits write.
pub(crate) fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let value = digits.iter().try_fold(0, |sum, byte| Some(sum * 16 + digit(*byte)?))?;
    u8::try_from(value).ok()
}

/// `own` and then what the visitor brought along, without parameters that `own` names.
pub(crate) fn merge(own: &str, visitors: &str) -> String {
    let names: BTreeSet<_> = pairs(own).map(name).collect();
    let kept = visitors.split('&');
    let kept = kept.filter(|pair| names.is_empty() || !names.contains(&name(pair)));
    let kept = kept.collect::<Vec<_>>().join("&");
    let separator = if own.is_empty() || kept.is_empty() { "" } else { "&" };
    format!("{own}{separator}{kept}")
}

/// The text without what no browser puts into an address: whoever sent that gets it back encoded.
pub(crate) fn as_sent(text: &str) -> String {
    let mut sent = String::with_capacity(text.len());
    for byte in text.bytes() {
        let as_it_is = byte.is_ascii_graphic() && !b"\"<>#".contains(&byte);
        if as_it_is {
            sent.push(char::from(byte));
        } else {
            sent.push_str(&format!("%{byte:02X}"));
        }
    }
    sent
}
