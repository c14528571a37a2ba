//! Whether a `User-Agent` is one of a robot, a monitor or another program, and not of somebody's browser. Counting them
//! as visitors would blur every result.
//!
//! Three rules, and each alone is enough:
//!
//! 1. It does not begin as all browsers do, with `Mozilla/5.0 (`. Nothing at all is no browser either.
//! 2. It calls itself `compatible;`, which has been left to robots since Internet Explorer.
//! 3. It holds a word of `data/bots.txt`.
//!
//! A program that sends a browser's own user agent passes: only its behaviour could tell.

use memchr::memmem;

use crate::lines::{Lines, count};

/// The most bytes of a user agent that are read. Browsers send fewer than 300, apps around a web view fewer than 500.
const MAX_READ: usize = 512;

const TEXT: &str = include_str!("../../data/bots.txt");
const COUNT: usize = count(TEXT);
static WORDS: Lines<COUNT> = Lines::of(TEXT);

/// The words that begin with each byte: `FIRST[b]..FIRST[b + 1]`.
static FIRST: [u8; 257] = first_words(&Lines::of(TEXT));
/// Which bytes follow a word's first one: a bit for each remainder by 64.
static SECOND: [u64; 256] = second_bytes(&Lines::of(TEXT));

const fn first_words(words: &Lines<COUNT>) -> [u8; 257] {
    assert!(COUNT <= u8::MAX as usize);
    let mut first = [0; 257];
    let (mut byte, mut at) = (0, 0);
    while byte <= 256 {
        while at < COUNT && (words.first_two(at).0 as usize) < byte {
            at += 1;
        }
        #[allow(clippy::cast_possible_truncation, reason = "asserted")]
        {
            first[byte] = at as u8;
        }
        byte += 1;
    }
    first
}

const fn second_bytes(words: &Lines<COUNT>) -> [u64; 256] {
    let mut second = [0; 256];
    let mut at = 0;
    while at < COUNT {
        let (one, two) = words.first_two(at);
        second[one as usize] |= 1 << (two % 64);
        at += 1;
    }
    second
}

/// Devices and apps whose names end in one of the words.
const SPARED: [&[u8]; 2] = [b"cubot", b"camscan"];

/// Whether a user agent is one of a program. An empty one is; so is a visit that sends none, which the caller says as
/// `""`. Reads the first 512 bytes.
pub(crate) fn is_bot(user_agent: &str) -> bool {
    let sent = user_agent.trim_ascii().as_bytes();
    let mut text = [0; MAX_READ];
    let length = sent.len().min(MAX_READ);
    let text = &mut text[..length];
    text.copy_from_slice(&sent[..length]);
    text.make_ascii_lowercase();
    !begins_as_a_browser(text)
        || (memmem::find(text, b"compatible;").is_some() && !is_an_old_browser(text))
        || holds_a_word(text)
}

fn begins_as_a_browser(text: &[u8]) -> bool {
    // Opera before it was built on Chromium, as Opera Mini still is; UC Browser on small phones; television sets.
    if [&b"opera/"[..], b"ucweb/", b"hbbtv/"].iter().any(|start| text.starts_with(start))
    {
        return true;
    }
    matches!(
        text.strip_prefix(b"mozilla/"),
        Some([b'0'..=b'9', b'.', b'0'..=b'9', b' ', b'(', ..])
    )
}

/// Whether it is one of the browsers that called themselves compatible.
fn is_an_old_browser(text: &[u8]) -> bool {
    memmem::find(text, b"msie").is_some() || memmem::find(text, b"konqueror").is_some()
}

fn holds_a_word(text: &[u8]) -> bool {
    let starts = text.iter().enumerate().filter(|&(at, byte)| {
        let next = text.get(at + 1).copied().unwrap_or_default();
        SECOND[usize::from(*byte)] & 1 << (next % 64) != 0
    });
    starts.into_iter().any(|(at, byte)| {
        let byte = usize::from(*byte);
        (FIRST[byte]..FIRST[byte + 1]).any(|number| {
            let word = WORDS.line(usize::from(number)).as_bytes();
            text[at..].starts_with(word)
                && !SPARED.iter().any(|name| text[..at + word.len()].ends_with(name))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_sorted_and_each_does_something() {
        let words: Vec<_> = (0..COUNT).map(|number| WORDS.line(number)).collect();
        assert!(words.is_sorted() && words.len() > 100);
        for word in &words {
            assert!(word.len() > 1 && !word.chars().any(|c| c.is_ascii_uppercase()));
            let others = words.iter().filter(|other| *other != word);
            assert!(others.clone().all(|other| !word.contains(other)), "{word}");
            assert!(is_bot(&format!("Mozilla/5.0 (X11) x{word}x")), "{word}");
        }
    }

    /// `tests/vectors/LICENSES.md` says where they are from. The few that are not found look as people's browsers do.
    #[test]
    fn known_bots() {
        let known = include_str!("../../tests/vectors/bots.json");
        let known: Vec<String> = serde_json::from_str(known).unwrap();
        let missed: Vec<_> = known.iter().filter(|known| !is_bot(known)).collect();
        assert!(known.len() > 2_000);
        assert!(missed.len() * 1_000 <= known.len() * 3, "{missed:#?}");
    }

    #[test]
    fn programs() {
        let programs = [
            "",
            " ",
            "-",
            "curl/8.5.0",
            "python-requests/2.32.3",
            "Go-http-client/2.0",
            "Mozilla/5.0",
            "Mozilla/5.0 ",
            "Mozilla/5.0 (compatible; Bytespider; spider-feedback@bytedance.com)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse",
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "MOZILLA/5.0 (X11) CRAWLER",
        ];
        for program in programs {
            assert!(is_bot(program), "{program}");
        }
    }

    #[test]
    fn spared() {
        assert!(!is_bot(
            "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
        ));
        assert!(!is_bot("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)"));
        assert!(is_bot("Mozilla/5.0 (Linux; Android 13; CUBOT P80) bot"));
        assert!(is_bot("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; bot)"));
    }

    #[test]
    fn bounds() {
        let long = format!("Mozilla/5.0 (X11; Linux x86_64) {}", "x".repeat(100_000));
        assert!(!is_bot(&format!("{long} bot")));
        assert!(is_bot(&"é".repeat(100_000)));
        assert!(!is_bot(&format!("Mozilla/5.0 ({}", "é".repeat(100_000))));
    }

    proptest! {
        #[test]
        fn any_text(text in "(Mozilla/5\\.0 \\()?\\PC{0,600}") {
            is_bot(&text);
        }
    }
}
