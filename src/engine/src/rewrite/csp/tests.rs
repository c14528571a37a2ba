use super::*;

const HASH: &str = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}

/// What becomes of a style element and of a style attribute; the nonce, or that there is none, or that it is blocked.
#[track_caller]
fn style(headers: &[&str], element: Result<Option<&str>, ()>, attribute: bool) {
    let headers = lines(headers);
    let mut standing = Standing::default();
    in_headers(&headers).for_each(|policy| standing.meet_for_style(policy));
    let found = if standing.is_blocked() { Err(()) } else { Ok(standing.nonce()) };
    assert_eq!(found, element, "{headers:?}");
    let allowed = in_headers(&headers).all(Policy::allows_style_attribute);
    assert_eq!(allowed, attribute, "{headers:?}");
}

#[test]
fn styles() {
    style(&[], Ok(None), true);
    style(&["script-src 'self'"], Ok(None), true);
    style(&["default-src 'self'"], Err(()), false);
    style(&["default-src 'self'; STYLE-SRC 'Unsafe-Inline'"], Ok(None), true);
    style(&["style-src 'nonce-abc'"], Ok(Some("abc")), false);
    style(&["style-src 'NONCE-abc'"], Ok(Some("abc")), false);
    style(&["style-src 'unsafe-inline' 'nonce-abc'"], Ok(Some("abc")), false);
    style(&["style-src 'unsafe-inline' 'sha256-abc='"], Err(()), false);
    style(&["style-src 'unsafe-inline' 'strict-dynamic'"], Ok(None), true);
    let attribute = "style-src 'nonce-abc'; style-src-attr 'unsafe-inline'";
    style(&[attribute], Ok(Some("abc")), true);
    style(&["style-src 'nonce-abc'"; 2], Ok(Some("abc")), false);
    style(&["style-src 'nonce-abc', style-src 'nonce-def'"], Err(()), false);
    let both = ["style-src 'nonce-abc' 'nonce-def'", "style-src 'nonce-def'"];
    style(&both, Ok(Some("def")), false);
    style(&["style-src 'unsafe-inline'", "style-src 'self'"], Err(()), false);
    style(&["style-src 'nonce-a\"b'"], Err(()), false);
    style(&["style-src 'unsafe-inline' 'nonce-a\"b'"], Err(()), false);
}

#[test]
fn so_much_is_read() {
    let policy = |length: usize| format!("script-src {}", "a".repeat(length - 11));
    let blocks = |lines: &[String]| {
        let (mut of_script, mut of_style) = (Standing::default(), Standing::default());
        for policy in in_headers(lines) {
            of_script.meet_for_script(policy, || HASH);
            of_style.meet_for_style(policy);
        }
        let attributes = in_headers(lines).all(Policy::allows_style_attribute);
        assert!(of_style.is_blocked() || attributes);
        (of_script.is_blocked(), of_style.is_blocked())
    };
    let most = MAX_POLICIES - EACH_POLICY;
    assert_eq!(blocks(&[policy(most)]), (false, false));
    assert_eq!(blocks(&[policy(most + 1)]), (true, true));
    let two = [policy(most - 300 - EACH_POLICY), policy(300)];
    assert_eq!(blocks(&two), (false, false));
    let two = [policy(most - 300 - EACH_POLICY), policy(301)];
    assert_eq!(blocks(&two), (true, true));
    let commas = [",".repeat(100_000)];
    assert_eq!(blocks(&commas), (true, true));
    assert_eq!(in_headers(&commas).count(), 1);
    assert_eq!(in_page(&commas[0]).count(), 1);
    assert!(!in_page(&commas[0]).next().unwrap().allows_style_attribute());
}

/// What becomes of a script: the nonce it takes, and the policies with its hash where that is needed; or nothing,
/// where it is blocked.
#[track_caller]
fn script(headers: &[&str], expected: Option<(Option<&str>, &[&str])>) {
    let headers = lines(headers);
    let mut standing = Standing::default();
    let sent: Vec<_> = in_headers(&headers)
        .map(|policy| match standing.meet_for_script(policy, || HASH) {
            Says::RunsByHash => policy.with_hashes(&["HASH"]),
            _ => policy.text.to_owned(),
        })
        .collect();
    let found = (!standing.is_blocked()).then(|| (standing.nonce(), sent));
    let expected = expected.map(|(nonce, policies)| (nonce, lines(policies)));
    assert_eq!(found, expected, "{headers:?}");
}

