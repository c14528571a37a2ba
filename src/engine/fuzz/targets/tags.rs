//! Lists of entity tags, as any browser or proxy may send them, and the validators of origins: ours are told from the
//! others, which are handed on without one of ours. The input is the lines of a header.

#![no_main]

use edgewise_engine::entity_tag::{PageTag, Validator, sort};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let lines: Vec<_> = input.split(|byte| *byte == b'\n').collect();
    if let Some(sorted) = sort(&lines) {
        assert!(!sorted.others.contains("edgewise."), "{:?}", sorted.others);
        assert_eq!(sort(&[sorted.others.as_bytes()]), None);
        assert!(sorted.ours.len() <= 8);
        for tag in sorted.ours {
            let written = tag.write();
            assert_eq!(PageTag::read(&written).as_ref(), Some(&tag), "{written}");
            check(&tag.origin);
        }
    }
    let lines: Vec<_> =
        lines.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    for line in &lines {
        for (tags, dates) in [(vec![line.clone()], vec![]), (vec![], vec![line.clone()])]
        {
            if let Some(origin) = Validator::of(&tags, &dates) {
                check(&origin);
                let tag = PageTag { fingerprint: "abc".to_owned(), origin };
                let sorted = sort(&[format!("\"a,b\", {}", tag.write()).as_bytes()]);
                let sorted = sorted.expect("one is ours");
                assert_eq!((sorted.ours, &*sorted.others), (vec![tag], "\"a,b\""));
            }
        }
    }
});

/// What is carried may be written into a header, and is not one of ours.
fn check(origin: &Validator) {
    let (Validator::Tag(text) | Validator::Date(text)) = origin;
    assert!(text.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{text:?}");
    assert!(text.len() <= 256);
}
