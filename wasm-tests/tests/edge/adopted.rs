//! Visitors whom another tool has named already.

use edgewise_wasm_tests::{Site, datafile, html};

use crate::PAGE;

const NAMED: &str = "gbuuid=1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
const NAME: &str = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";

fn site() -> Site {
    let mut datafile = datafile::headline("Start free");
    datafile["visitor_cookie"] = "gbuuid".into();
    Site::serving("/", html(PAGE)).with_datafile(datafile)
}

#[test]
fn they_keep_their_name_and_their_cookie() {
    let site = site();
    let reply = site.get("/").cookie("a=1").cookie(NAMED).send();
    assert_eq!(reply.shows("Start free").visitor(), NAME);
    assert_eq!(site.logged("exposure")[0]["visitor"], NAME);
    let seen = site.origin().seen();
    assert_eq!(seen[0].headers.all("cookie").join("; "), format!("a=1; {NAMED}"));
}

#[test]
fn whom_we_know_stays_who_they_are() {
    let site = site();
    let reply = site.get("/").cookie(NAMED).visitor("alice").send();
    assert_eq!(reply.visitor(), "alice");
}

#[test]
fn what_could_be_no_name_of_ours_names_nobody() {
    let site = site();
    for value in ["gbuuid=", "gbuuid=<b>", "gbuuid=a.b", "gbuuid=a b", "GBUUID=alice"] {
        let reply = site.get("/").cookie(value).send();
        assert_eq!(reply.visitor().len(), 32, "{value}");
    }
}
