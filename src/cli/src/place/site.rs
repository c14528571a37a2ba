//! A site with Edgewise in front of it, asked through its API, `/_edgewise/api/v1`.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use edgewise_engine::Datafile;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::http::{Answer, Ask, Client, NoAnswer, Scheme, pause_before};
use super::kv::encode;
use super::secret::Secret;
use super::{
    Deed, Entry, Live, NOT_THERE, Off, Place, Problem, Published, Refused, Switch,
    Switched, address,
};
use crate::output;

const TOKEN: &str = "EDGEWISE_TOKEN";

/// How long it is waited for that the site serves what was published.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is asked what it serves.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// How often a site is looked at that did not say what became of a request.
const LOOKS: u32 = 4;

/// The most entries that are asked for at once.
const PAGE: usize = 50;

pub(super) struct Site {
    client: Client,
}

#[derive(Deserialize)]
struct ToldLive {
    revision: Option<u64>,
    record: Option<Entry>,
    serving: Option<u64>,
    off: Option<Off>,
}

#[derive(Deserialize)]
struct ToldHistory {
    entries: Vec<Entry>,
    /// Where the list goes on.
    next_cursor: Option<String>,
    /// In the first answer only.
    #[serde(default)]
    switches: Vec<Switched>,
}

/// What the API says where it does not do what it is asked for, as RFC 9457 has it.
#[derive(Default, Deserialize)]
struct ToldProblem {
    #[serde(default)]
    detail: String,
    #[serde(default)]
    hint: String,
    #[serde(default)]
    errors: Vec<Problem>,
}

impl Site {
    pub(super) fn open(url: &str, timeout: Duration) -> Result<Self> {
        let address = address::read("--to", url)?;
        let token = Secret::from_env(
            TOKEN,
            "put an access token there; \"edgewise token new --help\" tells how to get one",
        )?;
        let scheme = Scheme { header: "authorization", before: "Bearer " };
        Ok(Self { client: Client::new(address, scheme, token, timeout) })
    }

    fn read(&self, path: &str) -> Result<Answer> {
        let path = format!("/_edgewise/api/v1{path}");
        self.client.read(&path).map_err(|error| self.unanswered(&error))
    }

