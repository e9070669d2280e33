//! Configuration of `kabar serve`: a file, overridden by `KABAR_…` variables, overridden by flags.

#![expect(clippy::doc_markdown, reason = "these comments become the sample file, where back-ticks mean nothing")]

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use confique::Config as _;
use kabar_engine::room::Bounds;
use kabar_store::ledger::Patience;
use kabar_store::location::Location;

use crate::logging;
use crate::server::Settings;

mod callbacks;
mod journal;
mod media;
mod meta_app;
mod retention;
mod secret;
mod sender;

pub(crate) use callbacks::CallbacksConfig;
pub(crate) use retention::{RatesConfig, RetentionConfig};
pub(crate) use sender::{SenderConfig, daily_limit};

/// Kabar's configuration. Every key can be left out unless it says otherwise; the environment variable that is named
/// at a key overrides it.
#[derive(Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub(crate) struct Config {
    /// Whom the gateway serves, and where.
    #[config(nested)]
    pub(crate) server: ServerConfig,

    /// What must survive.
    #[config(nested)]
    pub(crate) store: StoreConfig,

    /// Meta's Graph API, or a sandbox in its place.
    #[config(nested)]
    pub(crate) upstream: UpstreamConfig,

    /// Files that the headers of templates and of messages show, from URLs that callers choose.
    #[config(nested)]
    pub(crate) media: media::MediaConfig,

    /// Messages whose outcome is not known: how long Kabar waits for the upstream to report on them.
    #[config(nested)]
    pub(crate) doubt: DoubtConfig,

    /// What the upstream reports, kept as it came.
    #[config(nested)]
    pub(crate) journal: journal::JournalConfig,

    /// Calls to the servers of apps, to tell them what happens.
    #[config(nested)]
    pub(crate) callbacks: CallbacksConfig,

    /// What messages cost.
    #[config(nested)]
    pub(crate) rates: RatesConfig,

    /// How long what is kept; docs/privacy.md has all of it.
    #[config(nested)]
    pub(crate) retention: RetentionConfig,

    /// Logs go to stderr.
    #[config(nested)]
    pub(crate) log: LogConfig,

    /// The senders of apps; an app that does not exist yet is made. `kabar sender add` does the same by hand. A sender
    /// has an app, a phone_number_id and a waba_id, and may have a throughput (messages a second, 80 by default), a
    /// daily_limit (recipients within 24 hours to whom its account may write first; 0 for no limit; what Meta reports
    /// when it is not said) and an access_token or access_token_file of its own, such as:
    /// [[senders]]
    /// app = "toko"
    /// phone_number_id = "106540352242922"
    /// waba_id = "102290129340398"
    /// throughput = 80
    /// access_token_file = "/run/secrets/meta-access-token"
    #[config(default = [])]
    pub(crate) senders: Vec<SenderConfig>,
}

/// `[server]`
#[derive(Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub(crate) struct ServerConfig {
    /// Where to listen, in clear HTTP; a proxy in front of it ends TLS.
    #[config(default = "127.0.0.1:8080", env = "KABAR_LISTEN")]
    pub(crate) listen: SocketAddr,
    /// The address under which the upstream reaches this gateway, https. With it, Kabar subscribes its webhook endpoint
    /// (/webhooks/meta) for every account at its start; without it, that is to be done in Meta's app dashboard.
    #[config(env = "KABAR_PUBLIC_URL")]
    pub(crate) public_url: Option<String>,
    /// Requests a second that an app may make; 0 for no limit.
    #[config(default = 25, env = "KABAR_RATE_LIMIT")]
    pub(crate) rate_limit: u32,
    /// The largest request body, in bytes.
    #[config(default = 262_144, env = "KABAR_MAX_BODY_BYTES")]
    pub(crate) max_body_bytes: usize,
}

/// `[store]`
#[derive(Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub(crate) struct StoreConfig {
    /// Where the store is: sqlite:PATH.
    #[config(default = "sqlite:kabar-data/kabar.db", env = "KABAR_STORE")]
    pub(crate) url: String,
    /// The key that seals secrets in the store; made at first start. By default it lies beside the database. Keep a copy:
    /// a database without its key gives no token and no credential back.
    #[config(env = "KABAR_KEY_FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// How many messages may wait to be sent, those of all apps together. Above that no more are accepted (503) until some
    /// have left.
    #[config(default = 10_000_000, env = "KABAR_MAX_WAITING")]
    pub(crate) max_waiting: u64,
    /// How many megabytes the disk must have left for messages to be accepted. What lies below is for what becomes of those
    /// that were.
    #[config(default = 64, env = "KABAR_MIN_FREE_MB")]
    pub(crate) min_free_mb: u64,
}

