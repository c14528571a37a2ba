//! Any bytes are a draft or are refused with what is wrong; what is published is read back as it was, from either encoding,
//! and publishing it again moves nobody.

#![no_main]

use edgewise_engine::registry::{Outline, diff};
use edgewise_engine::{Datafile, publish};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

#[path = "../visits.rs"]
mod visits;

thread_local! {
    static GOOD: String = visits::draft().to_string();
}

fuzz_target!(|input: &[u8]| {
    let Some((&which, rest)) = input.split_first() else { return };
    if which == 0 {
        GOOD.with(|good| check(good, &spliced(good, rest)));
    } else if let Ok(text) = str::from_utf8(rest) {
        GOOD.with(|good| check(good, text));
    }
});

/// The good draft with words of the input in place of some of its own: where, how many bytes, what.
fn spliced(good: &str, edits: &[u8]) -> String {
    let mut bytes = good.as_bytes().to_vec();
    let mut rest = edits;
    while let [low, high, gone, length, tail @ ..] = rest {
        let place = usize::from(u16::from_le_bytes([*low, *high])) % (bytes.len() + 1);
        let end = (place + usize::from(*gone)).min(bytes.len());
        let length = usize::from(*length).min(tail.len());
        bytes.splice(place..end, tail[..length].iter().copied());
        rest = &tail[length..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What is read only as far as its experiments says the same as what is read whole.
fn check_outline(draft: &str) {
    let value = serde_json::from_str::<Value>(draft.trim_start_matches('\u{feff}'));
    let Ok(Value::Object(mut fields)) = value else { return };
    fields.remove("revision");
    let list =
        fields.entry("experiments").or_insert_with(|| Value::from(Vec::<Value>::new()));
    let Some(list) = list.as_array().cloned() else {
        assert!(Outline::of(draft).is_err());
        return;
    };
    let outline = Outline::of(draft).unwrap();
    let written: Value = serde_json::from_str(&outline.write(None)).unwrap();
    assert_eq!(written, Value::from(fields));
    for (part, one) in outline.experiments().iter().zip(&list) {
        assert_eq!(part.key(), one.get("key").and_then(Value::as_str));
        assert_eq!(part.value().unwrap(), *one);
    }
}

fn check(good: &str, draft: &str) {
    check_outline(draft);
    let (datafile, problems) = publish(draft, None);
    let _ = problems.to_string();
    if let (Ok(before), Ok(after)) =
        (serde_json::from_str::<Value>(good), serde_json::from_str::<Value>(draft))
    {
        let told = diff(&before, &after);
        assert!(told.iter().all(|line| !line.contains('\n')), "{told:?}");
        assert_eq!(diff(&after, &after), Vec::<String>::new());
    }
    let Some(datafile) = datafile else {
        assert!(problems.has_errors());
        return;
    };
    let json = datafile.to_json();
    assert_eq!(Datafile::from_json(json.as_bytes()).unwrap().to_json(), json);
    assert_eq!(Datafile::open(datafile.compile()).unwrap().to_json(), json);
    let (again, problems) = publish(draft, Some(&datafile));
    assert!(problems.to_string().lines().all(|line| !line.contains("[visitors-move]")));
    let again = again.expect("a draft that was published can be published again");
    assert_eq!(again.revision(), datafile.revision() + 1);
    let ranges = |of: &Datafile| -> Vec<_> {
        let all = of.experiments().flat_map(|one| one.variants.clone());
        all.map(|variant| variant.allocation).collect()
    };
    assert_eq!(ranges(&again), ranges(&datafile));
}
