//! The variations of an experience: who sees them, and what they do.

use std::collections::BTreeSet;

use edgewise_engine::layout::{Share, anchored_by_percent, packed};
use edgewise_engine::{Allocation, MAX_CHANGES, MAX_VARIANTS};
use serde_json::{Value, json};

use crate::import::draft::{Change, Draft, Keys, Variant, whole_weights};
use crate::import::judge::{change, redirect};
use crate::import::pattern::shown;
use crate::import::place::{not_an_address, take_apart};
use crate::import::report::{Loss, Parts, count};
use crate::import::{id, list, text};

/// Version 12 brought the anchored layout.
const LAST_PACKED: f64 = 11.0;

/// A variation and its id.
pub(super) struct Known<'a> {
    variation: &'a Value,
    id: String,
}

/// The variations, if there are as many as an experiment can have, each with an id of its own.
pub(super) fn check(experience: &Value) -> Result<Vec<Known<'_>>, Loss> {
    let variations = list(experience, "variations");
    if variations.is_empty() || variations.len() > MAX_VARIANTS {
        let reason = format!("it has {}", count(variations.len(), "variation"));
        let hint = format!("An experiment has 2 to {MAX_VARIANTS} variants.");
        return Err(Loss::new(reason, hint));
    }
    let mut ids = BTreeSet::new();
    let mut known = Vec::new();
    for variation in variations {
        let found = variation.get("id").and_then(id).filter(|id| ids.insert(id.clone()));
        let Some(id) = found else {
            return Err(Loss::new(
                "a variation has no id of its own",
                "The ids decide who sees what; export the project anew.",
            ));
        };
        known.push(Known { variation, id });
    }
    Ok(known)
}

/// The variants, control first.
pub(super) fn read(
    experience: &Value,
    known: &[Known<'_>],
    pages: &Value,
    draft: &mut Draft,
    parts: &mut Parts,
) -> Vec<Variant> {
    let shares: Vec<_> = known.iter().map(share).collect();
    let version = number(experience.get("version").unwrap_or(&Value::Null));
    let anchored = version.is_some_and(|version| version > LAST_PACKED);
    let allocations =
        if anchored { anchored_by_percent(&shares) } else { packed(&shares) };
    let percents: Vec<_> =
        shares.iter().map(|share| share.percent.unwrap_or(100.0)).collect();
    let weights = whole_weights(&percents);

    let mut keys = Keys::default();
    let mut variants = Vec::new();
    // One variation alone is shown to everybody, and needs somebody to compare with here.
    if known.len() == 1 {
        parts.note("it has one variation; a control that nobody sees was added");
        variants.push(Variant {
            key: keys.make(&[Some("control")], "control"),
            name: "Control".to_owned(),
            weight: 0,
            ranges: Allocation::default(),
            redirect: None,
            changes: Vec::new(),
        });
    }
    let is_control = |one: &Known<'_>| {
        one.variation.get("is_baseline").and_then(Value::as_bool) == Some(true)
    };
    let control = known.iter().position(is_control).unwrap_or(0);
    let mut order: Vec<usize> = (0..known.len()).collect();
    order.swap(0, control);
    order[1..].sort_unstable();
    for index in order {
        let Known { variation, id } = &known[index];
        let fallback = format!("variant-{}", index + 1);
        let key =
            keys.make(&[text(variation, "key"), text(variation, "name")], &fallback);
        let name = text(variation, "name").unwrap_or(&key).to_owned();
        if !shares[index].running {
            parts.note(format_args!("{key:?} is stopped, so nobody sees it"));
        }
        let mut variant = Variant {
            key,
            name,
            weight: weights[index],
            ranges: allocations[index].clone(),
            redirect: None,
            changes: Vec::new(),
        };
        let first = variants.is_empty();
        let scope = Scope { experience, pages, control: first };
        changes(&scope, variation, id, &mut variant, draft, parts);
        variants.push(variant);
    }
    variants
}

fn share<'a>(known: &'a Known<'_>) -> Share<'a> {
    let variation = known.variation;
    let running = text(variation, "status").is_none_or(|status| status == "running");
    let percent = variation.get("traffic_allocation").and_then(number);
    Share { id: &known.id, percent, running }
}

fn number(value: &Value) -> Option<f64> {
    let parsed = value.as_str().and_then(|text| text.trim().parse().ok());
    value.as_f64().or(parsed).filter(|number: &f64| number.is_finite())
}

/// What is around a variation.
struct Scope<'a> {
    experience: &'a Value,
    pages: &'a Value,
    control: bool,
}

