//! How apps are called back, in configuration.

use std::time::Duration;

use kabar_engine::callbacks::Options;
use kabar_outbound::{AddressPolicy, Net};

/// `[callbacks]`
#[derive(Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub(crate) struct CallbacksConfig {
    /// Nets that apps may have called although they are not of the public internet, such as ["10.20.0.0/16"]. What lies
    /// there can be called by every app.
    #[config(default = [], env = "KABAR_CALLBACKS_ALLOW", parse_env = confique::env::parse::list_by_comma)]
    pub(crate) allow: Vec<String>,
    /// Whether apps may be called back in clear http; what is told are phone numbers.
    #[config(default = false, env = "KABAR_CALLBACKS_CLEAR_HTTP")]
    pub(crate) clear_http: bool,
    /// After how many seconds without a whole answer a call is given up, to be made again later.
    #[config(default = 15, env = "KABAR_CALLBACKS_TIMEOUT_SECONDS")]
    pub(crate) timeout_seconds: u64,
    /// After how many hours without a call that went well a callback is paused.
    #[config(default = 72, env = "KABAR_CALLBACKS_PAUSE_AFTER_HOURS")]
    pub(crate) pause_after_hours: u64,
    /// For how many days deliveries are kept after they have ended, to be looked at and made again.
    #[config(default = 7, env = "KABAR_CALLBACKS_KEEP_DAYS")]
    pub(crate) keep_days: u64,
}

impl CallbacksConfig {
    /// What the gateway is told; notes what is wrong under its key.
    pub(super) fn options(&self, wrong: &mut Vec<String>) -> Options {
        let mut also = Vec::new();
        for (place, text) in self.allow.iter().enumerate() {
            match text.trim().parse::<Net>() {
                Ok(net) => also.push(net),
                Err(err) => wrong.push(format!("callbacks.allow[{place}]: {err}")),
            }
        }
        for (key, number) in [
            ("callbacks.timeout_seconds", self.timeout_seconds),
            ("callbacks.pause_after_hours", self.pause_after_hours),
            ("callbacks.keep_days", self.keep_days),
        ] {
            if number == 0 {
                wrong.push(format!("{key}: must be at least 1"));
            }
        }
        Options {
            allow: AddressPolicy::PublicOnly { also },
            clear_http: self.clear_http,
            timeout: Duration::from_secs(self.timeout_seconds),
            keep: Duration::from_secs(self.keep_days.saturating_mul(86_400)),
            pause_after: Duration::from_secs(self.pause_after_hours.saturating_mul(3600)),
        }
    }
}
