//! The registry's store: Fastly's KV store.

use edgewise_engine::registry::{Store, StoreError, Stored, When};
use fastly::kv_store::{InsertMode, KVStore, KVStoreError};

use crate::store::KV_STORE;

/// The KV store of this service.
pub(crate) struct Kv(KVStore);

impl Kv {
    pub(crate) fn open() -> Result<Self, StoreError> {
        let store = KVStore::open(KV_STORE).map_err(failed)?;
        store.map(Self).ok_or_else(|| {
            StoreError::Failed(format!("there is no KV store {KV_STORE:?}"))
        })
    }
}

fn failed(error: KVStoreError) -> StoreError {
    match error {
        KVStoreError::ItemPreconditionFailed => StoreError::Changed,
        KVStoreError::TooManyRequests => StoreError::Busy,
        KVStoreError::ItemPayloadTooLarge => StoreError::Full(error.to_string()),
        error => StoreError::Failed(error.to_string()),
    }
}

impl Store for Kv {
    fn get(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        match self.0.lookup(key) {
            Ok(mut found) => {
                let generation = found.current_generation();
                Ok(Some(Stored { bytes: found.take_body_bytes(), generation }))
            }
            Err(KVStoreError::ItemNotFound) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    fn put(&self, key: &str, bytes: &[u8], when: When) -> Result<(), StoreError> {
        let insert = self.0.build_insert();
        let insert = match when {
            When::Always => insert,
            When::Absent => insert.mode(InsertMode::Add),
            When::Unchanged(generation) => insert.if_generation_match(generation),
        };
        insert.execute(key, bytes).map_err(failed)
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        match self.0.delete(key) {
            Ok(()) | Err(KVStoreError::ItemNotFound) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut keys = Vec::new();
        for page in self.0.build_list().prefix(prefix).iter() {
            keys.extend(page.map_err(failed)?.into_keys());
        }
        keys.sort_unstable();
        Ok(keys)
    }
}
