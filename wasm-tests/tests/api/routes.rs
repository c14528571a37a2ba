//! The module's own table of routes, so that nothing in it goes without a test.

#![allow(dead_code, reason = "the tests need a part of it only")]

use crate::Role;

#[path = "../../../src/edge/src/api/routes.rs"]
mod table;

pub(crate) use table::{ROUTES, Route};

/// A path that has this route: with an experiment and revisions that are there.
pub(crate) fn path(route: &Route) -> String {
    route
        .path
        .replace("{key}", "hero")
        .replace("{revision}", "1")
        .replace("{range}", "1..1")
}
