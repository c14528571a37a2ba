//! What was typed.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

/// A/B experiments at the edge
#[derive(Parser)]
#[command(
    name = "edgewise",
    version,
    after_help = "Exit codes: 0 done, 1 the input has problems, 2 wrong usage or a file that cannot be read or written."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check a draft and print everything that is wrong with it
    Validate(Validate),
    /// Check a draft and write the datafile that the edge reads
    Publish(Publish),
    /// Print what a visitor would see on a page, and why
    Decide(Decide),
    /// Rewrite a page as the edge would: HTML on stdin, HTML on stdout
    Render(Render),
    /// Turn another tool's experiments into a draft: draft on stdout, what became of each piece on stderr
    Import(Import),
}

#[derive(ClapArgs)]
pub(crate) struct Validate {
    /// The draft, a JSON file ("-" for stdin)
    pub(crate) draft: PathBuf,
    /// Print problems as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Publish {
    /// The draft, a JSON file ("-" for stdin)
    pub(crate) draft: PathBuf,
    /// Where to write the datafile; if it replaces one, visitors stay where they are as far as they can
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// Print problems and the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Decide {
    /// The datafile
    #[arg(long)]
    pub(crate) datafile: PathBuf,
    /// The page, as an absolute URL
    #[arg(long)]
    pub(crate) url: String,
    /// The visitor's id; without it, the one in a Cookie header
    #[arg(long)]
    pub(crate) visitor: Option<String>,
    /// A request header, "Name: value"; may be repeated
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Print decisions as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Render {
    /// The datafile
    #[arg(long)]
    pub(crate) datafile: PathBuf,
    /// The page, as an absolute URL
    #[arg(long)]
    pub(crate) url: String,
    /// Render what this visitor would see
    #[arg(long, conflicts_with = "variants")]
    pub(crate) visitor: Option<String>,
    /// Render this variant, whoever would see it; may be repeated for other experiments
    #[arg(long = "variant", value_name = "EXPERIMENT=VARIANT")]
    pub(crate) variants: Vec<String>,
    /// A header of the request, "Name: value"; may be repeated. Tokens in the copy are filled from it
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Where the visitor is, as city=Berlin or country=DE; may be repeated
    #[arg(long, value_name = "FIELD=VALUE")]
    pub(crate) geo: Vec<String>,
    /// The page's Content-Type header
    #[arg(long, default_value = "text/html")]
    pub(crate) content_type: String,
    /// A Content-Security-Policy header of the page; may be repeated
    #[arg(long = "csp", value_name = "POLICY")]
    pub(crate) policies: Vec<String>,
    /// Print what was done as JSON on stderr
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Import {
    #[command(subcommand)]
    pub(crate) from: ImportFrom,
}

#[derive(Subcommand)]
pub(crate) enum ImportFrom {
    /// A project's configuration, as Convert serves it to its full-stack SDKs
    Convert(ImportFile),
    /// The payload that GrowthBook serves to its SDKs; its visual-editor experiments are taken
    Growthbook(ImportFile),
}

#[derive(ClapArgs)]
pub(crate) struct ImportFile {
    /// The tool's JSON file ("-" for stdin)
    pub(crate) file: PathBuf,
}