#[test]
fn scripts_as_they_are() {
    for policy in [
        "",
        "style-src 'none'",
        "script-src 'unsafe-inline' 'self'",
        "default-src 'none'; script-src 'unsafe-inline'",
        "script-src 'none'; script-src-elem 'Unsafe-Inline'",
        "script-src 'self' 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='",
        "script-src 'SHA256-qznLcsROx4GACP2dm0UCKCzCG-HiZ1guq6ZZDob_Tng='",
        "sandbox allow-forms Allow-Scripts",
        "require-trusted-types-for 'script'; trusted-types 'none'",
    ] {
        script(&[policy], Some((None, &[policy])));
    }
}

#[test]
fn scripts_with_a_nonce() {
    for policy in [
        "script-src 'nonce-abc'",
        "script-src 'unsafe-inline' 'nonce-abc' 'strict-dynamic'",
        "default-src 'nonce-abc'",
        "script-src 'none'; script-src-elem 'nonce-abc'",
    ] {
        script(&[policy], Some((Some("abc"), &[policy])));
    }
    let shared = ["script-src 'nonce-abc' 'nonce-def'", "script-src 'nonce-def'"];
    script(&shared, Some((Some("def"), &shared)));
}

#[test]
fn scripts_by_their_hash() {
    script(&["script-src 'self'"], Some((None, &["script-src 'self' HASH"])));
    script(
        &["Script-Src 'self' ; img-src *"],
        Some((None, &["Script-Src 'self' HASH ; img-src *"])),
    );
    script(
        &["default-src 'self' https:; img-src *; "],
        Some((
            None,
            &["default-src 'self' https:; img-src *; script-src 'self' https: HASH"],
        )),
    );
    script(
        &["script-src-elem 'self';script-src 'unsafe-inline'"],
        Some((None, &["script-src-elem 'self' HASH;script-src 'unsafe-inline'"])),
    );
    script(
        &["script-src 'self'; script-src 'unsafe-inline'"],
        Some((None, &["script-src 'self' HASH; script-src 'unsafe-inline'"])),
    );
    script(
        &["script-src 'unsafe-inline' 'sha256-abc='"],
        Some((None, &["script-src 'unsafe-inline' 'sha256-abc=' HASH"])),
    );
    script(
        &["script-src 'nonce-abc'", "script-src 'nonce-def'", "script-src 'self'"],
        Some((
            Some("abc"),
            &[
                "script-src 'nonce-abc'",
                "script-src 'nonce-def' HASH",
                "script-src 'self' HASH",
            ],
        )),
    );
    script(
        &["script-src 'self', script-src 'nonce-abc'"],
        Some((Some("abc"), &["script-src 'self' HASH", " script-src 'nonce-abc'"])),
    );
}

#[test]
fn no_scripts() {
    for policy in [
        "script-src 'none'",
        "script-src",
        "default-src 'none'",
        "default-src 'NONE' 'report-sample'",
        "script-src 'unsafe-eval' 'wasm-unsafe-eval'",
        "script-src 'self' 'strict-dynamic'",
        "script-src 'unsafe-inline' 'strict-dynamic'",
        "script-src 'self'; script-src-elem 'none'",
        "script-src 'unsafe-inline' 'nonce-a\"b'",
        "script-src 'unsafe-inline' 'sha256-'",
        "sandbox",
        "script-src 'unsafe-inline'; sandbox allow-forms",
    ] {
        script(&[policy], None);
        script(&["script-src 'nonce-abc'", policy], None);
    }
}

#[test]
fn policies_in_the_page() {
    let ask = |content: &str| {
        let mut standing = Standing::default();
        let says =
            in_page(content).map(|policy| standing.meet_for_script(policy, || HASH));
        let says: Vec<_> = says.collect();
        (says, standing.is_blocked())
    };
    assert_eq!(ask("script-src 'self'"), (vec![Says::RunsByHash], false));
    assert_eq!(ask("sandbox"), (vec![Says::Runs], false));
    // Read in two ways, so nothing is added to it.
    assert!(ask("img-src *, script-src 'self'").1);
    assert!(!ask("img-src *, style-src 'self'").1);
}