    fn read_json<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let answer = self.read(path)?;
        if !answer.is_success() {
            return Err(self.failed(&answer));
        }
        self.parse(&answer)
    }

    fn parse<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T> {
        serde_json::from_slice(&answer.body).with_context(|| {
            format!(
                "{}: what it answers cannot be read; is Edgewise in front of it, in a version like this one ({})?",
                self.client.address,
                env!("CARGO_PKG_VERSION")
            )
        })
    }

    fn unanswered(&self, error: &NoAnswer) -> anyhow::Error {
        anyhow!("{}: {}", self.client.address, error.why)
    }

    fn failed(&self, answer: &Answer) -> anyhow::Error {
        let address = &self.client.address;
        let words = self.client.words(answer);
        match answer.status {
            401 => anyhow!(
                "{address}: it does not accept the token in {TOKEN}: {words}; \"edgewise token new\" makes one"
            ),
            403 => anyhow!("{address}: the token in {TOKEN} may not do that: {words}"),
            404 | 405 if !is_ours(answer) => {
                anyhow!("{address}: there is no Edgewise in front of it ({words})")
            }
            429 => anyhow!("{address}: it asks for a pause; try again in a minute"),
            301..=308 => anyhow!(
                "{address}: {words}; tokens are not sent on, so give that address, if it is yours"
            ),
            _ => anyhow!("{address}: {words}"),
        }
    }

    /// Sends a write that this revision has to be live for, and finds out what became of it where it was not answered.
    fn write(
        &self,
        ask: Ask<'_>,
        live: u64,
        is_it: &dyn Fn(&Entry) -> bool,
    ) -> Result<Published, Refused> {
        let condition = format!("\"{live}\"");
        let condition =
            if live == 0 { ("if-none-match", "*") } else { ("if-match", &*condition) };
        let headers = [("content-type", "application/json"), condition];
        let why = match self.client.write(Ask { headers: &headers, ..ask }) {
            Ok(answer) if answer.is_success() => return Ok(self.parse(&answer)?),
            Ok(answer) if !answer.is_trouble() => return Err(self.refused(&answer)),
            Ok(answer) => self.failed(&answer),
            Err(error) if !error.may_have_arrived => {
                return Err(self.unanswered(&error).into());
            }
            Err(error) => self.unanswered(&error),
        };
        // It may have been done all the same.
        for look in 1..=LOOKS {
            let found = self.live().map_err(|_| {
                anyhow!("{why:#}; it is not known whether it was done. \"edgewise live\" will tell once the site answers again")
            })?;
            if found.revision > live {
                let record = found.record.filter(|it| it.revision == live + 1);
                return match record.filter(is_it) {
                    Some(record) => Ok(Published {
                        revision: record.revision,
                        changes: record.changes,
                    }),
                    None => Err(Refused::Changed),
                };
            }
            if look < LOOKS {
                thread::sleep(pause_before(look));
            }
        }
        Err(why.context("nothing was changed").into())
    }

    fn refused(&self, answer: &Answer) -> Refused {
        let told: ToldProblem = serde_json::from_slice(&answer.body).unwrap_or_default();
        match answer.status {
            412 => Refused::Changed,
            400 | 409 | 413 | 422 if !told.errors.is_empty() => {
                Refused::Problems(told.errors)
            }
            // Its hint is for those who write requests.
            404 if is_ours(answer) => {
                Refused::Not { why: told.detail, hint: NOT_THERE.to_owned() }
            }
            409 | 413 | 422 if is_ours(answer) => {
                Refused::Not { why: told.detail, hint: told.hint }
            }
            _ => Refused::Failed(self.failed(answer)),
        }
    }

    /// Whether the draft that is live says the same as this one.
    fn has_draft(&self, draft: &str) -> bool {
        let read = |text: &str| serde_json::from_str::<Value>(text).ok();
        let live = self.draft().ok().flatten();
        live.is_some_and(|live| read(&live) == read(draft))
    }
}

/// Whether it is our API that does not do it, and not the site behind it.
fn is_ours(answer: &Answer) -> bool {
    let kind = answer.header("content-type");
    kind.is_some_and(|kind| kind.starts_with("application/problem+json"))
}

impl Place for Site {
    fn live(&self) -> Result<Live> {
        let told: ToldLive = self.read_json("/live")?;
        Ok(Live {
            revision: told.revision.unwrap_or_default(),
            record: told.record,
            serving: told.serving,
            off: told.off,
        })
    }

    fn draft(&self) -> Result<Option<String>> {
        let answer = self.read("/draft")?;
        match answer.status {
            404 if is_ours(&answer) => Ok(None),
            _ if answer.is_success() => {
                let text = String::from_utf8(answer.body).ok();
                Ok(Some(text.context("the draft that is live is no text")?))
            }
            _ => Err(self.failed(&answer)),
        }
    }

    fn datafile(&self) -> Result<Option<Datafile>> {
        let answer = self.read("/datafile")?;
        match answer.status {
            404 if is_ours(&answer) => Ok(None),
            _ if answer.is_success() => {
                let datafile = output::open_datafile(answer.body);
                let address = &self.client.address;
                Ok(Some(
                    datafile
                        .with_context(|| format!("read the datafile of {address}"))?,
                ))
            }
            _ => Err(self.failed(&answer)),
        }
    }

