//! The draft that is live, and what would come of publishing another one.

use edgewise_engine::registry::{Live, Outline, Part};
use edgewise_engine::{Datafile, Problems, Status, publish};
use fastly::http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, Call, json, registry, store};
use super::problem::{Problem, entries};
use super::{density, works};
use crate::registry::Kv;

/// What to do with drafts that take too long here.
pub(super) const BY_COMMAND: &str = "Publish a draft as large as this with `edgewise publish --to-fastly`, which checks it on your machine.";

/// What publishing or validating a draft takes here, microseconds of CPU time, beside what reading its values does: for each
/// experiment, and for each KiB of text. Measured; API.md tells how.
const PER_EXPERIMENT: usize = 300;
const PER_KIB: usize = 35;

/// The most that is begun here. Fastly ends requests at 50 ms, and some of that is for the store.
const MOST: usize = 40_000;

/// What is live, as text.
pub(super) struct LiveText {
    /// 0 if nothing has been published.
    revision: u64,
    pointer: Option<Live>,
    /// Empty if nothing has been published, or if what is live was put there by hand.
    text: String,
}

/// What is live. It is not read further than to its experiments.
pub(super) struct LiveDraft<'t> {
    /// 0 if nothing has been published.
    pub(super) revision: u64,
    pointer: Option<&'t Live>,
    text: &'t str,
    /// Without experiments if nothing has been published, or if what is live was put there by hand.
    pub(super) outline: Outline<'t>,
}

impl LiveText {
    pub(super) fn read(kv: &Kv) -> Result<Self, Problem> {
        let registry = registry(kv);
        let Some((live, _)) = registry.live()? else {
            return Ok(Self { revision: 0, pointer: None, text: String::new() });
        };
        let text = registry.draft(&live)?;
        Ok(Self { revision: live.revision, pointer: Some(live), text })
    }

    pub(super) fn draft(&self) -> Result<LiveDraft<'_>, Problem> {
        let (revision, pointer) = (self.revision, self.pointer.as_ref());
        let outline = match pointer {
            Some(_) => outline(&self.text)?,
            None => Outline::default(),
        };
        Ok(LiveDraft { revision, pointer, text: &self.text, outline })
    }
}

impl LiveDraft<'_> {
    pub(super) fn experiment(&self, key: &str) -> Option<&Part<'_>> {
        self.outline.experiment(key)
    }

    /// Where it is in its life; none if it is not live.
    pub(super) fn status(&self, key: &str) -> Option<Status> {
        Some(self.experiment(key)?.status())
    }

    /// Refuses to publish it with a little in it changed where that would take too long, so many milliseconds being over.
    pub(super) fn check_size(&self, used: u64) -> Result<(), Problem> {
        check_size_of(self.outline.experiments().len(), self.text, used)
    }

    /// The draft with this experiment in it, which is not too large to be published, and the experiment's place there.
    pub(super) fn with(
        &self,
        experiment: &Value,
        used: u64,
    ) -> Result<(String, usize), Problem> {
        let (draft, place) = self.outline.with(experiment);
        check_size_of(self.outline.experiments().len().max(place + 1), &draft, used)?;
        Ok((draft, place))
    }

    /// What is served of it.
    fn datafile(&self, kv: &Kv) -> Result<Option<Datafile>, Problem> {
        let datafile = self.pointer.map(|live| registry(kv).datafile(live));
        Ok(datafile.transpose()?)
    }
}

/// A draft of the store by its parts.
pub(super) fn outline(draft: &str) -> Result<Outline<'_>, Problem> {
    Outline::of(draft).map_err(|error| unreadable(&error))
}

/// An experiment of the store, read whole.
pub(super) fn whole(experiment: &Part<'_>) -> Result<Value, Problem> {
    if density::check(experiment.text().as_bytes()).is_err() {
        return Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            format!(
                "there are too many values in {:?} to look at each of them here",
                experiment.key().unwrap_or_default()
            ),
            "Read the experiment as it stands, and work on it on your machine.",
        ));
    }
    experiment.value().map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "store-unreadable",
        format!("the draft in the store is not JSON: {error}"),
        "Publish a whole draft, or go back to an earlier revision.",
    )
}

