//! How much memory the engine takes in the sandbox, for a small page and for a large one.

use std::process::Command;

use edgewise_wasm_tests::{baseline, viceroy};

/// The table that `baselines/heap` prints.
pub(crate) fn render() -> String {
    let output = Command::new(viceroy()).arg("run").arg(baseline("heap")).output();
    let output = output.expect("the local runtime runs a program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    format!(
        "\n### Memory of the sandbox, in KiB\n\n| after a page of | memory |\n|---|---:|\n{}",
        String::from_utf8_lossy(&output.stdout)
    )
}
