//! What is read, by what it matches.

use super::super::{Matcher, Selector};
use super::page::{elements, read, stream};

const PAGE: &str = "\
html | lang=en
  head
    title
  body | class=home Home
    header | id=top
      ul | class=menu\tmain
        li | class=item first
          a | href=/
        li | class=item
          a | href=/pricing?a=1&b=2 | class=sm:flex
        li | class=item last
          a | title=x y
    main | id=Main
      section | id=hero | class=hero big
        h1 | data-test=Headline
        p
        p | class=lead
        a | href=/signup | rel=nofollow NOOPENER | class=cta btn
      section | id=1a | class=feature
        h2 | data-test=headline
        p | lang=en-GB
        svg | viewBox=0 0 1 1 | type=Picture
          linearGradient | id=g
          a | href=#
        input | type=CHECKBOX | checked
        div | data-empty | title=\u{fc}ber \"x\"
          p | class=-x --y \u{1f375}
    footer";

/// Rows of a selector and the lines of the page that it matches.
const MATCHES: &[(&str, &[usize])] = &[
    // Names.
    ("h1", &[15]),
    ("H1", &[15]),
    (" h1 ", &[15]),
    ("\th1\r\n", &[15]),
    ("/* a */h1/* b */", &[15]),
    ("h\\31", &[15]),
    ("\\68 1", &[15]),
    ("\\000068\r\n1", &[15]),
    ("linearGradient", &[23]),
    ("lineargradient", &[]),
    ("LINEARGRADIENT", &[]),
    ("SVG", &[]),
    ("h3", &[]),
    ("svg *", &[23, 24]),
    ("h1, h2", &[15, 20]),
    ("h1,h2/**/,h1", &[15, 20]),
    // Ids and classes.
    ("#hero", &[14]),
    ("#Hero", &[]),
    ("#main", &[]),
    ("*#Main", &[13]),
    ("#\\31 a", &[19]),
    ("#\\000031a", &[19]),
    ("#hero#hero", &[14]),
    ("#hero#top", &[]),
    ("#g", &[23]),
    (".home", &[4]),
    (".Home", &[4]),
    (".HOME", &[]),
    (".menu", &[6]),
    (".main", &[6]),
    (".sm\\:flex", &[10]),
    (".item.first", &[7]),
    (".first.item", &[7]),
    (".item/**/.last", &[11]),
    (".item .first", &[]),
    (".-x", &[27]),
    (".--y", &[27]),
    (".\u{1f375}", &[27]),
    (".\\1F375", &[27]),
    ("p.lead", &[17]),
    ("h1.lead", &[]),
    ("section.big#hero", &[14]),
    // Attributes.
    ("[href]", &[8, 10, 18, 24]),
    ("[HREF]", &[8, 10, 18]),
    ("[ href ]", &[8, 10, 18, 24]),
    ("[viewBox]", &[22]),
    ("[viewbox]", &[]),
    ("[data-empty]", &[26]),
    ("[data-empty='']", &[26]),
    ("[data-empty^='']", &[]),
    ("[data-empty$='']", &[]),
    ("[data-empty*='']", &[]),
    ("[data-empty~='']", &[]),
    ("[data-empty|='']", &[26]),
    ("[href='/signup']", &[18]),
    ("[href = \"/signup\" ]", &[18]),
    ("[href='\\2fsign\\\nup']", &[18]),
    ("[href='/pricing?a=1&b=2']", &[10]),
    ("[href='/Signup']", &[]),
    ("[href='/Signup' i]", &[18]),
    ("[href='/Signup'I]", &[18]),
    ("[href^='/pri']", &[10]),
    ("[href^='/PRI' i]", &[10]),
    ("[href$=up]", &[18]),
    ("[href$='/signup/signup']", &[]),
    ("[href*='a=1']", &[10]),
    ("[href*='A=1' i]", &[10]),
    ("[href='#']", &[24]),
    ("a[href]:not([href^='/'])", &[24]),
    ("[title~=y]", &[12]),
    ("[title~='x y']", &[]),
    ("[title='x y']", &[12]),
    ("[title*='\"x']", &[26]),
    ("[title^=\u{fc}]", &[26]),
    ("[lang|=en]", &[1, 21]),
    ("[lang|='en-g']", &[]),
    ("[lang|=EN]", &[1, 21]),
    ("[lang|=EN s]", &[]),
    ("[rel~=noopener]", &[18]),
    ("[rel~=noopener s]", &[]),
    ("[type=checkbox]", &[25]),
    ("[type=picture]", &[]),
    ("[type=Picture]", &[22]),
    ("[type=picture i]", &[22]),
    ("[data-test=headline]", &[20]),
    ("[data-test=headline i]", &[15, 20]),
    ("[class='hero big']", &[14]),
    ("[id=hero]", &[14]),
    ("a[href='/'][href]", &[8]),
    // Combinators.
    ("main p", &[16, 17, 21, 27]),
    ("section > p", &[16, 17, 21]),
    ("section>p", &[16, 17, 21]),
    ("main section>p", &[16, 17, 21]),
    ("body > p", &[]),
    ("body p p", &[]),
    ("h1 + p", &[16]),
    ("h1+p+p", &[17]),
    ("h1 ~ p", &[16, 17]),
    ("h1 ~ p ~ a", &[18]),
    ("p ~ p", &[17]),
    ("section + section > h2 ~ svg", &[22]),
    ("section ~ section p", &[21, 27]),
    ("li + li a", &[10, 12]),
    ("li ~ li > a[href]", &[10]),
    ("#top + main h2", &[20]),
    ("html > head ~ body footer", &[28]),
    // Places.
    (":root", &[1]),
    ("html:root", &[1]),
    ("body:root", &[]),
    (":root > body", &[4]),
    ("li:first-child", &[7]),
    ("p:first-child", &[27]),
    ("p:first-of-type", &[16, 21, 27]),
    ("li:nth-child(2)", &[9]),
    ("LI:NTH-CHILD( 2 )", &[9]),
    ("li:nth-child(odd)", &[7, 11]),
    ("li:nth-child(EVEN)", &[9]),
    ("li:nth-child(2n+1)", &[7, 11]),
    ("li:nth-child(2n + 1)", &[7, 11]),
    ("li:nth-child(+2N-1)", &[7, 11]),
    ("li:nth-child(2n- 1)", &[7, 11]),
    ("li:nth-child(2n/**/-1)", &[7, 11]),
    ("li:nth-child(n)", &[7, 9, 11]),
    ("li:nth-child(n+2)", &[9, 11]),
    ("li:nth-child(-n+2)", &[7, 9]),
    ("li:nth-child(-2n+3)", &[7, 11]),
    ("li:nth-child(0n+3)", &[11]),
    ("li:nth-child(+3)", &[11]),
    ("li:nth-child(0)", &[]),
    ("li:nth-child(-1)", &[]),
    ("li:nth-child(-n)", &[]),
    ("li:nth-child(99999999999)", &[]),
    ("li:nth-child(99999999999n-99999999999)", &[]),
    ("p:nth-of-type(2)", &[17]),
    ("section > :nth-of-type(1)", &[15, 16, 18, 20, 21, 22, 25, 26]),
    ("section :first-of-type:nth-child(2)", &[16, 21, 24]),
    (":any-link", &[8, 10, 18, 24]),
    ("a:link:not(svg a)", &[8, 10, 18]),
    // Lists inside.
    (":is(h1, h2)", &[15, 20]),
    (":where(h1,h2)", &[15, 20]),
    (":IS( h1 , .lead )", &[15, 17]),
    ("section:is(.big, .feature) > p", &[16, 17, 21]),
    (":is(#hero, footer ~ *) > :is(h1, a)", &[15, 18]),
    (":is(main > section) > h2", &[20]),
    ("p:is(h1 ~ *, div *)", &[16, 17, 27]),
    ("p:not(.lead)", &[16, 21, 27]),
    ("p:not(.lead, section > :nth-child(2))", &[27]),
    ("p:not(section > p)", &[27]),
    ("p:not(:not(.lead))", &[17]),
    ("li:not(:first-child):not(:nth-child(2))", &[11]),
    ("p:not(:is(h1, h2) ~ *)", &[27]),
    ("section > :not(p, :is(svg, input), [href])", &[15, 20, 26]),
    ("section > *:not(:nth-of-type(1))", &[17]),
    (":not(*)", &[]),
    ("p:not(*)", &[]),
    (":not(:not(:not(:not(:is(:where(:is(:where(h1))))))))", &[15]),
];

