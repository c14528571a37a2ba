//! Promises of ARCHITECTURE.md that no compiler keeps, read off the sources.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::path;

/// All sources below a folder, without what is generated (declarations among it) or fetched.
fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    let skipped = ["target", "node_modules", "dist"];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && !skipped.contains(&name.as_str()) {
            sources(&path, found);
        } else if [".rs", ".ts", ".tsx"].iter().any(|end| name.ends_with(end))
            && !name.ends_with(".d.ts")
        {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

fn engine() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    sources(&path("../src"), &mut found);
    assert!(found.len() > 20);
    found
}

/// The module a file belongs to: `markup.rs` and `rewrite/nesting.rs` give `markup` and `rewrite`.
fn module(file: &Path) -> String {
    let inside = file.strip_prefix(path("../src")).unwrap();
    Path::new(inside.iter().next().unwrap())
        .file_stem()
        .unwrap()
        .to_string_lossy()
        .into_owned()
}

/// Code without comments; what a test uses counts too.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.starts_with("//"))
}

#[test]
fn modules_use_only_those_above_them() {
    let lib = fs::read_to_string(path("../src/lib.rs")).unwrap();
    let order: Vec<_> = code(&lib)
        .filter_map(|line| {
            line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')
        })
        .collect();
    assert!(order.len() > 10, "{order:?}");
    for (file, text) in engine() {
        let own = module(&file);
        let Some(place) = order.iter().position(|name| *name == own) else { continue };
        for used in code(&text).flat_map(|line| line.split("crate::").skip(1)) {
            let end = used
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(used.len());
            let used = order.iter().position(|name| *name == &used[..end]);
            let used =
                used.unwrap_or_else(|| panic!("{}: name the module", file.display()));
            assert!(used <= place, "{own} uses {}, which stands below it", order[used]);
        }
    }
}

#[test]
fn few_modules_read_html() {
    for (file, text) in engine() {
        let allowed =
            ["html", "lib", "markup", "rewrite"].contains(&module(&file).as_str());
        // The numbers of tags' names are for everyone.
        let reads =
            |line: &str| line.replace("crate::html::name", "").contains("crate::html");
        assert!(allowed || code(&text).all(|line| !reads(line)), "{}", file.display());
    }
}

#[test]
fn the_engine_is_pure() {
    let hosts =
        ["std::time", "std::env", "std::fs", "std::net", "std::process", "std::thread"];
    let others = ["HashMap", "HashSet", "fastly::", "wasm_bindgen", "getrandom"];
    let words = ["variation", "bucketing", "uplift", "salt", "rollout", "whitelist"];
    let mut pure = engine();
    sources(&path("../../measure/src"), &mut pure);
    for (file, text) in pure {
        for line in code(&text) {
            let lower = line.to_lowercase();
            let bad = hosts.iter().chain(&others).find(|bad| line.contains(**bad));
            let bad = bad.or_else(|| words.iter().find(|bad| lower.contains(**bad)));
            assert_eq!(bad, None, "{}: {line}", file.display());
        }
    }
}

#[test]
fn files_are_short() {
    let mut found = Vec::new();
    for folder in ["../../../src", "../../../www", "../../../wasm-tests"] {
        sources(&path(folder), &mut found);
    }
    assert!(found.len() > 40);
    for (file, text) in found {
        assert!(text.lines().count() <= 500, "{}: split it by noun", file.display());
    }
}
