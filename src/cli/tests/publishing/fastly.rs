//! Publishing to Fastly's KV store.

use std::sync::Arc;

use crate::kv::{FakeKv, Fault, STORE, TOKEN};
use crate::server::Reply;
use crate::{Desk, draft};

pub(crate) fn desk(name: &str, api: &str) -> Desk {
    let place = ["--to-fastly", STORE, "--fastly-api", api];
    Desk::new(name, &place, &[("FASTLY_API_TOKEN", TOKEN), ("USER", "ada")])
}

/// A store with revision 1 in it, and the draft it was made from.
fn published(name: &str) -> (Arc<FakeKv>, String, Desk) {
    let (kv, api) = FakeKv::start();
    let desk = desk(name, &api);
    desk.write("draft.json", &draft("Free"));
    let first = desk.run(&["publish", "draft.json", "--why", "a start"]);
    assert_eq!(first.status, 0, "{first:?}");
    desk.write("next.json", &desk.pull("pulled.json").replace("Free", "Free for all"));
    kv.requests();
    (kv, api, desk)
}

const SERVED: &str = "new requests are served it within 10 seconds of reaching the nearest of Fastly's places, as a rule within 30 seconds worldwide\n";

fn live(revision: u32) -> String {
    format!(
        "revision {revision} with 1 experiment is live in Fastly's KV store \"{STORE}\"\n{SERVED}"
    )
}

#[test]
fn the_first_revision_needs_no_other() {
    let (kv, api) = FakeKv::start();
    let desk = desk("first", &api);
    desk.write("draft.json", &draft("Free"));
    desk.run(&["live"]).is(0, "nothing\n", "");
    desk.run(&["history"]).is(
        0,
        "",
        &format!("nothing has been published in Fastly's KV store \"{STORE}\" yet\n"),
    );
    desk.run(&["pull"]).is(
        1,
        "",
        &format!("nothing is live in Fastly's KV store \"{STORE}\"\n"),
    );
    desk.run(&["publish", "draft.json", "--why", "a start"]).is(
        0,
        "\"hero\" is new\n",
        &live(1),
    );
    assert_eq!(kv.memory.kinds(), ["datafile", "draft", "live", "record"]);
    desk.run(&["live"]).is(
        0,
        "revision 1, published at TIME by \"ada\": \"a start\"\n",
        "",
    );
}

#[test]
fn what_was_pulled_is_published_over_what_it_was_pulled_from() {
    let (_kv, _, desk) = published("pulled");
    let pulled = desk.pull("again.json");
    assert!(
        pulled.starts_with("{\n  \"revision\": 1,\n  \"experiments\": [\n"),
        "{pulled}"
    );
    desk.run(&["publish", "next.json"]).is(
        0,
        "\"hero\": change 1 of \"short\": text from \"Free\" to \"Free for all\"\n",
        &live(2),
    );
    // The same again is from a revision that is no longer live.
    desk.run(&["publish", "next.json"]).is(
        1,
        "",
        &format!(
            "refused: this draft was made from revision 1, which is not live; nothing was changed\n  \
             live in Fastly's KV store \"{STORE}\": revision 2, published at TIME by \"ada\"\n  \
             hint: Make your changes in what \"edgewise pull\" prints; or pass --expect 2 to put this draft in its place all the same.\n"
        ),
    );
    desk.pull("same.json");
    desk.run(&["publish", "same.json"]).is(
        0,
        "",
        &format!("nothing is different from revision 2 in Fastly's KV store \"{STORE}\"; nothing was published\n"),
    );
}

