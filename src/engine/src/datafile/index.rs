//! Which experiments may run on a page, found without a look at the others.
//!
//! Each page rule is filed by its host and by what paths have to begin with. Both are looked up in the same way: texts
//! in order, each with numbers for that text and numbers for all that begin with it. (Hosts stand there backwards, so that
//! a host begins with its domain.) All beginnings of a text lie on one chain: the text itself or the one just before
//! it in the order, the longest text of the list that this one begins with, and so on. For what stands between a
//! beginning and the text begins with it too.
//!
//! The index is bytes that are read where they lie:
//!
//! | part | each |
//! |---|---|
//! | how many there are of the four below | 4 numbers |
//! | lists: of hosts, and then of each host's paths | first text, how many |
//! | texts | place and length among the letters, the text on the chain behind it, first of the numbers, how many for the text, how many for what begins with it |
//! | numbers: of lists for hosts, of experiments for paths | 1 number |
//! | letters | 1 byte |

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::bytes::{append, number, part};
use crate::page::{Head, Page, PageRules};

/// Lengths of one of each part, bytes.
const COUNTS: usize = 4 * 4;
const LIST: usize = 2 * 4;
const TEXT: usize = 6 * 4;
const NUMBER: usize = 4;

/// The end of a chain.
const NOTHING: usize = u32::MAX as usize;

/// The numbers of one text.
#[derive(Default)]
struct Numbers {
    whole: Vec<usize>,
    beginning: Vec<usize>,
}

/// A list, before it is written.
type Texts<'r> = BTreeMap<Cow<'r, [u8]>, Numbers>;

fn backwards(host: &str) -> Vec<u8> {
    host.bytes().rev().collect()
}

/// The index of experiments with these page rules.
pub(super) fn build<'r>(experiments: impl Iterator<Item = &'r PageRules>) -> Vec<u8> {
    let mut lists: Vec<Texts<'_>> = vec![Texts::new()];
    let mut hosts = BTreeMap::new();
    for (experiment, rules) in experiments.enumerate() {
        for rule in &rules.include {
            let list = *hosts.entry(rule.host.as_deref()).or_insert_with(|| {
                lists.push(Texts::new());
                lists.len() - 1
            });
            let texts = &mut lists[list];
            let numbers = match rule.path.head() {
                Head::Whole(path) => {
                    &mut texts.entry(Cow::Borrowed(path.as_bytes())).or_default().whole
                }
                Head::Beginning(path) => {
                    let path = Cow::Borrowed(path.as_bytes());
                    &mut texts.entry(path).or_default().beginning
                }
            };
            if numbers.last() != Some(&experiment) {
                numbers.push(experiment);
            }
        }
    }
    for (host, list) in hosts {
        let every = host.unwrap_or("*").strip_prefix('*');
        let text = backwards(every.or(host).unwrap_or_default());
        let numbers = lists[0].entry(Cow::Owned(text)).or_default();
        if every.is_some() { &mut numbers.beginning } else { &mut numbers.whole }
            .push(list);
    }
    write(&lists)
}

fn write(lists: &[Texts<'_>]) -> Vec<u8> {
    let (mut list_part, mut text_part) = (Vec::new(), Vec::new());
    let (mut numbers, mut letters) = (Vec::new(), Vec::new());
    for texts in lists {
        append(&mut list_part, text_part.len() / TEXT);
        append(&mut list_part, texts.len());
        let mut chain: Vec<(usize, &[u8])> = Vec::new();
        for (index, (text, of_text)) in texts.iter().enumerate() {
            while chain.last().is_some_and(|(_, before)| !text.starts_with(before)) {
                chain.pop();
            }
            append(&mut text_part, letters.len());
            append(&mut text_part, text.len());
            append(&mut text_part, chain.last().map_or(NOTHING, |(index, _)| *index));
            append(&mut text_part, numbers.len() / NUMBER);
            append(&mut text_part, of_text.whole.len());
            append(&mut text_part, of_text.beginning.len());
            chain.push((index, text));
            letters.extend_from_slice(text);
            for number in of_text.whole.iter().chain(&of_text.beginning) {
                append(&mut numbers, *number);
            }
        }
    }
    let mut index = Vec::new();
    append(&mut index, lists.len());
    append(&mut index, text_part.len() / TEXT);
    append(&mut index, numbers.len() / NUMBER);
    append(&mut index, letters.len());
    for part in [list_part, text_part, numbers, letters] {
        index.extend(part);
    }
    index
}

/// An index where it lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Index<'b> {
    lists: &'b [u8],
    texts: &'b [u8],
    numbers: &'b [u8],
    letters: &'b [u8],
}

