//! Pinned numbers: `vectors/*.json`. Where one of these tests fails, the code is wrong and not the file.

#![allow(clippy::unwrap_used, reason = "a test may")]
#![allow(clippy::disallowed_types, reason = "tests run natively")]

use edgewise_measure::{ChiSquare, chi_square_test, independence};
use serde_json::Value;

#[track_caller]
fn check(found: Option<ChiSquare>, vector: &Value) {
    let found = found.unwrap_or_else(|| panic!("nothing for {vector}"));
    assert_eq!(found.degrees_of_freedom, vector["degrees_of_freedom"], "{vector}");
    for (name, found) in [("statistic", found.statistic), ("p_value", found.p_value)] {
        let expected = vector[name].as_f64().unwrap();
        let error = (found - expected).abs();
        assert!(error <= 1e-10 * expected, "{name} {found:e} of {vector}");
    }
}

#[test]
fn chi_square() {
    let file: Value =
        serde_json::from_str(include_str!("vectors/chi_square.json")).unwrap();
    let of = |list: &Value| -> Vec<u64> { serde_json::from_value(list.clone()).unwrap() };
    let fits = file["goodness_of_fit"].as_array().unwrap();
    let tables = file["independence"].as_array().unwrap();
    assert!(fits.len() >= 20 && tables.len() >= 8);
    for vector in fits {
        let shares: Vec<f64> = serde_json::from_value(vector["shares"].clone()).unwrap();
        check(chi_square_test(&of(&vector["observed"]), &shares), vector);
    }
    for vector in tables {
        let table: Vec<Vec<u64>> =
            vector["table"].as_array().unwrap().iter().map(of).collect();
        check(independence(&table), vector);
    }
}
