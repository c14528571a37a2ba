//! Fastly's KV store: the registry in it is kept from here.

use std::env;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use edgewise_engine::registry::{
    self, BY_HAND, Expect, Note, Registry, RegistryError, Signed, Store as _,
};
use edgewise_engine::{Datafile, Status};

use super::http::{Client, Scheme, pause_before};
use super::kv::KvStore;
use super::secret::Secret;
use super::{
    Deed, Entry, Live, NOT_THERE, Off, Place, Problem, Published, Refused, Switch,
    Switched, address,
};
use crate::output;
use crate::visit::now;

const TOKEN: &str = "FASTLY_API_TOKEN";

/// The name under which Fastly's own client for Go looks for another address.
const API: &str = "FASTLY_API_URL";

/// How often a write is tried for which the store shows an older revision than has been seen.
const LOOKS: u32 = 4;

const DEFAULT_API: &str = "https://api.fastly.com";

pub(super) struct Fastly {
    store: KvStore,
    by: String,
}

impl Fastly {
    pub(super) fn open(
        store: &str,
        api: Option<&str>,
        by: Option<&str>,
        timeout: Duration,
    ) -> Result<Self> {
        let is_id = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if store.is_empty() || !store.chars().all(is_id) {
            bail!(
                "--to-fastly: {store:?} is not the id of a store; \"fastly kv-store list\" prints the ids"
            );
        }
        let from_env = env::var(API).ok().filter(|url| !url.is_empty());
        let api = match (api, &from_env) {
            (Some(url), _) => address::read("--fastly-api", url)?,
            (None, Some(url)) => address::read(API, url)?,
            (None, None) => DEFAULT_API.to_owned(),
        };
        let token = Secret::from_env(
            TOKEN,
            "put a token of Fastly's there, made at https://manage.fastly.com/account/personal/tokens with the scope global",
        )?;
        let scheme = Scheme { header: "fastly-key", before: "" };
        let client = Client::new(api, scheme, token, timeout);
        let by = by.map(str::to_owned).or_else(|| {
            ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| env::var(name).ok())
        });
        let by = by.filter(|name| !name.trim().is_empty());
        let by = by.unwrap_or_else(|| "somebody".to_owned());
        Ok(Self { store: KvStore { client, id: store.to_owned() }, by })
    }

    fn name(&self) -> String {
        format!("Fastly's KV store {:?}", self.store.id)
    }

    fn registry(&self) -> Registry<'_> {
        Registry::new(&self.store)
    }

    fn signed<'s>(&'s self, why: &'s str) -> Signed<'s> {
        Signed { by: &self.by, at: now(), why }
    }

    fn refused(&self, error: RegistryError) -> Refused {
        match error {
            RegistryError::Problems(problems) => {
                Refused::Problems(Problem::all(&problems))
            }
            RegistryError::Changed { .. } => Refused::Changed,
            RegistryError::NotFound(_) => {
                Refused::Not { why: error.to_string(), hint: NOT_THERE.to_owned() }
            }
            RegistryError::NotAllowed(_) => {
                Refused::Not { why: error.to_string(), hint: error.hint().to_owned() }
            }
            error => {
                let hint = error.hint();
                Refused::Failed(anyhow!("{}: {error}\n  hint: {hint}", self.name()))
            }
        }
    }

    /// The kill switch is what it was to be, whether or not there is a note of it.
    fn noted(&self, outcome: Result<Note, RegistryError>) -> Result<(), Refused> {
        if let Note::Lost(error) = outcome.map_err(|error| self.refused(error))? {
            output::talk(&format!(
                "done, but the history does not tell of it: {}: {error}",
                self.name()
            ));
        }
        Ok(())
    }

    fn read<T>(&self, outcome: Result<T, RegistryError>) -> Result<T> {
        outcome.map_err(|error| anyhow!("{}: {error}", self.name()))
    }

    /// Writes what revision `live` has to be live for. The store may show an older one for a moment; that is no reason to
    /// give up, and nothing can be lost: the pointer is moved only from the state that was seen.
    fn write(
        &self,
        live: u64,
        write: impl Fn(Registry<'_>, Expect) -> Result<registry::Published, RegistryError>,
    ) -> Result<Published, Refused> {
        let mut look = 1;
        loop {
            match write(self.registry(), Expect::Revision(live)) {
                Ok(done) => {
                    let (revision, changes) = (done.revision, done.changes);
                    return Ok(Published { revision, changes });
                }
                Err(RegistryError::Changed { live: shown })
                    if look < LOOKS
                        && shown.as_ref().map_or(0, |it| it.revision) < live =>
                {
                    thread::sleep(pause_before(look));
                    look += 1;
                }
                Err(error) => return Err(self.refused(error)),
            }
        }
    }
}

