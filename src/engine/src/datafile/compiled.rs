//! The compiled encoding of a datafile: what the edge needs in order to read no more than a page's experiments.
//!
//! | part | what |
//! |---|---|
//! | header | [`MAGIC`]; the versions of this format, of the schema and of the hash; the revision; the lengths of the next four |
//! | settings | JSON |
//! | rows, one for each experiment | place and length of its JSON, place and length of its key |
//! | order | the experiments' numbers, by key |
//! | keys | letters |
//! | index | see `index` |
//! | experiments | JSON |

use super::DatafileError;
use super::bytes::{append, number, part};
use super::index::Index;
use crate::settings::Settings;

/// How a compiled datafile begins. No JSON does.
pub(super) const MAGIC: &[u8] = b"edgewise";

/// The version of this format.
const FORMAT_VERSION: u32 = 1;

/// Lengths of the header, of a row and of a number, bytes.
const HEADER: usize = 44;
const ROW: usize = 4 * 4;
const NUMBER: usize = 4;

/// Where the header has the revision: behind the magic and three versions.
const REVISION: usize = MAGIC.len() + 3 * 4;

/// What tells whether a datafile is for this engine, and which it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Versions {
    pub(super) schema: u32,
    pub(super) hash: u32,
    pub(super) revision: u64,
}

/// Bytes whose parts are where they are said to be.
#[derive(Clone)]
pub(super) struct Compiled {
    bytes: Vec<u8>,
    count: usize,
    /// Where the parts begin, in the order of the table above; and where the last one ends.
    starts: [usize; 7],
}

/// An experiment to be written.
pub(super) struct Entry<'e> {
    pub(super) key: &'e str,
    pub(super) json: Vec<u8>,
}

const CUT_SHORT: DatafileError = DatafileError::Damaged("it is cut short");

impl Compiled {
    /// Puts the parts together.
    pub(super) fn of(
        versions: Versions,
        settings: &[u8],
        entries: &[Entry<'_>],
        index: &[u8],
    ) -> Self {
        let (mut rows, mut order) = (Vec::new(), Vec::new());
        let (mut keys, mut experiments) = (Vec::new(), Vec::new());
        for Entry { key, json } in entries {
            for number in [experiments.len(), json.len(), keys.len(), key.len()] {
                append(&mut rows, number);
            }
            experiments.extend_from_slice(json);
            keys.extend(key.bytes());
        }
        let mut by_key: Vec<_> = (0..entries.len()).collect();
        by_key.sort_unstable_by_key(|number| entries[*number].key);
        for number in by_key {
            append(&mut order, number);
        }
        let mut bytes = MAGIC.to_vec();
        for version in [FORMAT_VERSION, versions.schema, versions.hash] {
            bytes.extend(version.to_le_bytes());
        }
        bytes.extend(versions.revision.to_le_bytes());
        for length in [settings.len(), entries.len(), keys.len(), index.len()] {
            append(&mut bytes, length);
        }
        let mut starts = [0; 7];
        let parts = [settings, &rows, &order, &keys, index, &experiments];
        for (start, part) in starts.iter_mut().zip(parts) {
            *start = bytes.len();
            bytes.extend_from_slice(part);
        }
        starts[6] = bytes.len();
        Self { bytes, count: entries.len(), starts }
    }

    /// The same bytes with another revision.
    pub(super) fn with_revision(mut self, revision: u64) -> Self {
        if let Some(field) = self.bytes.get_mut(REVISION..REVISION + 8) {
            field.copy_from_slice(&revision.to_le_bytes());
        }
        self
    }

    /// Checks that each part lies within the bytes. Experiments are not read.
    pub(super) fn open(
        bytes: Vec<u8>,
    ) -> Result<(Self, Versions, Settings), DatafileError> {
        let header = part(&bytes, 0, HEADER).ok_or(CUT_SHORT)?;
        let version = |index: usize| -> Option<u32> {
            let bytes = part(header, MAGIC.len() + index * 4, 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?))
        };
        let format = version(0).ok_or(CUT_SHORT)?;
        if format != FORMAT_VERSION {
            let field = "format_version";
            let (found, known) = (format, FORMAT_VERSION);
            return Err(DatafileError::Version { field, found, known });
        }
        let (schema, hash, low, high) = (version(1), version(2), version(3), version(4));
        let (Some(schema), Some(hash), Some(low), Some(high)) = (schema, hash, low, high)
        else {
            return Err(CUT_SHORT);
        };
        let revision = u64::from(high) << 32 | u64::from(low);
        let count = number(header, HEADER - 12).ok_or(CUT_SHORT)?;
        let starts = starts(header, count, bytes.len()).ok_or(CUT_SHORT)?;
        let compiled = Self { bytes, count, starts };
        if Index::of(compiled.part(4)).is_none() {
            return Err(DatafileError::Damaged("its index does not fit"));
        }
        if !(0..count).all(|number| compiled.row(number).is_some()) {
            return Err(DatafileError::Damaged("an experiment lies outside of it"));
        }
        let settings =
            serde_json::from_slice(compiled.part(0)).map_err(DatafileError::Shape)?;
        Ok((compiled, Versions { schema, hash, revision }, settings))
    }

    /// One of the parts, in the order of the table above without the header.
    fn part(&self, index: usize) -> &[u8] {
        self.bytes.get(self.starts[index]..self.starts[index + 1]).unwrap_or_default()
    }

    /// The JSON and the key of an experiment.
    fn row(&self, experiment: usize) -> Option<(&[u8], &str)> {
        let row = part(self.part(1), experiment.checked_mul(ROW)?, ROW)?;
        let piece = |of: usize, index: usize| {
            part(self.part(of), number(row, index * 4)?, number(row, index * 4 + 4)?)
        };
        Some((piece(5, 0)?, std::str::from_utf8(piece(3, 2)?).ok()?))
    }

    /// The bytes as they were opened.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many experiments there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The JSON of an experiment, by its number.
    pub(super) fn json(&self, experiment: usize) -> &[u8] {
        self.row(experiment).map(|(json, _)| json).unwrap_or_default()
    }

    /// The key of an experiment, by its number.
    pub(super) fn key(&self, experiment: usize) -> &str {
        self.row(experiment).map(|(_, key)| key).unwrap_or_default()
    }

    /// The number of the experiment of that key.
    pub(super) fn find(&self, key: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let experiment = number(self.part(2), middle * NUMBER)?;
            match self.key(experiment).cmp(key) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(experiment),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The index. None never: it was there when the bytes were opened.
    pub(super) fn index(&self) -> Option<Index<'_>> {
        Index::of(self.part(4))
    }
}

/// Where the parts begin and the last one ends.
fn starts(header: &[u8], count: usize, length: usize) -> Option<[usize; 7]> {
    let field = |index: usize| number(header, HEADER - 16 + index * 4);
    let lengths = [
        field(0)?,
        count.checked_mul(ROW)?,
        count.checked_mul(NUMBER)?,
        field(2)?,
        field(3)?,
    ];
    let mut starts = [HEADER, 0, 0, 0, 0, 0, length];
    for (index, length) in lengths.into_iter().enumerate() {
        starts[index + 1] = starts[index].checked_add(length)?;
    }
    (starts[5] <= length).then_some(starts)
}