#[test]
fn a_draft_from_nowhere_does_not_replace_what_is_live() {
    let (kv, _, desk) = published("nowhere");
    desk.write("draft.json", &draft("Other"));
    desk.run(&["publish", "draft.json"]).is(
        1,
        "",
        &format!(
            "refused: nothing says from which revision this draft was made; nothing was changed\n  \
             live in Fastly's KV store \"{STORE}\": revision 1, published at TIME by \"ada\": \"a start\"\n  \
             hint: Make your changes in what \"edgewise pull\" prints; or pass --expect 1 to put this draft in its place all the same.\n"
        ),
    );
    let wrong = desk.run(&["publish", "draft.json", "--expect", "7"]);
    assert!(wrong.talk.starts_with("refused: revision 7 is not live; "), "{wrong:?}");
    assert!(kv.requests().iter().all(|one| one.starts_with("GET")));
    let changes = "\"hero\": change 1 of \"short\": text from \"Free\" to \"Other\"\n";
    desk.run(&["publish", "draft.json", "--expect", "1", "--dry-run"]).is(
        0,
        changes,
        &format!("it would be revision 2 with 1 experiment in Fastly's KV store \"{STORE}\"; nothing was published\n"),
    );
    assert!(kv.requests().iter().all(|one| one.starts_with("GET")));
    desk.run(&["publish", "draft.json", "--expect", "1"]).is(0, changes, &live(2));
    desk.write("draft.json", &draft("Third"));
    let json = desk.run(&["publish", "draft.json", "--replace", "--json"]);
    let printed: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(printed["revision"], 3);
    assert_eq!(printed["problems"], serde_json::json!([]));
    assert_eq!(printed["changes"].as_array().unwrap().len(), 1);
}

#[test]
fn of_two_who_publish_at_once_one_is_told() {
    let (kv, api, desk) = published("race");
    let other = Desk { folder: desk.folder.clone(), ..self::desk("race-other", &api) };
    other.write("other.json", &desk.pull("p.json").replace("Free", "Gratis"));
    kv.fail(
        "PUT",
        "live",
        Fault::First(Box::new(move || {
            let done = other.run(&[
                "publish",
                "other.json",
                "--by",
                "bob",
                "--why",
                "in German",
            ]);
            assert_eq!(done.status, 0, "{done:?}");
        })),
    );
    desk.run(&["publish", "next.json"]).is(
        1,
        "\"hero\": change 1 of \"short\": text from \"Free\" to \"Free for all\"\n",
        &format!(
            "refused: somebody else was faster: revision 1 was live a moment ago; nothing was changed\n  \
             live in Fastly's KV store \"{STORE}\": revision 2, published at TIME by \"bob\": \"in German\"\n  \
             hint: Look at what they did with \"edgewise history\", and start from what is live now: \"edgewise pull\".\n"
        ),
    );
    assert!(desk.pull("now.json").contains("Gratis"));
}

#[test]
fn whoever_replaces_whatever_is_live_replaces_that_too() {
    let (kv, api, desk) = published("race-replace");
    let other = Desk { folder: desk.folder.clone(), ..self::desk("race-other-2", &api) };
    kv.fail(
        "PUT",
        "live",
        Fault::First(Box::new(move || {
            assert_eq!(other.run(&["publish", "next.json"]).status, 0);
        })),
    );
    desk.write("draft.json", &draft("Mine"));
    let done = desk.run(&["publish", "draft.json", "--replace"]);
    assert_eq!(done.talk, live(3));
    assert!(desk.pull("now.json").contains("Mine"));
}

#[test]
fn of_many_who_publish_at_once_one_wins_and_no_work_is_lost() {
    let (kv, api, desk) = published("crowd");
    let at_once = |option: &str| {
        let publishers = (0..4).map(|number| {
            let other = self::desk(&format!("crowd{option}-{number}"), &api);
            other.write("draft.json", &draft(&format!("Headline {option} {number}")));
            let words: Vec<_> = option.split(' ').map(str::to_owned).collect();
            std::thread::spawn(move || {
                let words = words.iter().map(String::as_str);
                let words: Vec<_> =
                    ["publish", "draft.json"].into_iter().chain(words).collect();
                other.run(&words).status
            })
        });
        let publishers: Vec<_> = publishers.collect();
        let mut ends: Vec<_> =
            publishers.into_iter().map(|one| one.join().unwrap()).collect();
        ends.sort_unstable();
        ends
    };
    assert_eq!(at_once("--expect 1"), [0, 1, 1, 1]);
    assert!(desk.run(&["live"]).out.starts_with("revision 2, "));
    assert_eq!(at_once("--replace"), [0, 0, 0, 0]);
    let history = desk.run(&["history"]).out;
    let revisions = history.lines().filter(|line| line.starts_with("revision "));
    assert_eq!(revisions.count(), 6, "{history}");
    let records = kv.memory.kinds().into_iter().filter(|kind| kind == "record");
    assert!(records.count() >= 6);
}

