//! Embeds the built web app. Without `www/dist` the module is complete but for the app, so that the workspace can be
//! checked on a machine without Node.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sha2::{Digest, Sha256};

/// Small files are also kept uncompressed, for people who look with curl.
const PLAIN_LIMIT: u64 = 16 * 1024;

fn main() -> io::Result<()> {
    let manifest =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let dist = manifest.join("../../www/dist");
    let dist = fs::canonicalize(&dist).unwrap_or(dist);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    if dist.is_dir() {
        collect(&dist, &mut files)?;
        files.sort();
    } else {
        println!("cargo::rerun-if-changed={}", dist.parent().expect("www").display());
    }
    let mut table = String::from("pub(crate) static FILES: &[File] = &[\n");
    for path in &files {
        println!("cargo::rerun-if-changed={}", path.display());
        let name =
            path.strip_prefix(&dist).expect("inside dist").to_str().expect("UTF-8 names");
        let etag = Sha256::digest(fs::read(path)?)
            .iter()
            .take(8)
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let plain = if fs::metadata(path)?.len() <= PLAIN_LIMIT {
            format!("Some(include_bytes!({:?}))", text(path))
        } else {
            "None".to_owned()
        };
        let beside = |ending: &str| format!("{}.{ending}", text(path));
        writeln!(
            table,
            "    File {{ path: {name:?}, mime: {:?}, etag: \"\\\"{etag}\\\"\", plain: {plain}, \
             br: include_bytes!({:?}), gzip: include_bytes!({:?}) }},",
            mime(path),
            beside("br"),
            beside("gz"),
        )
        .expect("writing to a string");
    }
    table.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    fs::write(out.join("files.rs"), table)
}

/// A path as it is written into source text.
fn text(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}

/// Every file that has its compressed copies beside it.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_none_or(|ending| ending != "br" && ending != "gz") {
            files.push(fs::canonicalize(&path)?);
        }
    }
    Ok(())
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        Some("json" | "webmanifest") => "application/json",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        _ => "application/octet-stream",
    }
}
