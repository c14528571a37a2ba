use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, process};

use serde_json::{Value, json};

use crate::Answer;
use crate::viceroy::Talk;

/// The access token of every site here.
pub const TOKEN: &str = "correct horse battery staple";
/// Who may use the API of every site here: [`TOKEN`] is an admin called "tests", and each of the other roles has a
/// token that is called like it.
const ACCESS_TOKENS: &str = "\
    c4bbcb1fbec99d65bf59d85c8cb62ee2db963f0fe106f483d9afa73bd4e39a8a admin tests\n\
    db426f5fb8558474cc28c96d107fcb10c17387dbc9acd02ac09a0158ea05b73b viewer vera\n\
    0867e10aee728e5667958889c86ade9947a07feaa0e15c70ee28dd2276b58cdc editor edgar\n\
    c94f585aa54b586a5b129b461a65c0aced88f41f26e71e51e32bb36c99bdf6ba publisher pia\n\
    37258c06934f05153d7d86d0c3a0905a7c00f1581bb26f98e10672f796a3434d publisher gone 2020-01-01T00:00:00Z\n";
/// The token of somebody who may look.
pub const VIEWER: &str = "the token of vera";
/// The token of somebody who may write.
pub const EDITOR: &str = "the token of edgar";
/// The token of somebody who may publish.
pub const PUBLISHER: &str = "the token of pia";
/// A token that has expired.
pub const EXPIRED: &str = "the token of somebody who is gone";
/// What links are signed with, on every site here.
pub(crate) const SIGNING_KEY: &str = "a signing key for tests, long enough to be taken";

/// The secrets of every site here, by their names.
pub(crate) const ALL_SECRETS: [&str; 2] = ["access-tokens", "signing-key"];

/// Port 1 is reserved and nothing listens on it: whoever calls is refused at once.
const DEAD: &str = "127.0.0.1:1";

/// The built product.
pub fn edgewise() -> PathBuf {
    path_from("EDGEWISE_WASM", "../target/wasm32-wasip1/release/edgewise-edge.wasm")
}

/// One of the modules that the product is measured against.
pub fn baseline(name: &str) -> PathBuf {
    path_from("EDGEWISE_BASELINES", "baselines/target/wasm32-wasip1/release")
        .join(format!("{name}.wasm"))
}

pub(crate) fn path_from(variable: &str, default: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join(env::var_os(variable).map_or_else(|| default.into(), PathBuf::from))
}

/// What a site is made of, before it runs.
pub(crate) struct Setup {
    pub(crate) module: PathBuf,
    pub(crate) answers: BTreeMap<String, Answer>,
    pub(crate) origin_lives: bool,
    /// How long the runtime waits for the origin's first byte, milliseconds.
    pub(crate) origin_patience: Option<u32>,
    pub(crate) kv_store: bool,
    pub(crate) missing_secrets: Vec<&'static str>,
    /// More lines for the list of tokens.
    pub(crate) more_tokens: &'static str,
    pub(crate) talk: Talk,
    /// What else the runtime is told when it starts.
    pub(crate) arguments: Vec<&'static str>,
    pub(crate) datafile: Option<Vec<u8>>,
    pub(crate) config_store: bool,
    /// What the config store says, beside a budget that is ample.
    pub(crate) options: Vec<(String, String)>,
    /// More values of the KV store.
    pub(crate) stored: Vec<(String, Vec<u8>)>,
    /// Shields by name, each with its address; none where this site is the shield.
    pub(crate) shields: Vec<(String, Option<SocketAddr>)>,
    /// Where visitors seem to be, with the engine's names; null if nobody knows.
    pub(crate) geo: Value,
}

impl Setup {
    /// Writes `fastly.toml` and the datafile into a folder of this site's own.
    pub(crate) fn write(&self, origin: SocketAddr) -> Folder {
        let folder = Folder::new();
        if let Some(datafile) = &self.datafile {
            folder.write("datafile.json", datafile);
        }
        for (index, (_, bytes)) in self.stored.iter().enumerate() {
            folder.write(&format!("stored-{index}"), bytes);
        }
        folder.write("geo.json", self.geolocation().to_string().as_bytes());
        folder.write("fastly.toml", self.manifest(origin, &folder).as_bytes());
        folder
    }

