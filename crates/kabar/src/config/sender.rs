//! Senders in configuration.

use std::num::NonZeroU32;
use std::path::PathBuf;

use kabar_domain::ids::{AppId, SenderId, WabaId};
use kabar_graph::token::AccessToken;
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
    access_token: Option<Secret>,
    access_token_file: Option<PathBuf>,
}

/// What Meta takes from a number that was not upgraded.
fn standard_throughput() -> NonZeroU32 {
    const { NonZeroU32::new(80).expect("80 is not 0") }
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