/// `[upstream]`
#[derive(Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub(crate) struct UpstreamConfig {
    /// The base address.
    #[config(default = "https://graph.facebook.com", env = "KABAR_UPSTREAM_URL")]
    pub(crate) url: String,
    /// The version of the Graph API.
    #[config(default = "v26.0", env = "KABAR_UPSTREAM_VERSION")]
    pub(crate) version: String,
    /// The access token for senders that have none of their own.
    #[config(env = "KABAR_ACCESS_TOKEN")]
    pub(crate) access_token: Option<secret::Secret>,
    /// A file with that access token, instead.
    #[config(env = "KABAR_ACCESS_TOKEN_FILE")]
    pub(crate) access_token_file: Option<PathBuf>,
    /// The secret of the Meta app, with which its webhooks are signed. Required, here or as a file.
    #[config(env = "KABAR_APP_SECRET")]
    pub(crate) app_secret: Option<secret::Secret>,
    /// A file with that secret, instead.
    #[config(env = "KABAR_APP_SECRET_FILE")]
    pub(crate) app_secret_file: Option<PathBuf>,
    /// What the upstream must name when it verifies the webhook address: any text of your choice. Required, here or as a
    /// file.
    #[config(env = "KABAR_VERIFY_TOKEN")]
    pub(crate) verify_token: Option<secret::Secret>,
    /// A file with that text, instead.
    #[config(env = "KABAR_VERIFY_TOKEN_FILE")]
    pub(crate) verify_token_file: Option<PathBuf>,
    /// The id of the Meta app in whose name samples for the headers of templates are uploaded, digits: the number beside the
    /// app's name in Meta's app dashboard. Without it, templates can only name samples that were uploaded elsewhere.
    #[config(env = "KABAR_META_APP_ID")]
    pub(crate) meta_app_id: Option<String>,
    /// Further Meta apps whose webhooks come to the same address, each signed with its own secret. An app has a name, an
    /// app_secret or app_secret_file, and may have waba_ids: the accounts that it alone may report on. Such as:
    /// [[upstream.meta_apps]]
    /// name = "logistik"
    /// app_secret_file = "/run/secrets/meta-app-secret-logistik"
    /// waba_ids = ["102290129340398"]
    #[config(default = [])]
    pub(crate) meta_apps: Vec<meta_app::MetaAppConfig>,
    /// How many calls for one sender may be under way at once; a quarter of them is kept for login codes.
    #[config(default = 256, env = "KABAR_CALLS_AT_ONCE")]
    pub(crate) calls_at_once: usize,
    /// After how many seconds without a whole answer a call is given up; its message is then in doubt.
    #[config(default = 30, env = "KABAR_UPSTREAM_TIMEOUT_SECONDS")]
    pub(crate) timeout_seconds: u64,
    /// How often, in minutes, all templates are read again from the upstream.
    #[config(default = 15, env = "KABAR_POLL_MINUTES")]
    pub(crate) poll_minutes: u64,
}

/// `[doubt]`
#[derive(Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub(crate) struct DoubtConfig {
    /// Login codes: after so many seconds without a report, the code is sent again while it is valid.
    #[config(default = 30, env = "KABAR_DOUBT_AUTHENTICATION_SECONDS")]
    pub(crate) authentication_seconds: u64,
    /// Utility messages: after so many seconds without a report, the message ends as failed, outcome unknown.
    #[config(default = 600, env = "KABAR_DOUBT_UTILITY_SECONDS")]
    pub(crate) utility_seconds: u64,
    /// Marketing messages: likewise.
    #[config(default = 600, env = "KABAR_DOUBT_MARKETING_SECONDS")]
    pub(crate) marketing_seconds: u64,
}

/// `[log]`
#[derive(Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub(crate) struct LogConfig {
    /// A level (error, warn, info, debug, trace), or a list such as "info,kabar_engine=debug".
    #[config(default = "info", env = "KABAR_LOG")]
    pub(crate) filter: String,
    /// "text" for people, "json" for programs.
    #[config(default = "text", env = "KABAR_LOG_FORMAT")]
    pub(crate) format: logging::Format,
}

impl Config {
    /// A commented file with every key.
    pub(crate) fn sample() -> String {
        confique::toml::template::<Self>(confique::toml::FormatOptions::default())
    }

    /// Reads the file and the environment; without a file, the environment alone. Keys that do not exist are refused.
    pub(crate) fn load(path: Option<&Path>) -> anyhow::Result<Self> {
        let mut builder = Self::builder().env();
        if let Some(path) = path {
            anyhow::ensure!(path.exists(), "there is no configuration file at {}", path.display());
            builder = builder.file(path);
        }
        Ok(builder.load()?)
    }

