//! `edgewise stop`, `pause`, `resume`, `rollback`, `off` and `on`: changing what is live without a draft.

use anyhow::Result;

use crate::args::{Off, On, Rollback, Switch as SwitchArgs};
use crate::place::{Place, Published, Refused, Switch};
use crate::{Outcome, output, refused};

/// How often a switch is tried, where others publish at the same time: it means the same whatever else they change.
const ATTEMPTS: u32 = 5;

pub(crate) fn run(args: &SwitchArgs, to: Switch) -> Result<Outcome> {
    let place = args.at.open(args.signed.name.by.as_deref())?;
    let mut attempt = 1;
    loop {
        let live = place.live()?.revision;
        match place.switch(&args.experiment, to, live, &args.signed.why) {
            Err(Refused::Changed) if attempt < ATTEMPTS => attempt += 1,
            outcome => return tell(&*place, outcome, live),
        }
    }
}

pub(crate) fn roll_back(args: &Rollback) -> Result<Outcome> {
    let place = args.at.open(args.signed.name.by.as_deref())?;
    let live = place.live()?.revision;
    // Not tried again: what somebody else has just done is not to be undone unseen.
    let outcome = place.roll_back(args.revision, live, &args.signed.why);
    tell(&*place, outcome, live)
}

fn tell(
    place: &dyn Place,
    outcome: Result<Published, Refused>,
    live: u64,
) -> Result<Outcome> {
    match outcome {
        Ok(published) => {
            output::lines(&published.changes)?;
            let revision = published.revision;
            output::talk(&format!("revision {revision} is live {}", place.whereabouts()));
            output::talk(&place.await_served(&published));
            Ok(Outcome::Done)
        }
        Err(refused) => refused::tell(place, refused, live),
    }
}

pub(crate) fn off(args: &Off) -> Result<Outcome> {
    let place = args.at.open(args.name.by.as_deref())?;
    match place.switch_off(&args.why) {
        Ok(()) => {
            output::talk(&format!(
                "switched off {}: no experiment runs until \"edgewise on\"",
                place.whereabouts()
            ));
            Ok(Outcome::Done)
        }
        Err(refused) => refused::tell(&*place, refused, 0),
    }
}

pub(crate) fn on(args: &On) -> Result<Outcome> {
    let place = args.at.open(args.name.by.as_deref())?;
    match place.switch_on() {
        Ok(()) => {
            output::talk(&format!("switched on {}", place.whereabouts()));
            Ok(Outcome::Done)
        }
        Err(refused) => refused::tell(&*place, refused, 0),
    }
}
