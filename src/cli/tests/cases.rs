//! Directories of cases: `cases/<case>/{cmd, stdin?}` give `stdout`, `stderr` and `status`. A case runs in a scratch
//! folder that holds copies of its other files, so a command may write. `BLESS=1` rewrites the expected files; the diff
//! is the review.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const EXPECTED: [&str; 3] = ["stdout", "stderr", "status"];

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 20, "only {} cases", cases.len());
    for case in cases {
        check(&case);
    }
}

fn check(case: &Path) {
    let name = case.file_name().unwrap().to_str().unwrap();
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir_all(&scratch).unwrap();
    for entry in fs::read_dir(case).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, scratch.join(path.file_name().unwrap())).unwrap();
    }

    let mut outputs = [String::new(), String::new(), String::new()];
    let commands = fs::read_to_string(case.join("cmd")).unwrap();
    // A case may need several commands; only what each prints and how the last ends is looked at.
    for line in commands.lines() {
        let mut words = words(line).into_iter();
        let program = words.next().unwrap();
        let program =
            if program == "edgewise" { env!("CARGO_BIN_EXE_edgewise") } else { &program };
        let mut child = Command::new(program)
            .args(words)
            .current_dir(&scratch)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = fs::read(case.join("stdin")).unwrap_or_default();
        // A command that reads nothing may be gone already.
        let _ = child.stdin.take().unwrap().write_all(&stdin);
        let output = child.wait_with_output().unwrap();
        outputs[0].push_str(&String::from_utf8(output.stdout).unwrap());
        outputs[1].push_str(&String::from_utf8(output.stderr).unwrap());
        outputs[2] = format!("{}\n", output.status.code().unwrap());
    }
    for (file, actual) in EXPECTED.into_iter().zip(outputs) {
        let path = case.join(file);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, actual).unwrap();
        } else {
            let expected = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(actual, expected, "{name}: {file} differs; BLESS=1 rewrites it");
        }
    }
}

/// Splits at spaces, but not inside single quotes.
fn words(line: &str) -> Vec<String> {
    line.split('\'')
        .enumerate()
        .flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
            _ => vec![part.to_owned()],
        })
        .collect()
}
