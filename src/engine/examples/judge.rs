//! Answers questions of the differential test against a browser: a JSON object a line in, one a line out.
//!
//! `{"html": "…"}` asks for the page's outline; with `"changes": […]`, for the page with these changes made.

use std::io::{BufRead, Write};

use edgewise_engine::{Facts, PageHead, Plan, outline, rewrite, validate};
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let html = question["html"].as_str().unwrap_or_default();
        let answer = match question.get("changes") {
            Some(changes) => answer(html, changes),
            None => {
                let outline = outline(html.as_bytes());
                json!({ "outline": outline.elements, "unsure": outline.rearranged })
            }
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn answer(html: &str, changes: &Value) -> Value {
    let draft = json!({ "experiments": [{
        "key": "x", "name": "X", "status": "running",
        "hypothesis": {
            "we_believe": "any change at all", "will_cause": "what the DOM would do",
            "because": "the standard says so",
        },
        "pages": { "include": [{ "exact": "/" }] },
        "variants": [
            { "key": "control", "name": "Control", "weight": 5000 },
            { "key": "b", "name": "B", "weight": 5000, "changes": changes },
        ],
    }] });
    let (datafile, problems) = validate(&draft.to_string(), 1);
    let Some(datafile) = datafile else {
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        return json!({ "invalid": codes.join(" "), "problems": problems });
    };
    let experiment = datafile.experiments().next().expect("one experiment");
    let plan =
        Plan::for_variants([(experiment, &experiment.variants[1])], &Facts::default());
    let head = PageHead {
        content_type: Some("text/html; charset=utf-8".to_owned()),
        ..PageHead::default()
    };
    let (page, report) = rewrite(&plan, &head, html.as_bytes());
    let changes = &report.experiments[0].changes;
    let skipped: Vec<_> = changes
        .iter()
        .enumerate()
        .flat_map(|(index, change)| {
            change.skipped().map(move |(reason, count)| json!({ "change": index, "reason": reason, "count": count }))
        })
        .collect();
    json!({
        "html": String::from_utf8_lossy(&page),
        "passed": report.passed,
        "skipped": skipped,
        "doubted": changes.iter().map(|change| change.in_doubt).collect::<Vec<_>>(),
        "matched": changes.iter().map(|change| change.matched).collect::<Vec<_>>(),
        "applied": changes.iter().map(|change| change.applied).collect::<Vec<_>>(),
    })
}
