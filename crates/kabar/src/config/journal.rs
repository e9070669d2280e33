//! The journal of webhook calls, in configuration.

use std::time::Duration;

/// `[journal]`
#[derive(Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub(crate) struct JournalConfig {
    /// For how many days webhook calls of the upstream are kept, byte for byte, to be looked at and taken in once more.
    #[config(default = 14, env = "KABAR_JOURNAL_KEEP_DAYS")]
    pub(crate) keep_days: u64,
}

impl JournalConfig {
    /// For how long calls are kept; notes what is wrong under its key.
    pub(super) fn keep(&self, wrong: &mut Vec<String>) -> Duration {
        if self.keep_days == 0 {
            wrong.push("journal.keep_days: must be at least 1".to_owned());
        }
        Duration::from_secs(self.keep_days.saturating_mul(86_400))
    }
}
