//! How much there is in a text of JSON. Reading it makes a value of each thing in it, so a body of many small things takes
//! far more time and memory than its length tells.

use fastly::http::StatusCode;

use super::problem::Problem;

/// What each takes from the first reading to the answer, hundredths of a microsecond. Measured, where a whole draft is
/// published, which reads it five times; API.md tells how.
const PER_LIST: usize = 200;
const PER_FIELD: usize = 100;
const PER_TEXT: usize = 50;
const PER_VALUE: usize = 16;

/// The most, milliseconds: 2,500 changes with an attribute each.
const MOST: usize = 25;

/// Refuses what is too much to read. What is no JSON counts as what it looks like.
pub(super) fn check(json: &[u8]) -> Result<(), Problem> {
    let takes = estimate(json).div_ceil(1_000);
    if takes <= MOST {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too-large",
        format!(
            "there are so many values in it that reading them takes about {takes} ms of CPU time, and here {MOST} are the most"
        ),
        "Send less at a time; `edgewise publish --to-fastly` publishes larger drafts.",
    ))
}

/// What reading it takes, microseconds.
pub(super) fn estimate(json: &[u8]) -> usize {
    let (mut takes, mut in_text, mut is_escaped) = (0, false, false);
    for byte in json {
        if in_text {
            match byte {
                // No text of JSON goes beyond its line, and lines may be bodies of their own.
                b'\n' => (in_text, is_escaped) = (false, false),
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        takes += match byte {
            b'{' | b'[' => PER_LIST,
            b':' => PER_FIELD,
            b',' => PER_VALUE,
            b'"' => {
                in_text = true;
                PER_TEXT
            }
            _ => 0,
        };
    }
    takes.div_ceil(100)
}
