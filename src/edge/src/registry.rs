//! Fastly's KV store as the engine's registry sees it.

use std::io::Read as _;

use edgewise_engine::registry::{
    Fetched, LIVE, MAX_DATAFILE_BYTES, OFF, Shelf, Store, StoreError, Stored, When,
};
use fastly::kv_store::{
    InsertMode, KVStore, KVStoreError, LookupResponse, PendingLookupHandle,
};

/// What the KV store of a service is called.
const KV_STORE: &str = "edgewise";

/// The most keys that are listed.
const MAX_KEYS: usize = 10_000;

/// The KV store of this service.
pub(crate) struct Kv(KVStore);

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
    fn ask(&self, key: &str) -> Result<PendingLookupHandle, StoreError> {
        self.0.build_lookup().execute_async(key).map_err(of)
    }

    /// Waits for what was asked for; none if nothing has that key.
    fn wait(
        &self,
        asked: Result<PendingLookupHandle, StoreError>,
    ) -> Result<Option<LookupResponse>, StoreError> {
        match self.0.pending_lookup_wait(asked?) {
            Ok(found) => Ok(Some(found)),
            Err(KVStoreError::ItemNotFound) => Ok(None),
            Err(error) => Err(of(error)),
        }
    }
}

/// Reads a value, up to the first byte that is too much: whoever opens it sees that it is too large.
fn read(mut found: LookupResponse) -> Result<Stored, StoreError> {
    let generation = found.current_generation();
    // Most are read by one call of the host then.
    let mut bytes = Vec::with_capacity(16 * 1024);
    let most = u64::try_from(MAX_DATAFILE_BYTES + 1).unwrap_or(u64::MAX);
    let read = found.take_body().take(most).read_to_end(&mut bytes);
    read.map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(Stored { bytes, generation })
}

impl Shelf for Kv {
    fn look(&self) -> [Result<Option<Stored>, StoreError>; 2] {
        // Both are under way before either is waited for.
        [LIVE, OFF]
            .map(|key| self.ask(key))
            .map(|asked| self.wait(asked)?.map(read).transpose())
    }

    fn fetch(&self, key: &str, known: Option<u64>) -> Result<Fetched, StoreError> {
        let Some(found) = self.wait(self.ask(key))? else { return Ok(Fetched::Nothing) };
        if known == Some(found.current_generation()) {
            return Ok(Fetched::Known);
        }
        read(found).map(Fetched::Value)
    }
}

impl Store for Kv {
    fn get(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let found = self.wait(self.ask(key))?.map(read).transpose()?;
        match found {
            Some(stored) if stored.bytes.len() > MAX_DATAFILE_BYTES => {
                let why = format!("{key:?} has more than {MAX_DATAFILE_BYTES} bytes");
                Err(StoreError::Failed(why))
            }
            found => Ok(found),
        }
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