impl Place for Fastly {
    fn live(&self) -> Result<Live> {
        let registry = self.registry();
        let off = self.read(registry.off())?.map(|off| Off {
            at: off.at.map(|at| at.to_string()),
            by: off.by,
            why: off.why,
        });
        let Some((live, _)) = self.read(registry.live())? else {
            // What is not there looks like what is in a store that is not there.
            self.store.check().with_context(|| self.name())?;
            return Ok(Live { revision: 0, record: None, serving: None, off });
        };
        // A record that cannot be read is no reason not to publish over it.
        let record = registry.record(&live.record).ok().map(Entry::from);
        Ok(Live { revision: live.revision, record, serving: None, off })
    }

    fn draft(&self) -> Result<Option<String>> {
        let registry = self.registry();
        let Some((live, _)) = self.read(registry.live())? else { return Ok(None) };
        self.read(registry.draft(&live)).map(Some)
    }

    fn datafile(&self) -> Result<Option<Datafile>> {
        let registry = self.registry();
        if let Some((live, _)) = self.read(registry.live())? {
            return self.read(registry.datafile(&live)).map(Some);
        }
        // What was put there by hand is what visitors are in.
        let by_hand = self.read(self.store.get(BY_HAND).map_err(RegistryError::from))?;
        Ok(by_hand.and_then(|stored| Datafile::open(stored.bytes).ok()))
    }

    fn history(&self, limit: usize) -> Result<Vec<Deed>> {
        let records = self.read(self.registry().history(limit, None))?;
        let entries = records.into_iter().map(|(_, record)| record.into()).collect();
        let switches = self.read(self.registry().switches())?;
        let switches = switches.into_iter().map(Switched::from).collect();
        Ok(Deed::last(limit, entries, switches))
    }

    fn publish(&self, draft: &str, live: u64, why: &str) -> Result<Published, Refused> {
        self.write(live, |registry, expect| {
            registry.publish(draft, expect, self.signed(why))
        })
    }

    fn switch(
        &self,
        experiment: &str,
        to: Switch,
        live: u64,
        why: &str,
    ) -> Result<Published, Refused> {
        self.write(live, |registry, expect| {
            let signed = self.signed(why);
            let set = |status| registry.set_status(experiment, status, expect, signed);
            match to {
                Switch::Pause => set(Status::Paused),
                Switch::Resume => registry.resume(experiment, expect, signed),
                Switch::Stop => set(Status::Stopped),
            }
        })
    }

    fn roll_back(&self, to: u64, live: u64, why: &str) -> Result<Published, Refused> {
        self.write(live, |registry, expect| {
            registry.rollback(to, expect, self.signed(why))
        })
    }

    fn switch_off(&self, why: &str) -> Result<(), Refused> {
        self.noted(self.registry().switch_off(self.signed(why)))
    }

    fn switch_on(&self) -> Result<(), Refused> {
        self.noted(self.registry().switch_on(self.signed("")))
    }

    /// The store does not tell who has read it.
    fn await_served(&self, _: &Published) -> String {
        SOON.to_owned()
    }

    fn whereabouts(&self) -> String {
        format!("in {}", self.name())
    }
}

/// A sandbox looks at the pointer again after 5 to 8 seconds; what is added to that is how long Fastly takes to carry a
/// write to all its places, for which it promises no time.
const SOON: &str = "new requests are served it within 10 seconds of reaching the nearest of Fastly's places, as a rule within 30 seconds worldwide";