#[test]
fn what_has_never_run_is_not_resumed() {
    let (_kv, _, desk) = published("resumes");
    let mut draft: serde_json::Value =
        serde_json::from_str(&desk.pull("draft.json")).unwrap();
    let experiments = draft["experiments"].as_array_mut().unwrap();
    let mut next = experiments[0].clone();
    next["key"] = "next".into();
    next["status"] = "draft".into();
    experiments.push(next);
    desk.write("draft.json", &draft.to_string());
    let published = desk.run(&["publish", "draft.json"]);
    assert_eq!(published.out, "\"next\" is new\n", "{published:?}");
    desk.run(&["resume", "next"]).is(
        1,
        "",
        "refused: \"next\" has never run and cannot be resumed; nothing was changed\n  \
         hint: To start it, write `\"status\": \"running\"` in the draft and publish that.\n",
    );
}

#[test]
fn experiments_are_paused_resumed_stopped_and_brought_back() {
    let (_kv, _, desk) = published("switches");
    let told = |revision| {
        format!("revision {revision} is live in Fastly's KV store \"{STORE}\"\n{SERVED}")
    };
    desk.run(&["pause", "hero", "--why", "the shop is closed"]).is(
        0,
        "\"hero\" is paused\n",
        &told(2),
    );
    desk.run(&["resume", "hero"]).is(0, "\"hero\" runs again\n", &told(3));
    desk.run(&["stop", "hero", "--by", "bob"]).is(0, "\"hero\" is stopped\n", &told(4));
    desk.run(&["stop", "hero"]).is(
        1,
        "",
        "refused: \"hero\" is stopped already; nothing was changed\n  hint: There is nothing to be done.\n",
    );
    desk.run(&["stop", "nobody"]).is(
        1,
        "",
        "refused: there is no experiment \"nobody\"; nothing was changed\n  hint: \"edgewise history\" prints the revisions, \"edgewise pull\" the experiments that are live.\n",
    );
    desk.run(&["rollback", "3", "--why", "not yet"]).is(
        0,
        "\"hero\" starts running\n",
        &told(5),
    );
    desk.run(&["rollback", "9"]).is(
        1,
        "",
        "refused: there is no revision 9; nothing was changed\n  hint: \"edgewise history\" prints the revisions, \"edgewise pull\" the experiments that are live.\n",
    );
    desk.run(&["history", "--limit", "4"]).is(
        0,
        "revision 5, rolled back to 3 at TIME by \"ada\": \"not yet\"\n  \
           \"hero\" starts running\n\
         revision 4, stopped at TIME by \"bob\"\n  \
           \"hero\" is stopped\n\
         revision 3, resumed at TIME by \"ada\"\n  \
           \"hero\" runs again\n\
         revision 2, paused at TIME by \"ada\": \"the shop is closed\"\n  \
           \"hero\" is paused\n",
        "",
    );
    let json = desk.run(&["history", "--json"]);
    let entries: Vec<serde_json::Value> = serde_json::from_str(&json.out).unwrap();
    assert_eq!(entries.len(), 5);
    assert_eq!(entries[0]["restores"], 3);
}

#[test]
fn the_kill_switch_is_one_key() {
    let (kv, _, desk) = published("off");
    desk.run(&["off", "--why", "prices are wrong"]).is(
        0,
        "",
        &format!("switched off in Fastly's KV store \"{STORE}\": no experiment runs until \"edgewise on\"\n"),
    );
    // What counts first; then the note of it.
    assert_eq!(kv.requests(), ["PUT off", "GET switches", "PUT switches"]);
    desk.run(&["live"]).is(
        0,
        "revision 1, published at TIME by \"ada\": \"a start\"\n\
         switched off at TIME by \"ada\": \"prices are wrong\"; no experiment runs until \"edgewise on\"\n",
        "",
    );
    let on = format!("switched on in Fastly's KV store \"{STORE}\"\n");
    desk.run(&["on", "--by", "bob"]).is(0, "", &on);
    desk.run(&["on", "--by", "bob"]).is(0, "", &on);
    desk.run(&["live"]).is(
        0,
        "revision 1, published at TIME by \"ada\": \"a start\"\n",
        "",
    );
    let history = desk.run(&["history"]).out;
    let mut deeds: Vec<_> = history.lines().filter(|it| !it.starts_with(' ')).collect();
    // Within one second their order is not known.
    deeds.sort_unstable();
    assert_eq!(
        deeds,
        [
            "revision 1, published at TIME by \"ada\": \"a start\"",
            "switched off at TIME by \"ada\": \"prices are wrong\"",
            "switched on at TIME by \"bob\"",
        ]
    );
}

