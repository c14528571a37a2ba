//! Addresses of servers that a token is sent to.

use anyhow::{Result, bail};
use ureq::http::Uri;

/// Checks the address of a whole server: https, or http on this machine, and nothing behind the host. Gives it without a
/// slash at its end; `option` is named in errors.
pub(crate) fn read(option: &str, url: &str) -> Result<String> {
    let uri: Option<Uri> = url.parse().ok();
    let Some((uri, scheme, authority)) = uri.as_ref().and_then(|uri| {
        let scheme = uri.scheme_str().filter(|scheme| ["http", "https"].contains(scheme));
        Some((uri, scheme?, uri.authority()?))
    }) else {
        bail!("{option}: that is not an address; write https:// and a host's name");
    };
    if authority.as_str().contains('@') {
        bail!(
            "{option}: an address has no name and password; tokens come from the environment"
        );
    }
    if !["", "/"].contains(&uri.path()) || uri.query().is_some() || url.contains('#') {
        bail!(
            "{option}: {url:?} is more than a server; write {scheme}://{authority} and no more"
        );
    }
    if scheme == "http" && !is_this_machine(authority.host()) {
        bail!(
            "{option}: http would send the token through the network for all to read; write https://{authority}"
        );
    }
    Ok(format!("{scheme}://{authority}"))
}

/// Whether an address read by [`read`] is one of this machine: then no proxy has to do with it.
pub(crate) fn is_local(address: &str) -> bool {
    let uri: Option<Uri> = address.parse().ok();
    uri.as_ref().and_then(Uri::host).is_some_and(is_this_machine)
}

/// As browsers see it: the loopback addresses and the name for them.
fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_leaves_this_machine() {
        let accepted = [
            ("https://shop.example.com", "https://shop.example.com"),
            ("https://shop.example.com/", "https://shop.example.com"),
            ("https://shop.example.com:8443", "https://shop.example.com:8443"),
            ("http://127.0.0.1:7676", "http://127.0.0.1:7676"),
            ("http://[::1]:7676/", "http://[::1]:7676"),
            ("http://localhost:7676", "http://localhost:7676"),
        ];
        for (given, read_as) in accepted {
            assert_eq!(read("--to", given).unwrap(), read_as);
        }
        let refused = [
            "",
            "shop.example.com",
            "ftp://shop.example.com",
            "file:///etc/passwd",
            "http://shop.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://0.0.0.0:7676",
            "http://10.0.0.1",
            "https://ada:word@shop.example.com",
            "http://127.0.0.1@shop.example.com",
            "https://shop.example.com/de",
            "https://shop.example.com?x",
            "https://shop.example.com#x",
        ];
        for given in refused {
            let error = read("--to", given).unwrap_err().to_string();
            assert!(error.starts_with("--to: "), "{given}: {error}");
            assert!(!error.contains("word@"), "{error}");
        }
        assert!(is_local("http://127.0.0.1:1") && !is_local("https://example.com"));
    }
}