/// The experiment as it would be published: where it is in its life is for transitions to say once visitors may be in
/// it. A new one runs, unless it says that it is a draft or paused.
pub(super) fn as_published(mut experiment: Value, live: Option<Status>) -> Value {
    match live {
        Some(status) if status != Status::Draft => {
            experiment["status"] = status.as_str().into();
        }
        _ if experiment.get("status").is_none() => {
            experiment["status"] = "running".into();
        }
        _ => {}
    }
    experiment
}

/// Refuses a draft that would take longer to publish than a request may, where so many milliseconds are over.
pub(super) fn check_size(draft: &str, used: u64) -> Result<(), Problem> {
    // What is none is soon told.
    let count = Outline::of(draft).map_or(0, |outline| outline.experiments().len());
    check_size_of(count, draft, used)
}

fn check_size_of(count: usize, draft: &str, used: u64) -> Result<(), Problem> {
    let takes = count * PER_EXPERIMENT
        + draft.len() / 1024 * PER_KIB
        + density::estimate(draft.as_bytes());
    let used = usize::try_from(used).unwrap_or(MOST).saturating_mul(1_000);
    if takes + used <= MOST {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too-large",
        format!(
            "a draft of {count} experiments and {} bytes takes about {} ms of CPU time, and here {} are left",
            draft.len(),
            takes.div_ceil(1_000),
            MOST.saturating_sub(used) / 1_000
        ),
        BY_COMMAND,
    ))
}

fn verdict(datafile: Option<&Datafile>, problems: &[Value]) -> Value {
    json!({ "valid": datafile.is_some(), "problems": problems })
}

/// What would be said to publishing this experiment now: by default its working copy. What is wrong is the answer, and
/// no error.
pub(super) fn validate_experiment(call: &mut Call<'_>) -> Answer {
    let key = call.key()?;
    let kv = store()?;
    let text = LiveText::read(&kv)?;
    let live = text.draft()?;
    let experiment = if call.body.is_empty() {
        match (works::read(&kv, &key)?, live.experiment(&key)) {
            (Some(found), _) => found.work.experiment,
            (None, Some(experiment)) => whole(experiment)?,
            (None, None) => return Err(super::call::no_experiment(&key)),
        }
    } else {
        let sent = call.json()?;
        super::experiments::check(&sent, &key)?;
        sent
    };
    let experiment = as_published(experiment, live.status(&key));
    let (draft, index) = live.with(&experiment, call.budget.used())?;
    let (datafile, problems) = publish(&draft, live.datafile(&kv)?.as_ref());
    let problems = entries(&problems, Some((index, &key)));
    Ok(json(StatusCode::OK, &verdict(datafile.as_ref(), &problems)))
}

/// The datafile of this experiment alone, to look at what it does to pages. Who takes part does not matter there, and
/// may hang on the others.
pub(super) fn try_alone(
    live: &LiveDraft<'_>,
    key: &str,
    experiment: Value,
) -> Result<(Option<Datafile>, Problems), Problem> {
    let mut experiment = as_published(experiment, live.status(key));
    if let Some(fields) = experiment.as_object_mut() {
        fields.remove("audience");
    }
    let draft = live.outline.alone(&experiment);
    check_size(&draft, 0)?;
    Ok(publish(&draft, None))
}

/// What would be said to publishing this draft now.
pub(super) fn validate_draft(call: &mut Call<'_>) -> Answer {
    let text = String::from_utf8(std::mem::take(&mut call.body)).map_err(|_| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid-json",
            "the body is not text",
            "Send one JSON value, in UTF-8.",
        )
    })?;
    check_size(&text, call.budget.used())?;
    let kv = store()?;
    let live = registry(&kv).live()?.map(|(live, _)| live);
    let datafile = live.map(|live| registry(&kv).datafile(&live)).transpose()?;
    let (datafile, problems) = publish(&text, datafile.as_ref());
    let verdict = verdict(datafile.as_ref(), &entries(&problems, None));
    Ok(json(StatusCode::OK, &verdict))
}
