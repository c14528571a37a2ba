//! Publishing to a site with Edgewise in front of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::server::Reply;
use crate::site_fake::{FakeSite, Fault, TOKEN, problem};
use crate::{Desk, draft};

fn desk(name: &str, address: &str) -> Desk {
    Desk::new(name, &["--to", address], &[("EDGEWISE_TOKEN", TOKEN)])
}

fn published(name: &str) -> (Arc<FakeSite>, Desk) {
    let (site, address) = FakeSite::start();
    let desk = desk(name, &address);
    desk.write("draft.json", &draft("Free"));
    desk.run(&["publish", "draft.json", "--why", "a start"]).is(
        0,
        "\"hero\" is new\n",
        "revision 1 with 1 experiment is live at SITE\nSITE serves it\n",
    );
    desk.write("next.json", &desk.pull("pulled.json").replace("Free", "Free for all"));
    (site, desk)
}

#[test]
fn a_site_is_published_to_and_told_to_stop() {
    let (_site, desk) = published("site");
    let changes =
        "\"hero\": change 1 of \"short\": text from \"Free\" to \"Free for all\"\n";
    desk.run(&["publish", "next.json", "--dry-run"]).is(
        0,
        changes,
        "it would be revision 2 with 1 experiment at SITE; nothing was published\n",
    );
    desk.run(&["publish", "next.json"]).is(
        0,
        changes,
        "revision 2 with 1 experiment is live at SITE\nSITE serves it\n",
    );
    desk.run(&["pause", "hero"]).is(
        0,
        "\"hero\" is paused\n",
        "revision 3 is live at SITE\nSITE serves it\n",
    );
    desk.run(&["resume", "hero", "--why", "all is well"]).is(
        0,
        "\"hero\" runs again\n",
        "revision 4 is live at SITE\nSITE serves it\n",
    );
    desk.run(&["stop", "nobody"]).is(
        1,
        "",
        "refused: there is no experiment \"nobody\"; nothing was changed\n  hint: \"edgewise history\" prints the revisions, \"edgewise pull\" the experiments that are live.\n",
    );
    desk.run(&["rollback", "1"]).is(
        0,
        "\"hero\": change 1 of \"short\": text from \"Free for all\" to \"Free\"\n",
        "revision 5 is live at SITE\nSITE serves it\n",
    );
    desk.run(&["off", "--why", "prices are wrong"]).is(
        0,
        "",
        "switched off at SITE: no experiment runs until \"edgewise on\"\n",
    );
    desk.run(&["live"]).is(
        0,
        "revision 5, rolled back to 1 at TIME by \"ada\"\n\
         switched off at TIME by \"ada\": \"prices are wrong\"; no experiment runs until \"edgewise on\"\n",
        "",
    );
    desk.run(&["on"]).is(0, "", "switched on at SITE\n");
    // Three pages of two.
    let history = desk.run(&["history"]).out;
    let revisions: Vec<_> =
        history.lines().filter(|line| line.starts_with('r')).collect();
    assert_eq!(revisions.len(), 5, "{history}");
    assert_eq!(revisions[1], "revision 4, resumed at TIME by \"ada\": \"all is well\"");
    let three = desk.run(&["history", "--limit", "3", "--json"]).out;
    let three: Vec<serde_json::Value> = serde_json::from_str(&three).unwrap();
    assert_eq!(three.len(), 3);
    let deeds: Vec<_> = three.iter().map(|one| &one["action"]).collect();
    assert_eq!(deeds, ["on", "off", "rollback"]);
    assert_eq!(three[1]["why"], "prices are wrong");
}

#[test]
fn of_two_who_publish_at_once_one_is_told() {
    let (site, desk) = published("site-race");
    let other = Desk {
        folder: desk.folder.clone(),
        place: desk.place.clone(),
        env: desk.env.clone(),
    };
    site.fail(Fault::First(Box::new(move || {
        assert_eq!(other.run(&["stop", "hero", "--why", "enough"]).status, 0);
    })));
    desk.run(&["publish", "next.json"]).is(
        1,
        "\"hero\": change 1 of \"short\": text from \"Free\" to \"Free for all\"\n",
        "refused: somebody else was faster: revision 1 was live a moment ago; nothing was changed\n  \
         live at SITE: revision 2, stopped at TIME by \"ada\": \"enough\"\n  \
         hint: Look at what they did with \"edgewise history\", and start from what is live now: \"edgewise pull\".\n",
    );
}

