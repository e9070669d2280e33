//! What the headers of an answer say about limits.

use std::time::Duration;

use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::wire::tolerant;

/// The header that tells how much of the allowance is used.
const USAGE_HEADER: &str = "x-business-use-case-usage";

/// How much of the allowance is used, by business and kind of use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// One entry for each business and kind of use.
    pub entries: Vec<UsageEntry>,
}

/// How much of one allowance is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageEntry {
    /// The id of the WABA or business.
    pub business: String,
    /// The kind of use: `whatsapp` (sending) or `whatsapp_business_management`.
    pub kind: String,
    /// The share that is used, in percent: the largest of calls, processor time and time.
    pub percent: u32,
    /// How long calls will be refused; zero when they are not.
    pub regain_access: Duration,
}

impl Usage {
    /// Reads the usage header; `None` when it is absent or not to be understood.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(USAGE_HEADER)?.to_str().ok()?;
        let businesses: Map<String, Value> = serde_json::from_str(text).ok()?;
        let mut entries = Vec::new();
        for (business, uses) in businesses {
            let Value::Array(uses) = uses else { continue };
            entries.extend(uses.into_iter().filter_map(|one| entry(&business, one)));
        }
        Some(Self { entries })
    }

    /// How long calls will be refused, by the entry that says longest.
    #[must_use]
    pub fn regain_access(&self) -> Duration {
        self.entries.iter().map(|entry| entry.regain_access).max().unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct WireEntry {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default, deserialize_with = "tolerant::option_number")]
    call_count: Option<u32>,
    #[serde(default, deserialize_with = "tolerant::option_number")]
    total_cputime: Option<u32>,
    #[serde(default, deserialize_with = "tolerant::option_number")]
    total_time: Option<u32>,
    /// In minutes.
    #[serde(default, deserialize_with = "tolerant::option_number")]
    estimated_time_to_regain_access: Option<u32>,
}

fn entry(business: &str, value: Value) -> Option<UsageEntry> {
    let wire: WireEntry = serde_json::from_value(value).ok()?;
    let minutes = wire.estimated_time_to_regain_access.unwrap_or(0);
    Some(UsageEntry {
        business: business.to_owned(),
        kind: wire.kind,
        percent: wire.call_count.max(wire.total_cputime).max(wire.total_time).unwrap_or(0),
        regain_access: Duration::from_secs(u64::from(minutes) * 60),
    })
}

/// Reads `Retry-After` in seconds. The form with a date is not read: Meta does not use it, and it would need a clock.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderMap;

    use super::{Usage, retry_after};

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        [(name.parse().unwrap(), value.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn the_usage_header_is_read() {
        let read = Usage::from_headers(&headers(
            "x-business-use-case-usage",
            r#"{"700100":[{"type":"whatsapp_business_management","call_count":100,"total_cputime":1,"total_time":3,"estimated_time_to_regain_access":12},{"type":"whatsapp","call_count":"7"}],"700200":"?"}"#,
        ))
        .unwrap();
        assert_eq!(read.entries.len(), 2);
        assert_eq!((read.entries[0].percent, read.entries[1].percent), (100, 7));
        assert_eq!(read.entries[1].kind, "whatsapp");
        assert_eq!(read.regain_access(), Duration::from_secs(720));
    }

    #[test]
    fn odd_headers_are_as_none() {
        assert_eq!(Usage::from_headers(&HeaderMap::new()), None);
        assert_eq!(Usage::from_headers(&headers("x-business-use-case-usage", "busy")), None);
        assert_eq!(retry_after(&headers("retry-after", "7")), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&headers("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")), None);
        assert_eq!(retry_after(&headers("retry-after", "-1")), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
