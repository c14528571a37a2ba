//! A page that no change touches comes out as it went in, however it is cut into chunks.

#![no_main]

use std::sync::LazyLock;

use edgewise_engine::{Datafile, Facts, PageHead, Plan, Rewriter};
use libfuzzer_sys::fuzz_target;

#[path = "../support.rs"]
mod support;

static DATAFILE: LazyLock<Datafile> =
    LazyLock::new(|| support::datafile(support::NOWHERE));

fuzz_target!(|input: &[u8]| {
    let Some((&cut, page)) = input.split_first() else { return };
    let experiment = &DATAFILE.experiments()[0];
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
});