    /// What the runtime knows of the addresses that requests come from. It takes whole entries only.
    fn geolocation(&self) -> Value {
        let Value::Object(known) = &self.geo else { return json!({}) };
        let mut entry = json!({
            "as_name": "?", "as_number": 0, "area_code": 0, "city": "?", "conn_speed": "?",
            "conn_type": "?", "continent": "?", "country_code": "?", "country_code3": "?",
            "country_name": "?", "latitude": 0.0, "longitude": 0.0, "metro_code": 0,
            "postal_code": "?", "proxy_description": "?", "proxy_type": "?", "region": "?",
            "utc_offset": 0,
        });
        for (name, value) in known {
            let name = if name == "country" { "country_code" } else { name };
            entry[name] = value.clone();
        }
        json!({ "127.0.0.1": entry })
    }

    fn manifest(&self, origin: SocketAddr, folder: &Folder) -> String {
        let origin = if self.origin_lives { origin.to_string() } else { DEAD.to_owned() };
        let mut toml = format!(
            "manifest_version = 3\nname = \"site\"\nlanguage = \"rust\"\n\n\
             [local_server.backends.origin]\nurl = \"http://{origin}\"\n"
        );
        if let Some(patience) = self.origin_patience {
            let _ = writeln!(toml, "first_byte_timeout_ms = {patience}");
        }
        // Otherwise it would have an opinion on where this machine is.
        let file = folder.file("geo.json");
        let file = file.display();
        let _ = write!(
            toml,
            "\n[local_server.geolocation]\nformat = \"json\"\nfile = '{file}'\n\
             use_default_loopback = false\n"
        );
        if self.kv_store && self.datafile.is_some() {
            // A literal string: paths need no escapes in it.
            let file = folder.file("datafile.json");
            let file = file.display();
            let _ = write!(
                toml,
                "\n[[local_server.kv_stores.edgewise]]\nkey = \"datafile\"\nfile = '{file}'\n"
            );
        } else if self.kv_store && self.stored.is_empty() {
            toml.push_str("\n[local_server.kv_stores]\nedgewise = []\n");
        }
        for (index, (key, _)) in self.stored.iter().enumerate() {
            let file = folder.file(&format!("stored-{index}"));
            let file = file.display();
            let _ = write!(
                toml,
                "\n[[local_server.kv_stores.edgewise]]\nkey = \"{key}\"\nfile = '{file}'\n"
            );
        }
        if self.config_store {
            toml.push_str(
                "\n[local_server.config_stores.edgewise]\nformat = \"inline-toml\"\n\
                 [local_server.config_stores.edgewise.contents]\n",
            );
            let budget = ("cpu-budget-ms".to_owned(), "60000".to_owned());
            let given = self.options.iter().any(|(key, _)| *key == budget.0);
            // A busy machine is slow, and what is shown may not hang on that.
            let generous = (!given).then_some(&budget);
            for (key, value) in self.options.iter().chain(generous) {
                let _ = writeln!(toml, "\"{key}\" = {value:?}");
            }
        }
        if !self.shields.is_empty() {
            toml.push_str("\n[local_server.shielding_sites]\n");
        }
        for (name, address) in &self.shields {
            let _ = match address {
                None => writeln!(toml, "\"{name}\" = \"Local\""),
                Some(address) => writeln!(
                    toml,
                    "\"{name}\" = {{ unencrypted = \"http://{address}/\", encrypted = \"http://{address}/\" }}"
                ),
            };
        }
        for key in ALL_SECRETS.iter().filter(|key| !self.missing_secrets.contains(key)) {
            let data = match *key {
                "signing-key" => SIGNING_KEY.to_owned(),
                _ => format!("{ACCESS_TOKENS}{}", self.more_tokens),
            };
            let _ = write!(
                toml,
                "\n[[local_server.secret_stores.edgewise]]\n\
                 key = \"{key}\"\ndata = {data:?}\n"
            );
        }
        toml
    }
}

/// A folder under the system's own for passing things, gone when the site is.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("edgewise-site-{}-{number}", process::id());
        let path = env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("the folder for temporary files takes one more");
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.file(name), bytes).expect("a folder of our own can be written");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
