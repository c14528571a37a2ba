//! What a datafile says beside its experiments. Small, and read whole when the datafile is opened.

use serde::{Deserialize, Serialize};

/// A field here is one in both encodings of a datafile. One that is not there has its default.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    /// The hosts that redirects may lead to beside the one that was asked, in lower case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) redirect_hosts: Vec<String>,
}

impl Settings {
    /// Whether redirects may lead to the host, which is in lower case.
    pub(super) fn allows_host(&self, host: &str) -> bool {
        self.redirect_hosts.iter().any(|allowed| allowed == host)
    }
}
