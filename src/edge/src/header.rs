//! The values of a request's headers, in which anybody may have written anything: what is not UTF-8 is not there.

use std::str;

use fastly::Request;
use fastly::convert::ToHeaderName;

/// The first value of a header, if it is text.
pub(crate) fn text(request: &Request, name: impl ToHeaderName) -> Option<&str> {
    str::from_utf8(request.get_header(name)?.as_bytes()).ok()
}

/// The values of a header that are text, one for each line.
pub(crate) fn texts(request: &Request, name: &str) -> Vec<String> {
    let values = request.get_header_all(name);
    let texts = values.filter_map(|value| str::from_utf8(value.as_bytes()).ok());
    texts.map(str::to_owned).collect()
}

/// The `Cookie` lines. One cookie that is no text takes no other with it.
pub(crate) fn cookies(request: &Request) -> Vec<String> {
    let lines = request.get_header_all("cookie");
    let readable = |line: &[u8]| match str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let pairs = line.split(|byte| *byte == b';');
            let texts: Vec<_> =
                pairs.filter_map(|one| str::from_utf8(one).ok()).collect();
            texts.join(";")
        }
    };
    lines.map(|line| readable(line.as_bytes())).collect()
}
