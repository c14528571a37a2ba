//! Whatever page comes, every kind of change is made or refused without a panic, the counts add up, and it makes no
//! difference how the page is cut into chunks.

#![no_main]

use edgewise_engine::{Datafile, Facts, PageHead, Plan, Rewriter};
use libfuzzer_sys::fuzz_target;

#[path = "../support.rs"]
mod support;

thread_local! {
    static DATAFILES: Vec<Datafile> =
        support::EVERYWHERE.iter().map(|changes| support::datafile(changes)).collect();
}

fuzz_target!(|input: &[u8]| {
    let [which, cut, page @ ..] = input else { return };
    DATAFILES.with(|all| check(&all[usize::from(*which) % all.len()], *cut, page));
});

fn check(datafile: &Datafile, cut: u8, page: &[u8]) {
    let experiment = datafile.experiments().next().unwrap();
    let plan =
        Plan::for_variants([(experiment, &experiment.variants[1])], &Facts::default());
    let head =
        || PageHead { content_type: support::content_type(cut >> 5), policies: vec![] };
    let (whole, report) = edgewise_engine::rewrite(&plan, &head(), page);
    for change in &report.experiments[0].changes {
        let skipped: u32 = change.skipped().map(|(_, count)| count).sum();
        assert!(change.applied + skipped <= change.matched.max(1), "{change:?}");
    }
    let mut rewriter = Rewriter::new(&plan, head());
    let mut out = Vec::with_capacity(page.len());
    for chunk in page.chunks(usize::from(cut & 31) + 1) {
        rewriter.write(chunk, &mut out);
    }
    rewriter.end(&mut out);
    assert!(
        out == whole,
        "{:?}: {:?} or {:?}",
        String::from_utf8_lossy(page),
        String::from_utf8_lossy(&whole),
        String::from_utf8_lossy(&out)
    );
}
