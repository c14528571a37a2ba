//! What the host that runs the engine knows of a request.

use serde::Deserialize;

/// Where a visitor seems to be, by the address of the connection. Codes and names as the host gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Geo {
    /// City or town.
    pub city: Option<String>,
    /// Two letters, ISO 3166-1.
    pub country: Option<String>,
    /// The country's name in English.
    pub country_name: Option<String>,
    /// The subdivision part of ISO 3166-2, as `CA` for California.
    pub region: Option<String>,
    /// Two letters: `AF`, `AN`, `AS`, `EU`, `NA`, `OC` or `SA`.
    pub continent: Option<String>,
    /// What the clocks there show more than UTC, in minutes.
    pub utc_offset: Option<i32>,
}

impl From<&Self> for Geo {
    fn from(geo: &Self) -> Self {
        geo.clone()
    }
}

impl Geo {
    /// The names of the fields that are texts.
    pub const FIELDS: [&str; 5] =
        ["city", "country", "country_name", "region", "continent"];

    /// The field of that name, to be set.
    ///
    /// ```
    /// use edgewise_engine::Geo;
    /// let mut geo = Geo::default();
    /// *geo.field_mut("city").unwrap() = Some("Berlin".to_owned());
    /// assert_eq!(geo.city.as_deref(), Some("Berlin"));
    /// assert!(geo.field_mut("town").is_none());
    /// ```
    pub fn field_mut(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            "city" => Some(&mut self.city),
            "country" => Some(&mut self.country),
            "country_name" => Some(&mut self.country_name),
            "region" => Some(&mut self.region),
            "continent" => Some(&mut self.continent),
            _ => None,
        }
    }
}

/// What the host knows of a request beside its address. Each is asked for once at most, and only where something depends
/// on it.
pub trait Host {
    /// The values of the request header of that name, which is in lower case: one for each line, as they came.
    fn header(&self, name: &str) -> Vec<String>;

    /// Where the visitor seems to be.
    fn geo(&self) -> Geo {
        Geo::default()
    }

    /// What the host's own catalogue of devices says of a `User-Agent`, if it has one: `phone`, `tablet`, `desktop` ...
    fn device_class(&self, user_agent: &str) -> Option<&'static str> {
        let _ = user_agent;
        None
    }

    /// Whether the host has found out that a program asks.
    fn is_bot(&self) -> Option<bool> {
        None
    }
}
