//! The page always arrives: whatever breaks, the visitor gets what the origin would have
//! given, and one line in the log says why.

mod bodies;
mod faults;
mod matrix;
mod parts;
mod requests;
mod secrets;
mod sizes;

use edgewise_wasm_tests::Site;

/// One fault, of one of these reasons.
#[track_caller]
fn one_fault(site: &Site, reasons: &[&str]) {
    let faults = site.logged("fault");
    assert_eq!(faults.len(), 1, "{faults:?}");
    let text = |member: &str| faults[0][member].as_str().unwrap_or_default().to_owned();
    assert!(reasons.contains(&text("reason").as_str()), "{faults:?}");
    for member in ["at", "detail"] {
        assert!(!text(member).is_empty(), "\"{member}\" in {faults:?}");
    }
    // Empty where the fault concerns no page in particular.
    assert!(faults[0]["page"].is_string(), "{faults:?}");
}