#[test]
fn stopping_does_not_mind_what_else_is_published() {
    let (site, desk) = published("site-stop-race");
    let other = Desk {
        folder: desk.folder.clone(),
        place: desk.place.clone(),
        env: desk.env.clone(),
    };
    site.fail(Fault::First(Box::new(move || {
        assert_eq!(other.run(&["publish", "next.json"]).status, 0);
    })));
    desk.run(&["stop", "hero"]).is(
        0,
        "\"hero\" is stopped\n",
        "revision 3 is live at SITE\nSITE serves it\n",
    );
}

#[test]
fn a_site_that_does_not_answer_is_asked_what_it_did() {
    let (site, desk) = published("site-unanswered");
    site.fail(Fault::DoAndKeepQuiet);
    assert_eq!(
        desk.run(&["publish", "next.json", "--timeout", "1"]).talk,
        "revision 2 with 1 experiment is live at SITE\nSITE serves it\n"
    );
    site.fail(Fault::KeepQuiet);
    desk.run(&["stop", "hero", "--timeout", "1"]).is(
        2,
        "",
        "error: nothing was changed: SITE: it did not answer in time\n",
    );
    site.fail(Fault::Refuse(problem(
        503,
        "the store takes no more requests for now",
        "",
    )));
    desk.run(&["stop", "hero"]).is(
        2,
        "",
        "error: nothing was changed: SITE: the store takes no more requests for now (status 503)\n",
    );
}

#[test]
fn it_is_waited_for_that_the_site_serves_it() {
    let (site, desk) = published("site-late");
    let late = Arc::clone(&site);
    site.fail(Fault::First(Box::new(move || late.late.store(2, Ordering::SeqCst))));
    let published = desk.run(&["publish", "next.json"]);
    assert!(published.talk.ends_with("SITE serves it\n"), "{published:?}");
    assert_eq!(site.late.load(Ordering::SeqCst), 0);
    site.late.store(1, Ordering::SeqCst);
    desk.run(&["live"]).is(
        0,
        "revision 2, published at TIME by \"ada\"\n\
         served where this was answered: revision 1 still\n",
        "",
    );
}

#[test]
fn what_a_token_may_not_do_is_told() {
    let (site, desk) = published("site-role");
    site.fail(Fault::Refuse(problem(
        403,
        "this needs the role \"publisher\", and yours is \"viewer\"",
        "",
    )));
    desk.run(&["publish", "next.json"]).is(
        2,
        "\"hero\": change 1 of \"short\": text from \"Free\" to \"Free for all\"\n",
        "error: SITE: the token in EDGEWISE_TOKEN may not do that: this needs the role \"publisher\", and yours is \"viewer\" (status 403)\n",
    );
    let env = [("EDGEWISE_TOKEN", "ew_other")];
    let place: Vec<_> = desk.place.iter().map(String::as_str).collect();
    Desk::new("site-wrong", &place, &env).run(&["live"]).is(
        2,
        "",
        "error: SITE: it does not accept the token in EDGEWISE_TOKEN: the access token is missing or not the right one (status 401); \"edgewise token new\" makes one\n",
    );
    Desk::new("site-none", &place, &[]).run(&["live"]).is(
        2,
        "",
        "error: EDGEWISE_TOKEN is not set; put an access token there; \"edgewise token new --help\" tells how to get one\n",
    );
}

#[test]
fn a_site_without_edgewise_is_told_from_one_with_it() {
    struct Bare;
    impl crate::server::Answers for Bare {
        fn answer(&self, _: &crate::server::Request) -> Reply {
            Reply::status(404).with_body("<h1>Not here</h1>")
        }
    }
    let address = crate::server::serve(Arc::new(Bare));
    for command in [&["live"][..], &["off", "--why", "x"], &["on"]] {
        desk("bare", &address).run(command).is(
            2,
            "",
            "error: SITE: there is no Edgewise in front of it (status 404)\n",
        );
    }
}
