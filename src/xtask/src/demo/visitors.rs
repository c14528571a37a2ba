//! Visitors to try the demo with, and what each is shown.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::page;
use super::site::Site;
use crate::http::{self, Reply};

/// How many to try before giving up on seeing two headlines.
const CROWD: usize = 64;

/// A page as one visitor is to see it, by the word of the command line.
pub(crate) struct Seen {
    pub(crate) visitor: String,
    /// `experiment=variant`, for the experiments this visitor is in.
    pub(crate) variants: String,
    pub(crate) html: Vec<u8>,
}

impl Seen {
    pub(crate) fn headline(&self) -> String {
        page::headline(&String::from_utf8_lossy(&self.html))
    }
}

pub(crate) fn cookie(visitor: &str) -> String {
    format!("edgewise=2.{visitor}")
}

/// Two visitors whose headlines on `path` differ.
pub(crate) fn with_two_headlines(site: &Site, path: &str) -> Result<Vec<Seen>> {
    let page = http::get(site.ports.origin, path, None)?;
    let first = see(site, path, &page, "visitor-1")?;
    for number in 2..=CROWD {
        let other = see(site, path, &page, &format!("visitor-{number}"))?;
        if other.headline() != first.headline() {
            return Ok(vec![first, other]);
        }
    }
    bail!("{CROWD} visitors of {path} would all be shown \"{}\"", first.headline())
}

/// What the command line decides and renders for a visitor of an origin's page.
pub(crate) fn see(site: &Site, path: &str, page: &Reply, visitor: &str) -> Result<Seen> {
    let url = site.url(path);
    let about = ["--url", &url, "--visitor", visitor];
    let decisions = site.ask(&[&["decide"], &about[..], &["--json"]].concat(), None)?;
    let decisions: Vec<Value> =
        serde_json::from_slice(&decisions).context("read what edgewise decide says")?;
    // The edge knows the page's encoding from this header.
    let typed = ["--content-type", &page.content_type];
    let html = site.ask(&[&["render"], &about[..], &typed].concat(), Some(&page.body))?;
    Ok(Seen { visitor: visitor.to_owned(), variants: variants(&decisions), html })
}

/// The variants in a list of decisions, for people.
fn variants(decisions: &[Value]) -> String {
    let words =
        |decision: &Value, field: &str| decision[field].as_str().map(str::to_owned);
    let assigned: Vec<String> = decisions
        .iter()
        .filter_map(|it| {
            Some(format!("{}={}", words(it, "experiment")?, words(it, "variant")?))
        })
        .collect();
    if assigned.is_empty() { "(none)".to_owned() } else { assigned.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_assigned_variants_are_named() {
        let decisions = serde_json::json!([
            {"experiment": "a", "variant": "big", "reason": "assigned"},
            {"experiment": "b", "variant": null, "reason": "page-not-matched"},
        ]);
        let decisions = decisions.as_array().expect("a list");
        assert_eq!(variants(decisions), "a=big");
        assert_eq!(variants(&decisions[1..]), "(none)");
    }
}
