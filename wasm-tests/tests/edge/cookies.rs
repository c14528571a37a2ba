//! The visitor's cookie, and everybody else's.

use edgewise_wasm_tests::{Site, datafile, html};
use serde_json::json;

use crate::PAGE;

fn site() -> Site {
    let page = html(PAGE)
        .header("Set-Cookie", "session=1; Path=/; HttpOnly")
        .header("Set-Cookie", "theme=dark; Expires=Sat, 21 Nov 2026 02:00:00 GMT");
    Site::serving("/", page).with_datafile(datafile::headline("Start free"))
}

#[test]
fn a_new_visitor_gets_an_id_beside_the_origins_cookies() {
    let site = site();
    let reply = site.get("/").navigating().send();
    let cookies = reply.headers.all("set-cookie");
    assert_eq!(
        cookies[..2],
        [
            "session=1; Path=/; HttpOnly",
            "theme=dark; Expires=Sat, 21 Nov 2026 02:00:00 GMT"
        ],
        "the origin's own cookies"
    );
    assert_eq!(cookies.len(), 3, "{cookies:?}");
    let parts: Vec<_> = cookies[2].split("; ").collect();
    let id = reply.visitor();
    assert_eq!(id.len(), 32, "{id}");
    assert!(id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{id}");
    assert_eq!(parts[1], "Path=/");
    let age = parts[2].strip_prefix("Max-Age=").and_then(|age| age.parse::<u32>().ok());
    let days = age.expect("a Max-Age in seconds") / (24 * 60 * 60);
    assert!((365..=400).contains(&days), "about 13 months, not {days} days");
    assert_eq!(parts[3..], ["Secure", "HttpOnly", "SameSite=Lax"]);
}

#[test]
fn two_new_visitors_get_two_ids_and_the_log_names_them() {
    let site = site();
    let ids = [(); 2].map(|()| site.get("/").send().visitor().to_owned());
    assert_ne!(ids[0], ids[1]);
    let logged: Vec<_> =
        site.logged("exposure").iter().map(|line| line["visitor"].clone()).collect();
    assert_eq!(logged, [json!(ids[0]), json!(ids[1])]);
}

#[test]
fn a_known_visitor_stays_who_they_are() {
    let site = site();
    let reply = site.get("/").visitor("alice").send();
    assert_eq!(reply.visitor(), "alice");
    assert_eq!(site.logged("exposure")[0]["visitor"], "alice");
}

#[test]
fn a_cookie_that_is_not_ours_names_nobody() {
    let site = site();
    for value in ["3.alice", "2.", "1.", "1.<b>", "2.<b>.fu0.1.hlcxc.", "alice"] {
        let reply = site.get("/").cookie(&format!("edgewise={value}")).send();
        assert_eq!(reply.visitor().len(), 32, "{value} gets a new id");
    }
}

#[test]
fn the_cookie_of_an_earlier_version_names_its_visitor() {
    let site = site();
    for value in ["1.alice", "2.alice", "2.alice.", "2.alice.fu0.1.hlcxc.", "2.alice.?"] {
        let reply = site.get("/").cookie(&format!("edgewise={value}")).send();
        assert_eq!(reply.visitor(), "alice", "{value}");
    }
}

#[test]
fn the_origin_never_sees_our_cookies() {
    let site = site();
    site.get("/").cookie("a=1; edgewise=1.alice; b=\"2\"").send().is(200);
    site.get("/").cookie("edgewise=1.alice; edgewise_qa=x").send().is(200);
    site.get("/other").cookie("edgewise=1.alice; c=3").send().is(404);
    let seen = site.origin().seen();
    let cookies: Vec<_> =
        seen.iter().map(|request| request.headers.all("cookie")).collect();
    assert_eq!(cookies, [vec!["a=1; b=\"2\""], vec![], vec!["c=3"]]);
}

#[test]
fn cookie_lines_are_one_list() {
    let site = site();
    let reply =
        site.get("/").cookie("a=1").cookie("edgewise=1.alice").cookie("b=2").send();
    assert_eq!(reply.visitor(), "alice");
    assert_eq!(site.logged("exposure")[0]["visitor"], "alice");
    let seen = site.origin().seen();
    assert_eq!(seen[0].headers.all("cookie").join("; "), "a=1; b=2");
}

#[test]
fn a_cookie_that_is_not_ascii_hides_no_other() {
    let site = site();
    let (utf8, bytes) =
        ("a=ü; edgewise=2.alice; b=2".as_bytes(), b"a=\xff; edgewise=2.alice; b=2");
    for line in [utf8, bytes.as_slice()] {
        let reply = site.get("/").header_bytes("Cookie", line).send();
        assert_eq!(reply.visitor(), "alice");
    }
    let seen = site.origin().seen();
    let cookies: Vec<_> =
        seen.iter().map(|request| request.headers.all("cookie")).collect();
    assert_eq!(cookies, [["a=ü; b=2"], ["a=\u{fffd}; b=2"]]);
}
