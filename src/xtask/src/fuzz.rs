//! The engine against pages, visits and datafiles that libFuzzer thinks up, told what each of them reached.
//!
//! Instrumenting code takes no compiler of another kind: the flags below are `rustc`'s own. libFuzzer itself is C++, so a
//! C++ compiler has to be there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use crate::run::Job;
use crate::{paths, say};

/// What libFuzzer needs to see where an input leads.
const INSTRUMENTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table --cfg fuzzing";

/// The longest page, bytes.
const MAX_PAGE: usize = 700;

/// The longest visit, bytes.
const MAX_VISIT: usize = 2_000;

/// The longest datafile, bytes.
const MAX_DATAFILE: usize = 6_000;

/// The longest list of tokens or tags, bytes.
const MAX_LIST: usize = 1_000;

/// An input that takes longer has failed, seconds.
const PATIENCE: u32 = 20;

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// What is held against the inputs
    #[arg(value_enum)]
    target: Target,
    /// How many inputs
    #[arg(long, default_value_t = 100_000)]
    runs: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Target {
    /// A page that no change touches comes out as it went in, however it is cut into chunks
    Untouched,
    /// Every kind of change is made or refused, counted, and the same however the page is cut
    Edited,
    /// Whatever a visitor sends is decided, the same from either encoding of the datafile
    Decide,
    /// Any bytes are a datafile or are refused, and what is read decides something
    Datafile,
    /// Any bytes are a draft or are refused, and what is published is read back and can be published again
    Draft,
    /// Any access tokens, session tokens and debug links are read or refused, and none is good that was not signed
    Tokens,
    /// Any list of entity tags: ours are told from the others, which go on to the origin
    Tags,
    /// Any bytes as visits to decide, and as what a page's script tells, are answered or refused
    Bodies,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Untouched => "untouched",
            Self::Edited => "edited",
            Self::Decide => "decide",
            Self::Datafile => "datafile",
            Self::Draft => "draft",
            Self::Tokens => "tokens",
            Self::Tags => "tags",
            Self::Bodies => "bodies",
        }
    }

    /// How long an input may be, and the words that are mixed into it.
    fn inputs(self) -> (usize, &'static str) {
        match self {
            Self::Untouched | Self::Edited => (MAX_PAGE, "html.dict"),
            Self::Decide => (MAX_VISIT, "visit.dict"),
            Self::Bodies => (MAX_VISIT, "bodies.dict"),
            Self::Datafile | Self::Draft => (MAX_DATAFILE, "datafile.dict"),
            Self::Tokens | Self::Tags => (MAX_LIST, "token.dict"),
        }
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let name = options.target.name();
    let folder = paths::at("src/engine/fuzz");
    let target = paths::target().join("fuzz");
    say::step("fuzz: cargo build");
    Job::cargo("fuzz", "build --release --locked")
        .arg("--manifest-path")
        .arg(folder.join("Cargo.toml"))
        .args(["--bin", name, "--target", "x86_64-unknown-linux-gnu", "--target-dir"])
        .arg(&target)
        .env("RUSTFLAGS", INSTRUMENTED)
        .run()?;
    // What was found to lead somewhere new is kept, and is where the next run starts.
    let corpus = target.join("corpus").join(name);
    fs::create_dir_all(&corpus).context("make a folder for what is found")?;
    let first = first_inputs(options.target, &target)?;
    let (longest, words) = options.target.inputs();
    let status =
        Job::new("fuzz", target.join("x86_64-unknown-linux-gnu/release").join(name))
            .folder(&target)
            .arg(corpus)
            .arg(first)
            .arg(format!("-runs={}", options.runs))
            .arg(format!("-max_len={longest}"))
            .arg(format!("-timeout={PATIENCE}"))
            .arg(format!("-dict={}", folder.join(words).display()))
            .args(["-seed=1", "-print_final_stats=1"])
            .on_screen()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The folder of inputs to begin with.
fn first_inputs(of: Target, target: &Path) -> Result<PathBuf> {
    let folder = target.join(match of {
        Target::Untouched | Target::Edited => "pages",
        Target::Decide => "visits",
        Target::Datafile => "datafiles",
        Target::Draft => "drafts",
        Target::Tokens => "token-lists",
        Target::Tags => "tag-lists",
        Target::Bodies => "bodies",
    });
    fs::create_dir_all(&folder).context("make a folder for the first inputs")?;
    for (name, input) in match of {
        Target::Untouched | Target::Edited => pages()?,
        Target::Decide => visits(),
        Target::Datafile => datafiles()?,
        Target::Draft => drafts()?,
        Target::Tokens => numbered(&TOKENS),
        Target::Tags => numbered(&TAGS),
        Target::Bodies => numbered(&BODIES),
    } {
        fs::write(folder.join(name), input).context("write a first input")?;
    }
    Ok(folder)
}

/// What a folder of cases has under one name, with the case's name.
fn of_cases(cases: &str, file: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let folder = paths::at(cases);
    let listed =
        fs::read_dir(&folder).with_context(|| format!("list {}", folder.display()))?;
    let mut found = Vec::new();
    for case in listed {
        let case = case.context("list the cases")?;
        if let Ok(content) = fs::read(case.path().join(file)) {
            found.push((case.file_name().to_string_lossy().into_owned(), content));
        }
    }
    found.sort();
    Ok(found)
}

/// The golden cases' pages, each with two bytes in front that say how it is cut and which changes are made.
fn pages() -> Result<Vec<(String, Vec<u8>)>> {
    let pages = of_cases("src/engine/tests/golden", "input.html")?.into_iter();
    let with_start = |(number, (name, page)): (u8, (String, Vec<u8>))| {
        let mut input = vec![number, 3];
        input.extend_from_slice(&page[..page.len().min(MAX_PAGE - 2)]);
        (name, input)
    };
    Ok((0_u8..=u8::MAX).cycle().zip(pages).map(with_start).collect())
}

/// Visits, the parts of each in the order in which the target reads them.
fn visits() -> Vec<(String, Vec<u8>)> {
    let visits = [
        "",
        "a?plan=team&utm_source=google&utm_medium=cpc\nplan=team; edgewise=2.ada.fu1.3.hlcqo.s; consent=statistics\nMozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1\nde-CH,de;q=0.9,*;q=0.1\nhttps://www.google.com/search?q=a\nteam\n\n\n\n\n\n\n\n\nn=1\nBerlin\nBE\nDE\nGermany\nEU\n1795262400",
        "b/?b=%C3%A9\nedgewise=1.bob\nMozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36\nen\n\n12\n\"Chromium\";v=\"126\", \"Not;A=Brand\";v=\"8\"\n\"Chromium\";v=\"126.0.6478.127\"\n?0\n\"Windows\"\n\"15.0.0\"\n\"Desktop\"\n1\n1\n\nSt. John's\nNL\nCA\nCanada\nNA\n1782000000",
    ];
    numbered(&visits)
}

/// Lists of access tokens, and behind an empty line what is shown.
const TOKENS: [&str; 3] = [
    "",
    "# us\n0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef editor ada 2027-01-01T00:00:00Z\nnonsense\n\new_1",
    "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef admin b#c\n\news.1795262400.0123456789abcdef.editor.ada.0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
];

/// The lines of headers with entity tags.
const TAGS: [&str; 3] = [
    "*",
    "\"a,b\", W/\"edgewise.abc.eImFiYyI\",\"c\"\nW/\"d\"",
    "\"edgewise.abc.dU2F0LCAyMSBOb3YgMjAyNiAxMjowMDowMCBHTVQ-gzip\"\nSat, 21 Nov 2026 12:00:00 GMT",
];

/// Visits to decide, and what a page's script tells.
const BODIES: [&str; 3] = [
    "{\"visitor\": \"ada\", \"url\": \"https://shop.example.com/a?plan=team\"}\n\n{\"url\": \"/\"}",
    "{\"url\":\"https://shop.example.com/\",\"headers\":{\"cookie\":[\"edgewise=2.ada.fu1.3.hlcqo.s\"],\"dnt\":\"1\"},\"geo\":{\"country\":\"DE\",\"utc_offset\":60},\"at\":\"2026-01-31T00:00:00Z\",\"explain\":true}",
    "[{\"change\":\"x/b/1\",\"state\":\"repaired\"},{\"change\":\"x/b/2\"},{\"change\":\"x/b/1\"},{\"change\":\"y\"}]",
];

fn numbered(inputs: &[&str]) -> Vec<(String, Vec<u8>)> {
    let named = |(number, input): (usize, &&str)| (number.to_string(), (*input).into());
    inputs.iter().enumerate().map(named).collect()
}

/// The corpus's datafiles without blanks, and a few changes of a good one.
fn datafiles() -> Result<Vec<(String, Vec<u8>)>> {
    let mut inputs = vec![
        ("compiled".to_owned(), vec![0, 40, 0, 1]),
        ("json".to_owned(), vec![1, 40, 0, 1]),
    ];
    for (name, json) in of_cases("src/engine/tests/decisions", "datafile.json")? {
        let json: serde_json::Value =
            serde_json::from_slice(&json).context("read a case's datafile")?;
        let input = format!("\u{2}{json}").into_bytes();
        if input.len() <= MAX_DATAFILE {
            inputs.push((name, input));
        }
    }
    Ok(inputs)
}

/// The drafts of the cases of mistakes, as they are, and a few changes of a good one.
fn drafts() -> Result<Vec<(String, Vec<u8>)>> {
    let mut inputs = vec![("changed".to_owned(), vec![0, 40, 0, 1, 1, b'x'])];
    let folder = paths::at("src/engine/tests/invalid");
    let listed =
        fs::read_dir(&folder).with_context(|| format!("list {}", folder.display()))?;
    for file in listed {
        let file = file.context("list the cases")?.path();
        if file.extension().is_some_and(|ending| ending == "json") {
            let mut input = vec![1];
            input.extend(fs::read(&file).context("read a case's draft")?);
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            if input.len() <= MAX_DATAFILE {
                inputs.push((name.into_owned(), input));
            }
        }
    }
    inputs.sort();
    Ok(inputs)
}
