//! Drafts of experiments as people publish them, at random.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// When visits come, in these tests.
pub(crate) const NOW: &str = "2026-11-21T12:00:00Z";

/// Shares that add up to 10,000.
pub(crate) fn shares(
    count: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<u16>> + Clone {
    let cuts = count.start - 1..count.end - 1;
    proptest::collection::vec(0..=10_000_u16, cuts).prop_map(|mut cuts| {
        cuts.extend([0, 10_000]);
        cuts.sort_unstable();
        cuts.windows(2).map(|pair| pair[1] - pair[0]).collect()
    })
}

/// An experiment on all pages, whose variants (`v0` is control) have these weights.
pub(crate) fn experiment(number: usize, weights: &[u16]) -> Value {
    let variant = |(index, weight): (usize, &u16)| {
        let key = format!("v{index}");
        json!({"key": key, "name": key, "weight": weight})
    };
    json!({
        "key": format!("e{number}"), "name": format!("E{number}"), "status": "running",
        "hypothesis": {
            "we_believe": "another headline", "will_cause": "more sign-ups", "because": "visitors skim this one"
        },
        "pages": {"include": [{"prefix": "/"}]},
        "variants": weights.iter().enumerate().map(variant).collect::<Vec<_>>(),
    })
}

/// A draft of experiments.
pub(crate) fn draft(experiments: &[Value]) -> Value {
    json!({"experiments": experiments})
}

/// An experiment of any kind that has no key yet.
#[derive(Debug, Clone)]
pub(crate) struct Rough {
    weights: Vec<u16>,
    status: &'static str,
    page: Value,
    schedule: Value,
    audience: u8,
    leads: bool,
}

impl Rough {
    /// With the key of a number.
    pub(crate) fn numbered(&self, number: usize) -> Value {
        let mut one = experiment(number, &self.weights);
        one["status"] = json!(self.status);
        one["pages"] = json!({ "include": [self.page] });
        one["schedule"] = self.schedule.clone();
        one["audience"] = audience(self.audience);
        one
    }

    /// The same, which may ask who is in the experiment of the number before.
    pub(crate) fn asking(&self, number: usize) -> Value {
        let mut one = self.numbered(number);
        if self.audience > 6 && number > 0 {
            let before = format!("e{}", number - 1);
            let asked = json!({"in_experiment": before, "variant": "v1"});
            one["audience"] =
                if self.audience > 8 { json!({ "not": asked }) } else { asked };
        }
        one
    }

    /// The same, which may lead to another page.
    pub(crate) fn leading(&self, number: usize) -> Value {
        let mut one = self.asking(number);
        if self.leads {
            one["variants"][1]["page"] = json!({"path": format!("/other-{number}")});
        }
        one
    }
}

fn audience(which: u8) -> Value {
    match which {
        0 => json!({"not": {"fact": "geo.country", "is": "DE"}}),
        1 => json!({"fact": "query.x", "exists": false}),
        2 => {
            json!({"fact": "now", "within": ["2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"]})
        }
        _ => json!({"fact": "page.path", "starts": "/"}),
    }
}

/// Experiments of any kind.
pub(crate) fn rough() -> impl Strategy<Value = Rough> {
    let statuses = select(vec!["running", "running", "running", "paused", "draft"]);
    let pages = select(vec![
        json!({"prefix": "/"}),
        json!({"prefix": "/"}),
        json!({"exact": "/a"}),
        json!({"wildcard": "/a*"}),
        json!({"host": "*.example.com", "suffix": "b"}),
        json!({"query": {"x": "1"}}),
    ]);
    let schedules = select(vec![
        json!({}),
        json!({"end": "2026-01-01T00:00:00Z"}),
        json!({"ramp": [{"at": "2026-01-01T00:00:00Z", "coverage": 5_000}, {"at": "2027-01-01T00:00:00Z", "coverage": 8_000}]}),
    ]);
    (shares(2..4), statuses, pages, schedules, 0..11_u8, any::<bool>()).prop_map(
        |(weights, status, page, schedule, audience, leads)| Rough {
            weights,
            status,
            page,
            schedule,
            audience,
            leads,
        },
    )
}
