//! Where variants lead: their redirects and other pages, and what holds for all redirects of a draft together.

use serde_json::Value;

use crate::address::{Address, InvalidAddress, OriginPath, is_host};
use crate::draft::{Fields, Place, as_list, as_text, wrong_kind};
use crate::experiment::{CanonicalRule, Experiment, OtherPage, Redirect, RedirectStatus};
use crate::loops::{Circle, MAX_REDIRECTING, circles};
use crate::page::{PageRule, PathRule};
use crate::problem::Problems;

/// What a variant says about where it leads.
pub(super) struct Led {
    pub(super) redirect: Option<Redirect>,
    pub(super) page: Option<OtherPage>,
    /// Whether it says anything, be it right or wrong.
    pub(super) written: bool,
    /// Whether it says that it redirects, be it right or wrong.
    pub(super) redirects: bool,
}

pub(super) fn read_destination(
    fields: &mut Fields<'_>,
    control: bool,
    problems: &mut Problems,
) -> Led {
    let redirect = fields.optional("redirect");
    let page = fields.optional("page");
    let mut led = Led {
        redirect: None,
        page: None,
        written: redirect.is_some() || page.is_some(),
        redirects: redirect.is_some(),
    };
    if control && led.written {
        problems.error(
            "control-leads-elsewhere",
            fields.at(),
            "control, the first variant, leads to another page",
            "Leave the first variant as the page is, and let another one lead elsewhere.",
        );
    }
    if redirect.is_some() && page.is_some() {
        problems.error(
            "two-destinations",
            fields.at(),
            "a variant leads to one place, and this has \"redirect\" and \"page\"",
            "Write \"redirect\" to change the address, or \"page\" to keep it.",
        );
    }
    led.redirect = redirect
        .and_then(|value| read_redirect(value, &fields.place("redirect"), problems));
    led.page = page.and_then(|value| read_page(value, &fields.place("page"), problems));
    led
}

fn read_redirect(value: &Value, at: &Place, problems: &mut Problems) -> Option<Redirect> {
    let what = "an object such as {\"to\": \"/landing-b\"}";
    let mut fields = Fields::of(value, at, what, problems)?;
    let hint = "Write a path such as \"/landing-b\", or an address that begins with \"https://\".";
    let to = fields.text("to", hint, problems);
    let to = to.and_then(|to| note(Address::parse(to), &fields.place("to"), problems));
    let status = fields.optional("status").map(|value| {
        let status = value.as_u64().and_then(|status| u16::try_from(status).ok());
        let status = status.and_then(|status| RedirectStatus::try_from(status).ok());
        if status.is_none() {
            problems.error(
                "not-a-redirect-status",
                fields.place("status"),
                format!("{value} is not a status that a redirect can have here"),
                "Write 302 or 307 without quotes, or leave it out; browsers would remember a 301 for good.",
            );
        }
        status
    });
    fields.finish(problems);
    Some(Redirect { to: to?, status: status.unwrap_or(Some(RedirectStatus::default()))? })
}

fn read_page(value: &Value, at: &Place, problems: &mut Problems) -> Option<OtherPage> {
    let what = "an object such as {\"path\": \"/landing-b\"}";
    let mut fields = Fields::of(value, at, what, problems)?;
    let hint = "Write the path of a page of the website, such as \"/landing-b\".";
    let path = fields.text("path", hint, problems);
    let path = path
        .and_then(|path| note(OriginPath::parse(path), &fields.place("path"), problems));
    let canonical = fields.optional("canonical").map(|value| {
        let place = fields.place("canonical");
        let rule = match as_text(value, &place, problems)? {
            "this" => Some(CanonicalRule::This),
            "keep" => Some(CanonicalRule::Keep),
            _ => None,
        };
        if rule.is_none() {
            problems.error(
                "not-a-canonical-rule",
                place,
                format!("{value} says nothing about the canonical address"),
                "Write \"this\" for the address that visitors see, or \"keep\" for what the page says.",
            );
        }
        rule
    });
    fields.finish(problems);
    let canonical = canonical.unwrap_or(Some(CanonicalRule::default()))?;
    Some(OtherPage { path: path?, canonical })
}

