//! Which compounds are worth a look for an element: by its id, its classes, its name, an attribute, and the few that may
//! be anything.

use std::collections::BTreeMap;

use super::attribute::{Attribute, Operator};
use super::compound::{Compound, List, Name};
use super::element::{Element, ElementView};
use super::frame::Bits;
use super::scan::is_space;
use crate::html::name::{Tag, tag};

/// A fixed and short hash, of bytes with their case folded (and some others with them: what is found is compared anyway).
/// Whoever makes names collide is whoever publishes, and only makes their own page slower.
#[derive(Clone, Copy)]
struct Hash(u32);

impl Hash {
    const EMPTY: Self = Self(0x811c_9dc5);

    fn push(&mut self, byte: u8) {
        self.0 = (self.0 ^ u32::from(byte | 0x20)).wrapping_mul(0x0100_0193);
    }
}

fn hash(text: impl AsRef<[u8]>) -> u32 {
    let mut hash = Hash::EMPTY;
    text.as_ref().iter().for_each(|&byte| hash.push(byte));
    hash.0
}

/// The same for the number of an element's name.
fn name_hash(tag: Tag) -> u32 {
    let mixed = tag.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u32::try_from(mixed >> 32).unwrap_or_default()
}

/// A number for the type of an element, which `:nth-of-type()` counts. Two names that share one could only be made up for
/// it, by the author of the page.
pub(super) fn type_hash(name: &str, is_html: bool) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ u64::from(is_html);
    let push = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    name.bytes().fold(start, push)
}

/// Numbers by hash. At most half full.
#[derive(Default)]
struct Table {
    slots: Vec<Slot>,
    numbers: Vec<u32>,
}

/// `from..to` of the numbers; empty if there is nothing.
#[derive(Clone, Copy, Default)]
struct Slot {
    hash: u32,
    from: u32,
    to: u32,
}

impl Table {
    fn new(mut entries: Vec<(u32, u32)>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        let mut table = Self::default();
        if entries.is_empty() {
            return table;
        }
        table.slots.resize((2 * entries.len()).next_power_of_two(), Slot::default());
        for same in entries.chunk_by(|a, b| a.0 == b.0) {
            let hash = same[0].0;
            let from = count(&table.numbers);
            table.numbers.extend(same.iter().map(|(_, number)| number));
            let at = table.place(hash);
            table.slots[at] = Slot { hash, from, to: count(&table.numbers) };
        }
        table
    }

    /// Where the hash is, or would be. There is a free slot, so this ends.
    fn place(&self, hash: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at].to > 0 && self.slots[at].hash != hash {
            at = (at + 1) & mask;
        }
        at
    }

    fn get(&self, hash: u32) -> &[u32] {
        if self.slots.is_empty() {
            return &[];
        }
        let Slot { from, to, .. } = self.slots[self.place(hash)];
        &self.numbers[from as usize..to as usize]
    }
}

fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).expect("a plan has fewer compounds")
}

/// What an element has to have for a compound to be looked at.
enum Key<'s> {
    Id(&'s str),
    Class(&'s str),
    Element { name: Option<&'s Name>, attribute: Option<&'s Attribute> },
}

/// How few elements a key lets through: 0 for the fewest, 4 for all.
type Rank = u8;

/// The keys of which an element that the compound matches has at least one.
fn keys(compound: &Compound) -> (Rank, Vec<Key<'_>>) {
    // The longer of two classes tends to be the rarer: `btn btn-primary`.
    let class = compound.classes.iter().max_by_key(|class| class.len());
    let exact = |attribute: &&Attribute| attribute.operator == Operator::Equals;
    let attributes = &compound.attributes;
    let attribute = attributes.iter().find(exact).or(attributes.first());
    let (rank, key) = match (compound.ids.first(), class, compound.name.as_ref()) {
        (Some(id), _, _) => (0, Key::Id(id)),
        (None, Some(class), _) => (1, Key::Class(class)),
        (None, None, name @ Some(_)) => (2, Key::Element { name, attribute }),
        (None, None, None) => {
            let rank = if attribute.is_some() { 3 } else { 4 };
            (rank, Key::Element { name: None, attribute })
        }
    };
    let inner = compound.lists.iter().filter_map(|list| match list {
        List::Any(list) => Some(list.iter().map(|complex| keys(&complex.last))),
        List::None(_) => None,
    });
    let inner = inner.map(|each| {
        each.fold((0, Vec::new()), |(worst, mut all), (rank, keys)| {
            all.extend(keys);
            (worst.max(rank), all)
        })
    });
    inner.fold(
        (rank, vec![key]),
        |best, other| if other.0 < best.0 { other } else { best },
    )
}

/// Compounds by the value of one attribute.
struct Group {
    name: Name,
    /// By the hash of the whole value.
    equal: Table,
    others: Vec<u32>,
}

/// Collects what goes into an [`Index`].
#[derive(Default)]
pub(super) struct IndexBuilder<'s> {
    class_numbers: BTreeMap<&'s str, u32>,
    of_class: Vec<Vec<u32>>,
    ids: Vec<(u32, u32)>,
    names: Vec<(u32, u32)>,
    any: Vec<u32>,
    groups: BTreeMap<(Option<&'s str>, &'s Name), Values>,
}

/// Positions by the hash of a value, and those that ask something else.
#[derive(Default)]
struct Values {
    equal: Vec<(u32, u32)>,
    others: Vec<u32>,
}

impl<'s> IndexBuilder<'s> {
    pub(super) fn class(&mut self, name: &'s str) -> u32 {
        let next = count(&self.of_class);
        let number = *self.class_numbers.entry(name).or_insert(next);
        if number == next {
            self.of_class.push(Vec::new());
        }
        number
    }

