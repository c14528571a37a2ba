//! Experiments that lead to other pages.

use edgewise_engine::{Datafile, Decision, Page, Visit, VisitorId, assign, validate};
use serde_json::{Value, json};

/// An experiment on pages, whose variants beside control are given; each has the same weight.
#[expect(clippy::needless_pass_by_value, reason = "reads better with json!")]
pub(crate) fn experiment(key: &str, pages: Value, variants: &[Value]) -> Value {
    let count = variants.len() + 1;
    let weight = |index: usize| {
        if index == 0 { 10_000 - 10_000 / count * (count - 1) } else { 10_000 / count }
    };
    let mut all = vec![json!({"key": "control", "name": "Control", "weight": weight(0)})];
    for (index, variant) in variants.iter().enumerate() {
        let mut variant = variant.clone();
        let name = char::from(b'b' + u8::try_from(index).unwrap());
        variant["key"] = json!(name.to_string());
        variant["name"] = json!(name.to_ascii_uppercase().to_string());
        variant["weight"] = json!(weight(index + 1));
        all.push(variant);
    }
    json!({
        "key": key, "name": format!("Experiment {key}"), "status": "running",
        "hypothesis": {
            "we_believe": "another page", "will_cause": "more sign-ups", "because": "visitors skim this one"
        },
        "pages": pages,
        "variants": all,
    })
}

/// The pages of one path.
pub(crate) fn path(path: &str) -> Value {
    json!({"include": [{"exact": path}]})
}

/// A variant that redirects.
pub(crate) fn redirect(to: &str) -> Value {
    json!({"redirect": {"to": to}})
}

/// A variant that shows another page.
pub(crate) fn page(path: &str) -> Value {
    json!({"page": {"path": path}})
}

/// The datafile of experiments, where redirects may lead to `shop.example.com`.
pub(crate) fn datafile(experiments: &[Value]) -> Datafile {
    let draft =
        json!({"redirect_hosts": ["shop.example.com"], "experiments": experiments});
    let (datafile, problems) = validate(&draft.to_string(), 1);
    datafile.unwrap_or_else(|| panic!("{problems}"))
}

/// What a visitor is decided who opens the page.
pub(crate) fn open<'d>(
    datafile: &'d Datafile,
    visitor: &str,
    url: &str,
) -> Vec<Decision<'d>> {
    let visit = Visit::to(Page::parse(url).unwrap());
    assign(datafile, &VisitorId::new(visitor).unwrap(), &visit)
}

/// A visitor whom the experiments give the variants named, in their order.
pub(crate) fn visitor_of(datafile: &Datafile, variants: &[&str]) -> String {
    let has = |visitor: &String| {
        let id = VisitorId::new(visitor.as_str()).unwrap();
        let experiments = datafile.experiments();
        let keys = experiments.map(|experiment| {
            let bucket = edgewise_engine::Bucket::of(&experiment.seed, &id);
            experiment.variant_at(bucket).map_or("", |variant| variant.key.as_str())
        });
        keys.eq(variants.iter().copied())
    };
    (0..10_000).map(|number| format!("visitor-{number}")).find(has).unwrap()
}
