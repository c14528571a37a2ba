//! The pages: a company's landing page, grown to a size. The same bytes on every run.

use std::fmt::Write as _;
use std::time::Duration;

use edgewise_wasm_tests::{Answer, Gate, html};

/// A page, the way the origin sends it.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// Where it is served; with an ending, by an origin that takes its time.
    pub(crate) path: &'static str,
    pub(crate) html: String,
    pub(crate) gzip: bool,
    /// Requests count for so much less than those of the smallest page.
    pub(crate) weight: usize,
}

/// What is done to a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// Five edits to all elements that match.
    All,
    /// The same to the first element each, all of them in the page's first third.
    One,
    /// A hundred edits, few of which find anything.
    Hundred,
}

impl Task {
    pub(crate) const EACH: [Self; 3] = [Self::All, Self::One, Self::Hundred];
}

pub(crate) fn subjects(task: Task) -> Vec<Subject> {
    let subject = |name, path, size, gzip, weight| Subject {
        name,
        path,
        html: landing_page(size),
        gzip,
        weight,
    };
    match task {
        Task::All => vec![
            subject("40 KB", "/small", 40_000, false, 1),
            subject("40 KB, gzip", "/small-gzip", 40_000, true, 1),
            subject("1 MB", "/large", 1_000_000, false, 8),
            subject("1 MB, gzip", "/large-gzip", 1_000_000, true, 8),
        ],
        Task::One => {
            vec![subject("40 KB, one element each", "/first", 40_000, false, 1)]
        }
        Task::Hundred => {
            vec![subject("40 KB, 100 selectors", "/hundred", 40_000, false, 1)]
        }
    }
}

/// What a database or two take, where a page is not only read from a disk.
pub(crate) const THOUGHT: Duration = Duration::from_millis(50);

impl Subject {
    /// By an origin that waits in the middle of the page.
    pub(crate) fn halved_path(&self) -> String {
        format!("{}-halved", self.path)
    }

    /// By an origin that also thinks before it says anything.
    pub(crate) fn slow_path(&self) -> String {
        format!("{}-slow", self.path)
    }

    pub(crate) fn answer(&self) -> Answer {
        self.packed(html(&self.html))
    }

    /// The first half at once, the second when the gate lets it through.
    pub(crate) fn halved_answer(&self, gate: &Gate) -> Answer {
        let (first, second) = self.html.split_at(self.html.len() / 2);
        self.packed(html(first).then_wait(gate).then(second)).chunked()
    }

    fn packed(&self, answer: Answer) -> Answer {
        if self.gzip { answer.gzip() } else { answer }
    }
}

/// The page, grown to about that many bytes.
pub(crate) fn landing_page(size: usize) -> String {
    let mut words = Words(size as u64);
    let mut page = String::with_capacity(size + 4_000);
    page.push_str(HEAD);
    let mut number = 0;
    while page.len() + TAIL.len() < size {
        number += 1;
        section(&mut page, number, &mut words);
    }
    page.push_str(TAIL);
    page
}

fn section(page: &mut String, number: usize, words: &mut Words) {
    let _ = write!(
        page,
        "\n  <section class=\"band band--{}\" id=\"part-{number}\" aria-labelledby=\"t{number}\">\
         \n    <h2 id=\"t{number}\">{}</h2>\n    <div class=\"cards\">",
        number % 3,
        words.sentence(5)
    );
    for card in 1..=3 {
        let _ = write!(
            page,
            "\n      <article class=\"card card--wide\" data-card=\"{number}-{card}\">\
             \n        <img src=\"/img/p{number}-{card}.webp\" width=\"640\" height=\"400\" \
             alt=\"{}\" loading=\"lazy\">\
             \n        <svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path \
             d=\"M4 12h16M12 4v16\" stroke-width=\"2\"/></svg>\
             \n        <h3>{}</h3>\n        <p>{} <em>{}</em> {} &amp; {}</p>\
             \n        <ul class=\"ticks\"><li>{}</li><li>{}</li></ul>\
             \n        <a class=\"more\" href=\"/read/{number}/{card}?from=home&amp;n={card}\">{}</a>\
             \n      </article>",
            words.sentence(4),
            words.sentence(4),
            words.sentence(14),
            words.sentence(2),
            words.sentence(12),
            words.sentence(9),
            words.sentence(6),
            words.sentence(7),
            words.sentence(3),
        );
    }
    page.push_str("\n    </div>\n  </section>");
}

