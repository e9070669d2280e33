//! Samples of templates: taken in or fetched, looked at, and uploaded to the upstream, which gives a handle for each.
//!
//! No file is held in memory: it lies in a nameless temporary file from its first byte until its upload has ended, and
//! there are only so many of these at once.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kabar_domain::attached::AtSend;
use kabar_domain::fault::{Fault, Faults, Path};
use kabar_domain::ids::AppId;
use kabar_domain::rule::Rule;
use kabar_domain::sample::{Kind, Purpose};
use kabar_outbound::{AddressPolicy, Client};

use crate::media::known::Known;
use crate::media::spool::Spool;
use crate::shared::Shared;

pub(crate) mod fetch;
mod known;
pub(crate) mod named;
pub(crate) mod spool;
mod upload;

pub use spool::{Receiving, Spooled};

/// How long it is waited for one of the places for files.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is needed for samples, and for the files of messages.
#[derive(Debug, Clone)]
pub struct Options {
    /// The upstream's app in whose name files are uploaded; without it nothing can be.
    pub meta_app_id: Option<String>,
    /// Which addresses may be called for files whose URLs the callers choose.
    pub allow: AddressPolicy,
    /// Where files lie until they are uploaded.
    pub folder: PathBuf,
    /// How many files may be on their way at once, of samples and of files for messages each.
    pub files_at_once: usize,
    /// How files that messages name by their URLs go to the upstream, where their requests do not say.
    pub at_send: AtSend,
    /// After how long the server of such a file is asked whether it has another one.
    pub recheck: Duration,
}

impl Default for Options {
    /// No app, addresses of the public internet only, the system's folder for temporary files, eight files; files of
    /// messages are uploaded, and looked at again after an hour.
    fn default() -> Self {
        Self {
            meta_app_id: None,
            allow: AddressPolicy::PublicOnly { also: Vec::new() },
            folder: std::env::temp_dir(),
            files_at_once: 8,
            at_send: AtSend::Upload,
            recheck: Duration::from_secs(3600),
        }
    }
}

/// A file that the upstream has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedSample {
    /// By what a template names it.
    pub handle: String,
    /// What it is.
    pub kind: Kind,
    /// How many bytes it has.
    pub size_bytes: u64,
}

/// Why there is no handle.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// Something is wrong with the file or its URL, in Kabar's eyes or the upstream's.
    #[error("the sample is refused: {0}")]
    Faults(Faults),
    /// It is not known in the name of which app of the upstream to upload.
    #[error("upstream.meta_app_id is not configured")]
    NotConfigured,
    /// The app has no sender, so there is no credential to upload with.
    #[error("the app has no sender")]
    NoSender,
    /// Too many files are on their way.
    #[error("too many files are on their way")]
    Busy,
    /// The upstream did not answer, or broke off too often.
    #[error("the upstream did not take the file: {0}")]
    Upstream(String),
    /// The file could not be kept or read here.
    #[error("the temporary file: {0}")]
    Disk(#[from] io::Error),
}

impl From<Fault> for SampleError {
    fn from(fault: Fault) -> Self {
        Self::Faults(fault.into())
    }
}

/// What the engine has for samples.
#[derive(Debug)]
pub(crate) struct Media {
    meta_app_id: Option<String>,
    spool: Spool,
    fetcher: Client,
    known: Known,
}

impl Media {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            meta_app_id: options.meta_app_id,
            spool: Spool::new(options.folder, options.files_at_once),
            fetcher: fetch::client(options.allow),
            known: Known::default(),
        }
    }

    /// Whether anything can be uploaded at all.
    pub(crate) fn is_configured(&self) -> bool {
        self.meta_app_id.is_some()
    }

    /// Forgets the handles of an app: the upstream may not have them any more.
    pub(crate) fn forget(&self, app: &AppId) {
        self.known.forget(app);
    }
}

/// How long fetching and uploading may take, all samples of a request together.
fn time_for_urls() -> Duration {
    Duration::from_secs(Rule::SampleTime.max() as u64)
}

/// A place for a file that is about to come, if something can become of it.
pub(crate) async fn receive(shared: &Shared, purpose: Purpose, path: Path) -> Result<Receiving, SampleError> {
    if !shared.media.is_configured() {
        return Err(SampleError::NotConfigured);
    }
    shared.media.spool.receive(purpose, path, PATIENCE).await
}

/// Uploads a file that has come whole.
pub(crate) async fn upload(
    shared: &Shared,
    app: &AppId,
    file: &Spooled,
    name: &str,
) -> Result<UploadedSample, SampleError> {
    upload::upload(shared, app, file, name).await
}

/// Fetches what is at a URL, and uploads it.
pub(crate) async fn fetch(
    shared: &Arc<Shared>,
    app: &AppId,
    url: &str,
    path: Path,
) -> Result<UploadedSample, SampleError> {
    let fetching = fetch::fetch(shared, app, url, Purpose::Any, &path);
    match tokio::time::timeout(time_for_urls(), fetching).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Fault::new(path, Rule::SampleTime).into()),
    }
}
