//! A key-value store in memory, with generations as Fastly's has them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use edgewise_engine::registry::{Store, StoreError, Stored, When};

#[derive(Default)]
pub(crate) struct Memory(Mutex<Content>);

#[derive(Default)]
struct Content {
    items: BTreeMap<String, Stored>,
    writes: u64,
}

impl Memory {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap()
    }

    /// All keys, hashes left out, in order.
    pub(crate) fn kinds(&self) -> Vec<String> {
        let content = self.content();
        let kind = |key: &String| key.split('-').next().unwrap_or_default().to_owned();
        content.items.keys().map(kind).collect()
    }
}

impl Store for Memory {
    fn get(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        Ok(self.content().items.get(key).cloned())
    }

    fn put(&self, key: &str, bytes: &[u8], when: When) -> Result<(), StoreError> {
        let mut content = self.content();
        let now = content.items.get(key).map(|stored| stored.generation);
        let holds = match when {
            When::Always => true,
            When::Absent => now.is_none(),
            When::Unchanged(generation) => now == Some(generation),
        };
        if !holds {
            return Err(StoreError::Changed);
        }
        content.writes += 1;
        // As large as Fastly's are, which are microseconds.
        let generation = 1_750_707_679_010_223 + content.writes * 7;
        content
            .items
            .insert(key.to_owned(), Stored { bytes: bytes.to_vec(), generation });
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.content().items.remove(key);
        Ok(())
    }

    fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let content = self.content();
        Ok(content.items.keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }
}