    /// What the gateway is told, or everything that is wrong, a line each, with its key.
    pub(crate) fn settings(&self) -> anyhow::Result<Settings> {
        let mut wrong = Vec::new();
        let upstream = &self.upstream;
        let access_token = secret::read(
            "upstream.access_token",
            upstream.access_token.as_ref(),
            upstream.access_token_file.as_deref(),
            &mut wrong,
        );
        let app_secret = secret::required(
            "upstream.app_secret",
            upstream.app_secret.as_ref(),
            upstream.app_secret_file.as_deref(),
            &mut wrong,
        );
        let verify_token = secret::required(
            "upstream.verify_token",
            upstream.verify_token.as_ref(),
            upstream.verify_token_file.as_deref(),
            &mut wrong,
        );
        let meta_apps = meta_app::all(app_secret, upstream.meta_app_id.as_deref(), &upstream.meta_apps, &mut wrong);
        let journal_keep = self.journal.keep(&mut wrong);
        check_url("upstream.url", &upstream.url, &mut wrong);
        if let Some(url) = &self.server.public_url {
            check_url("server.public_url", url, &mut wrong);
        }
        if upstream.meta_app_id.as_ref().is_some_and(|id| id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit())) {
            wrong.push("upstream.meta_app_id: must be digits".to_owned());
        }
        let media = self.media.options(upstream.meta_app_id.clone(), &mut wrong);
        for (key, count) in [
            ("upstream.timeout_seconds", upstream.timeout_seconds),
            ("upstream.poll_minutes", upstream.poll_minutes),
            ("upstream.calls_at_once", upstream.calls_at_once as u64),
            ("store.max_waiting", self.store.max_waiting),
            ("server.max_body_bytes", self.server.max_body_bytes as u64),
        ] {
            if count == 0 {
                wrong.push(format!("{key}: must be at least 1"));
            }
        }
        let callbacks = self.callbacks.options(&mut wrong);
        let rates = self.rates.card(&mut wrong);
        let retention = self.retention.options(&mut wrong);
        if let Err(err) = self.store.location() {
            wrong.push(format!("{err:#}"));
        }
        if let Err(err) = tracing_subscriber::EnvFilter::try_new(&self.log.filter) {
            wrong.push(format!("log.filter: {err}"));
        }
        for (place, sender) in self.senders.iter().enumerate() {
            if let Err(err) = sender.access_token(place) {
                wrong.push(err.to_string());
            }
        }
        anyhow::ensure!(wrong.is_empty(), "the configuration has faults:\n  {}", wrong.join("\n  "));
        Ok(Settings {
            upstream_url: upstream.url.clone(),
            upstream_version: Some(upstream.version.clone()).filter(|version| !version.is_empty()),
            upstream_timeout: Duration::from_secs(upstream.timeout_seconds),
            calls_at_once: upstream.calls_at_once,
            callbacks,
            poll_every: Duration::from_secs(upstream.poll_minutes * 60),
            access_token,
            meta_apps,
            journal_keep,
            verify_token,
            public_url: self.server.public_url.clone(),
            patience: Patience {
                authentication: Duration::from_secs(self.doubt.authentication_seconds),
                utility: Duration::from_secs(self.doubt.utility_seconds),
                marketing: Duration::from_secs(self.doubt.marketing_seconds),
            },
            bounds: Bounds {
                most_waiting: self.store.max_waiting,
                least_free_bytes: self.store.min_free_mb.saturating_mul(1 << 20),
            },
            rate_limit: NonZeroU32::new(self.server.rate_limit),
            max_body_bytes: self.server.max_body_bytes,
            media,
            rates,
            retention,
        })
    }
}

impl StoreConfig {
    pub(crate) fn location(&self) -> anyhow::Result<Location> {
        self.url.parse().map_err(anyhow::Error::msg).context("store.url")
    }
}

