//! Any bytes are a datafile or are refused; a compiled one that was damaged decides something, and the same again.

#![no_main]

use edgewise_engine::{
    Datafile, Page, Visit, VisitorId, assign, assign_on_page, conflicts, publish,
};
use libfuzzer_sys::fuzz_target;

#[path = "../visits.rs"]
mod visits;

thread_local! {
    static GOOD: (String, [Vec<u8>; 2]) = {
        let draft = visits::draft().to_string();
        let datafile = visits::datafile();
        (draft, [datafile.compile(), datafile.to_json().into_bytes()])
    };
}

fuzz_target!(|input: &[u8]| {
    let Some((&which, rest)) = input.split_first() else { return };
    GOOD.with(|(draft, good)| match good.get(usize::from(which)) {
        None => check(draft, rest.to_vec()),
        Some(good) => check(draft, damaged(good, rest)),
    });
});

/// The bytes with some of them set: places in two bytes, the value in one. Places from the end are the high ones.
fn damaged(good: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for edit in edits.chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([edit[0], edit[1]]));
        match edit[2] {
            0xfe => bytes.truncate(bytes.len() - place.min(bytes.len())),
            value => {
                let place = place % bytes.len().max(1);
                if let Some(byte) = bytes.get_mut(place) {
                    *byte = value;
                }
            }
        }
    }
    bytes
}

fn check(draft: &str, bytes: Vec<u8>) {
    let Ok(datafile) = Datafile::open(bytes) else { return };
    let visitor = VisitorId::new("ada").unwrap();
    for url in ["https://shop.example.com/a?plan=team", "https://example.com/b"] {
        let page = Page::parse(url).unwrap();
        let visit = Visit::to(page.clone());
        let some = datafile.candidates(&page).len();
        assert!(some <= datafile.len());
        let tell = |all: Vec<edgewise_engine::Decision<'_>>| {
            serde_json::to_string(&all).unwrap()
        };
        let here = tell(assign_on_page(&datafile, &visitor, &visit));
        assert_eq!(tell(assign_on_page(&datafile, &visitor, &visit)), here);
        assert!(assign(&datafile, &visitor, &visit).len() <= datafile.len());
    }
    let _ = datafile.unreadable();
    let json = datafile.to_json();
    if let Ok(again) = Datafile::from_json(json.as_bytes()) {
        assert_eq!(again.to_json(), json);
        let compiled = Datafile::open(again.compile()).unwrap();
        assert_eq!(compiled.to_json(), json);
    }
    // These take longer than all of the above.
    if json.len().is_multiple_of(16) {
        let _ = conflicts(&datafile);
        let _ = publish(draft, Some(&datafile));
    }
}
