//! The senders of a WABA.

use serde::Deserialize;

use super::tolerant;

/// A business phone number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PhoneNumber {
    /// Its id: what messages are sent from.
    #[serde(deserialize_with = "tolerant::id")]
    pub id: String,
    /// The number as people write it, such as `+62 812-3456-7890`.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub display_phone_number: String,
    /// The name that recipients see, once it is approved.
    #[serde(default, deserialize_with = "tolerant::option")]
    pub verified_name: Option<String>,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    #[serde(default, deserialize_with = "tolerant::option")]
    pub quality_rating: Option<String>,
    /// How fast it may send.
    #[serde(default, deserialize_with = "tolerant::option")]
    pub throughput: Option<Throughput>,
}

/// How fast a number may send.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Throughput {
    /// `STANDARD` (80 messages a second), `HIGH` (1,000) or `NOT_APPLICABLE`.
    pub level: String,
}

impl Throughput {
    /// Messages a second, where the level says.
    #[must_use]
    pub fn per_second(&self) -> Option<u32> {
        match self.level.as_str() {
            "STANDARD" => Some(80),
            "HIGH" => Some(1000),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct PhoneNumberList {
    pub(crate) data: Vec<PhoneNumber>,
}