fn check_url(key: &str, text: &str, wrong: &mut Vec<String>) {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    if rest.is_none_or(|rest| rest.is_empty() || rest.starts_with('/') || rest.contains(char::is_whitespace)) {
        wrong.push(format!("{key}: must be a complete http or https address"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> anyhow::Result<Config> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("kabar.toml");
        std::fs::write(&path, text)?;
        Config::load(Some(&path))
    }

    const SECRETS: &str = "[upstream]\napp_secret = \"s\"\nverify_token = \"v\"\n";

    #[test]
    fn the_sample_is_a_configuration_with_the_defaults() {
        let sample = Config::sample();
        let config = load(&sample).unwrap();
        assert_eq!(config.server.rate_limit, 25);
        assert!(config.senders.is_empty());
        let filled =
            sample.replace("#app_secret =", "app_secret = \"s\"").replace("#verify_token =", "verify_token = \"v\"");
        let settings = load(&filled).unwrap().settings().unwrap();
        assert_eq!(settings.upstream_url, "https://graph.facebook.com");
        assert_eq!(settings.upstream_version.as_deref(), Some("v26.0"));
        assert_eq!(settings.max_body_bytes, kabar_api::DEFAULT_MAX_BODY_BYTES);
        assert_eq!(settings.bounds, Bounds::default());
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        for text in ["[server]\nlistn = \"127.0.0.1:1\"\n", "[servr]\n", "[[senders]]\nap = \"toko\"\n"] {
            let message = format!("{:#}", load(text).unwrap_err());
            assert!(["listn", "servr", "ap"].iter().any(|key| message.contains(&format!("`{key}`"))), "{message}");
        }
    }

    #[test]
    fn all_faults_are_named_by_their_keys() {
        let text = "[server]\npublic_url = \"kabar.example\"\n[store]\nurl = \"mysql://x\"\n\
                    [upstream]\nurl = \"graph\"\ntimeout_seconds = 0\napp_secret_file = \"/nowhere/secret\"\nmeta_app_id = \"kabar\"\n\
                    [callbacks]\nallow = [\"10.0.0.0/8\", \"intern\"]\nkeep_days = 0\n\
                    [media]\nallow = [\"10.0.0.0/8\", \"10.0.0.0/33\"]\nfolder = \"/nowhere\"\nat_send = \"id\"\nrecheck_minutes = 0\n\
                    [log]\nfilter = \"=,=\"\n";
        let message = format!("{:#}", load(text).unwrap().settings().unwrap_err());
        for key in [
            "server.public_url",
            "store.url",
            "upstream.url",
            "upstream.timeout_seconds",
            "upstream.app_secret_file",
            "upstream.verify_token",
            "callbacks.allow[1]",
            "callbacks.keep_days",
            "upstream.meta_app_id",
            "media.allow[1]",
            "media.folder",
            "media.at_send",
            "media.recheck_minutes",
            "log.filter",
        ] {
            assert!(message.contains(key), "{key} is missing in:\n{message}");
        }
    }

    #[test]
    fn a_wrong_type_names_its_key() {
        let message = format!("{:#}", load("[server]\nrate_limit = \"many\"\n").unwrap_err());
        assert!(message.contains("rate_limit"), "{message}");
    }

    #[test]
    fn secrets_are_read_from_files_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "from-a-file\n").unwrap();
        let text = format!("[upstream]\napp_secret_file = \"{}\"\nverify_token = \"hidden-text\"\n", file.display());
        let config = load(&text).unwrap();
        assert!(!format!("{config:?}").contains("hidden-text"));
        assert_eq!(config.settings().unwrap().meta_apps[0].secret, "from-a-file");
        let both = format!("{SECRETS}app_secret_file = \"{}\"\n", file.display());
        let message = format!("{:#}", load(&both).unwrap().settings().unwrap_err());
        assert!(message.contains("upstream.app_secret"), "{message}");
    }

    #[test]
    fn further_meta_apps_stand_in_the_file() {
        let apps = "[[upstream.meta_apps]]\nname = \"a\"\napp_secret = \"x\"\nwaba_ids = [\"10\", \"20\"]\n";
        let known = load(&format!("{SECRETS}{apps}")).unwrap().settings().unwrap().meta_apps;
        let names: Vec<_> = known.iter().map(|app| (app.name.as_str(), app.accounts.len())).collect();
        assert_eq!(names, [("main", 0), ("a", 2)]);
        let faulty = "[[upstream.meta_apps]]\nname = \"a\"\nwaba_ids = [\"20\"]\n";
        let message = format!("{:#}", load(&format!("{SECRETS}{apps}{faulty}")).unwrap().settings().unwrap_err());
        for key in ["upstream.meta_apps[1].app_secret", "upstream.meta_apps[1].name", "upstream.meta_apps[1].waba_ids"]
        {
            assert!(message.contains(key), "{key} is missing in:\n{message}");
        }
    }

    #[test]
    fn senders_stand_in_the_file() {
        let text = format!(
            "{SECRETS}[[senders]]\napp = \"toko\"\nphone_number_id = \"106540352242922\"\nwaba_id = \"102290129340398\"\n"
        );
        let config = load(&text).unwrap();
        assert_eq!(config.senders[0].throughput.get(), 80);
        let message = format!("{:#}", load(&text.replace("106540352242922", "+62812")).unwrap_err());
        assert!(message.contains("phone number id"), "{message}");
    }
}
