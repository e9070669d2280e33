//! What the sandbox saw of each message.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use kabar_domain::ids::Msgid;
use serde::Deserialize;

/// How much later than a report a call may still come that was decided upon before it.
const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// A line of the sandbox's ledger, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(super) struct SandboxMessage {
    biz_opaque_callback_data: Option<String>,
    phone_number_id: String,
    accepted_at: Timestamp,
    statuses: Vec<SandboxStatus>,
}

#[derive(Debug, Deserialize)]
struct SandboxStatus {
    /// When the gateway took it.
    delivered_at: Option<Timestamp>,
}

/// All sends that the sandbox accepted, by our msgid. Those that carry none of ours are left out.
#[derive(Debug, Default)]
pub(super) struct Seen(pub(super) HashMap<Msgid, Sends>);

/// The accepted sends of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sends {
    /// From which number.
    pub(super) sender: String,
    /// How many there are.
    pub(super) count: u32,
    /// How many of them came although an earlier one had been reported to the gateway.
    pub(super) against_evidence: u32,
    /// When the gateway first took a status of any of them.
    pub(super) first_report: Option<Timestamp>,
}

impl Seen {
    /// Adds a message; those of one msgid come in the order of their acceptance.
    pub(super) fn add(&mut self, message: &SandboxMessage) {
        let ours = message.biz_opaque_callback_data.as_deref().and_then(|text| Msgid::parse(text).ok());
        let Some(msgid) = ours else { return };
        let sends = self.0.entry(msgid).or_insert_with(|| Sends {
            sender: message.phone_number_id.clone(),
            count: 0,
            against_evidence: 0,
            first_report: None,
        });
        sends.count += 1;
        let was_reported = sends.first_report.is_some_and(|at| {
            at.checked_add(ON_ITS_WAY).is_ok_and(|still_on_its_way| still_on_its_way < message.accepted_at)
        });
        sends.against_evidence += u32::from(was_reported);
        let first = message.statuses.iter().filter_map(|status| status.delivered_at).min();
        sends.first_report = [sends.first_report, first].into_iter().flatten().min();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MSGID: &str = "01a2003d-fa41-72de-a2e8-62472b00f8be";

    fn seen(sends: &[(&str, Option<&str>)]) -> Sends {
        let mut seen = Seen::default();
        for (accepted_at, reported_at) in sends {
            let statuses = match reported_at {
                Some(at) => serde_json::json!([{"status": "sent", "at": at}, {"status": "read", "delivered_at": at}]),
                None => serde_json::json!([{"status": "sent", "at": accepted_at, "lost": true}]),
            };
            let line = serde_json::json!({
                "biz_opaque_callback_data": MSGID, "phone_number_id": "1", "accepted_at": accepted_at, "statuses": statuses
            });
            seen.add(&serde_json::from_value(line).unwrap());
        }
        seen.0.remove(&Msgid::parse(MSGID).unwrap()).unwrap()
    }

    #[test]
    fn a_send_after_a_report_is_against_the_evidence() {
        let at = |second: u32| format!("2026-01-01T00:00:{second:02}.000Z");
        assert_eq!(seen(&[(&at(0), Some(&at(1)))]).against_evidence, 0);
        assert_eq!(seen(&[(&at(0), None), (&at(9), None)]).against_evidence, 0);
        assert_eq!(seen(&[(&at(0), Some(&at(9))), (&at(8), Some(&at(9)))]).against_evidence, 0, "it was told later");
        let twice = seen(&[(&at(0), Some(&at(1))), (&at(5), None)]);
        assert_eq!((twice.count, twice.against_evidence), (2, 1));
        assert_eq!(seen(&[(&at(0), None), (&at(5), Some(&at(6))), (&at(9), None)]).against_evidence, 1);
    }
}
