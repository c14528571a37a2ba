//! `edgewise publish --to`, and its like, against the built module: what the command line says is live is what visitors
//! are served.

use std::io::Write as _;
use std::process::{Command, Stdio};

use edgewise_wasm_tests::{Site, TOKEN, cli, html};
use serde_json::json;

const PAGE: &str = "<!doctype html><title>A page</title><h1>Hi</h1>";

/// What a command printed.
struct Printed {
    out: String,
    talk: String,
    status: Option<i32>,
}

fn site() -> Site {
    Site::serving("/", html(PAGE)).without_datafile()
}

/// Runs a command against a site, with a draft on stdin.
fn edgewise(site: &Site, words: &[&str], stdin: &str) -> Printed {
    edgewise_with(TOKEN, site, words, stdin)
}

fn edgewise_with(token: &str, site: &Site, words: &[&str], stdin: &str) -> Printed {
    let address = format!("http://{}", site.address());
    let mut child = Command::new(cli())
        .args(words)
        .args(["--to", &address])
        .env("EDGEWISE_TOKEN", token)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command line is built");
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().map(|mut input| input.write_all(stdin.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("it prints text");
    let printed = Printed {
        out: text(output.stdout),
        talk: text(output.stderr).replace(&address, "SITE"),
        status: output.status.code(),
    };
    assert!(!printed.out.contains(token) && !printed.talk.contains(token));
    printed
}

impl Printed {
    #[track_caller]
    fn succeeds(self) -> Self {
        assert_eq!(self.status, Some(0), "{}{}", self.out, self.talk);
        self
    }

    #[track_caller]
    fn is_refused(&self, why: &str) {
        assert_eq!(self.status, Some(1), "{}{}", self.out, self.talk);
        assert!(self.talk.starts_with(why), "{}", self.talk);
    }
}

/// A draft that shows almost everybody these words.
fn draft(words: &str) -> String {
    json!({ "experiments": [{
        "key": "hero",
        "name": "Hero",
        "status": "running",
        "hypothesis": {
            "we_believe": "a shorter headline",
            "will_cause": "more sign-ups",
            "because": "people skim the page"
        },
        "pages": { "include": [{ "exact": "/" }] },
        "variants": [
            { "key": "control", "name": "Control", "weight": 1 },
            { "key": "short", "name": "Short", "weight": 9999, "changes": [
                { "selector": "h1", "text": words }
            ] }
        ]
    }] })
    .to_string()
}

#[track_caller]
fn alice_sees(site: &Site, words: &str) {
    site.get("/").visitor("alice").send().is(200).shows(words);
}

#[test]
fn what_is_published_is_served_until_it_is_stopped_or_rolled_back() {
    let site = site();
    let first = edgewise(&site, &["publish", "-", "--why", "a start"], &draft("Free"));
    let first = first.succeeds();
    assert_eq!(first.out, "\"hero\" is new\n");
    assert_eq!(
        first.talk,
        "revision 1 with 1 experiment is live at SITE\nSITE serves it\n"
    );
    alice_sees(&site, "<h1>Free</h1>");

    let pulled = edgewise(&site, &["pull"], "").succeeds().out;
    let next = pulled.replace("\"Free\"", "\"Free for all\"");
    edgewise(&site, &["publish", "-"], &next).succeeds();
    alice_sees(&site, "<h1>Free for all</h1>");

    edgewise(&site, &["stop", "hero", "--why", "enough"], "").succeeds();
    alice_sees(&site, "<h1>Hi</h1>");
    edgewise(&site, &["rollback", "1"], "").succeeds();
    alice_sees(&site, "<h1>Free</h1>");
    edgewise(&site, &["pause", "hero"], "").succeeds();
    alice_sees(&site, "<h1>Hi</h1>");
    edgewise(&site, &["resume", "hero"], "").succeeds();
    alice_sees(&site, "<h1>Free</h1>");

    let history = edgewise(&site, &["history", "--json"], "").succeeds().out;
    let history: serde_json::Value = serde_json::from_str(&history).expect("it is JSON");
    let actions: Vec<_> = history.as_array().expect("a list").iter().collect();
    let actions: Vec<_> = actions.iter().map(|it| it["action"].as_str()).collect();
    let expected = ["resume", "pause", "rollback", "stop", "publish", "publish"];
    assert_eq!(actions, expected.map(Some));
    assert_eq!(history[3]["why"], "enough");
    assert_eq!(history[3]["by"], "tests");
}

#[test]
fn nobody_s_work_is_lost() {
    let site = site();
    edgewise(&site, &["publish", "-"], &draft("Free")).succeeds();
    let mine = edgewise(&site, &["pull"], "").succeeds().out.replace("Free", "Mine");
    edgewise(&site, &["publish", "-", "--expect", "1"], &draft("Theirs")).succeeds();
    edgewise(&site, &["publish", "-"], &mine)
        .is_refused("refused: this draft was made from revision 1, which is not live; ");
    edgewise(&site, &["publish", "-"], &draft("Mine"))
        .is_refused("refused: nothing says from which revision this draft was made; ");
    edgewise(&site, &["publish", "-", "--replace", "--dry-run"], &mine).succeeds();
    alice_sees(&site, "<h1>Theirs</h1>");
    edgewise(&site, &["publish", "-", "--replace"], &mine).succeeds();
    alice_sees(&site, "<h1>Mine</h1>");
    edgewise(&site, &["rollback", "9"], "").is_refused("refused: there is no revision ");
    edgewise(&site, &["stop", "nobody"], "")
        .is_refused("refused: there is no experiment ");
    edgewise(&site, &["resume", "hero"], "").is_refused("refused: ");
}

#[test]
fn the_kill_switch_shows_everybody_the_page_as_it_is() {
    let site = site();
    edgewise(&site, &["publish", "-"], &draft("Free")).succeeds();
    alice_sees(&site, "<h1>Free</h1>");
    edgewise(&site, &["off", "--why", "prices are wrong"], "").succeeds();
    let live = edgewise(&site, &["live"], "").succeeds().out;
    assert!(live.contains("by \"tests\": \"prices are wrong\""), "{live}");
    alice_sees(&site, "<h1>Hi</h1>");
    edgewise(&site, &["on"], "").succeeds();
    alice_sees(&site, "<h1>Free</h1>");
}

#[test]
fn a_token_that_is_not_known_opens_nothing() {
    let site = site();
    let printed = edgewise_with("ew_of-nobody", &site, &["publish", "-"], &draft("Free"));
    assert_eq!(printed.status, Some(2));
    assert!(
        printed
            .talk
            .starts_with("error: SITE: it does not accept the token in EDGEWISE_TOKEN: "),
        "{}",
        printed.talk
    );
}
