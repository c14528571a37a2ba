//! What a store or a site refuses, and what is never sent to it.

use crate::fastly::desk;
use crate::kv::{FakeKv, Fault, STORE, TOKEN};
use crate::server::Reply;
use crate::{Desk, draft};

#[test]
fn a_token_has_to_be_there_and_right() {
    let (_kv, api) = FakeKv::start();
    let place = ["--to-fastly", STORE, "--fastly-api", &api];
    let missing = "error: FASTLY_API_TOKEN is not set; put a token of Fastly's there, made at https://manage.fastly.com/account/personal/tokens with the scope global\n";
    Desk::new("no-token", &place, &[]).run(&["live"]).is(2, "", missing);
    let env = [("FASTLY_API_TOKEN", " ")];
    Desk::new("empty-token", &place, &env).run(&["live"]).is(2, "", missing);
    let env = [("FASTLY_API_TOKEN", "two\nlines")];
    Desk::new("odd-token", &place, &env).run(&["live"]).is(
        2,
        "",
        "error: FASTLY_API_TOKEN holds no token: a token is one line of printable ASCII characters\n",
    );
    let env = [("FASTLY_API_TOKEN", "another")];
    let wrong = Desk::new("wrong-token", &place, &env).run(&["live"]);
    wrong.is(
        2,
        "",
        &format!(
            "error: Fastly's KV store \"{STORE}\": the store failed: it does not accept the token in FASTLY_API_TOKEN: Provided credentials are missing or invalid (status 401); it needs the scope global and the role of an engineer\n"
        ),
    );
}

#[test]
fn tokens_do_not_leave_this_machine_unencrypted() {
    let remote =
        ["http://api.fastly.com", "http://169.254.169.254", "http://127.0.0.1.nip.io"];
    for api in remote {
        let refused = desk("remote", api).run(&["live"]);
        assert_eq!(refused.status, 2);
        assert!(
            refused.talk.starts_with(
                "error: --fastly-api: http would send the token through the network for all to read; write https://"
            ),
            "{refused:?}"
        );
    }
    let env = [("FASTLY_API_TOKEN", TOKEN), ("FASTLY_API_URL", "http://example.com")];
    let refused = Desk::new("env", &["--to-fastly", STORE], &env).run(&["live"]);
    assert!(refused.talk.starts_with("error: FASTLY_API_URL: http would"), "{refused:?}");
}

#[test]
fn tokens_do_not_follow_redirects() {
    let (kv, api) = FakeKv::start();
    let elsewhere = Reply::status(307).with_header("location", format!("{api}/{TOKEN}"));
    kv.fail("GET", "off", Fault::Refuse(elsewhere));
    let refused = desk("redirect", &api).run(&["live"]);
    refused.is(
        2,
        "",
        &format!(
            "error: Fastly's KV store \"{STORE}\": the store failed: it points to another address, \"SITE/[token]\"\n"
        ),
    );
    assert_eq!(kv.requests(), ["GET off"]);
}

#[test]
fn a_store_has_to_be_there() {
    let (_kv, api) = FakeKv::start();
    let place = ["--to-fastly", "nosuchstore", "--fastly-api", &api];
    let env = [("FASTLY_API_TOKEN", TOKEN)];
    Desk::new("no-store", &place, &env).run(&["live"]).is(
        2,
        "",
        "error: Fastly's KV store \"nosuchstore\": the store failed: there is no store of that id: Store not found (status 404); \"fastly kv-store list\" prints the ids\n",
    );
    let place = ["--to-fastly", "../../service", "--fastly-api", &api];
    Desk::new("odd-store", &place, &env).run(&["live"]).is(
        2,
        "",
        "error: --to-fastly: \"../../service\" is not the id of a store; \"fastly kv-store list\" prints the ids\n",
    );
}

#[test]
fn nothing_is_sent_where_nobody_listens() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let refused = desk("closed", &closed).run(&["live"]);
    refused.is(
        2,
        "",
        &format!("error: Fastly's KV store \"{STORE}\": the store failed: nothing listens there\n"),
    );
}

#[test]
fn a_store_says_why_it_takes_no_more() {
    let (kv, api) = FakeKv::start();
    let desk = desk("limits", &api);
    desk.write("draft.json", &draft("Free"));
    let wait = Reply::status(429).with_header("retry-after", 3600);
    kv.fail("PUT", "draft", Fault::Refuse(wait));
    desk.run(&["publish", "draft.json"]).is(
        2,
        "\"hero\" is new\n",
        &format!(
            "error: Fastly's KV store \"{STORE}\": the store takes no more requests for now\n  \
             hint: Try again in a few seconds.\n"
        ),
    );
    let full = Reply::status(413)
        .with_body(format!("{{\"msg\":\"too \\u001b[31mlarge {TOKEN}\"}}"));
    kv.fail("PUT", "datafile", Fault::Refuse(full));
    desk.run(&["publish", "draft.json"]).is(
        2,
        "\"hero\" is new\n",
        &format!(
            "error: Fastly's KV store \"{STORE}\": the store does not take the value: too  [31mlarge [token] (status 413)\n  \
             hint: Look at what is live before you try again: the store may have taken the write.\n"
        ),
    );
    assert_eq!(desk.run(&["live"]).out, "nothing\n");
}

#[test]
fn a_draft_with_mistakes_is_not_sent_anywhere() {
    let (kv, api) = FakeKv::start();
    let desk = desk("mistakes", &api);
    desk.write("draft.json", &draft("Free").replace("5000", "4000"));
    let printed = desk.run(&["publish", "draft.json"]);
    assert!(printed.out.starts_with("error[weights-not-whole] at "), "{printed:?}");
    assert_eq!(printed.talk, "1 error; nothing was published\n");
    assert_eq!(printed.status, 1);
    assert!(kv.requests().is_empty());
}
