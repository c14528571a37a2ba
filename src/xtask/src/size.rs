//! How big the artefacts are, and how big they may be.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::run::Job;
use crate::{build, paths, say};

/// What an artefact may weigh, in bytes. Raising one is a decision: say why in the commit.
struct Budget {
    artefact: &'static str,
    raw: u64,
    gzip: u64,
}

const BUDGETS: [Budget; 3] = [
    Budget { artefact: "edge module", raw: 5_400_000, gzip: 2_850_000 },
    Budget { artefact: "browser module", raw: 1_350_000, gzip: 620_000 },
    Budget { artefact: "web app", raw: 150_000, gzip: 50_000 },
];

/// The weight of an artefact, as it is and as it travels.
#[derive(Debug)]
pub(crate) struct Size {
    artefact: &'static str,
    raw: u64,
    gzip: u64,
    /// Only of what is served compressed.
    brotli: Option<u64>,
}

/// Prints the sizes; fails if one is over its budget.
pub(crate) fn run() -> Result<ExitCode> {
    build::edge()?;
    let sizes = measure()?;
    let over = over_budget(&sizes);
    for line in table(&sizes).iter().chain(&over) {
        say::result(line);
    }
    Ok(if over.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The sizes of what was built last.
pub(crate) fn measure() -> Result<Vec<Size>> {
    let app = files_below(&paths::at("www/dist"))?;
    let is = |file: &Path, ending: &str| file.extension().is_some_and(|it| it == ending);
    // The app comes with its compressed copies; its wasm is the browser module.
    let part = |wasm: bool| -> Vec<PathBuf> {
        let own = |file: &&PathBuf| {
            !is(file, "br") && !is(file, "gz") && is(file, "wasm") == wasm
        };
        app.iter().filter(own).cloned().collect()
    };
    let artefacts = [
        ("edge module", vec![paths::edge_wasm()]),
        ("browser module", part(true)),
        ("web app", part(false)),
    ];
    artefacts.into_iter().map(|(artefact, files)| weigh(artefact, &files)).collect()
}

fn weigh(artefact: &'static str, files: &[PathBuf]) -> Result<Size> {
    let length = |file: &Path| {
        file.metadata()
            .map(|it| it.len())
            .with_context(|| format!("look at {}", file.display()))
    };
    let raw = files.iter().map(|file| length(file)).sum::<Result<u64>>()?;
    // What is served compressed was compressed when it was built.
    let beside = |ending: &str| {
        let copies = files.iter().map(|file| {
            let mut copy = file.clone().into_os_string();
            copy.push(ending);
            length(Path::new(&copy))
        });
        copies.sum::<Result<u64>>().ok()
    };
    let gzip = beside(".gz").map_or_else(|| gzipped(files), Ok)?;
    Ok(Size { artefact, raw, gzip, brotli: beside(".br") })
}

/// The weight of files after gzip, by Node: it is here anyway, for the web app.
fn gzipped(files: &[PathBuf]) -> Result<u64> {
    const SCRIPT: &str = "
        const { readFileSync } = require('node:fs');
        const { gzipSync } = require('node:zlib');
        const weight = (file) => gzipSync(readFileSync(file), { level: 9 }).length;
        console.log(process.argv.slice(1).map(weight).reduce((a, b) => a + b, 0));";
    let job =
        Job::new("gzip the artefacts", "node").args(["-e", SCRIPT, "--"]).args(files);
    serde_json::from_slice(&job.output()?).context("read the size that node counted")
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// One line an artefact, in KB of 1,000 bytes.
pub(crate) fn table(sizes: &[Size]) -> Vec<String> {
    let kb = |bytes: u64| format!("{}.{} KB", bytes / 1000, bytes % 1000 / 100);
    let mut lines =
        vec![format!("{:<16}{:>12}{:>12}{:>12}", "", "raw", "gzip", "brotli")];
    lines.extend(sizes.iter().map(|size| {
        let (raw, gzip) = (kb(size.raw), kb(size.gzip));
        let brotli = size.brotli.map_or_else(|| "-".to_owned(), kb);
        format!("{:<16}{raw:>12}{gzip:>12}{brotli:>12}", size.artefact)
    }));
    lines
}

/// A sentence for each budget that is exceeded.
pub(crate) fn over_budget(sizes: &[Size]) -> Vec<String> {
    let mut over = Vec::new();
    for size in sizes {
        let Some(budget) = BUDGETS.iter().find(|it| it.artefact == size.artefact) else {
            continue;
        };
        let weights = [("raw", size.raw, budget.raw), ("gzip", size.gzip, budget.gzip)];
        for (how, is, may) in weights {
            if is > may {
                over.push(format!(
                    "{} weighs {is} bytes {how}, {may} are budgeted",
                    size.artefact
                ));
            }
        }
    }
    over
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(raw: u64) -> Size {
        Size { artefact: "edge module", raw, gzip: 1, brotli: None }
    }

    #[test]
    fn a_budget_is_kept_or_named() {
        let may = BUDGETS[0].raw;
        assert_eq!(over_budget(&[size(may)]), [""; 0]);
        let over = over_budget(&[size(may + 1)]);
        let said =
            format!("edge module weighs {} bytes raw, {may} are budgeted", may + 1);
        assert_eq!(over, [said]);
    }

    #[test]
    fn the_table_is_in_kilobytes() {
        assert!(table(&[size(1_234_567)])[1].contains("1234.5 KB"));
    }
}
