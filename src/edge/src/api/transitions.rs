//! What becomes of an experiment for visitors: it goes live, pauses, stops, and leaves.

use edgewise_engine::Status;
use edgewise_engine::registry::{Expect, Published, Registry, RegistryError};
use fastly::http::StatusCode;
use fastly::http::header::ETAG;
use serde_json::{Value, json};

use super::call::{
    Answer, Call, Fields, json, no_experiment, no_revision, registry, sign_in_again,
    store,
};
use super::drafts::{self, LiveDraft, LiveText};
use super::problem::{Problem, entries};
use super::works::{self, Found};
use crate::registry::Kv;

/// All actions.
const ACTIONS: [&str; 7] =
    ["publish", "start", "pause", "resume", "stop", "archive", "rollback"];

const ACTION_HINT: &str =
    "Write publish, start, pause, resume, stop, archive or rollback.";

/// What may be done with an experiment.
pub(super) fn allowed(status: Option<Status>, has_work: bool) -> Vec<&'static str> {
    let mut allowed = Vec::new();
    if has_work && status != Some(Status::Stopped) {
        allowed.push("publish");
    }
    allowed.extend_from_slice(match status {
        None => &[],
        Some(Status::Running) => &["pause", "stop", "rollback"],
        Some(Status::Paused) => &["resume", "stop", "rollback"],
        Some(Status::Stopped) => &["archive"],
        Some(_) => &["start", "archive", "rollback"],
    });
    allowed
}

/// Does one of them.
pub(super) fn run(call: &mut Call<'_>) -> Answer {
    let key = call.key()?;
    let fields = call.fields(&["action", "revision", "why"])?;
    let wanted = fields.needed("action", ACTION_HINT)?;
    let action = ACTIONS.into_iter().find(|one| *one == wanted).ok_or_else(|| {
        let message = format!("there is no action {wanted:?}");
        Problem::field("/action", message, ACTION_HINT)
    })?;
    call.noted.action = Some(action);
    call.note_why(&fields)?;
    let revision = fields.revision()?;
    if revision.is_some() && action != "rollback" {
        return Err(Problem::field(
            "/revision",
            format!("{action:?} takes no revision"),
            "Leave it out; for which state this is made, If-Match says.",
        ));
    }
    let is_fresh = call.caller.as_ref().is_some_and(|caller| caller.is_fresh(call.now));
    if matches!(action, "publish" | "start" | "rollback") && !is_fresh {
        return Err(sign_in_again());
    }
    let expect = call.expected_revision()?;
    let kv = store()?;
    let text = LiveText::read(&kv)?;
    let live = text.draft()?;
    let work = works::read(&kv, &key)?;
    if live.experiment(&key).is_none() && work.is_none() {
        return Err(no_experiment(&key));
    }
    if matches!(expect, Expect::Revision(seen) if seen != live.revision) {
        return Err(super::call::stale(&live.revision.to_string()));
    }
    let allowed = allowed(live.status(&key), work.is_some());
    if !allowed.contains(&action) {
        return Err(not_allowed(&key, action, &live, allowed));
    }
    // From here on it is this revision, also if the client did not say which.
    let step = Step {
        call,
        kv: &kv,
        key: &key,
        live: &live,
        expect: Expect::Revision(live.revision),
    };
    let published = match action {
        "publish" => step.publish(work.as_ref()),
        "start" | "resume" => step.set_status(Status::Running),
        "pause" => step.set_status(Status::Paused),
        "stop" => step.set_status(Status::Stopped),
        "archive" => step.archive(),
        _ => step.roll_back(&fields, revision),
    }?;
    call.noted.revision = Some(published.revision);
    Ok(answer(&published, &key))
}

fn not_allowed(
    key: &str,
    action: &str,
    live: &LiveDraft<'_>,
    allowed: Vec<&str>,
) -> Problem {
    let status = live.status(key).map_or("not live", Status::as_str);
    let why = match action {
        "publish" if status != "stopped" => {
            format!("{key:?} has no working copy that differs from what is live")
        }
        _ => format!("{key:?} is {status}, and {action:?} is not for that"),
    };
    let hint = match allowed[..] {
        [] => "Nothing can be done with it but to edit it.".to_owned(),
        _ => format!("Now it takes {}.", allowed.join(", ")),
    };
    Problem::new(StatusCode::CONFLICT, "not-allowed", why, hint).with("allowed", allowed)
}

