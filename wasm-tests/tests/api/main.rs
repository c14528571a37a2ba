//! The API from end to end: what somebody does through it, and what visitors, other people and the log see of that.

mod access;
mod audit;
mod bounds;
mod conflicts;
mod contract;
mod costs;
mod experiments;
mod filed;
mod history;
mod life;
mod limits;
mod pages;
mod places;
mod problems;
mod roles;
mod routes;
mod support;
mod warm;

/// What the table of routes knows of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Viewer,
    Editor,
    Publisher,
}
