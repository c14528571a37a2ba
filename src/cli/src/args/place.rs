//! What was typed to say where something is to be live.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "these are help texts, printed as they are"
)]

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;
use clap::builder::NonEmptyStringValueParser;

use crate::place::{self, Place};

// A file has no history that would say who and why.
#[derive(ClapArgs)]
#[command(mut_arg("why", |arg| arg.conflicts_with("out")))]
#[command(mut_arg("by", |arg| arg.conflicts_with("out")))]
pub(crate) struct Publish {
    /// The draft, a JSON file ("-" for stdin)
    pub(crate) draft: PathBuf,
    #[command(flatten)]
    pub(crate) to: PublishTo,
    /// Where to write the same in the form that the edge opens fastest; for KV stores that are filled by hand
    #[arg(long, value_name = "FILE", requires = "out")]
    pub(crate) compiled: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reach: Reach,
    #[command(flatten)]
    pub(crate) signed: Signed,
    /// Publish only if this revision is live (0: nothing is); without it, the one that the draft names as "revision"
    #[arg(long, value_name = "REVISION", conflicts_with = "out")]
    pub(crate) expect: Option<u64>,
    /// Publish whatever is live
    #[arg(long, conflicts_with_all = ["expect", "out"])]
    pub(crate) replace: bool,
    /// Print what would be different, and publish nothing
    #[arg(long, conflicts_with = "out")]
    pub(crate) dry_run: bool,
    /// Print problems, differences and the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where a datafile goes.
#[derive(ClapArgs)]
#[group(required = true, multiple = false)]
pub(crate) struct PublishTo {
    /// Where to write the datafile; if it replaces one, visitors stay where they are as far as they can
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// A site with Edgewise in front of it, as https://www.example.com; EDGEWISE_TOKEN holds the access token
    #[arg(long, value_name = "URL")]
    pub(crate) to: Option<String>,
    /// The id of the service's KV store at Fastly; FASTLY_API_TOKEN holds the token
    #[arg(long, value_name = "STORE_ID")]
    pub(crate) to_fastly: Option<String>,
}

/// Where experiments are live.
#[derive(ClapArgs)]
pub(crate) struct At {
    #[command(flatten)]
    place: AtPlace,
    #[command(flatten)]
    reach: Reach,
}

#[derive(ClapArgs)]
#[group(required = true, multiple = false)]
struct AtPlace {
    /// A site with Edgewise in front of it, as https://www.example.com; EDGEWISE_TOKEN holds the access token
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// The id of the service's KV store at Fastly; FASTLY_API_TOKEN holds the token
    #[arg(long, value_name = "STORE_ID")]
    to_fastly: Option<String>,
}

/// How servers are reached.
#[derive(ClapArgs)]
pub(crate) struct Reach {
    /// Where Fastly's API is; without it, FASTLY_API_URL says so, or it is https://api.fastly.com
    #[arg(long, value_name = "URL")]
    pub(crate) fastly_api: Option<String>,
    /// How long an answer may take
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(1..=600)
    )]
    pub(crate) timeout: u64,
}

/// What history will say.
#[derive(ClapArgs)]
pub(crate) struct Signed {
    /// Why, for whoever reads the history
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) why: String,
    #[command(flatten)]
    pub(crate) name: Name,
}

/// Who it is, where no access token tells.
#[derive(ClapArgs)]
pub(crate) struct Name {
    /// With --to-fastly, who does it; without it, your name on this machine (a site knows it by the token)
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

/// One server or another.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    /// The address of a site.
    Site(&'a str),
    /// The id of a KV store.
    Fastly(&'a str),
}

impl PublishTo {
    /// The server; none where a file was asked for.
    pub(crate) fn target(&self) -> Option<Target<'_>> {
        either(self.to.as_deref(), self.to_fastly.as_deref())
    }
}

impl At {
    /// The place; `by` is who does something there, for where no access token tells.
    pub(crate) fn open(&self, by: Option<&str>) -> Result<Box<dyn Place>> {
        let target = either(self.place.to.as_deref(), self.place.to_fastly.as_deref());
        place::open(target.context("--to or --to-fastly is missing")?, &self.reach, by)
    }
}

fn either<'a>(site: Option<&'a str>, store: Option<&'a str>) -> Option<Target<'a>> {
    site.map(Target::Site).or(store.map(Target::Fastly))
}

#[derive(ClapArgs)]
pub(crate) struct Pull {
    #[command(flatten)]
    pub(crate) at: At,
}

#[derive(ClapArgs)]
pub(crate) struct Live {
    #[command(flatten)]
    pub(crate) at: At,
    /// Print it as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct History {
    #[command(flatten)]
    pub(crate) at: At,
    /// How many revisions
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(1..=1000)
    )]
    pub(crate) limit: u32,
    /// Print it as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Switch {
    /// Its key
    pub(crate) experiment: String,
    #[command(flatten)]
    pub(crate) at: At,
    #[command(flatten)]
    pub(crate) signed: Signed,
}

#[derive(ClapArgs)]
pub(crate) struct Rollback {
    /// Which one; "edgewise history" lists them
    pub(crate) revision: u64,
    #[command(flatten)]
    pub(crate) at: At,
    #[command(flatten)]
    pub(crate) signed: Signed,
}

#[derive(ClapArgs)]
pub(crate) struct Off {
    #[command(flatten)]
    pub(crate) at: At,
    /// Why, for whoever wonders
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) why: String,
    #[command(flatten)]
    pub(crate) name: Name,
}

#[derive(ClapArgs)]
pub(crate) struct On {
    #[command(flatten)]
    pub(crate) at: At,
    #[command(flatten)]
    pub(crate) name: Name,
}
