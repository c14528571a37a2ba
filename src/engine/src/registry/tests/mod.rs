//! The registry over a store in memory.

mod follow;
mod history;
mod limits;
mod memory;
mod publishing;

use serde_json::{Value, json};

use self::memory::Memory;
use super::{Expect, Published, Registry, Signed};
use crate::time::Moment;

fn signed<'s>(by: &'s str, why: &'s str) -> Signed<'s> {
    Signed { by, at: Moment::from_unix(1_795_262_400), why }
}

fn ada() -> Signed<'static> {
    signed("ada", "")
}

fn experiment(key: &str, status: &str, weight: u16) -> Value {
    json!({
        "key": key, "name": key, "status": status,
        "hypothesis": {"we_believe": "a shorter headline", "will_cause": "more sign-ups", "because": "people skim it"},
        "pages": {"include": [{"exact": format!("/{key}")}]},
        "variants": [
            {"key": "control", "name": "Control", "weight": 10_000 - weight},
            {"key": "b", "name": "B", "weight": weight, "changes": [{"selector": "h1", "text": key}]},
        ],
    })
}

fn draft(experiments: &[Value]) -> String {
    json!({ "experiments": experiments }).to_string()
}

/// A store in which "hero" runs, as revision 1.
fn with_hero() -> Memory {
    let store = Memory::default();
    let hero = draft(&[experiment("hero", "running", 5_000)]);
    publish(&store, &hero);
    store
}

#[track_caller]
fn publish(store: &Memory, draft: &str) -> Published {
    Registry::new(store).publish(draft, Expect::Any, ada()).expect("a good draft")
}

/// What is wrong, and what to do.
#[track_caller]
fn refused(result: Result<Published, super::RegistryError>) -> (String, &'static str) {
    let error = result.expect_err("it must not be published");
    (error.to_string(), error.hint())
}
