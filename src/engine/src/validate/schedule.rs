//! When an experiment runs.

use serde_json::Value;

use super::comparison::read_moment;
use crate::draft::{Fields, Place, as_basis_points, as_list};
use crate::problem::Problems;
use crate::schedule::{MAX_STEPS, Schedule, Step};
use crate::time::Moment;

pub(super) fn read_schedule(
    fields: &mut Fields<'_>,
    problems: &mut Problems,
) -> Option<Schedule> {
    let Some(value) = fields.optional("schedule") else {
        return Some(Schedule::default());
    };
    let at = fields.place("schedule");
    let what = "an object with \"start\", \"end\" or \"ramp\"";
    let mut fields = Fields::of(value, &at, what, problems)?;
    let mut moment = |name: &'static str| match fields.optional(name) {
        None => Some(None),
        Some(value) => read_moment(value, &fields.place(name), problems).map(Some),
    };
    let (start, end) = (moment("start"), moment("end"));
    let ramp_at = fields.place("ramp");
    let ramp = match fields.optional("ramp") {
        None => Some(Vec::new()),
        Some(value) => read_ramp(value, &ramp_at, problems),
    };
    fields.finish(problems);
    let (start, end, ramp) = (start?, end?, ramp?);
    if let (Some(start), Some(end)) = (start, end)
        && end <= start
    {
        problems.error(
            "ends-before-start",
            at.field("end"),
            format!("it ends at {end}, and starts at {start}"),
            "Write an end that comes later.",
        );
    }
    check_order(&ramp, &ramp_at, start, end, problems);
    Some(Schedule { start, end, ramp })
}

fn read_ramp(value: &Value, at: &Place, problems: &mut Problems) -> Option<Vec<Step>> {
    let items = as_list(value, at, problems);
    if items.len() > MAX_STEPS {
        problems.error(
            "too-many",
            at,
            format!("a ramp has at most {MAX_STEPS} steps, and this has {}", items.len()),
            "Take larger steps.",
        );
        return None;
    }
    let steps: Vec<_> = items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| read_step(item, &at.item(index), problems))
        .collect();
    (steps.len() == items.len()).then_some(steps)
}

fn read_step(value: &Value, at: &Place, problems: &mut Problems) -> Option<Step> {
    let what = "an object with \"at\" and \"coverage\"";
    let mut fields = Fields::of(value, at, what, problems)?;
    let when = fields.required("at", "Write when the step begins.", problems);
    let when = when.and_then(|value| read_moment(value, &fields.place("at"), problems));
    let hint = "Write the share of visitors in hundredths of a percent: 1000 is 10 %.";
    let coverage = fields.required("coverage", hint, problems);
    let coverage = coverage
        .and_then(|value| as_basis_points(value, &fields.place("coverage"), problems));
    fields.finish(problems);
    Some(Step { at: when?, coverage: coverage? })
}

fn check_order(
    ramp: &[Step],
    at: &Place,
    start: Option<Moment>,
    end: Option<Moment>,
    problems: &mut Problems,
) {
    for (index, pair) in ramp.windows(2).enumerate() {
        let at = at.item(index + 1);
        if pair[1].at <= pair[0].at {
            problems.error(
                "ramp-out-of-order",
                at.field("at"),
                format!(
                    "this step is at {}, and the one before it at {}",
                    pair[1].at, pair[0].at
                ),
                "List the steps in the order of time.",
            );
        }
        if pair[1].coverage < pair[0].coverage {
            problems.error(
                "ramp-falls",
                at.field("coverage"),
                format!("the coverage falls from {} to {}", pair[0].coverage, pair[1].coverage),
                "A ramp only rises, so that nobody loses the variant they have seen; publish a lower coverage if it has to be.",
            );
        }
    }
    for (index, step) in ramp.iter().enumerate() {
        let never = end.is_some_and(|end| end <= step.at);
        let skipped = start.is_some_and(|start| step.at < start)
            && index + 1 < ramp.len()
            && start.is_some_and(|start| ramp[index + 1].at <= start);
        if never || skipped {
            let (code, why) = if never {
                ("step-after-end", "the end")
            } else {
                ("step-before-start", "the start; the next step is too")
            };
            let order = if never { "not before" } else { "before" };
            problems.warning(
                code,
                at.item(index),
                format!("this step is {order} {why}"),
                "It has no effect; leave it out or move it.",
            );
        }
    }
}
