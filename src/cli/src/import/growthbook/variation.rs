//! The variations of a visual-editor experiment: mutations of the page, each as a change.

use edgewise_engine::{Allocation, MAX_CHANGES};
use serde_json::{Map, Value, json};

use crate::import::draft::{Change, Draft, Keys, Variant};
use crate::import::judge::{as_copy, change, redirect};
use crate::import::pattern::shown;
use crate::import::place::{not_an_address, take_apart};
use crate::import::report::{Loss, Parts, count};
use crate::import::{list, text};

/// The variants, control first. `ranges` and `weights` are theirs, in order.
pub(super) fn read(
    experiment: &Value,
    ranges: Vec<Allocation>,
    weights: &[u16],
    draft: &mut Draft,
    parts: &mut Parts,
) -> Vec<Variant> {
    let keeps_query = experiment.get("persistQueryString").and_then(Value::as_bool);
    let variations = list(experiment, "variations");
    let meta = list(experiment, "meta");
    let mut keys = Keys::default();
    let mut variants: Vec<Variant> = Vec::with_capacity(variations.len());
    for (index, (variation, ranges)) in variations.iter().zip(ranges).enumerate() {
        let about = meta.get(index).unwrap_or(&Value::Null);
        let control = index == 0;
        let otherwise =
            if control { "control".to_owned() } else { format!("variant-{index}") };
        // Keys are numbers there unless somebody wrote one.
        let named = text(about, "key").filter(|key| key.parse::<u32>().is_err());
        let key = keys.make(&[named, text(about, "name")], &otherwise);
        let numbered =
            if control { "Control".to_owned() } else { format!("Variation {index}") };
        let name = text(about, "name").map_or(numbered, str::to_owned);
        if about.get("passthrough").and_then(Value::as_bool) == Some(true) {
            parts.note(format_args!("{key:?} lets visitors on to later experiments in GrowthBook; here every experiment does"));
        }
        let mut changes = read_changes(variation, &key, parts);
        let mut led = None;
        if let Some(to) = text(variation, "urlRedirect") {
            match read_redirect(to) {
                Ok(_) if control => {
                    let loss = Loss::new(
                        "it is control, which shows the page as it is",
                        "Put the variation without a redirect first.",
                    );
                    parts.lost(format_args!("redirect of {key:?}"), &loss);
                }
                Ok((to, host)) => {
                    if keeps_query != Some(true) {
                        parts.note(format_args!("{key:?} redirects with the query of the address, which GrowthBook would have dropped"));
                    }
                    draft.redirect_hosts.insert(host);
                    led = Some(to);
                }
                Err(loss) => parts.lost(format_args!("redirect of {key:?}"), &loss),
            }
        }
        if (control || led.is_some()) && !changes.is_empty() {
            let reason = if control {
                "it is control, which shows the page as it is"
            } else {
                "the variant redirects, so there is no page to change"
            };
            let hint = "Put them into the page, or into another variant.";
            parts.lost(
                format_args!("{} of {key:?}", count(changes.len(), "change")),
                &Loss::new(reason, hint),
            );
            changes.clear();
        }
        let weight = weights.get(index).copied().unwrap_or_default();
        variants.push(Variant { key, name, weight, ranges, redirect: led, changes });
    }
    variants
}

fn read_changes(variation: &Value, key: &str, parts: &mut Parts) -> Vec<Change> {
    let mut changes = Vec::new();
    if let Some(css) = text(variation, "css") {
        match change(None, json!({ "css": css })) {
            Ok(change) => changes.push(change),
            Err(loss) => parts.lost(format_args!("styles of {key:?}"), &loss),
        }
    }
    if text(variation, "js").is_some() {
        parts.lost(format_args!("script of {key:?}"), &Loss::new(
            "code that changes a page after it is made is not carried over",
            "Write down as changes what it does to the page; for anything else there is \"script\".",
        ));
    }
    let mutations = list(variation, "domMutations");
    for (index, mutation) in mutations.iter().enumerate() {
        if changes.len() == MAX_CHANGES {
            let more = count(mutations.len() - index, "change");
            parts.lost(
                format_args!("{more} of {key:?}"),
                &Loss::new(
                    format!("a variant has at most {MAX_CHANGES}"),
                    "Replace the HTML of a larger element instead of many small ones.",
                ),
            );
            break;
        }
        match read_mutation(mutation) {
            Ok(change) => changes.extend(change),
            Err(loss) => {
                let selector = shown(text(mutation, "selector").unwrap_or_default());
                parts.lost(
                    format_args!("change {} of {key:?}, on {selector}", index + 1),
                    &loss,
                );
            }
        }
    }
    changes
}

/// The change that does what the mutation does; none if it does nothing.
fn read_mutation(mutation: &Value) -> Result<Option<Change>, Loss> {
    let selector = text(mutation, "selector");
    let attribute = text(mutation, "attribute").unwrap_or_default();
    let value = mutation.get("value").and_then(Value::as_str).unwrap_or_default();
    let action = text(mutation, "action").unwrap_or_default();
    let classes = || value.split_whitespace().collect::<Vec<_>>();
    let action = match (attribute, action) {
        ("html", "set") => json!({"html": as_copy(value)}),
        ("html", "append") if value.is_empty() => return Ok(None),
        ("html", "append") => json!({"insert": {"append": as_copy(value)}}),
        ("class" | "className", "append" | "remove") if value.trim().is_empty() => {
            return Ok(None);
        }
        ("class" | "className", "append") => json!({"class": {"add": classes()}}),
        // Several are taken for the name of one, which no element has.
        ("class", "remove") if classes().len() > 1 => return Ok(None),
        ("class", "remove") => json!({"class": {"remove": classes()}}),
        ("class" | "className", "set") => {
            let value =
                if value.is_empty() { Value::Null } else { json!(as_copy(value)) };
            json!({"attribute": {"class": value}})
        }
        ("position", "set") => {
            let parent = text(mutation, "parentSelector");
            match (parent, text(mutation, "insertBeforeSelector")) {
                (None, _) => return Ok(None),
                (Some(_), Some(before)) => json!({"move": {"before": before}}),
                (Some(parent), None) => json!({"move": {"append": parent}}),
            }
        }
        ("html", "remove") | ("position" | "", _) => return Ok(None),
        (attribute, "set") => attribute_change(attribute, json!(as_copy(value))),
        (attribute, "remove") => attribute_change(attribute, Value::Null),
        (_, "append") => {
            return Err(Loss::new(
                format!("nothing here adds to what {} holds", shown(attribute)),
                "Write the whole value, as an \"attribute\" change.",
            ));
        }
        (_, action) => {
            return Err(Loss::new(
                format!("the action {} is not known here", shown(action)),
                "Make the change in the draft.",
            ));
        }
    };
    change(selector, action).map(Some)
}

fn attribute_change(name: &str, value: Value) -> Value {
    let attributes = Map::from_iter([(name.to_owned(), value)]);
    json!({ "attribute": attributes })
}

fn read_redirect(to: &str) -> Result<(Value, String), Loss> {
    let written = take_apart(to)?;
    let (Some(host), false) = (written.host, written.fragment) else {
        return Err(not_an_address());
    };
    let path = if written.path.is_empty() { "/" } else { written.path };
    let mut address = format!("https://{host}{path}");
    address.extend(written.query.map(|query| format!("?{query}")));
    let redirect = redirect(&address, Some(&host))?;
    Ok((redirect, host))
}
