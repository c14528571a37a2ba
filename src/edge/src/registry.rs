//! Fastly's KV store as the engine's registry sees it.

use std::io::Read as _;

use edgewise_engine::registry::{MAX_DATAFILE_BYTES, Store, StoreError, Stored, When};
use fastly::kv_store::{
    InsertMode, KVStore, KVStoreError, LookupResponse, PendingLookupHandle,
};

/// What the KV store of a service is called.
pub(crate) const KV_STORE: &str = "edgewise";

/// The most keys that are listed.
const MAX_KEYS: usize = 10_000;

/// The KV store of this service.
pub(crate) struct Kv(KVStore);

/// A value that is there and has not been read yet.
pub(crate) struct Found(LookupResponse);

impl Kv {
    /// Opens it; none if the service has none.
    pub(crate) fn open() -> Result<Option<Self>, StoreError> {
        match KVStore::open(KV_STORE) {
            Ok(store) => Ok(store.map(Self)),
            Err(KVStoreError::StoreNotFound(_)) => Ok(None),
            Err(error) => Err(of(error)),
        }
    }

    /// Asks for a value, and does not wait for it.
    pub(crate) fn ask(&self, key: &str) -> Result<PendingLookupHandle, StoreError> {
        self.0.build_lookup().execute_async(key).map_err(of)
    }

    /// Waits for what was asked for; none if nothing has that key.
    pub(crate) fn wait(
        &self,
        asked: PendingLookupHandle,
    ) -> Result<Option<Found>, StoreError> {
        match self.0.pending_lookup_wait(asked) {
            Ok(found) => Ok(Some(Found(found))),
            Err(KVStoreError::ItemNotFound) => Ok(None),
            Err(error) => Err(of(error)),
        }
    }
}

impl Found {
    /// The store's number for this state of the value.
    pub(crate) fn generation(&self) -> u64 {
        self.0.current_generation()
    }

    /// Reads it. More bytes than `limit` are not read.
    pub(crate) fn read(mut self, limit: usize) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let read = self.0.take_body().take(most).read_to_end(&mut bytes);
        read.map_err(|error| StoreError::Failed(error.to_string()))?;
        if bytes.len() > limit {
            return Err(StoreError::Failed(format!(
                "the value has more than {limit} bytes"
            )));
        }
        Ok(bytes)
    }
}

impl Store for Kv {
    fn get(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let Some(found) = self.wait(self.ask(key)?)? else { return Ok(None) };
        let generation = found.generation();
        Ok(Some(Stored { bytes: found.read(MAX_DATAFILE_BYTES)?, generation }))
    }

    fn put(&self, key: &str, bytes: &[u8], when: When) -> Result<(), StoreError> {
        let insert = self.0.build_insert();
        let insert = match when {
            When::Always => insert.mode(InsertMode::Overwrite),
            When::Absent => insert.mode(InsertMode::Add),
            When::Unchanged(generation) => insert.if_generation_match(generation),
        };
        insert.execute(key, bytes).map_err(of)
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        match self.0.delete(key) {
            Ok(()) | Err(KVStoreError::ItemNotFound) => Ok(()),
            Err(error) => Err(of(error)),
        }
    }

    fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut keys = Vec::new();
        for page in self.0.build_list().prefix(prefix).limit(1_000).iter() {
            keys.extend(page.map_err(of)?.into_keys());
            if keys.len() > MAX_KEYS {
                let why = format!("more than {MAX_KEYS} keys begin with {prefix:?}");
                return Err(StoreError::Failed(why));
            }
        }
        keys.sort_unstable();
        Ok(keys)
    }
}

fn of(error: KVStoreError) -> StoreError {
    match error {
        KVStoreError::ItemPreconditionFailed => StoreError::Changed,
        KVStoreError::TooManyRequests => StoreError::Busy,
        KVStoreError::ItemPayloadTooLarge => {
            StoreError::Full("it is larger than the store's limit".to_owned())
        }
        other => StoreError::Failed(other.to_string()),
    }
}
