//! Headers of rewritten pages, in both directions.

use edgewise_wasm_tests::{Answer, Reply, Seen, Site, asset, datafile, html};

use crate::PAGE;

fn rewritten(page: Answer) -> Reply {
    let site = Site::serving("/", page).with_datafile(datafile::headline("Start free"));
    let reply = site.get("/").visitor("alice").navigating().send();
    reply.shows("Start free");
    reply
}

#[test]
fn what_described_the_origins_bytes_is_gone() {
    let reply = rewritten(
        html(PAGE)
            .header("ETag", "\"v1\"")
            .header("Last-Modified", "Sat, 21 Nov 2026 02:00:00 GMT")
            .header("Accept-Ranges", "bytes")
            .header("Content-MD5", "Q2hlY2sgSW50ZWdyaXR5IQ==")
            .header("Digest", "sha-256=abc")
            .header("Content-Digest", "sha-256=:abc:")
            .header("Repr-Digest", "sha-256=:abc:")
            .header("Signature-Input", "sig=(\"content-digest\");keyid=\"k\"")
            .header("Signature", "sig=:abc:"),
    );
    reply.lacks(&["last-modified", "accept-ranges", "content-length"]);
    assert!(!reply.headers.all("etag").join("").contains("v1"), "{}", reply.brief());
    reply.lacks(&["content-md5", "digest", "content-digest", "repr-digest"]);
    reply.lacks(&["signature", "signature-input"]);
}

#[test]
fn nobody_between_us_and_the_visitor_may_keep_the_page() {
    let reply = rewritten(
        html(PAGE)
            .header("Cache-Control", "public, max-age=600, s-maxage=900")
            .header("Surrogate-Control", "max-age=3600")
            .header("Surrogate-Key", "home")
            .header("CDN-Cache-Control", "max-age=3600")
            .header("Age", "12")
            .header("Expires", "Sat, 21 Nov 2026 12:00:00 GMT"),
    );
    let caching = reply.headers.all("cache-control").join(", ");
    assert!(caching.starts_with("private"), "{caching}");
    for word in ["public", "s-maxage", "max-age=600"] {
        assert!(!caching.contains(word), "{caching}");
    }
    reply.lacks(&["surrogate-control", "surrogate-key", "cdn-cache-control"]);
    reply.lacks(&["age", "expires"]);
}

#[test]
fn an_origin_that_forbids_keeping_is_obeyed() {
    let reply = rewritten(html(PAGE).header("Cache-Control", "no-store"));
    let caching = reply.headers.all("cache-control").join(", ");
    assert!(caching.starts_with("private") && caching.contains("no-store"), "{caching}");
}

#[test]
fn what_belongs_to_a_connection_ends_with_it() {
    let reply = rewritten(
        html(PAGE)
            .header("Connection", "keep-alive, X-Hop")
            .header("Keep-Alive", "timeout=5")
            .header("Proxy-Authenticate", "Basic")
            .header("Trailer", "X-Later")
            .header("X-Hop", "for the next hop only"),
    );
    reply.lacks(&["keep-alive", "proxy-authenticate", "trailer", "x-hop"]);
    let connection = reply.headers.all("connection").join(", ");
    assert!(!connection.to_ascii_lowercase().contains("x-hop"), "{connection}");
}

#[test]
fn what_belongs_to_a_connection_ends_with_it_unnamed_and_on_pages_that_pass() {
    let names = [
        "keep-alive",
        "proxy-authenticate",
        "proxy-authentication-info",
        "proxy-connection",
        "te",
        "upgrade",
    ];
    // What a gateway says about the answer is for everybody.
    let page = html(PAGE).header("Proxy-Status", "cache; error=dns_timeout");
    let page = names.iter().fold(page, |page, name| page.header(name, "odd"));
    let site = Site::serving("/", page.clone())
        .and("/about", page)
        .with_datafile(datafile::headline("Start free"));
    for path in ["/", "/about"] {
        let reply = site.get(path).visitor("alice").navigating().send();
        reply.is(200).lacks(&names).has("proxy-status", "cache; error=dns_timeout");
    }
}

#[test]
fn everything_else_stays() {
    let kept = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", "default-src 'self'"),
        ("Strict-Transport-Security", "max-age=31536000"),
        ("X-Content-Type-Options", "nosniff"),
        ("Link", "</app.css>; rel=preload; as=style"),
        ("Content-Language", "en"),
        ("Vary", "Accept-Language"),
    ];
    let page = html(PAGE);
    let page =
        kept[1..].iter().fold(page, |page, (name, value)| page.header(name, value));
    let reply = rewritten(page);
    for (name, value) in kept {
        assert!(
            reply.headers.all(name).contains(&value),
            "{name}: {:?}",
            reply.headers.all(name)
        );
    }
}

/// Asks for a page with an experiment and for a file, and gives what the origin saw.
fn asked(headers: &[(&str, &str)]) -> (Seen, Seen) {
    let site = Site::serving("/", html(PAGE))
        .and("/app.css", asset("text/css", "h1{}"))
        .with_datafile(datafile::headline("Start free"));
    let request = |path| {
        let request = site.get(path).visitor("alice");
        headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    };
    request("/").send().shows("Start free");
    request("/app.css").header("Sec-Fetch-Dest", "style").send().is(200);
    let mut seen = site.origin().seen().into_iter();
    let mut next = || seen.next().expect("two requests reached the origin");
    (next(), next())
}

#[test]
fn conditions_and_ranges_reach_the_origin_for_files_only() {
    let headers = [
        ("If-None-Match", "\"old\""),
        ("If-Modified-Since", "Sat, 21 Nov 2026 01:00:00 GMT"),
        ("Range", "bytes=0-9"),
        ("If-Range", "\"old\""),
    ];
    let (page, file) = asked(&headers);
    for (name, value) in headers {
        assert_eq!(page.headers.all(name), [] as [&str; 0], "{name} for a page");
        assert_eq!(file.headers.all(name), [value], "{name} for a file");
    }
}

#[test]
fn only_gzip_is_asked_for_pages_and_anything_for_files() {
    let (page, file) = asked(&[("Accept-Encoding", "gzip, deflate, br, zstd")]);
    assert_eq!(page.headers.all("accept-encoding"), ["gzip"]);
    assert_eq!(file.headers.all("accept-encoding"), ["gzip, deflate, br, zstd"]);
}

#[test]
fn the_origin_sees_the_request_that_the_visitor_made() {
    let site =
        Site::serving("/", html(PAGE)).with_datafile(datafile::headline("Start free"));
    let request = site.get("/?utm=a%20b&x=1").host("www.example.com").visitor("alice");
    let request =
        request.header("Accept-Language", "de").user_agent("Mozilla/5.0 (Test)");
    request.header("Authorization", "Basic abc").send().shows("Start free");
    let seen = &site.origin().seen()[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("GET", "/?utm=a%20b&x=1"));
    for (name, value) in [
        ("host", "www.example.com"),
        ("accept-language", "de"),
        ("user-agent", "Mozilla/5.0 (Test)"),
        ("authorization", "Basic abc"),
    ] {
        assert_eq!(seen.headers.all(name), [value]);
    }
}
