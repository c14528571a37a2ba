//! What was typed.

mod place;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

pub(crate) use self::place::{
    History, Live, Off, On, Publish, Pull, Reach, Rollback, Switch, Target,
};

/// A/B experiments at the edge
#[derive(Parser)]
#[command(
    name = "edgewise",
    version,
    after_help = "Exit codes: 0 done, 1 the input has problems or is refused, 2 wrong usage, or a file or server that cannot be read or written."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check a draft and print everything that is wrong with it
    Validate(Validate),
    /// Check a draft and make it live: at a site, in Fastly's KV store, or as a file
    Publish(Publish),
    /// Print the draft that is live, with the number of its revision, to work on
    Pull(Pull),
    /// Print what is live: which revision, since when, by whom and why
    Live(Live),
    /// Print what was live, newest first: who changed what, when and why
    History(History),
    /// End an experiment for good: all visitors see the page as it is
    Stop(Switch),
    /// Let an experiment rest: all visitors see the page as it is until "edgewise resume"
    Pause(Switch),
    /// Let an experiment that rests go on, with everybody where they were
    Resume(Switch),
    /// Make an earlier revision live again, as a new one
    Rollback(Rollback),
    /// The kill switch: no experiment runs until "edgewise on"
    Off(Off),
    /// Take the kill switch back
    On(On),
    /// Make tokens for the API and the web app
    Token(Token),
    /// Print which experiments run on a page, and which page rule says so
    Match(Match),
    /// Print what a visitor would see on a page, and why
    Decide(Decide),
    /// Decide many invented visitors, and print whether the splits come out as they should
    Simulate(Simulate),
    /// Rewrite a page as the edge would: HTML on stdin, HTML on stdout
    Render(Render),
    /// Print which running experiments change the same for the same visitors
    Conflicts(Conflicts),
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
pub(crate) struct Match {
    /// The pages, as absolute URLs
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,
    #[command(flatten)]
    pub(crate) rules: Rules,
    /// Print it as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where the page rules are.
#[derive(ClapArgs)]
#[group(required = true, multiple = false)]
pub(crate) struct Rules {
    /// The datafile
    #[arg(long)]
    pub(crate) datafile: Option<PathBuf>,
    /// A draft, instead of a datafile ("-" for stdin)
    #[arg(long)]
    pub(crate) draft: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct Decide {
    /// The datafile
    #[arg(long)]
    pub(crate) datafile: PathBuf,
    /// The page, as an absolute URL
    #[arg(long, required_unless_present = "batch")]
    pub(crate) url: Option<String>,
    /// The visitor's id; without it, the one in a Cookie header
    #[arg(long)]
    pub(crate) visitor: Option<String>,
    #[command(flatten)]
    pub(crate) told: Told,
    /// Decide many visits: read one JSON object a line on stdin, write one a line on stdout
    #[arg(long, conflicts_with_all = ["url", "visitor", "headers", "geo", "at", "json", "explain"])]
    pub(crate) batch: bool,
    /// Tell the whole story of each decision
    #[arg(long, conflicts_with = "json")]
    pub(crate) explain: bool,
    /// Print decisions as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Simulate {
    /// The datafile
    #[arg(long)]
    pub(crate) datafile: PathBuf,
    /// The page that all of them ask for, as an absolute URL
    #[arg(long)]
    pub(crate) url: String,
    /// How many visitors, at most 10,000,000
    #[arg(
        long,
        value_name = "N",
        default_value_t = 100_000,
        value_parser = clap::value_parser!(u32).range(1..=10_000_000)
    )]
    pub(crate) visitors: u32,
    /// Any text: another one gives other visitors, the same one the same
    #[arg(long, value_name = "TEXT", default_value = "edgewise")]
    pub(crate) seed: String,
    #[command(flatten)]
    pub(crate) told: Told,
    /// Print all figures as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a request tells beside its address.
#[derive(ClapArgs)]
pub(crate) struct Told {
    /// A header of the request, "Name: value"; may be repeated
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Where the visitor is, as city=Berlin or country=DE; may be repeated
    #[arg(long, value_name = "FIELD=VALUE")]
    pub(crate) geo: Vec<String>,
    /// When the page is asked for, as 2026-12-01T09:00:00Z; without it, now
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
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
    #[command(flatten)]
    pub(crate) told: Told,
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
pub(crate) struct Conflicts {
    /// The datafile
    #[arg(long)]
    pub(crate) datafile: PathBuf,
    /// Print conflicts as JSON
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

#[derive(ClapArgs)]
pub(crate) struct Token {
    #[command(subcommand)]
    pub(crate) command: TokenCommand,
}

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Make an access token: the token on stdout, the line for the secret "access-tokens" on stderr
    New(NewToken),
}

#[derive(ClapArgs)]
pub(crate) struct NewToken {
    /// What whoever has it may do; each role may do what those before it may
    #[arg(long, value_enum)]
    pub(crate) role: Role,
    /// Whose it is, as history will tell: letters (a to z), digits and . _ @ + -
    #[arg(long)]
    pub(crate) name: String,
    /// From when on it is void, as 2027-01-01T00:00:00Z; without it, never
    #[arg(long, value_name = "TIME")]
    pub(crate) expires: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Role {
    /// Looks at everything
    Viewer,
    /// Works on drafts
    Editor,
    /// Changes what is live
    Publisher,
    /// All of that
    Admin,
}
