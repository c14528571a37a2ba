//! `edgewise publish`: to a file, or to a place that serves it.

mod file;
mod place;

use anyhow::Result;
use edgewise_engine::{Datafile, conflicts};

use crate::args::Publish;
use crate::{Outcome, output};

pub(crate) fn run(args: &Publish) -> Result<Outcome> {
    match (&args.to.out, args.to.target()) {
        (_, Some(target)) => place::run(args, target),
        (Some(out), None) => file::run(args, out),
        (None, None) => unreachable!("one of them has to be given"),
    }
}

/// Running experiments that are in one another's way are published all the same: which of them has an element is settled
/// by their order.
fn tell_conflicts(datafile: &Datafile) {
    let found = conflicts(datafile).conflicts;
    let Some(first) = found.first() else { return };
    let more = match found.len() - 1 {
        0 => String::new(),
        1 => "\n\"edgewise conflicts\" tells of one more".to_owned(),
        more => format!("\n\"edgewise conflicts\" tells of {more} more"),
    };
    output::talk(&format!("conflict: {}{more}", first.explain()));
}

/// `2 experiments`.
fn count(datafile: &Datafile) -> String {
    let count = datafile.len();
    format!("{count} experiment{}", if count == 1 { "" } else { "s" })
}
