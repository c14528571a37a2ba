//! From where the API can be asked: its own host, and origins that are named.

use edgewise_wasm_tests::{Site, html};

use crate::support::{PAGE, api, get, site};

fn guarded() -> Site {
    site().with_option("admin-host", "admin.example.com")
}

#[test]
fn with_a_host_of_their_own_app_and_api_answer_there_only() {
    let site = guarded();
    for path in [
        "/_edgewise/",
        "/_edgewise/frame",
        "/_edgewise/api/v1/me",
        "/_edgewise/api/v1/openapi.json",
        "/_edgewise",
    ] {
        for host in
            ["shop.example.com", "admin.example.com.evil.example", "xadmin.example.com"]
        {
            let reply = site.get(path).host(host).with_token().send();
            reply.is(404).holds("Not found.\n");
        }
        let reply = site.get(path).host("Admin.example.com").with_token().send();
        assert_ne!(reply.status, 404, "{path}: {}", reply.brief());
    }
    site.get(&api("/me")).host("admin.example.com:8443").with_token().send().is(200);
    // What visitors' pages tell is told on the site's host.
    site.post("/_edgewise/kept", "").host("shop.example.com").send().is(204);
    assert!(site.origin().seen().is_empty(), "nothing of it concerns the origin");
    site.get("/").host("shop.example.com").navigating().send().holds(PAGE);
}

#[test]
fn scripts_of_other_origins_are_not_let_in() {
    let site = site();
    let preflight =
        site.request("OPTIONS", &api("/me")).header("Origin", "https://evil.example");
    let preflight = preflight.header("Access-Control-Request-Method", "GET").send();
    preflight
        .is(401)
        .lacks(&["access-control-allow-origin", "access-control-allow-methods"]);
    let reply = get(&site, "/me").header("Origin", "https://evil.example").send();
    reply
        .is(200)
        .lacks(&["access-control-allow-origin", "access-control-allow-credentials"]);
    reply.has("cross-origin-resource-policy", "same-origin");
}

#[test]
fn an_origin_that_is_named_is_let_in_with_a_token() {
    let site =
        site().with_option("api-origins", "https://tools.example.com https://b.example");
    let ask = |origin: &str| {
        let request =
            site.request("OPTIONS", &api("/experiments/hero")).header("Origin", origin);
        request.header("Access-Control-Request-Method", "PUT").send()
    };
    let allowed = ask("https://tools.example.com");
    allowed.is(204).has("access-control-allow-origin", "https://tools.example.com");
    allowed.has("access-control-allow-methods", "GET, PUT, PATCH, DELETE");
    allowed.has("vary", "Origin").lacks(&["access-control-allow-credentials"]);
    for other in [
        "https://tools.example.com.evil.example",
        "http://tools.example.com",
        "null",
        "*",
    ] {
        ask(other).is(401).has("vary", "Origin").lacks(&["access-control-allow-origin"]);
    }
    let origin = "https://b.example";
    let reply = get(&site, "/me").header("Origin", origin).send();
    reply.is(200).has("access-control-allow-origin", origin);
    reply.has("cross-origin-resource-policy", "cross-origin");
    site.get(&api("/me"))
        .header("Origin", origin)
        .send()
        .is(401)
        .has("access-control-allow-origin", origin);
}

#[test]
fn every_answer_protects_itself() {
    let site = Site::serving("/", html(PAGE));
    for (path, status) in
        [("/me", 200), ("/nothing", 404), ("/datafile", 200), ("/openapi.json", 200)]
    {
        let reply = get(&site, path).send();
        reply.is(status).has("x-content-type-options", "nosniff");
        reply.has("referrer-policy", "no-referrer").has("x-robots-tag", "noindex");
        reply.has(
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'; sandbox",
        );
        assert!(
            reply
                .headers
                .get("cache-control")
                .is_some_and(|it| it.starts_with("no-") || it.starts_with("private"))
        );
        reply.lacks(&["set-cookie"]);
    }
    get(&site, "/me").send().has("cache-control", "no-store");
}
