//! Rewrites the expected files of the test cases.

use std::process::ExitCode;

use anyhow::Result;

use crate::run::Job;
use crate::say;

pub(crate) fn run() -> Result<ExitCode> {
    say::step("bless: cargo test with BLESS=1");
    let status =
        Job::cargo("bless", "test --package edgewise-engine --package edgewise-cli")
            .env("BLESS", "1")
            .on_screen()?;
    if !status.success() {
        return Ok(ExitCode::FAILURE);
    }
    say::result("Blessed. Now read what changed: git diff");
    Ok(ExitCode::SUCCESS)
}
