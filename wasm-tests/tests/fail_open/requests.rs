//! Whatever a request holds, the page arrives: changed where it can be told that the change is for the visitor, else as it
//! is. Everything here is read, as conditions on all of it are asked.

use edgewise_wasm_tests::{Request, Site, datafile, html};
use serde_json::{Value, json};

const PAGE: &str = "<!doctype html><h1>Hi</h1><p>{{query.p9}}</p>";

/// Experiments that look at everything a visitor can send.
fn site(path: &str) -> Site {
    let asking = [
        json!({ "fact": "cookie.c9999", "exists": true }),
        json!({ "fact": "query.p9999", "matches": "^(a|aa)+$" }),
        json!({ "fact": "page.path", "matches": "(x+x+)+y" }),
        json!({ "fact": "page.query", "matches": "(.*)*(.*)*z" }),
        json!({ "fact": "device.class", "is": "phone" }),
        json!({ "fact": "languages", "is": "de" }),
        json!({ "fact": "referrer.host", "ends": "example" }),
        json!({ "fact": "source", "is": "search" }),
        json!({ "fact": "header.x-odd", "exists": true }),
        json!({ "fact": "visitor.visits", "at_least": 2 }),
    ];
    let changes = json!([datafile::text("h1", "Start {{query.p5 | \"free\"}}")]);
    let experiment = |(number, audience): (usize, Value)| {
        let key = format!("e{number}");
        let mut experiment = datafile::everybody(&key, "/", changes.clone());
        experiment["pages"]["include"] = json!([
            { "prefix": "/" },
            { "regex": "(a*)*b(x+x+)+y$" },
            { "query": { "p9": { "matches": "(a|a)*b" } } },
        ]);
        experiment["audience"] = audience;
        experiment
    };
    let mut datafile = datafile::of(
        asking
            .into_iter()
            .enumerate()
            .map(experiment)
            .chain([datafile::below("/")["experiments"][0].clone()]),
    );
    datafile["consent"] =
        json!({ "required": ["FR"], "cookie": { "name": "cc", "contains": "yes" } });
    datafile["visitor_cookie"] = json!("other");
    Site::serving(path, html(PAGE))
        .with_datafile(datafile)
        .with_geo(json!({ "country": "DE" }))
}

#[track_caller]
fn arrives(request: Request<'_>) {
    request.send().shows("</h1>").shows("Start");
}

#[test]
fn with_very_many_cookies() {
    let site = site("/");
    let cookies: Vec<_> = (0..8_000).map(|n| format!("c{n}=%41")).collect();
    let line = cookies.join("; ");
    assert!(line.len() > 80_000);
    arrives(site.get("/").cookie(&line));
    arrives(site.get("/").cookie(&line).visitor("alice"));
    arrives(site.get("/").cookie(&";".repeat(100_000)));
    arrives(site.get("/").cookie(&format!("a={}", "%".repeat(100_000))));
    arrives(site.get("/").cookie(&"edgewise=2.a; ".repeat(7_000)));
    let lines =
        (0..60).fold(site.get("/"), |request, n| request.cookie(&format!("c{n}=1")));
    arrives(lines);
}

#[test]
fn with_very_many_parameters() {
    let site = site("/");
    // The runtime takes no address of more than 64 KiB.
    let parameters: Vec<_> = (0..10_000).map(|n| format!("p{n}")).collect();
    let query = parameters.join("&");
    arrives(site.get(&format!("/?{query}")));
    arrives(site.get(&format!("/?{}", "&".repeat(60_000))));
    arrives(site.get(&format!("/?p9={}", "a".repeat(60_000))));
    arrives(site.get(&format!("/?{}", "%ff=%&".repeat(10_000))));
    arrives(site.get(&format!("/?{}", "_edgewise=a.b&".repeat(4_000))));
}

#[test]
fn with_a_path_for_slow_expressions() {
    for letter in ["a", "x", "%", "/"] {
        let path = format!("/{}", letter.repeat(60_000));
        arrives(site(&path).get(&path));
    }
}

#[test]
fn with_headers_that_are_no_text() {
    let site = site("/");
    let odd: [&[u8]; 3] = [b"\xff\xfe", b"a=\xc3\x28; b", "ü; q=é".as_bytes()];
    for name in ["Cookie", "Accept-Language", "Referer", "X-Odd", "Sec-CH-UA", "Sec-GPC"]
    {
        for value in odd {
            arrives(site.get("/").header_bytes(name, value));
        }
    }
    for value in odd {
        // It is not known to be a browser's.
        let request = site.get("/").without("User-Agent");
        request.header_bytes("User-Agent", value).send().is(200).holds(PAGE);
    }
    let browser = b"Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/140.0 \xff";
    let request = site.get("/").without("User-Agent").header_bytes("User-Agent", browser);
    request.send().shows("</h1>");
}

#[test]
fn with_headers_of_ours_to_read_that_are_no_text() {
    let site = site("/");
    for name in [
        "Accept",
        "Upgrade",
        "Sec-Fetch-Dest",
        "Sec-Fetch-Mode",
        "Sec-Purpose",
        "Purpose",
        "Authorization",
        "If-None-Match",
        "Accept-Encoding",
    ] {
        let request = site.get("/").header_bytes(name, b"\xff\xfe");
        request.send().is(200).shows("</h1>");
    }
    let request = site.get("/_edgewise/api/v1/datafile");
    request.header_bytes("Authorization", b"Bearer \xff").send().is(401);
}

#[test]
fn with_an_address_that_is_no_text() {
    let site = site("/");
    for query in ["%ff=%ff", "a=%", "a=%zz", "%00=%00", "=&=&&", "a=b?c=d#e"] {
        arrives(site.get(&format!("/?{query}")));
    }
}

#[test]
fn with_very_long_headers() {
    let site = site("/");
    let long = |piece: &str| piece.repeat(60_000 / piece.len());
    arrives(site.get("/").header("Accept-Language", &long("de;q=0.1,")));
    arrives(site.get("/").header("Referer", &format!("https://a.example/{}", long("a"))));
    arrives(site.get("/").header("Referer", &format!("https://{}/", long("a."))));
    arrives(site.get("/").header("Sec-CH-UA", &long("\"a\";v=\"1\", ")));
    arrives(site.get("/").header("X-Odd", &long("(a*)*")));
    let browser = format!("Mozilla/5.0 (X11; {}) Gecko", long("Linux; "));
    arrives(site.get("/").user_agent(&browser));
}