fn note<T>(
    found: Result<T, InvalidAddress>,
    at: &Place,
    problems: &mut Problems,
) -> Option<T> {
    found
        .map_err(|error| {
            problems.error(error.code(), at, error.to_string(), error.hint());
        })
        .ok()
}

/// The hosts that redirects may lead to, beside the one that was asked.
pub(super) fn read_hosts(
    fields: &mut Fields<'_>,
    problems: &mut Problems,
) -> Vec<String> {
    let Some(value) = fields.optional("redirect_hosts") else { return Vec::new() };
    let at = fields.place("redirect_hosts");
    let mut hosts = Vec::new();
    for (index, item) in as_list(value, &at, problems).iter().enumerate() {
        let at = at.item(index);
        let Some(host) = item.as_str() else {
            wrong_kind(problems, &at, item, "a text");
            continue;
        };
        if !is_host(host) {
            problems.error(
                "not-a-host",
                at,
                format!("{host:?} is not a host that redirects can be allowed to"),
                "Write each host's whole name, such as \"shop.example.com\", without a scheme, a port and \"*\".",
            );
        }
        hosts.push(host.to_ascii_lowercase());
    }
    hosts
}

/// Whether the experiment runs on nothing but the page it would show.
fn is_only_page(experiment: &Experiment, address: &Address) -> bool {
    let is_address = |rule: &PageRule| matches!(&rule.path, PathRule::Exact(path) if path == address.path());
    !address.has_parameters() && experiment.pages.include.iter().all(is_address)
}

/// What can only be told once all experiments are read. `places` are those of the experiments.
pub(super) fn check_redirects(
    experiments: &[Experiment],
    places: &[Place],
    hosts: &[String],
    problems: &mut Problems,
) {
    let at = |experiment: usize, variant: usize| {
        let variant = places[experiment].field("variants").item(variant);
        variant.field("redirect").field("to")
    };
    let mut redirecting = 0;
    for (index, experiment) in experiments.iter().enumerate() {
        redirecting += usize::from(experiment.redirects().next().is_some());
        for (variant, one) in experiment.variants.iter().enumerate() {
            if let Some(page) = &one.page
                && is_only_page(experiment, page.path.address())
            {
                let place = places[index].field("variants").item(variant);
                problems.error(
                    "page-is-the-same",
                    place.field("page").field("path"),
                    format!("{:?} is the page asked for", page.path.address().as_str()),
                    "Name another page, or leave \"page\" out and change this one.",
                );
            }
            let address = one.redirect.as_ref().map(|redirect| &redirect.to);
            let Some(host) = address.and_then(Address::host) else { continue };
            if !hosts.iter().any(|allowed| allowed == host) {
                problems.error(
                    "host-not-allowed",
                    at(index, variant),
                    format!("{host:?} is not a host that redirects may lead to"),
                    format!("Write \"redirect_hosts\": [{host:?}] beside \"experiments\"; for the host that was asked, write the path alone."),
                );
            }
        }
    }
    if redirecting > MAX_REDIRECTING {
        problems.error(
            "too-many",
            "experiments",
            format!("a draft has at most {MAX_REDIRECTING} experiments that redirect, and this has {redirecting}"),
            "Archive those that have ended.",
        );
        return;
    }
    for Circle { experiments: circle, variant } in circles(experiments) {
        let place = at(circle[0], variant);
        let key = |index: &usize| format!("{:?}", experiments[*index].key.as_str());
        let first = key(&circle[0]);
        let [_, others @ ..] = circle.as_slice() else { continue };
        if others.is_empty() {
            problems.error(
                "redirect-leads-back",
                place,
                format!("this leads to a page of {first} itself, which would redirect it again"),
                "Exclude that page in \"pages\", or give \"to\" a parameter that tells it from the page asked for.",
            );
        } else {
            let through: Vec<_> = others.iter().map(key).collect();
            problems.error(
                "redirect-loop",
                place,
                format!(
                    "{first} leads to a page of {}, which leads back to one of {first}",
                    through.join(", which leads to one of ")
                ),
                "Exclude one of these pages, or name the hosts in the page rules. Experiments that do not run count too: QA links show them.",
            );
        }
    }
}