/// A text of a list.
struct Text<'b> {
    letters: &'b [u8],
    behind: usize,
    first_number: usize,
    whole: usize,
    beginning: usize,
}

impl<'b> Index<'b> {
    /// Finds the parts. None if they do not fill the bytes. What they say is looked at when it is needed.
    pub(super) fn of(bytes: &'b [u8]) -> Option<Self> {
        let mut at = COUNTS;
        let mut next = |count: usize, each: usize| {
            let length = number(bytes, count * 4)?.checked_mul(each)?;
            let found = part(bytes, at, length)?;
            at += length;
            Some(found)
        };
        let (lists, texts) = (next(0, LIST)?, next(1, TEXT)?);
        let (numbers, letters) = (next(2, NUMBER)?, next(3, 1)?);
        (at == bytes.len()).then_some(Self { lists, texts, numbers, letters })
    }

    /// The numbers of the experiments that may run on a page, ascending, each once. They are those whose page rules
    /// match, and some whose do not.
    pub(super) fn candidates(self, page: &Page) -> Vec<usize> {
        let mut lists = Vec::new();
        self.find(0, &backwards(page.host()), &mut lists);
        let mut experiments = Vec::new();
        for list in lists {
            self.find(list, page.path().as_bytes(), &mut experiments);
        }
        experiments.sort_unstable();
        experiments.dedup();
        experiments
    }

    /// Adds the numbers of the text and of all its beginnings in a list.
    fn find(self, list: usize, text: &[u8], found: &mut Vec<usize>) {
        let field = |index: usize| {
            let list = part(self.lists, list.checked_mul(LIST)?, LIST)?;
            number(list, index * 4)
        };
        let (Some(first), Some(count)) = (field(0), field(1)) else { return };
        let (mut at, shared) = self.place(first, count, text);
        while let Some(index) = at
            && let Some(one) = first.checked_add(index).and_then(|row| self.text(row))
        {
            if one.letters.len() <= shared {
                let is_all = one.letters.len() == text.len();
                self.add(&one, if is_all { 0 } else { one.whole }, found);
            }
            at = Some(one.behind).filter(|behind| *behind < index);
        }
    }

    /// The last text of a list that does not stand behind this one, and how many letters the two begin with alike.
    fn place(self, first: usize, count: usize, text: &[u8]) -> (Option<usize>, usize) {
        let (mut low, mut high) = (0, count);
        // All that stand between two texts begin with what these two have in common.
        let (mut shared_low, mut shared_high) = (0, 0);
        while low < high {
            let middle = low + (high - low) / 2;
            let known = shared_low.min(shared_high);
            let Some((shared, order)) =
                first.checked_add(middle).and_then(|row| self.compare(row, text, known))
            else {
                return (None, 0);
            };
            if order == Ordering::Greater {
                (high, shared_high) = (middle, shared);
            } else {
                (low, shared_low) = (middle + 1, shared);
            }
        }
        (low.checked_sub(1), shared_low)
    }

    /// How a text of the index stands to this one, and how many letters they begin with alike. So many are known.
    fn compare(self, row: usize, text: &[u8], known: usize) -> Option<(usize, Ordering)> {
        let row = part(self.texts, row.checked_mul(TEXT)?, TEXT)?;
        let letters = part(self.letters, number(row, 0)?, number(row, 4)?)?;
        let shared = known + shared_length(letters.get(known..)?, text.get(known..)?);
        Some((shared, letters.get(shared).cmp(&text.get(shared))))
    }

