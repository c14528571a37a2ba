//! What is read, what is refused and how, and what matches.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod matching;
mod naive;
mod page;
mod properties;
mod refused;
