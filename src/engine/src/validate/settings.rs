//! What a draft says of the whole site.

use std::collections::BTreeMap;

use serde_json::Value;

use super::comparison::{OPERATORS, read_test};
use super::note_duplicate;
use crate::comparison::Test;
use crate::cookie::is_ours;
use crate::distance::nearest;
use crate::draft::{Fields, Place, as_basis_points, as_list, as_text, wrong_kind};
use crate::hash::Seed;
use crate::key::GroupKey;
use crate::layer::{Holdout, Layer};
use crate::page::TextTest;
use crate::problem::Problems;
use crate::settings::{
    Bots, Consent, ConsentCookie, Everywhere, Required, Settings, Signals,
};
use crate::time::Zone;

/// The most layers, and the most holdouts.
const MAX_GROUPS: usize = 100;

/// The longest name of a cookie, bytes.
const MAX_COOKIE_NAME: usize = 100;

pub(super) fn read_settings(
    fields: &mut Fields<'_>,
    problems: &mut Problems,
) -> Settings {
    Settings {
        redirect_hosts: super::destination::read_hosts(fields, problems),
        time_zone: read_time_zone(fields, problems).unwrap_or_default(),
        consent: read_consent(fields, problems),
        signals: read_signals(fields, problems).unwrap_or_default(),
        bots: read_bots(fields, problems).unwrap_or_default(),
        visitor_cookie: fields.optional("visitor_cookie").and_then(|value| {
            read_cookie_name(value, &fields.place("visitor_cookie"), problems)
        }),
        layers: read_layers(fields, problems),
        holdouts: read_holdouts(fields, problems),
    }
}

