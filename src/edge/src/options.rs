//! How this service is set up, beside what its datafile says: the config store "edgewise", read once by each sandbox. All
//! of it may be missing; a value that cannot be read counts as missing.

use std::str::FromStr;

use fastly::ConfigStore;

const CONFIG_STORE: &str = "edgewise";

/// What the config store says.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// `admin-host`: the only host on which the app and its API answer.
    pub(crate) admin_host: Option<String>,
    /// `api-origins`: the other origins whose scripts may use the API, with spaces between.
    pub(crate) api_origins: Vec<String>,
    /// `shield`: the name of the shield that stands in front of the origin.
    pub(crate) shield: Option<String>,
    /// `stale-if-error`: how long a page may be served from the cache while the origin fails, seconds.
    pub(crate) stale_if_error: Option<u32>,
    /// `cache-variants`: how long a finished variant of a page that all may keep is kept, seconds at most.
    pub(crate) cache_variants: Option<u32>,
    /// `cpu-budget-ms`: how much CPU time a request may take before its page goes on as it is.
    pub(crate) cpu_budget_ms: Option<u64>,
    /// `page-bytes`: how much of a page is rewritten; the rest goes on as it is.
    pub(crate) page_bytes: Option<u64>,
}

impl Options {
    /// Reads the config store, if there is one.
    pub(crate) fn read() -> Self {
        let Ok(store) = ConfigStore::try_open(CONFIG_STORE) else {
            return Self::default();
        };
        let text = |key: &str| store.try_get(key).ok().flatten();
        Self {
            admin_host: text("admin-host"),
            api_origins: text("api-origins")
                .map(|origins| origins.split_whitespace().map(str::to_owned).collect())
                .unwrap_or_default(),
            shield: text("shield"),
            stale_if_error: number(text("stale-if-error")),
            cache_variants: number(text("cache-variants")),
            cpu_budget_ms: number(text("cpu-budget-ms")),
            page_bytes: number(text("page-bytes")),
        }
    }
}

fn number<N: FromStr>(text: Option<String>) -> Option<N> {
    text?.trim().parse().ok()
}