/// Words in an order that looks like none and is always the same.
struct Words(u64);

impl Words {
    fn sentence(&mut self, length: usize) -> String {
        let mut sentence = String::new();
        for _ in 0..length {
            // Knuth's MMIX generator; its upper bits are the good ones.
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
            self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
            let word =
                WORDS[usize::try_from(self.0 >> 40).unwrap_or_default() % WORDS.len()];
            if !sentence.is_empty() {
                sentence.push(' ');
            }
            sentence.push_str(word);
        }
        sentence
    }
}

const WORDS: [&str; 32] = [
    "teams",
    "ship",
    "work",
    "that",
    "customers",
    "notice",
    "without",
    "waiting",
    "for",
    "another",
    "meeting",
    "every",
    "release",
    "keeps",
    "its",
    "promise",
    "and",
    "numbers",
    "stay",
    "honest",
    "when",
    "plans",
    "change",
    "quietly",
    "across",
    "markets",
    "so",
    "people",
    "learn",
    "faster",
    "from",
    "pages",
];

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Halyard: planning for teams that ship</title>
  <meta name="description" content="Plan, ship and learn in one calm place.">
  <meta property="og:title" content="Halyard">
  <meta property="og:image" content="https://www.example.com/img/share.png">
  <link rel="canonical" href="https://www.example.com/">
  <link rel="icon" href="/favicon.svg" type="image/svg+xml">
  <link rel="preload" href="/fonts/text.woff2" as="font" type="font/woff2" crossorigin>
  <link rel="stylesheet" href="/assets/site.4f1c.css">
  <style>
    :root{--ink:#1b2733;--paper:#fff;--accent:#0b6e4f}
    body{margin:0;color:var(--ink);font:1rem/1.6 Text,system-ui,sans-serif}
    .hero{padding:6rem 1.5rem;text-align:center}.hero h1{font-size:clamp(2rem,6vw,4rem)}
    .cta{background:var(--accent);color:#fff;border-radius:.5rem;padding:.8rem 1.6rem}
    .cards{display:grid;gap:1.5rem;grid-template-columns:repeat(auto-fit,minmax(16rem,1fr))}
  </style>
  <script type="application/ld+json">{"@context":"https://schema.org","@type":"Organization","name":"Halyard"}</script>
  <script>window.site={"build":"4f1c","flags":["a<b","c>d"]};</script>
</head>
<body class="home">
<header class="top">
  <a class="brand" href="/">Halyard</a>
  <nav aria-label="Main"><ul><li><a href="/product">Product</a></li><li><a href="/pricing">Pricing</a></li><li><a href="/blog">Blog</a></li></ul></nav>
  <a class="cta" href="/signup">Try it</a>
</header>
<main class="page">
  <section class="hero">
    <h1>Planning for teams that ship</h1>
    <p class="lead">One calm place for what is next, <strong>what is late</strong> and why.</p>
    <a class="cta cta--big" href="/signup">Start your trial</a>
  </section>
  <section class="plans" id="plans"><h2>Plans</h2><table><thead><tr><th>Plan</th><th>Price</th></tr></thead><tbody><tr><td>Solo</td><td>$0</td></tr><tr><td>Team</td><td>$12</td></tr></tbody></table></section>"#;

const TAIL: &str = r#"
</main>
<footer class="foot">
  <p>&copy; 2026 Halyard. <a href="/imprint">Imprint</a> <a href="/privacy">Privacy</a></p>
  <form action="/newsletter" method="post"><label for="mail">Letters</label> <input id="mail" name="mail" type="email" required> <button>Subscribe</button></form>
</footer>
<!-- build 4f1c -->
<script src="/assets/site.4f1c.js" defer></script>
</body>
</html>
"#;
