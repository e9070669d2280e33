//! `[media]`: files that the headers of templates and messages show.

use std::path::PathBuf;
use std::time::Duration;

use kabar_domain::attached::AtSend;
use kabar_engine::media;
use kabar_outbound::{AddressPolicy, Net};

/// `[media]`
#[derive(Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub(crate) struct MediaConfig {
    /// Nets from which files may be fetched although they are not of the public internet, such as ["10.1.0.0/16"]. All
    /// other private, loopback and link-local addresses are refused.
    #[config(default = [], env = "KABAR_MEDIA_ALLOW", parse_env = confique::env::parse::list_by_comma)]
    pub(crate) allow: Vec<String>,
    /// Where files lie until they are uploaded, at most eight samples and eight files of messages of up to 100 MiB each; the
    /// system's folder for temporary files by default.
    #[config(env = "KABAR_MEDIA_FOLDER")]
    pub(crate) folder: Option<PathBuf>,
    /// How the files that messages name by their URLs go to the upstream, unless a request says otherwise: "upload" has
    /// Kabar fetch each once and upload it once for each sender; "link" has the upstream fetch it for each message.
    #[config(default = "upload", env = "KABAR_MEDIA_AT_SEND")]
    pub(crate) at_send: String,
    /// After how many minutes the server of such a file is asked whether it has another one.
    #[config(default = 60, env = "KABAR_MEDIA_RECHECK_MINUTES")]
    pub(crate) recheck_minutes: u64,
}

impl MediaConfig {
    /// What the engine is told; notes what is wrong by its key.
    pub(super) fn options(&self, meta_app_id: Option<String>, wrong: &mut Vec<String>) -> media::Options {
        let mut also = Vec::new();
        for (place, text) in self.allow.iter().enumerate() {
            match text.trim().parse::<Net>() {
                Ok(net) => also.push(net),
                Err(err) => wrong.push(format!("media.allow[{place}]: {err}")),
            }
        }
        let folder = self.folder.clone().unwrap_or_else(std::env::temp_dir);
        if !folder.is_dir() {
            wrong.push(format!("media.folder: there is no folder {}", folder.display()));
        }
        let at_send = AtSend::of_word(&self.at_send).unwrap_or_else(|| {
            wrong.push(format!("media.at_send: must be \"upload\" or \"link\", not \"{}\"", self.at_send));
            AtSend::Upload
        });
        if self.recheck_minutes == 0 {
            wrong.push("media.recheck_minutes: must be at least 1".to_owned());
        }
        media::Options {
            meta_app_id,
            folder,
            allow: AddressPolicy::PublicOnly { also },
            at_send,
            recheck: Duration::from_secs(self.recheck_minutes.saturating_mul(60)),
            ..media::Options::default()
        }
    }
}
