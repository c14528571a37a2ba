//! Requests on their way to the origin: sent once, or twice where that does no harm; uploads while they arrive.

use std::time::Duration;

use edgewise_wasm_tests::{Gate, Request, Site, asset, datafile, html, raw};

use crate::PAGE;

fn site() -> Site {
    Site::serving("/", html(PAGE)).with_datafile(datafile::headline("Start free"))
}

#[test]
fn an_upload_in_two_parts_arrives_whole() {
    let heard = Gate::new();
    // Opened only by the origin, it would stay shut here: the runtime hands a body on when all of it has come.
    heard.open();
    let site = site().and("/upload", html("thanks").hearing(&heard));
    let first = "first part ".repeat(200_000);
    let request = site.post("/upload", &first).then_body(&heard, "the rest");
    request.send().shows("thanks");
    let seen = &site.origin().seen()[0];
    assert!(seen.body == format!("{first}the rest").into_bytes(), "{}", seen.body.len());
    assert_eq!(seen.headers.all("content-length"), [seen.body.len().to_string()]);
}

#[test]
fn reading_is_tried_again_once_and_writing_never() {
    let site = site()
        .and("/page", html(PAGE).hanging_up(1))
        .and("/app.js", asset("text/javascript", "1").hanging_up(1))
        .and("/dead", html(PAGE).hanging_up(9))
        .and("/form", html(PAGE).hanging_up(1));
    let times = |path: &str| {
        site.origin().seen().iter().filter(|one| one.target.starts_with(path)).count()
    };
    site.get("/page").navigating().send().shows("Hi");
    site.get("/app.js").header("Sec-Fetch-Dest", "script").send().is(200).holds("1");
    assert_eq!((times("/page"), times("/app.js")), (2, 2));
    site.head("/dead").send();
    assert_eq!(times("/dead"), 2);
    let methods = ["POST", "PUT", "PATCH", "DELETE"];
    for (n, method) in methods.into_iter().enumerate() {
        let path = format!("/form?{n}");
        // The gate of hanging up is one for the path.
        let reply = site.request(method, &path).body("a=1").send();
        assert_eq!(reply.status, if n == 0 { 502 } else { 200 }, "{method}");
        assert_eq!(times(&path), 1, "{method}");
    }
    assert_eq!(site.faults(), ["origin-unreachable"; 2]);
}

#[test]
fn what_failed_late_is_not_tried_again() {
    let late = html(PAGE).thinking(Duration::from_millis(1_200));
    let site = site().and("/late", late.hanging_up(1));
    site.get("/late").navigating().send().is(502);
    assert_eq!(site.origin().seen().len(), 1);
    assert_eq!(site.faults(), ["origin-unreachable"]);
}

#[test]
fn what_has_a_body_is_never_sent_twice() {
    let site = site().and("/search", html(PAGE).hanging_up(2));
    let bodies = site.request("GET", "/search").body("{\"q\":1}");
    bodies.send().is(502);
    let typed = site.get("/search").header("Content-Type", "application/json");
    typed.send().is(502);
    assert_eq!(site.origin().seen().len(), 2);
    site.get("/search").send().is(200);
}

#[test]
fn a_page_with_an_experiment_is_tried_again_too() {
    // At "/" the runtime looks whether the origin is up.
    let page = html(PAGE).hanging_up(1);
    let site = Site::serving("/shop", page).with_datafile(datafile::below("/shop"));
    site.get("/shop").visitor("alice").navigating().send().shows("Start free");
    let seen = site.origin().seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].headers.by_name(), seen[1].headers.by_name());
    assert_eq!(site.logged("exposure").len(), 1);
    assert_eq!(site.faults(), [] as [&str; 0]);
}

