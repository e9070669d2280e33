//! What messages cost, and how long what is kept, in configuration.

use std::path::PathBuf;
use std::time::Duration;

use kabar_domain::rates::RateCard;
use kabar_engine::retention::Options;

/// `[rates]`
#[derive(Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub(crate) struct RatesConfig {
    /// The rate card, a JSON file: what messages cost, by country and category. Without it statistics tell no costs. It is
    /// read at the start.
    #[config(env = "KABAR_RATES_FILE")]
    pub(crate) file: Option<PathBuf>,
}

/// `[retention]`
#[derive(Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub(crate) struct RetentionConfig {
    /// After how many days the values of messages that have ended are erased; 0 for never. Those of login codes are erased
    /// as soon as the message has ended.
    #[config(default = 90, env = "KABAR_RETENTION_VALUES_DAYS")]
    pub(crate) values_days: u64,
    /// After how many days messages that have ended are forgotten, with all that happened to them; 0 for never, otherwise 2
    /// at least. Statistics stay.
    #[config(default = 0, env = "KABAR_RETENTION_MESSAGES_DAYS")]
    pub(crate) messages_days: u64,
}

impl RatesConfig {
    /// The card, if there is one; everything that is wrong with it otherwise.
    pub(crate) fn read(&self) -> anyhow::Result<Option<RateCard>> {
        let mut wrong = Vec::new();
        let card = self.card(&mut wrong);
        anyhow::ensure!(wrong.is_empty(), "the rate card has faults:\n  {}", wrong.join("\n  "));
        Ok(card)
    }

    /// The card, if there is one; notes everything that is wrong with it.
    pub(super) fn card(&self, wrong: &mut Vec<String>) -> Option<RateCard> {
        let path = self.file.as_ref()?;
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(err) => {
                wrong.push(format!("rates.file: could not read {}: {err}", path.display()));
                return None;
            }
        };
        match RateCard::parse_text(&text) {
            Ok(card) => Some(card),
            Err(faults) => {
                wrong.extend(faults.iter().map(|fault| format!("rates.file: in {}: {fault}", path.display())));
                None
            }
        }
    }
}

impl RetentionConfig {
    /// What the gateway is told; notes what is wrong under its key.
    pub(super) fn options(&self, wrong: &mut Vec<String>) -> Options {
        // Requests are known by their names for a day, and name their messages.
        if self.messages_days == 1 {
            wrong.push("retention.messages_days: must be 0 or at least 2".to_owned());
        }
        let days = |days: u64| (days > 0).then(|| Duration::from_secs(days.saturating_mul(86_400)));
        Options { values: days(self.values_days), messages: days(self.messages_days) }
    }
}