#[test]
fn a_selector_matches_what_browsers_match() {
    let page = read(PAGE);
    for (selector, expected) in MATCHES {
        assert_eq!(elements(&page, selector), *expected, "{selector}");
    }
}

#[test]
fn many_selectors_match_as_each_does() {
    let page = read(PAGE);
    let parse = |(text, _): &(&str, _)| Selector::parse(text).unwrap();
    let selectors: Vec<_> = MATCHES.iter().map(parse).collect();
    let found = stream(&page, &Matcher::new(&selectors));
    for (line, found) in (1..).zip(found) {
        let has_line = |(_, (_, lines)): &(usize, &(_, &[usize]))| lines.contains(&line);
        let expected = MATCHES.iter().enumerate().filter(has_line);
        let expected: Vec<_> = expected.map(|(number, _)| number).collect();
        assert_eq!(found, expected, "line {line}");
    }
}

#[test]
fn quirks_fold_the_case_of_ids_and_classes_alone() {
    let page = read(PAGE);
    let selectors = ["#MAIN", ".HOME", "#hero .LEAD", "[id=MAIN]", "[class~=LEAD]"];
    let selectors = selectors.map(|text| Selector::parse(text).unwrap());
    let mut matcher = Matcher::new(&selectors);
    matcher.set_quirks();
    let lines: Vec<_> = (1..)
        .zip(stream(&page, &matcher))
        .filter(|(_, found)| !found.is_empty())
        .collect();
    assert_eq!(lines, [(4, vec![1]), (13, vec![0]), (17, vec![2])]);
}

