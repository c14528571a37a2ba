//! Requests to servers on this machine.

use std::time::Duration;

use anyhow::{Context as _, Result};

/// What a browser calls itself: programs take part in no experiment.
pub(crate) const BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// An answer, whatever its status.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Asks for `path` as a browser, with at most one header of interest.
pub(crate) fn get(port: u16, path: &str, header: Option<(&str, &str)>) -> Result<Reply> {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(30)))
        .user_agent(BROWSER)
        .build();
    let url = format!("http://127.0.0.1:{port}{path}");
    let mut request = ureq::Agent::new_with_config(config).get(&url);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let mut response = request.call().with_context(|| format!("get {url}"))?;
    let content_type = response.headers().get("content-type");
    let content_type =
        content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok(Reply {
        status: response.status().as_u16(),
        content_type: content_type.to_owned(),
        body: response.body_mut().read_to_vec().with_context(|| format!("read {url}"))?,
    })
}
