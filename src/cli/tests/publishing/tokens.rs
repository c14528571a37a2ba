//! `edgewise token new`.

use std::process::Command;

use edgewise_engine::registry::hash;

fn run(words: &[&str]) -> (String, String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_edgewise"))
        .args(["token", "new"])
        .args(words)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

#[test]
fn a_token_is_printed_apart_from_the_line_that_stands_for_it() {
    let (out, talk, status) = run(&[
        "--role",
        "publisher",
        "--name",
        "ada",
        "--expires",
        "2999-01-01T00:00:00Z",
    ]);
    assert_eq!(status, 0, "{talk}");
    let token = out.strip_suffix('\n').unwrap();
    let random = token.strip_prefix("ew_").unwrap();
    assert_eq!(random.len(), 43);
    assert!(random.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));
    assert!(!talk.contains(random));
    let line = talk.lines().last().unwrap();
    assert_eq!(
        line,
        format!("{} publisher ada 2999-01-01T00:00:00Z", hash(token.as_bytes()))
    );
    let (other, talk, _) = run(&["--role", "viewer", "--name", "bob"]);
    assert_ne!(other, out);
    assert!(talk.ends_with(" viewer bob\n"), "{talk}");
}

#[test]
fn a_name_is_a_word_and_an_end_is_to_come() {
    for name in ["", "two words", "#ada", "ada\n", "a\u{1b}", "jürgen"] {
        let (out, talk, status) = run(&["--role", "viewer", "--name", name]);
        assert_eq!((out.as_str(), status), ("", 2));
        assert!(talk.starts_with("error: --name: "), "{talk}");
    }
    let (_, talk, status) =
        run(&["--role", "viewer", "--name", "ada", "--expires", "2020-01-01T00:00:00Z"]);
    assert_eq!(status, 2);
    assert_eq!(talk, "error: --expires: \"2020-01-01T00:00:00Z\" is over already\n");
}
