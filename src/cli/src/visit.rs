//! What was said about a visit → what the edge would have found out.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use edgewise_engine::{Facts, Geo, Moment, Page, Visit, VisitorId, cookie};

use crate::args::Told;

/// The names and the values of `--header`.
fn headers(given: &[String]) -> Result<Vec<(&str, &str)>> {
    given.iter().map(|header| read_header(header)).collect()
}

fn read_header(header: &str) -> Result<(&str, &str)> {
    let Some((name, value)) = header.split_once(':') else {
        bail!("--header: {header:?} is not a header; write \"Name: value\"");
    };
    Ok((name.trim(), value.trim()))
}

/// The visit of a page.
pub(crate) fn visit(page: Page, told: &Told) -> Result<Visit<'_>> {
    let headers = headers(&told.headers)?;
    let lines = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    let history =
        cookie::remembered(lines.map(|(_, value)| *value)).map(|(_, history)| history);
    let at = match &told.at {
        Some(at) => Moment::parse(at).context("--at")?,
        None => now(),
    };
    let facts = Facts::of_page(&page)
        .with_headers(headers)
        .with_geo(read_geo(&told.geo)?)
        .with_history(history)
        .at(at);
    Ok(Visit { facts, ..Visit::to(page) })
}

/// Who it is: as the edge finds out, by the cookie, unless it is said outright.
pub(crate) fn visitor(said: Option<&str>, told: &Told) -> Result<VisitorId> {
    if let Some(visitor) = said {
        return VisitorId::new(visitor).context("--visitor");
    }
    let headers = headers(&told.headers)?;
    let cookies = headers
        .into_iter()
        .filter_map(|(name, value)| name.eq_ignore_ascii_case("cookie").then_some(value));
    cookie::visitor(cookies).context(
        "who is the visitor? give --visitor ID, or --header 'Cookie: edgewise=1.ID'",
    )
}

/// What time it is.
pub(crate) fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment::from_unix(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

fn read_geo(given: &[String]) -> Result<Geo> {
    let mut geo = Geo::default();
    for pair in given {
        let Some((name, value)) = pair.split_once('=') else {
            bail!("--geo: {pair:?} is not a place; write FIELD=VALUE, as in city=Berlin");
        };
        if name == "utc_offset" {
            let minutes = value.parse().ok();
            let minutes = minutes.with_context(|| {
                format!("--geo: {value:?} is not a number of minutes; 60 is an hour ahead of UTC")
            })?;
            geo.utc_offset = Some(minutes);
            continue;
        }
        let Some(field) = geo.field_mut(name) else {
            let fields = Geo::FIELDS.join(", ");
            bail!("--geo: there is no {name:?}; there are: {fields}, utc_offset");
        };
        *field = Some(value.to_owned());
    }
    Ok(geo)
}
