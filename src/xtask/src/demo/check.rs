//! `demo --check`: what several visitors are served, and whether that is right.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::page;
use super::site::{Ports, Site};
use super::visitors::{self, Seen};
use crate::http::{self, Reply};
use crate::say;
use crate::totals::Totals;

/// Pages with experiments, and one without.
const PAGES: [&str; 2] = ["/", "/pricing"];
const UNTOUCHED: &str = "/signup";

/// Serves the demo, tries it, prints what was seen, and counts the checks.
pub(crate) fn run(ports: Ports) -> Result<Totals> {
    let site = Site::start(ports)?;
    let crowd = visitors::with_two_headlines(&site, "/")?;
    let mut names: Vec<&str> = crowd.iter().map(|seen| seen.visitor.as_str()).collect();
    names.extend(["ada", "grace"]);

    let mut served = Vec::new();
    for path in PAGES {
        let page = http::get(site.ports.origin, path, None)?;
        for visitor in &names {
            served.push(Served::to(&site, path, &page, visitor)?);
        }
    }
    say::result("");
    for line in table(&served) {
        say::result(&line);
    }
    say::result("");

    let mut totals = Totals::default();
    for (claim, outcome) in checks(&site, &served) {
        match outcome {
            Ok(()) => {
                totals.passed += 1;
                say::result(&format!("right  {claim}"));
            }
            Err(error) => {
                totals.failed += 1;
                say::result(&format!("WRONG  {claim}: {error:#}"));
            }
        }
    }
    if totals.failed == 0 {
        site.remove()?;
    }
    Ok(totals)
}

/// A page as a visitor was served it, twice, and as the command line renders it.
struct Served {
    path: &'static str,
    expected: Seen,
    first: Reply,
    second: Reply,
}

impl Served {
    fn to(site: &Site, path: &'static str, page: &Reply, visitor: &str) -> Result<Self> {
        let cookie = visitors::cookie(visitor);
        let ask = || http::get(site.ports.edge, path, Some(("cookie", &cookie)));
        let expected = visitors::see(site, path, page, visitor)?;
        Ok(Self { path, expected, first: ask()?, second: ask()? })
    }

    fn who(&self) -> String {
        format!("{} on {}", self.expected.visitor, self.path)
    }
}

fn checks(site: &Site, served: &[Served]) -> Vec<(&'static str, Result<()>)> {
    vec![
        ("every page arrives", all(served, |it| it.first.status == 200)),
        (
            "a visitor is served the same bytes twice",
            all(served, |it| it.first.body == it.second.body),
        ),
        (
            "every visitor is served what edgewise render makes",
            all(served, |it| it.first.body == it.expected.html),
        ),
        ("two visitors see two headlines", two_headlines(served)),
        ("a page without experiments is the origin's to the byte", untouched(site)),
        ("the exposures are in the log", exposures(site, served)),
        ("the web app opens", app_opens(site)),
        ("the API asks for the access token", api_is_locked(site)),
        ("the API knows the access token", api_opens(site)),
    ]
}

fn all(served: &[Served], holds: impl Fn(&Served) -> bool) -> Result<()> {
    let broken: Vec<String> =
        served.iter().filter(|it| !holds(it)).map(Served::who).collect();
    ensure!(broken.is_empty(), "not so for {}", broken.join(", "));
    Ok(())
}

fn two_headlines(served: &[Served]) -> Result<()> {
    let mut home = served.iter().filter(|it| it.path == "/");
    let headline = |it: &Served| page::headline(&it.first.text());
    let first = home.next().map(headline).unwrap_or_default();
    ensure!(home.any(|it| headline(it) != first), "all see \"{first}\"");
    Ok(())
}

fn untouched(site: &Site) -> Result<()> {
    let through = http::get(site.ports.edge, UNTOUCHED, None)?;
    let direct = http::get(site.ports.origin, UNTOUCHED, None)?;
    ensure!(through.status == direct.status, "{UNTOUCHED} has status {}", through.status);
    ensure!(through.body == direct.body, "{UNTOUCHED} differs");
    Ok(())
}

/// The log is written after the page: it may lag a little.
fn exposures(site: &Site, served: &[Served]) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let outcome = logged(&site.edge_words(), served);
        if outcome.is_ok() || Instant::now() > deadline {
            return outcome;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn logged(log: &str, served: &[Served]) -> Result<()> {
    let logged = |it: &Served| {
        let visitor = format!("\"visitor\":\"{}\"", it.expected.visitor);
        let page = format!("\"page\":\"{}\"", it.path);
        log.lines().any(|line| {
            ["\"type\":\"exposure\"", &visitor, &page]
                .into_iter()
                .all(|part| line.contains(part))
        })
    };
    all(served, |it| it.expected.variants == "(none)" || logged(it))
}

fn app_opens(site: &Site) -> Result<()> {
    let index = http::get(site.ports.edge, "/_edgewise/", None)?;
    ensure!(index.status == 200, "/_edgewise/ has status {}", index.status);
    ensure!(
        index.content_type.starts_with("text/html"),
        "it is \"{}\"",
        index.content_type
    );
    ensure!(index.text().contains("<script"), "it starts no script");
    Ok(())
}

const DATAFILE: &str = "/_edgewise/api/v1/datafile";

fn api_is_locked(site: &Site) -> Result<()> {
    for header in [None, Some(("authorization", "Bearer wrong"))] {
        let reply = http::get(site.ports.edge, DATAFILE, header)?;
        ensure!(reply.status == 401, "without it, the status is {}", reply.status);
    }
    Ok(())
}

fn api_opens(site: &Site) -> Result<()> {
    let bearer = format!("Bearer {}", site.token);
    let reply = http::get(site.ports.edge, DATAFILE, Some(("authorization", &bearer)))?;
    ensure!(reply.status == 200, "with it, the status is {}", reply.status);
    let published: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&site.datafile)?)?;
    let answered: serde_json::Value = serde_json::from_slice(&reply.body)?;
    ensure!(answered == published, "it answers with another datafile");
    Ok(())
}

fn table(served: &[Served]) -> Vec<String> {
    let head = ["page", "visitor", "variant", "headline", "button"].map(str::to_owned);
    let rows = served.iter().map(|it| {
        let html = it.first.text();
        let Seen { visitor, variants, .. } = &it.expected;
        let path = it.path.to_owned();
        [
            path,
            visitor.clone(),
            variants.clone(),
            page::headline(&html),
            page::button(&html),
        ]
    });
    columns(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
}

/// Rows as lines, each column as wide as its widest cell.
fn columns<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..N).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &[String; N]| {
        let cells =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a", "bb"], ["ccc", "d"]].map(|row| row.map(str::to_owned));
        assert_eq!(columns(&rows), ["a    bb", "ccc  d"]);
    }
}
