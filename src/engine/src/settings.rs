//! What holds for the whole site, whichever experiment runs.

use serde::{Deserialize, Serialize};

use crate::comparison::Test;
use crate::facts::{Fact, Facts};
use crate::layer::{Holdout, Layer};
use crate::page::{Case, Searches};
use crate::time::Zone;

/// Of a whole datafile.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The hosts that redirects may lead to beside the one that was asked, in lower case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirect_hosts: Vec<String>,
    /// The site's.
    #[serde(skip_serializing_if = "is_default")]
    pub time_zone: Zone,
    /// What a visitor has to agree to; nothing, if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// Which signals of browsers count as a no.
    #[serde(skip_serializing_if = "is_default")]
    pub signals: Signals,
    /// Whether programs take part.
    #[serde(skip_serializing_if = "is_default")]
    pub bots: Bots,
    /// The cookie of another tool whose value becomes the visitor's id where ours is not there yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visitor_cookie: Option<String>,
    /// Experiments that keep out of each other's way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Layer>,
    /// Visitors who are kept out of all experiments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holdouts: Vec<Holdout>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What tells that a visitor agrees to be part of experiments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Consent {
    /// Who has to agree.
    pub required: Required,
    /// The cookie that says so.
    pub cookie: ConsentCookie,
}

/// Who has to agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Required {
    /// Visitors from these countries (ISO 3166-1, or `EU` or `EEA` for all of theirs), and those from nobody knows where.
    In(Vec<String>),
    /// Everybody.
    Everywhere(Everywhere),
}

/// The word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Everywhere {
    /// Everybody.
    Everywhere,
}

/// The cookie of a consent banner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsentCookie {
    /// Its name.
    pub name: String,
    /// What its value has to be.
    #[serde(flatten)]
    pub test: Test,
}

/// Signals that browsers send on the visitor's behalf.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Signals {
    /// Global Privacy Control, `Sec-GPC: 1`.
    pub gpc: bool,
    /// Do Not Track, `DNT: 1`.
    pub dnt: bool,
}

/// Whether crawlers, monitors and headless browsers take part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bots {
    /// They see the page as it is.
    #[default]
    Exclude,
    /// Like visitors.
    Include,
}

/// The member states of the European Union.
const EU: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// What the European Economic Area has beside them.
const EEA_BESIDE_EU: [&str; 3] = ["IS", "LI", "NO"];

/// Why no experiment is for a visit, whichever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Barred {
    Bot,
    OptedOut,
    NoConsent,
}

impl Settings {
    /// Whether redirects may lead to the host, which is in lower case.
    pub(crate) fn allows_host(&self, host: &str) -> bool {
        self.redirect_hosts.iter().any(|allowed| allowed == host)
    }

    /// Whether, and why, no experiment is for the visit.
    pub(crate) fn bar(&self, facts: &Facts<'_>) -> Option<Barred> {
        if self.bots == Bots::Exclude && facts.is_bot() {
            return Some(Barred::Bot);
        }
        let says =
            |name: &str| facts.header(name).is_some_and(|value| value.trim() == "1");
        if self.signals.gpc && says("sec-gpc") || self.signals.dnt && says("dnt") {
            return Some(Barred::OptedOut);
        }
        let consent = self.consent.as_ref()?;
        let needed = consent.required.holds_for(facts.geo().country.as_deref());
        (needed && !consent.cookie.is_given(facts)).then_some(Barred::NoConsent)
    }
}

impl Required {
    /// Whether visitors of that country have to agree.
    fn holds_for(&self, country: Option<&str>) -> bool {
        let (Self::In(places), Some(country)) = (self, country) else { return true };
        let is = |code: &&str| code.eq_ignore_ascii_case(country);
        places.iter().any(|place| match place.as_str() {
            "EU" => EU.iter().any(is),
            "EEA" => EU.iter().chain(&EEA_BESIDE_EU).any(is),
            code => is(&code),
        })
    }
}

impl ConsentCookie {
    fn is_given(&self, facts: &Facts<'_>) -> bool {
        let value = facts.known(&Fact::Cookie(self.name.clone()), &Zone::default());
        // Who cannot be heard has not agreed.
        self.test.holds(&value, Case::Kept, &Searches::of_a_visit()) == Some(true)
    }
}
