//! What is published, and what was: immutable things filed by the hash of their content, and one small pointer to what is
//! live. Whoever moves the pointer says which one they saw, so two publishers cannot lose each other's work.

mod filed;
mod store;

pub use self::filed::{
    InvalidFile, LIVE, Live, OFF, Record, hash, key_of_datafile, key_of_draft,
    key_of_record,
};
pub use self::store::{Store, StoreError, Stored, When};
