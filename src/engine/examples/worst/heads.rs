//! Policies of pages, and the scripts that they have to let run.

use std::time::Instant;

use edgewise_engine::PageHead;
use serde_json::json;

use crate::{draft, is_wanted, ms};

/// How many experiments there are, how many scripts each of them has, how long those are, and the policies.
type Case = (&'static str, usize, usize, usize, Vec<String>);

fn cases() -> Vec<Case> {
    let long = |source: &str| {
        format!("script-src {}", format!("{source} ").repeat(100_000 / source.len()))
    };
    let many = |policy: &str| format!("{policy}, ").repeat(100_000 / policy.len());
    vec![
        (
            "one script, an ordinary policy",
            1,
            1,
            1_000,
            vec!["script-src 'self'".to_owned()],
        ),
        ("ten scripts of 64 KiB", 10, 1, 65_000, vec!["script-src 'self'".to_owned()]),
        (
            "twenty-five scripts of 64 KiB",
            25,
            1,
            65_000,
            vec!["script-src 'self'".to_owned()],
        ),
        ("2,000 scripts", 10, 200, 10, vec!["script-src 'self'".to_owned()]),
        ("one script, a policy of 100 KB", 1, 1, 1_000, vec![long("'self'")]),
        ("200 scripts, a policy of 100 KB", 1, 200, 10, vec![long("'self'")]),
        (
            "2,000 scripts, a policy of 100 KB",
            10,
            200,
            10,
            vec![long("'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='")],
        ),
        ("200 scripts, 5,000 policies", 1, 200, 10, vec![many("script-src 'self'")]),
        ("2,000 scripts, 5,000 policies", 10, 200, 10, vec![many("script-src 'self'")]),
        ("20 scripts, 16,000 policies", 1, 20, 10, vec![",".repeat(16_000)]),
        ("20 scripts, 100,000 policies", 1, 20, 10, vec![",".repeat(100_000)]),
        (
            "20 scripts, a policy of 16 KB",
            1,
            20,
            10,
            vec!["script-src 'self' ".to_owned() + &"a ".repeat(8_000)],
        ),
        (
            "2,000 scripts, 50,000 directives",
            10,
            200,
            10,
            vec!["a;".repeat(50_000) + "script-src 'self'"],
        ),
    ]
}

/// Prints what each of them costs.
pub(crate) fn measure(wanted: &[String]) {
    println!("\n| scripts and policies | to send, KiB | ms |\n|---|---:|---:|");
    for (name, experiments, scripts, length, policies) in cases() {
        if !is_wanted(name, wanted) {
            continue;
        }
        let experiments = (0..experiments).map(|number| {
            let change = |at: usize| json!({"script": format!("/* {number} {at} */{}", " ".repeat(length))});
            draft::experiment(number, &(0..scripts).map(change).collect::<Vec<_>>())
        });
        let datafile = draft::datafile(experiments);
        let start = Instant::now();
        let plan = draft::plan(&datafile);
        let head = PageHead { content_type: Some("text/html".to_owned()), policies };
        let sent = head.policies_for(&plan, &head.policies);
        let time = start.elapsed();
        let lengths = sent.iter().flat_map(|sent| &sent.enforced).map(String::len);
        println!("| {name} | {} | {:.1} |", lengths.sum::<usize>() / 1024, ms(time));
    }
}
