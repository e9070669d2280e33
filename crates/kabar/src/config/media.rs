//! `[media]`: files that the headers of templates show.

use std::path::PathBuf;

use kabar_engine::media;
use kabar_outbound::{AddressPolicy, Net};

/// `[media]`
#[derive(Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub(crate) struct MediaConfig {
    /// Nets from which samples may be fetched although they are not of the public internet, such as ["10.1.0.0/16"]. All
    /// other private, loopback and link-local addresses are refused.
    #[config(default = [], env = "KABAR_MEDIA_ALLOW", parse_env = confique::env::parse::list_by_comma)]
    pub(crate) allow: Vec<String>,
    /// Where files lie until they are uploaded, at most eight of up to 100 MiB; the system's folder for temporary files by
    /// default.
    #[config(env = "KABAR_MEDIA_FOLDER")]
    pub(crate) folder: Option<PathBuf>,
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
        media::Options { meta_app_id, folder, allow: AddressPolicy::PublicOnly { also }, ..media::Options::default() }
    }
}
