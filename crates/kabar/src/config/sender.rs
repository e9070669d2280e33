//! Senders in configuration.

use std::num::NonZeroU32;
use std::path::PathBuf;

use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, SenderId, WabaId};
use kabar_graph::token::AccessToken;
use kabar_store::learnt::{Learnt, Limit};
use serde::Deserialize;

use crate::config::secret::{self, Secret};

/// One of `[[senders]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SenderConfig {
    /// The app that sends from it.
    pub(crate) app: AppId,
    /// Meta's phone number id.
    pub(crate) phone_number_id: SenderId,
    /// Meta's id of the account.
    pub(crate) waba_id: WabaId,
    /// Messages a second that Meta takes from it.
    #[serde(default = "standard_throughput")]
    pub(crate) throughput: NonZeroU32,
    /// To how many recipients within 24 hours the account may write by itself; 0 for no limit.
    pub(crate) daily_limit: Option<u32>,
    access_token: Option<Secret>,
    access_token_file: Option<PathBuf>,
}

/// What Meta takes from a number that was not upgraded.
fn standard_throughput() -> NonZeroU32 {
    const { NonZeroU32::new(80).expect("80 is not 0") }
}

/// What an operator says of an account's limit of recipients within a day; 0 is no limit.
pub(crate) fn daily_limit(waba: &WabaId, limit: u32, at: Moment) -> Learnt {
    let value = if limit == 0 { u32::MAX } else { limit };
    Learnt { limit: Limit::DailyRecipients(waba.clone()), value, at }
}

impl SenderConfig {
    /// The sender's own access token, if it has one. `place` is its place in the list, for the key in an error.
    pub(crate) fn access_token(&self, place: usize) -> anyhow::Result<Option<String>> {
        let key = format!("senders[{place}].access_token");
        let mut wrong = Vec::new();
        let token = secret::read(&key, self.access_token.as_ref(), self.access_token_file.as_deref(), &mut wrong);
        anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("; "));
        if let Some(token) = &token {
            AccessToken::new(token).map_err(|err| anyhow::anyhow!("{key}: {err}"))?;
        }
        Ok(token)
    }
}
