//! `cargo xtask load`, in small: every visitor sees what the engine decides, and harm does none.

use edgewise_wasm_tests::load::{harm, steady};

#[test]
fn every_visitor_sees_what_the_engine_decides() {
    let done = steady(5_000);
    assert_eq!(done.errors, [] as [String; 0]);
    assert_eq!((done.wrong, done.new), (0, 1_250));
    assert_eq!(done.shown.values().sum::<usize>(), 5_000);
    // Of control's 25 %, by chance 1 in a million runs is further off.
    let control = done.shown["control"];
    assert!((1_100..1_400).contains(&control), "{control}");
}

#[test]
fn ordinary_visitors_get_their_page_among_hostile_ones() {
    let done = harm(1_200, None);
    assert_eq!(done.errors, [] as [String; 0]);
    assert_eq!(done.requests, 1_200);
}