fn read_time_zone(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Zone> {
    let value = fields.optional("time_zone")?;
    let at = fields.place("time_zone");
    let text = as_text(value, &at, problems)?;
    let zone = Zone::named(text);
    if zone.is_none() {
        let wanted = text.to_lowercase().replace(' ', "_");
        let city = |name: &&str| {
            name.rsplit('/').next().map(str::to_lowercase) == Some(wanted.clone())
        };
        let hint = match Zone::names().find(city).or_else(|| nearest(text, Zone::names()))
        {
            Some(name) => format!("Did you mean {name:?}?"),
            None => {
                "Write a name of the tz database, as in \"Europe/Berlin\" or \"UTC\"."
                    .to_owned()
            }
        };
        problems.error(
            "not-a-time-zone",
            at,
            format!("{text:?} is not a time zone"),
            hint,
        );
    }
    zone
}

fn read_cookie_name(
    value: &Value,
    at: &Place,
    problems: &mut Problems,
) -> Option<String> {
    let name = as_text(value, at, problems)?;
    // A token of RFC 9110, which is what cookies are called by RFC 6265.
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let valid = (1..=MAX_COOKIE_NAME).contains(&name.len()) && name.bytes().all(fits);
    if !valid || is_ours(name) {
        problems.error(
            "not-a-cookie",
            at,
            if valid {
                format!("{name:?} is a cookie of Edgewise's own")
            } else {
                format!("{name:?} is not the name of a cookie")
            },
            if valid {
                "Name the cookie of the other tool."
            } else {
                "Copy the name as the browser's tools show it."
            },
        );
        return None;
    }
    Some(name.to_owned())
}

fn read_consent(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Consent> {
    let value = fields.optional("consent")?;
    let at = fields.place("consent");
    let what = "an object with \"required\" and \"cookie\"";
    let mut fields = Fields::of(value, &at, what, problems)?;
    let hint = "Write \"everywhere\", or a list such as [\"EU\", \"GB\"].";
    let required = fields.required("required", hint, problems);
    let required = required.and_then(|value| {
        read_required(value, &fields.place("required"), hint, problems)
    });
    let hint = "Write {\"name\": \"consent\", \"contains\": \"statistics\"}.";
    let cookie = fields.required("cookie", hint, problems);
    let cookie = cookie.and_then(|value| {
        read_consent_cookie(value, &fields.place("cookie"), hint, problems)
    });
    fields.finish(problems);
    Some(Consent { required: required?, cookie: cookie? })
}

fn read_required(
    value: &Value,
    at: &Place,
    hint: &str,
    problems: &mut Problems,
) -> Option<Required> {
    if value.as_str() == Some("everywhere") {
        return Some(Required::Everywhere(Everywhere::Everywhere));
    }
    if !value.is_array() {
        let message = match value {
            Value::String(text) => format!("{text:?} does not say who has to agree"),
            _ => "this does not say who has to agree".to_owned(),
        };
        problems.error("not-a-region", at, message, hint);
        return None;
    }
    let items = as_list(value, at, problems);
    if items.is_empty() {
        let hint = "Leave \"consent\" out, or name a country.";
        problems.error("not-a-region", at, "nobody has to agree", hint);
        return None;
    }
    let mut places = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let at = at.item(index);
        let Some(text) = as_text(item, &at, problems) else { continue };
        let code = text.to_ascii_uppercase();
        let country = code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        if country || code == "EEA" {
            places.push(code);
        } else {
            problems.error(
                "not-a-region",
                at,
                format!("{text:?} is not a country"),
                "Write two letters of ISO 3166, as in \"DE\", or \"EU\" or \"EEA\".",
            );
        }
    }
    (places.len() == items.len()).then_some(Required::In(places))
}

fn read_consent_cookie(
    value: &Value,
    at: &Place,
    hint: &str,
    problems: &mut Problems,
) -> Option<ConsentCookie> {
    let mut fields =
        Fields::of(value, at, "an object that describes a cookie", problems)?;
    let name = fields.required("name", hint, problems);
    let name =
        name.and_then(|value| read_cookie_name(value, &fields.place("name"), problems));
    let written = OPERATORS.iter().filter(|name| fields.optional(name).is_some()).count();
    fields.finish(problems);
    let test = match (written, value.as_object()) {
        (0, _) | (_, None) => Some(Test::Text(TextTest::Exists(true))),
        (_, Some(object)) => read_test(object, at, problems),
    };
    if let Some(Test::Within { .. }) = test {
        let message = "a cookie is no time, and \"within\" compares times";
        problems.error("wrong-operator", at, message, hint);
    }
    Some(ConsentCookie { name: name?, test: test? })
}

fn read_signals(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Signals> {
    let value = fields.optional("signals")?;
    let at = fields.place("signals");
    let mut fields =
        Fields::of(value, &at, "an object with \"gpc\" or \"dnt\"", problems)?;
    let mut signal = |name: &'static str| match fields.optional(name) {
        None => false,
        Some(Value::Bool(honoured)) => *honoured,
        Some(other) => {
            wrong_kind(problems, &fields.place(name), other, "true or false");
            false
        }
    };
    let signals = Signals { gpc: signal("gpc"), dnt: signal("dnt") };
    fields.finish(problems);
    Some(signals)
}

fn read_bots(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Bots> {
    let value = fields.optional("bots")?;
    let at = fields.place("bots");
    match as_text(value, &at, problems)? {
        "exclude" => Some(Bots::Exclude),
        "include" => Some(Bots::Include),
        other => {
            problems.error(
                "not-a-choice",
                at,
                format!("{other:?} does not say what becomes of bots"),
                "Write \"exclude\", so that they see the page as it is, or \"include\".",
            );
            None
        }
    }
}

/// The items of a list, each read as an object with a key of its own and a name.
fn read_groups<T>(
    fields: &mut Fields<'_>,
    list: &'static str,
    what: &'static str,
    problems: &mut Problems,
    read: impl Fn(&mut Fields<'_>, GroupKey, &str, Seed, &mut Problems) -> Option<T>,
) -> Vec<T> {
    let Some(value) = fields.optional(list) else { return Vec::new() };
    let at = fields.place(list);
    let items = as_list(value, &at, problems);
    if items.len() > MAX_GROUPS {
        let message = format!(
            "there are at most {MAX_GROUPS} {list}, and here are {}",
            items.len()
        );
        problems.error("too-many", &at, message, "Leave out those that nothing uses.");
        return Vec::new();
    }
    let mut keys = BTreeMap::new();
    let mut groups = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let at = at.item(index);
        note_duplicate(&mut keys, item, &at, "Give each a key of its own.", problems);
        let Some(mut fields) = Fields::of(item, &at, what, problems) else { continue };
        let key = fields.text("key", super::KEY_HINT, problems);
        let key = key.and_then(|key| {
            super::checked(GroupKey::new(key), &fields.place("key"), problems)
        });
        let name =
            fields.text("name", "Name it as you would in a conversation.", problems);
        let seed = match fields.optional("seed") {
            Some(value) => {
                as_text(value, &fields.place("seed"), problems).map(str::to_owned)
            }
            // Not the key alone: an experiment of that key would have the same buckets.
            None => key.as_ref().map(|key| format!("{list}/{key}")),
        };
        let group = match (key, name, seed) {
            (Some(key), Some(name), Some(seed)) => {
                read(&mut fields, key, name, Seed::new(seed), problems)
            }
            _ => {
                fields.optional("share");
                None
            }
        };
        fields.finish(problems);
        groups.extend(group);
    }
    groups
}

fn read_layers(fields: &mut Fields<'_>, problems: &mut Problems) -> Vec<Layer> {
    let what = "an object that describes a layer";
    read_groups(fields, "layers", what, problems, |_, key, name, seed, _| {
        Some(Layer { key, name: name.to_owned(), seed })
    })
}

fn read_holdouts(fields: &mut Fields<'_>, problems: &mut Problems) -> Vec<Holdout> {
    let what = "an object that describes a holdout";
    read_groups(
        fields,
        "holdouts",
        what,
        problems,
        |fields, key, name, seed, problems| {
            let hint =
                "Write the share of visitors in hundredths of a percent: 500 is 5 %.";
            let share = fields.required("share", hint, problems)?;
            let share = as_basis_points(share, &fields.place("share"), problems)?;
            Some(Holdout { key, name: name.to_owned(), seed, share })
        },
    )
}