fn changes(
    scope: &Scope<'_>,
    variation: &Value,
    id: &str,
    variant: &mut Variant,
    draft: &mut Draft,
    parts: &mut Parts,
) {
    let key = variant.key.clone();
    let mut found: Vec<Change> = Vec::new();
    let mut css = |text: Option<&str>, parts: &mut Parts| {
        let Some(text) = text else { return };
        match change(None, json!({ "css": text })) {
            Ok(change) => found.push(change),
            Err(loss) => parts.lost(format_args!("styles of {key:?}"), &loss),
        }
    };
    css(text(scope.experience, "global_css"), parts);
    let all = list(variation, "changes");
    for (index, one) in all.iter().take(MAX_CHANGES).enumerate() {
        let data = one.get("data").unwrap_or(&Value::Null);
        let what = format!("change {} of {key:?}", index + 1);
        let kind = text(one, "type").unwrap_or("unknown");
        match kind {
            "defaultCode" | "customCode" | "defaultCodeMultipage" => {
                if kind == "defaultCodeMultipage" || text(data, "page_id").is_some() {
                    parts.lost(&what, &Loss::new(
                        "it is for one of several pages",
                        "Make an experiment for that page, with the same seed and ranges.",
                    ));
                    continue;
                }
                css(text(data, "css"), parts);
                if text(data, "js").is_some() || text(data, "custom_js").is_some() {
                    parts.lost(format_args!("{what}, a script"), &script());
                }
            }
            "richStructure" => parts
                .lost(format_args!("{what}, a script of the visual editor"), &script()),
            "defaultRedirect" => match read_redirect(scope, data, parts, &what) {
                Ok((to, host)) => {
                    draft.redirect_hosts.extend(host);
                    variant.redirect = to;
                }
                Err(loss) => parts.lost(format_args!("{what}, a redirect"), &loss),
            },
            "fullStackFeature" => {
                let feature = data
                    .get("feature_id")
                    .and_then(crate::import::id)
                    .unwrap_or_default();
                parts.lost(format_args!("{what}, feature {}", shown(&feature)), &Loss::new(
                    "the site itself turns it on",
                    "Write \"rendering\": \"origin\", and the site is told the variant in a request header.",
                ));
            }
            kind => parts.lost(
                &what,
                &Loss::new(
                    format!("changes of type {} are not known here", shown(kind)),
                    "Make the change in the draft.",
                ),
            ),
        }
    }
    if all.len() > MAX_CHANGES {
        let more = all.len() - MAX_CHANGES;
        parts.lost(
            format_args!("{more} more changes of {key:?}"),
            &Loss::new(
                format!("a variant has at most {MAX_CHANGES}"),
                "Replace the HTML of a larger element instead of many small ones.",
            ),
        );
    }
    if scope.control && !found.is_empty() {
        parts.lost(
            format_args!("styles of {key:?}, variation {id}"),
            &Loss::new(
                "it is control, which shows the page as it is",
                "Put them into the page, or into each of the other variants.",
            ),
        );
        found.clear();
    }
    if variant.redirect.is_some() && !found.is_empty() {
        parts.lost(
            format_args!("styles of {key:?}"),
            &Loss::new(
                "the variant redirects, so there is no page to style",
                "Put them into an experiment on the page that it leads to.",
            ),
        );
        found.clear();
    }
    variant.changes = found;
}

/// Why code that runs in the browser is left out.
pub(super) fn script() -> Loss {
    Loss::new(
        "code that changes a page after it is made is not carried over",
        "Write down as changes what it does to the page; for anything else there is \"script\".",
    )
}

/// A redirect from the pages of the experiment to one address, and the host that has to be allowed for it.
#[allow(clippy::type_complexity, reason = "nothing to redirect is no redirect")]
fn read_redirect(
    scope: &Scope<'_>,
    data: &Value,
    parts: &mut Parts,
    what: &str,
) -> Result<(Option<Value>, Option<String>), Loss> {
    let by_regex =
        scope.experience.pointer("/settings/split_url_settings/split_regex_support");
    if by_regex.and_then(Value::as_bool) == Some(true) {
        return Err(Loss::new(
            "its addresses are regexes",
            "Make an experiment for each address, with the same seed and ranges.",
        ));
    }
    let pattern = |name: &str| text(data, name).ok_or_else(not_an_address);
    let (from, to) = (pattern("original_pattern")?, pattern("variation_pattern")?);
    if from == to {
        return Ok((None, None));
    }
    if scope.control {
        let hint = "Put the variation without a redirect first.";
        return Err(Loss::new("it is control, which shows the page as it is", hint));
    }
    let (old, new) = (take_apart(from)?, take_apart(to)?);
    if to.contains(['$', '*']) {
        return Err(Loss::new(
            "its address is put together of the old one",
            "Write the whole address.",
        ));
    }
    let Some(new_host) = new.host else { return Err(not_an_address()) };
    let mut address =
        if new.path.is_empty() { "/".to_owned() } else { new.path.to_owned() };
    address.extend(new.query.map(|query| format!("?{query}")));
    let same_host = old.host.as_ref() == Some(&new_host);
    let (address, host) = if same_host {
        (address, None)
    } else {
        (format!("https://{new_host}{address}"), Some(new_host))
    };
    let redirect = redirect(&address, host.as_deref())?;
    if !only_page(scope.pages, old.host.as_deref(), old.path) || old.query.is_some() {
        parts.hold(format_args!(
            "{what} redirected {} only, and the experiment's pages may be others",
            shown(from)
        ));
    }
    Ok((Some(redirect), host))
}

/// Whether the rules let in this page and no other.
fn only_page(pages: &Value, host: Option<&str>, path: &str) -> bool {
    use crate::import::place::{PathTest, Place, encode};
    let path = if path.is_empty() { "/" } else { path };
    let hosts = host.map(str::to_owned).into_iter().collect();
    let place = Place::new(hosts, PathTest::Is(encode(path)));
    let same = |place: &Place| place.page_rules().ok();
    let include = list(pages, "include").to_vec();
    same(&place) == Some(include.clone()) || same(&place.ignoring_case()) == Some(include)
}