/// What was published, for whoever did it.
pub(super) fn answer(published: &Published, key: &str) -> fastly::Response {
    let status = published.datafile.experiment(key).map(|one| one.status);
    let body = json!({
        "revision": published.revision,
        "status": status,
        "changes": published.changes,
        "problems": entries(&published.problems, None),
    });
    json(StatusCode::OK, &body).with_header(ETAG, format!("\"{}\"", published.revision))
}

struct Step<'s, 'c> {
    call: &'s Call<'c>,
    kv: &'s Kv,
    key: &'s str,
    live: &'s LiveDraft<'s>,
    expect: Expect,
}

impl Step<'_, '_> {
    fn set_status(&self, status: Status) -> Result<Published, Problem> {
        self.edit(|registry| {
            registry.set_status(self.key, status, self.expect, self.call.signed())
        })
    }

    fn archive(&self) -> Result<Published, Problem> {
        self.edit(|registry| registry.archive(self.key, self.expect, self.call.signed()))
    }

    /// Does something that makes the live draft hardly longer.
    fn edit(
        &self,
        edit: impl FnOnce(Registry<'_>) -> Result<Published, RegistryError>,
    ) -> Result<Published, Problem> {
        let budget = &self.call.budget;
        self.live.check_size(budget.used())?;
        let may_tell = || budget.has_half();
        Ok(edit(registry(self.kv).telling_while(&may_tell))?)
    }

    /// Puts an experiment in the place of the one that is live.
    fn put(&self, experiment: Value) -> Result<Published, Problem> {
        let experiment = drafts::as_published(experiment, self.live.status(self.key));
        let budget = &self.call.budget;
        let (_, index) = self.live.with(&experiment, budget.used())?;
        let may_tell = || budget.has_half();
        let published = registry(self.kv).telling_while(&may_tell).publish_experiment(
            &experiment,
            self.expect,
            self.call.signed(),
        );
        published.map_err(|error| match error {
            RegistryError::Problems(problems) => {
                Problem::draft(entries(&problems, Some((index, self.key))))
            }
            error => error.into(),
        })
    }

    /// The working copy goes live, and is one no more.
    fn publish(&self, work: Option<&Found>) -> Result<Published, Problem> {
        let Some(Found { work, generation }) = work else {
            return Err(no_experiment(self.key));
        };
        let published = self.put(work.experiment.clone())?;
        // Unless somebody has gone on writing; and if it stays by a fault of the store, it says what is live.
        let now = works::read(self.kv, self.key).ok().flatten();
        if now.is_some_and(|now| now.generation == *generation) {
            let _ = works::delete(self.kv, self.key);
        }
        Ok(published)
    }

    /// The experiment as it was in an earlier revision. Where it is in its life stays.
    fn roll_back(
        &self,
        fields: &Fields,
        revision: Option<u64>,
    ) -> Result<Published, Problem> {
        let hint =
            "Say to which revision; GET the experiment's versions for those there are.";
        let revision = revision.ok_or_else(|| {
            Problem::field("/revision", "\"revision\" is missing", hint)
        })?;
        debug_assert!(fields.0.contains_key("revision"));
        let budget = &self.call.budget;
        let may_go_on = || !budget.is_spent();
        let registry = registry(self.kv).walking_while(&may_go_on);
        let missing = || no_revision(&revision.to_string());
        let (_, record) = registry.find(revision)?.ok_or_else(missing)?;
        if !may_go_on() {
            return Err(RegistryError::GivenUp(revision).into());
        }
        let draft = registry.draft_of(&record)?;
        let draft = drafts::outline(&draft)?;
        let experiment = draft.experiment(self.key).ok_or_else(missing)?;
        self.put(drafts::whole(experiment)?)
    }
}
