//! Where datafiles are published to: a site with Edgewise in front of it, asked through its own API, or Fastly's KV store,
//! written to through Fastly's. Both keep the same things in the same store and tell the same of them.

mod secret;
mod address;
mod http;
mod told;
mod kv;
mod fastly;
mod site;

use std::time::Duration;

use anyhow::Result;
use edgewise_engine::Datafile;

use self::told::NOT_THERE;
pub(crate) use self::told::{
    Deed, Entry, Live, Off, Problem, Published, Refused, Switch, Switched,
};
use crate::args::{Reach, Target};

/// Something that holds what is live.
pub(crate) trait Place {
    /// What is live, and whether the kill switch is set.
    fn live(&self) -> Result<Live>;

    /// The draft that is live, as it was published; none if nothing is live.
    fn draft(&self) -> Result<Option<String>>;

    /// The datafile that is live.
    fn datafile(&self) -> Result<Option<Datafile>>;

    /// The last that was done, newest first.
    fn history(&self, limit: usize) -> Result<Vec<Deed>>;

    /// Publishes a draft if this revision is live; 0 is none.
    fn publish(&self, draft: &str, live: u64, why: &str) -> Result<Published, Refused>;

    /// Pauses, resumes or stops an experiment of this revision.
    fn switch(
        &self,
        experiment: &str,
        to: Switch,
        live: u64,
        why: &str,
    ) -> Result<Published, Refused>;

    /// Makes an earlier revision live again if this one is live.
    fn roll_back(&self, to: u64, live: u64, why: &str) -> Result<Published, Refused>;

    /// Sets the kill switch.
    fn switch_off(&self, why: &str) -> Result<(), Refused>;

    /// Takes it back.
    fn switch_on(&self) -> Result<(), Refused>;

    /// Waits until visitors are served what is live now, as far as that can be seen from here, and tells about it.
    fn await_served(&self, published: &Published) -> String;

    /// Where it is, as in `at https://www.example.com`.
    fn whereabouts(&self) -> String;
}

/// The place that was asked for.
///
/// `by` is who does something, for where no access token tells.
pub(crate) fn open(
    target: Target<'_>,
    reach: &Reach,
    by: Option<&str>,
) -> Result<Box<dyn Place>> {
    let timeout = Duration::from_secs(reach.timeout);
    Ok(match target {
        Target::Site(url) => Box::new(site::Site::open(url, timeout)?),
        Target::Fastly(store) => {
            let api = reach.fastly_api.as_deref();
            Box::new(fastly::Fastly::open(store, api, by, timeout)?)
        }
    })
}
