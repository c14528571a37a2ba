//! What was said about a visit → what the edge would have found out.

use anyhow::{Result, bail};
use edgewise_engine::{Facts, Geo, Page};

/// The names and the values of `--header`.
pub(crate) fn headers(given: &[String]) -> Result<Vec<(&str, &str)>> {
    given.iter().map(|header| read_header(header)).collect()
}

fn read_header(header: &str) -> Result<(&str, &str)> {
    let Some((name, value)) = header.split_once(':') else {
        bail!("--header: {header:?} is not a header; write \"Name: value\"");
    };
    Ok((name.trim(), value.trim()))
}

/// The facts of a visit to `page`.
pub(crate) fn facts(page: &Page, headers: &[String], geo: &[String]) -> Result<Facts> {
    let headers = self::headers(headers)?;
    Ok(Facts::of_page(page).with_headers(headers).with_geo(&read_geo(geo)?))
}

fn read_geo(given: &[String]) -> Result<Geo> {
    let mut geo = Geo::default();
    for pair in given {
        let Some((name, value)) = pair.split_once('=') else {
            bail!("--geo: {pair:?} is not a place; write FIELD=VALUE, as in city=Berlin");
        };
        let Some(field) = geo.field_mut(name) else {
            bail!("--geo: there is no {name:?}; there are: {}", Geo::FIELDS.join(", "));
        };
        *field = Some(value.to_owned());
    }
    Ok(geo)
}
