//! A page that no change touches comes out as it went in, however it is cut into chunks.

#![no_main]

use edgewise_engine::{Datafile, Facts, PageHead, Plan, Rewriter};
use libfuzzer_sys::fuzz_target;

#[path = "../support.rs"]
mod support;

thread_local! {
    static DATAFILE: Datafile = support::datafile(support::NOWHERE);
}

fuzz_target!(|input: &[u8]| {
    let Some((&cut, page)) = input.split_first() else { return };
    DATAFILE.with(|datafile| check(datafile, cut, page));
});

fn check(datafile: &Datafile, cut: u8, page: &[u8]) {
    let experiment = datafile.experiments().next().unwrap();
    let plan =
        Plan::for_variants([(experiment, &experiment.variants[1])], &Facts::default());
    let head =
        PageHead { content_type: support::content_type(cut >> 5), policies: vec![] };
    let mut rewriter = Rewriter::new(&plan, head);
    let mut out = Vec::with_capacity(page.len());
    for chunk in page.chunks(usize::from(cut & 31) + 1) {
        rewriter.write(chunk, &mut out);
    }
    rewriter.end(&mut out);
    assert!(
        out == page,
        "{:?} became {:?}",
        String::from_utf8_lossy(page),
        String::from_utf8_lossy(&out)
    );
}