#[test]
fn what_depends_on_siblings_says_so() {
    let rows = [
        ("main > p.lead #x, [href]", false),
        (":root", false),
        (":is(a, b > c)", false),
        ("h1 + p", true),
        ("h1 ~ p a", true),
        ("h1, li:first-child", true),
        ("li:nth-child(2) a", true),
        ("p:nth-of-type(2)", true),
        ("p:first-of-type", true),
        (":not(:is(a + b) c) d", true),
        ("a:not(.x:first-child)", true),
    ];
    let selectors = rows.map(|(text, _)| Selector::parse(text).unwrap());
    let matcher = Matcher::new(&selectors);
    for (number, (text, depends)) in rows.into_iter().enumerate() {
        assert_eq!(matcher.depends_on_siblings(number), depends, "{text}");
    }
    assert!(!Matcher::new([]).depends_on_siblings(0));
}

#[test]
fn a_class_that_is_there_a_hundred_thousand_times_counts_once() {
    let mut page = read("html");
    page[0].attributes = vec![("class".to_owned(), "a ".repeat(100_000) + "b")];
    assert_eq!(elements(&page, ".a.b"), [1]);
    assert_eq!(elements(&page, ".a.c"), [] as [usize; 0]);
}

#[test]
fn more_kinds_of_children_than_are_counted() {
    let mut page = "html".to_owned();
    for round in 0..2 {
        for kind in 0..1_000 {
            page += &format!("\n  x-{kind} | round={round}");
        }
    }
    let found = elements(&read(&page), ":root > :nth-of-type(2)");
    // The second round of those that were met first.
    assert_eq!(found, (1_002..1_066).collect::<Vec<_>>());
    assert_eq!(elements(&read(&page), "x-700:nth-of-type(2)"), [1_702]);
}

#[test]
fn a_selector_is_its_text() {
    let parse = |text: &str| Selector::parse(text).unwrap();
    for (text, _) in MATCHES {
        let json = serde_json::to_string(&parse(text)).unwrap();
        let again: Selector = serde_json::from_str(&json).unwrap();
        assert_eq!(again, parse(text));
        assert_eq!(again.as_str(), *text);
        assert_eq!(format!("{again:?}"), format!("{text:?}"));
        assert_eq!(String::from(again), *text);
    }
    assert_ne!(parse("h1"), parse("h1 "));
    let refused = serde_json::from_str::<Selector>("\"h1::before\"").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the selector \"h1::before\" uses \"::before\", which is not an element of the page"
    );
}
