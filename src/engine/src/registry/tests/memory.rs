//! A store in memory, and one that fails.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::super::{Store, StoreError, Stored, When};

#[derive(Default)]
pub(super) struct Memory {
    values: RefCell<BTreeMap<String, Stored>>,
    written: RefCell<u64>,
    /// How many more writes it takes; all, if that is not said.
    pub(super) writes_left: RefCell<Option<u32>>,
}

impl Memory {
    /// Puts something there by hand.
    pub(super) fn set(&self, key: &str, bytes: impl AsRef<[u8]>) {
        self.put(key, bytes.as_ref(), When::Always).expect("it takes everything");
    }

    pub(super) fn read(&self, key: &str) -> Vec<u8> {
        self.get(key).expect("it does not fail").expect("it is there").bytes
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.values.borrow().contains_key(key)
    }
}

impl Store for Memory {
    fn get(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        Ok(self.values.borrow().get(key).cloned())
    }

    fn put(&self, key: &str, bytes: &[u8], when: When) -> Result<(), StoreError> {
        let mut values = self.values.borrow_mut();
        let generation = values.get(key).map(|stored| stored.generation);
        let holds = match when {
            When::Always => true,
            When::Absent => generation.is_none(),
            When::Unchanged(wanted) => generation == Some(wanted),
        };
        if !holds {
            return Err(StoreError::Changed);
        }
        if let Some(left) = self.writes_left.borrow_mut().as_mut() {
            *left = left.checked_sub(1).ok_or(StoreError::Busy)?;
        }
        *self.written.borrow_mut() += 1;
        let generation = *self.written.borrow();
        values.insert(key.to_owned(), Stored { bytes: bytes.to_vec(), generation });
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.values.borrow_mut().remove(key);
        Ok(())
    }

    fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let values = self.values.borrow();
        Ok(values.keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }
}