    fn history(&self, limit: usize) -> Result<Vec<Deed>> {
        let (mut found, mut cursor) = (Vec::new(), None::<String>);
        let mut switches = Vec::new();
        while found.len() < limit {
            let wanted = (limit - found.len()).min(PAGE);
            let from = cursor.as_deref().map(encode);
            let from = from.map(|from| format!("&cursor={from}")).unwrap_or_default();
            let told: ToldHistory =
                self.read_json(&format!("/history?limit={wanted}{from}"))?;
            switches.extend(told.switches);
            if told.entries.is_empty() {
                break;
            }
            found.extend(told.entries);
            cursor = told.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        Ok(Deed::last(limit, found, switches))
    }

    fn publish(&self, draft: &str, live: u64, why: &str) -> Result<Published, Refused> {
        let parsed: Value = serde_json::from_str(draft).context("read the draft")?;
        let body = json!({ "draft": parsed, "why": why }).to_string();
        let ask = Ask {
            method: "PUT",
            path: "/_edgewise/api/v1/live",
            headers: &[],
            body: Some(body.as_bytes()),
        };
        self.write(ask, live, &|it| it.action == "publish" && self.has_draft(draft))
    }

    fn switch(
        &self,
        experiment: &str,
        to: Switch,
        live: u64,
        why: &str,
    ) -> Result<Published, Refused> {
        let path =
            format!("/_edgewise/api/v1/experiments/{}/transitions", encode(experiment));
        let body = json!({ "action": to.word(), "why": why }).to_string();
        let ask = Ask {
            method: "POST",
            path: &path,
            headers: &[],
            body: Some(body.as_bytes()),
        };
        self.write(ask, live, &|it| {
            it.action == to.word() && it.experiments.iter().any(|key| key == experiment)
        })
    }

    fn roll_back(&self, to: u64, live: u64, why: &str) -> Result<Published, Refused> {
        let body = json!({ "revision": to, "why": why }).to_string();
        let ask = Ask {
            method: "POST",
            path: "/_edgewise/api/v1/live/rollback",
            headers: &[],
            body: Some(body.as_bytes()),
        };
        self.write(ask, live, &|it| it.action == "rollback" && it.restores == Some(to))
    }

    fn switch_off(&self, why: &str) -> Result<(), Refused> {
        let body = json!({ "why": why }).to_string();
        self.set_switch(&Ask {
            method: "PUT",
            path: "/_edgewise/api/v1/off",
            headers: &[("content-type", "application/json")],
            body: Some(body.as_bytes()),
        })
    }

    fn switch_on(&self) -> Result<(), Refused> {
        self.set_switch(&Ask {
            method: "DELETE",
            path: "/_edgewise/api/v1/off",
            headers: &[],
            body: None,
        })
    }

    fn await_served(&self, published: &Published) -> String {
        let (address, wanted) = (&self.client.address, published.revision);
        let start = Instant::now();
        loop {
            let found = self.live();
            let serving = found.ok().and_then(|live| live.serving);
            if serving.is_some_and(|serving| serving >= wanted) {
                return format!("{address} serves it");
            }
            if start.elapsed() > PATIENCE {
                let seconds = PATIENCE.as_secs();
                return format!(
                    "{address} did not say within {seconds} seconds that it serves it; \"edgewise live --to {address}\" tells when it does"
                );
            }
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    fn whereabouts(&self) -> String {
        format!("at {}", self.client.address)
    }
}

impl Site {
    /// The switch is the same however often it is set, so it is set again where the outcome is not known.
    fn set_switch(&self, ask: &Ask<'_>) -> Result<(), Refused> {
        let mut outcome = self.client.write(*ask);
        if outcome.as_ref().is_ok_and(Answer::is_trouble) || outcome.is_err() {
            outcome = self.client.write(*ask);
        }
        match outcome {
            Ok(answer) if answer.is_success() => Ok(()),
            Ok(answer)
                if answer.status == 404 && ask.method == "DELETE" && is_ours(&answer) =>
            {
                Ok(())
            }
            Ok(answer) => Err(self.refused(&answer)),
            Err(error) => Err(self.unanswered(&error).into()),
        }
    }
}