    fn text(self, index: usize) -> Option<Text<'b>> {
        let row = part(self.texts, index.checked_mul(TEXT)?, TEXT)?;
        let field = |index: usize| number(row, index * 4);
        Some(Text {
            letters: part(self.letters, field(0)?, field(1)?)?,
            behind: field(2)?,
            first_number: field(3)?,
            whole: field(4)?,
            beginning: field(5)?,
        })
    }

    /// Adds a text's numbers but for the first few.
    fn add(self, text: &Text<'_>, skipped: usize, found: &mut Vec<usize>) {
        let numbers = || {
            let start = text.first_number.checked_add(skipped)?.checked_mul(NUMBER)?;
            let count = text.whole.checked_add(text.beginning)?.checked_sub(skipped)?;
            let numbers = part(self.numbers, start, count.checked_mul(NUMBER)?)?;
            // Each number is somebody's once, so more than all of them is a fault that is not followed.
            (found.len() + count <= self.numbers.len() / NUMBER).then_some(numbers)
        };
        let numbers = numbers().unwrap_or_default().chunks_exact(NUMBER);
        found.extend(numbers.filter_map(|bytes| number(bytes, 0)));
    }
}

/// How many bytes the two have in common at their beginnings.
fn shared_length(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(experiments: &[&[&str]]) -> Vec<u8> {
        let rules: Vec<_> = experiments
            .iter()
            .map(|rules| {
                let include =
                    rules.iter().map(|rule| serde_json::from_str(rule).unwrap());
                PageRules { include: include.collect(), exclude: Vec::new() }
            })
            .collect();
        build(rules.iter())
    }

    #[track_caller]
    fn check(bytes: &[u8], url: &str, expected: &[usize]) {
        let page = Page::parse(url).unwrap();
        assert_eq!(Index::of(bytes).unwrap().candidates(&page), expected, "{url}");
    }

    #[test]
    fn by_path() {
        let index = index(&[
            &[r#"{"exact": "/a"}"#],
            &[r#"{"prefix": "/a"}"#],
            &[r#"{"prefix": "/ab"}"#, r#"{"prefix": "/a"}"#],
            &[r#"{"wildcard": "/ab*d"}"#],
            &[r#"{"regex": "^/abc"}"#],
            &[r#"{"suffix": "z"}"#],
            &[r#"{"prefix": "/b"}"#],
            &[r#"{"exact": "/ab"}"#, r#"{"exact": "/abc"}"#],
        ]);
        check(&index, "https://x/", &[5]);
        check(&index, "https://x/a", &[0, 1, 2, 5]);
        check(&index, "https://x/ab", &[1, 2, 3, 5, 7]);
        check(&index, "https://x/abc", &[1, 2, 3, 4, 5, 7]);
        check(&index, "https://x/abcd", &[1, 2, 3, 4, 5]);
        check(&index, "https://x/aa", &[1, 2, 5]);
        check(&index, "https://x/b?c", &[5, 6]);
    }

    #[test]
    fn by_host() {
        let index = index(&[
            &[r#"{"host": "a.com", "prefix": "/"}"#],
            &[r#"{"host": "*.a.com", "prefix": "/"}"#],
            &[r#"{"host": "*.x.a.com", "exact": "/"}"#],
            &[r#"{"prefix": "/"}"#],
            &[r#"{"host": "ba.com", "prefix": "/"}"#],
            &[r#"{"host": "*.com", "exact": "/c"}"#],
        ]);
        check(&index, "https://a.com/", &[0, 3]);
        check(&index, "https://b.a.com/", &[1, 3]);
        check(&index, "https://y.x.a.com/", &[1, 2, 3]);
        check(&index, "https://ba.com/", &[3, 4]);
        check(&index, "https://a.com/c", &[0, 3, 5]);
        check(&index, "https://com/c", &[3]);
    }

    #[test]
    fn of_nothing() {
        check(&index(&[]), "https://a.com/", &[]);
        assert!(Index::of(&[]).is_none());
        assert!(Index::of(&[0xff; 64]).is_none());
    }
}