#[test]
fn what_belongs_to_the_browsers_connection_ends_with_it() {
    let site = site().and("/about", html(PAGE));
    for path in ["/", "/about"] {
        let request = site.get(path).visitor("alice").navigating();
        let request = request
            .header(
                "Connection",
                "close, X-Hop, Cookie, Authorization, X-Forwarded-For, Host",
            )
            .header("X-Hop", "for the next hop only")
            .header("Keep-Alive", "timeout=5")
            .header("Proxy-Connection", "keep-alive")
            .header("Proxy-Authorization", "Basic for-the-proxy")
            .header("TE", "trailers")
            .header("Upgrade", "h2c")
            .header("Authorization", "Basic abc")
            .header("X-Forwarded-For", "192.0.2.1")
            .cookie("theme=dark");
        request.send().is(200);
        let seen = site.origin().seen();
        let last = &seen.last().expect("a request").headers;
        for name in [
            "x-hop",
            "keep-alive",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "upgrade",
        ] {
            assert_eq!(last.all(name), [] as [&str; 0], "{name}");
        }
        // Nobody can make the origin forget who asks.
        assert_eq!(last.all("authorization"), ["Basic abc"]);
        assert_eq!(last.all("x-forwarded-for"), ["192.0.2.1"]);
        assert_eq!(last.all("cookie"), ["theme=dark"]);
    }
}

#[test]
fn a_tunnel_and_an_echo_are_refused() {
    let site = site();
    let reply = site.request("TRACE", "/").cookie("session=secret").send();
    reply.is(405).hides("secret");
    assert!(site.origin().seen().is_empty());
}

#[test]
fn cookies_in_several_lines_and_very_long_headers_arrive() {
    let site = site();
    let long = "x".repeat(30_000);
    let request = site
        .get("/")
        .cookie("a=1; edgewise=2.alice")
        .cookie("b=2")
        .cookie("edgewise_qa=1");
    request.header("X-Long", &long).cookie("").send().shows("Start free");
    let seen = &site.origin().seen()[0];
    let cookies = seen.headers.all("cookie").join("; ");
    assert!(cookies.starts_with("a=1; b=2"), "{cookies}");
    assert_eq!(seen.headers.all("x-long"), [long.as_str()]);
}

#[test]
fn ranges_are_for_files_and_pages_come_whole() {
    let film = asset("video/mp4", "0123456789").header("Accept-Ranges", "bytes");
    let page = html(PAGE).header("Accept-Ranges", "bytes");
    let site = Site::serving("/", page)
        .and("/film.mp4", film)
        .with_datafile(datafile::headline("Start free"));
    let part = site.get("/film.mp4").header("Sec-Fetch-Dest", "video");
    let part = part.header("Range", "bytes=2-4").send();
    part.is(206).holds("234").has("content-range", "bytes 2-4/10");
    let whole = site.get("/").visitor("alice").navigating().header("Range", "bytes=2-4");
    whole.send().shows("Start free").lacks(&["accept-ranges", "content-range"]);
}

#[test]
fn an_option_lets_old_pages_stand_in() {
    // The local runtime keeps nothing, so that an old page comes cannot be shown; that nothing breaks can.
    let site = site().with_option("stale-if-error", "600");
    site.get("/").visitor("alice").send().shows("Start free");
    site.get("/missing.js").header("Sec-Fetch-Dest", "script").send().is(404);
    site.post("/missing", "a=1").send().is(404);
    let odd = self::site().with_option("stale-if-error", "soon");
    odd.get("/").visitor("alice").send().shows("Start free");
}

fn leaving_http(request: Request<'_>) -> Request<'_> {
    request
        .header("Upgrade", "websocket")
        .header("Connection", "Upgrade")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
}

#[test]
fn who_leaves_http_where_nobody_may_is_told_so() {
    let site = site().without_websockets();
    let reply = leaving_http(site.get("/chat")).send();
    reply.is(501).holds("").has("cache-control", "no-store");
    assert!(site.origin().seen().is_empty());
    assert_eq!(site.faults(), ["origin-unreachable"]);
    // The sandbox goes on.
    site.get("/").visitor("alice").navigating().send().shows("Start free");
}

#[test]
fn a_browser_that_leaves_http_is_handed_to_the_origin_and_nothing_of_ours_goes_along() {
    let upgraded = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let site = site().and("/chat", raw(upgraded));
    let request = leaving_http(site.get("/chat?_edgewise=a.b.1.c"));
    let reply = request.visitor("alice").cookie("own=1").open();
    assert_eq!(reply.status, 101);
    let seen = &site.origin().seen()[0];
    assert_eq!(seen.target, "/chat");
    assert_eq!(seen.headers.all("cookie"), ["own=1"]);
    assert_eq!(seen.headers.all("upgrade"), ["websocket"]);
}