    pub(super) fn insert(&mut self, compound: &'s Compound, position: u32) {
        for key in keys(compound).1 {
            match key {
                Key::Id(id) => self.ids.push((hash(id), position)),
                Key::Class(class) => {
                    let class = self.class(class) as usize;
                    self.of_class[class].push(position);
                }
                Key::Element { name: None, attribute: None } => self.any.push(position),
                Key::Element { name: Some(name), attribute: None } => {
                    self.names.push((name_hash(tag(name.lower().as_bytes())), position));
                }
                Key::Element { name, attribute: Some(attribute) } => {
                    let group = (name.map(Name::lower), &attribute.name);
                    let values = self.groups.entry(group).or_default();
                    match attribute.operator {
                        Operator::Equals => {
                            values.equal.push((hash(&*attribute.value), position));
                        }
                        _ => values.others.push(position),
                    }
                }
            }
        }
    }

    pub(super) fn build(self) -> Index {
        let classes = self.class_numbers.iter();
        let mut index = Index {
            classes: Table::new(classes.map(|(name, at)| (hash(name), *at)).collect()),
            class_names: vec![Box::default(); self.of_class.len()],
            has_class_keys: self.of_class.iter().any(|positions| !positions.is_empty()),
            of_class: self.of_class,
            ids: Table::new(self.ids),
            names: Table::new(self.names),
            any: self.any,
            groups: Vec::new(),
            groups_of_name: Table::default(),
            groups_of_any: Vec::new(),
        };
        for (name, number) in self.class_numbers {
            index.class_names[number as usize] = name.into();
        }
        let mut of_name = Vec::new();
        for ((element, attribute), values) in self.groups {
            let number = count(&index.groups);
            match element {
                Some(name) => {
                    of_name.push((name_hash(tag(name.as_bytes())), number));
                }
                None => index.groups_of_any.push(number),
            }
            index.groups.push(Group {
                name: attribute.clone(),
                equal: Table::new(values.equal),
                others: values.others,
            });
        }
        index.groups_of_name = Table::new(of_name);
        index
    }
}

/// Positions by what an element has to have.
pub(super) struct Index {
    /// The program's classes by their hashes: each name has a number.
    classes: Table,
    class_names: Vec<Box<str>>,
    of_class: Vec<Vec<u32>>,
    has_class_keys: bool,
    ids: Table,
    names: Table,
    any: Vec<u32>,
    groups: Vec<Group>,
    groups_of_name: Table,
    groups_of_any: Vec<u32>,
}

impl Index {
    /// Puts the numbers of the program's classes that are in a `class` attribute into `found`. Each counts once, however
    /// often it is there.
    pub(super) fn classes(
        &self,
        value: &str,
        same: impl Fn(&str, &str) -> bool,
        found: &mut Bits,
    ) {
        let mut hash = Hash::EMPTY;
        let mut start = 0;
        for (at, byte) in value.bytes().chain([b' ']).enumerate() {
            if !is_space(char::from(byte)) {
                hash.push(byte);
                continue;
            }
            for number in self.classes.get(hash.0) {
                if same(&value[start..at], &self.class_names[*number as usize]) {
                    found.insert(*number);
                }
            }
            hash = Hash::EMPTY;
            start = at + 1;
        }
    }

    /// Whether some position may be about any element.
    pub(super) fn wants_all(&self) -> bool {
        !self.any.is_empty()
    }

    /// Whether some position is about elements of that name.
    pub(super) fn names_element(&self, tag: Tag) -> bool {
        let name = name_hash(tag);
        !self.names.get(name).is_empty() || !self.groups_of_name.get(name).is_empty()
    }

    /// Whether some position may be about elements with such an attribute, as the page writes it.
    pub(super) fn names_attribute(&self, name: &[u8], value: &[u8]) -> bool {
        // What a reference or an encoding makes of it, only a closer look can tell.
        let unclear = || value.iter().any(|&byte| byte == b'&' || !byte.is_ascii());
        let named = match name.len() {
            5 if self.has_class_keys && name.eq_ignore_ascii_case(b"class") => {
                unclear() || self.names_class(value)
            }
            2 if !self.ids.slots.is_empty() && name.eq_ignore_ascii_case(b"id") => {
                unclear() || !self.ids.get(hash(value)).is_empty()
            }
            _ => false,
        };
        named
            || self
                .groups
                .iter()
                .any(|group| group.name.lower().as_bytes().eq_ignore_ascii_case(name))
    }

    fn names_class(&self, value: &[u8]) -> bool {
        let classes = value.split(|&byte| is_space(char::from(byte)));
        let mut numbers = classes.flat_map(|class| self.classes.get(hash(class)));
        numbers.any(|number| !self.of_class[*number as usize].is_empty())
    }

    /// Calls `look` for each position whose compound may match; for some more than once.
    pub(super) fn look_up<V: ElementView>(
        &self,
        element: &Element<'_, V>,
        mut look: impl FnMut(u32),
    ) {
        let mut look_at =
            |positions: &[u32]| positions.iter().copied().for_each(&mut look);
        let name = name_hash(element.tag());
        look_at(&self.any);
        look_at(self.names.get(name));
        if !element.has_attributes() {
            return;
        }
        if !self.ids.slots.is_empty()
            && let Some(id) = element.id()
        {
            look_at(self.ids.get(hash(id)));
        }
        if self.has_class_keys {
            for class in element.classes().iter() {
                look_at(&self.of_class[class as usize]);
            }
        }
        for group in self.groups_of_any.iter().chain(self.groups_of_name.get(name)) {
            let group = &self.groups[*group as usize];
            if let Some(value) = element.value(&group.name) {
                look_at(&group.others);
                look_at(group.equal.get(hash(&*value)));
            }
        }
    }
}