#[test]
fn a_note_that_is_lost_does_not_hold_up_the_kill_switch() {
    let (kv, _, desk) = published("lost");
    kv.fail("GET", "switches", Fault::Refuse(Reply::status(403)));
    let off = desk.run(&["off", "--why", "prices are wrong"]);
    assert_eq!(off.status, 0);
    let (note, done) = off.talk.split_once('\n').unwrap();
    assert!(note.starts_with("done, but the history does not tell of it: "), "{note}");
    assert!(done.starts_with("switched off in"), "{done}");
    assert!(desk.run(&["live"]).out.contains("switched off at"));
    assert!(!desk.run(&["history"]).out.contains("switched"));
}

fn busy() -> Reply {
    Reply::status(429).with_header("retry-after", 0)
}

fn trouble() -> Reply {
    Reply::status(503).with_header("retry-after", 0)
}

#[test]
fn a_store_that_stumbles_is_asked_again() {
    let (kv, _, desk) = published("stumbles");
    for _ in 0..3 {
        kv.fail("GET", "live", Fault::Refuse(trouble()));
        kv.fail("PUT", "live", Fault::Refuse(busy()));
    }
    kv.fail("PUT", "record", Fault::Refuse(trouble()));
    assert_eq!(desk.run(&["publish", "next.json"]).talk, live(2));
}

#[test]
fn a_write_that_was_done_without_an_answer_is_found() {
    let (kv, _, desk) = published("unanswered");
    kv.fail("PUT", "live", Fault::DoAndKeepQuiet);
    assert_eq!(desk.run(&["publish", "next.json", "--timeout", "1"]).talk, live(2));
    // Done, called failed, and then not seen at once either.
    kv.fail("PUT", "live", Fault::DoAndRefuse(trouble()));
    kv.fail("GET", "live", Fault::First(Box::new(|| {})));
    assert_eq!(desk.run(&["pause", "hero"]).status, 0);
    assert_eq!(desk.run(&["history", "--limit", "9"]).out.lines().count(), 6);
}

#[test]
fn a_write_that_was_not_done_is_done_again() {
    let (kv, _, desk) = published("again");
    kv.fail("PUT", "live", Fault::KeepQuiet);
    assert_eq!(desk.run(&["publish", "next.json", "--timeout", "1"]).talk, live(2));
}

#[test]
fn an_old_answer_of_the_store_loses_nobody_s_work() {
    let (kv, _, desk) = published("old");
    assert_eq!(desk.run(&["publish", "next.json"]).status, 0);
    desk.write("third.json", &desk.pull("p.json").replace("Free for all", "Third"));
    // The draft is from revision 2, so an answer with revision 1 is an old one.
    kv.fail("GET", "live", Fault::ShowOld);
    // And so is one that comes later, when the draft is about to be filed.
    for _ in 0..3 {
        kv.fail("GET", "live", Fault::First(Box::new(|| {})));
    }
    kv.fail("GET", "live", Fault::ShowOld);
    let done = desk.run(&["publish", "third.json"]);
    assert_eq!(done.talk, live(3), "{done:?}");
}

#[test]
fn a_publish_that_breaks_off_changes_nothing_and_can_be_repeated() {
    for key in ["draft", "datafile", "record", "live"] {
        let (kv, _, desk) = published(&format!("broken-{key}"));
        for _ in 0..3 {
            kv.fail("PUT", key, Fault::Refuse(trouble()));
        }
        let broken = desk.run(&["publish", "next.json"]);
        broken.is(
            2,
            "\"hero\": change 1 of \"short\": text from \"Free\" to \"Free for all\"\n",
            &format!(
                "error: Fastly's KV store \"{STORE}\": the store failed: status 503\n  \
                 hint: Look at what is live before you try again: the store may have taken the write.\n"
            ),
        );
        assert!(desk.run(&["live"]).out.starts_with("revision 1, "));
        assert_eq!(desk.run(&["publish", "next.json"]).talk, live(2));
    }
}
