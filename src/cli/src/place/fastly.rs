//! Fastly's KV store: the registry in it is kept from here.

use std::env;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use edgewise_engine::registry::{Expect, Registry, RegistryError, Signed};
use edgewise_engine::{Datafile, Status};

use super::http::{Client, Scheme};
use super::kv::KvStore;
use super::secret::Secret;
use super::{Entry, Live, Off, Place, Problem, Published, Refused, Switch, address};
use crate::visit::now;

const TOKEN: &str = "FASTLY_API_TOKEN";

/// The name under which Fastly's own client for Go looks for another address.
const API: &str = "FASTLY_API_URL";

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
            RegistryError::NotFound(_) | RegistryError::NotAllowed(_) => {
                Refused::Not { why: error.to_string(), hint: error.hint().to_owned() }
            }
            error => {
                let hint = error.hint();
                Refused::Failed(anyhow!("{}: {error}\n  hint: {hint}", self.name()))
            }
        }
    }

    fn read<T>(&self, outcome: Result<T, RegistryError>) -> Result<T> {
        outcome.map_err(|error| anyhow!("{}: {error}", self.name()))
    }

    fn written(
        &self,
        outcome: Result<edgewise_engine::registry::Published, RegistryError>,
    ) -> Result<Published, Refused> {
        let done = outcome.map_err(|error| self.refused(error))?;
        Ok(Published { revision: done.revision, changes: done.changes })
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
            return Ok(Live { revision: 0, record: None, off });
        };
        // A record that cannot be read is no reason not to publish over it.
        let record = registry.record(&live.record).ok().map(Entry::from);
        Ok(Live { revision: live.revision, record, off })
    }

    fn draft(&self) -> Result<Option<String>> {
        let registry = self.registry();
        let Some((live, _)) = self.read(registry.live())? else { return Ok(None) };
        self.read(registry.draft(&live)).map(Some)
    }

    fn datafile(&self) -> Result<Option<Datafile>> {
        let registry = self.registry();
        let Some((live, _)) = self.read(registry.live())? else { return Ok(None) };
        self.read(registry.datafile(&live)).map(Some)
    }

    fn history(&self, limit: usize) -> Result<Vec<Entry>> {
        let records = self.read(self.registry().history(limit, None))?;
        Ok(records.into_iter().map(|(_, record)| record.into()).collect())
    }

    fn publish(&self, draft: &str, live: u64, why: &str) -> Result<Published, Refused> {
        let expect = Expect::Revision(live);
        self.written(self.registry().publish(draft, expect, self.signed(why)))
    }

    fn switch(
        &self,
        experiment: &str,
        to: Switch,
        live: u64,
        why: &str,
    ) -> Result<Published, Refused> {
        let status = match to {
            Switch::Pause => Status::Paused,
            Switch::Resume => Status::Running,
            Switch::Stop => Status::Stopped,
        };
        let expect = Expect::Revision(live);
        let signed = self.signed(why);
        self.written(self.registry().set_status(experiment, status, expect, signed))
    }

    fn roll_back(&self, to: u64, live: u64, why: &str) -> Result<Published, Refused> {
        let expect = Expect::Revision(live);
        self.written(self.registry().rollback(to, expect, self.signed(why)))
    }

    fn switch_off(&self, why: &str) -> Result<(), Refused> {
        let done = self.registry().switch_off(self.signed(why));
        done.map_err(|error| self.refused(error))
    }

    fn switch_on(&self) -> Result<(), Refused> {
        self.registry().switch_on().map_err(|error| self.refused(error))
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
