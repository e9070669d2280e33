//! A file is uploaded in a session of the upstream's, and goes on after a break where the upstream says that it broke off.

use std::time::Duration;

use kabar_domain::fault::Fault;
use kabar_domain::ids::AppId;
use kabar_domain::rule::Rule;
use kabar_graph::call::{CallError, Refusal};
use kabar_graph::errors::Advice;
use kabar_graph::token::AccessToken;
use kabar_graph::uploads::{FileFacts, UploadSession, Uploaded};

use crate::media::spool::Spooled;
use crate::media::{SampleError, UploadedSample};
use crate::shared::Shared;
use crate::templates::refusal::words_of;

/// How often an upload may break without having come any further since the last time.
const MOST_BREAKS: u32 = 5;
/// How long it is waited after the first of them; each time twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// How long an upload may take in all, breaks included.
const LONGEST: Duration = Duration::from_secs(240);
/// Characters of a file's name that the upstream is told.
const MOST_NAME_CHARS: usize = 100;

pub(super) async fn upload(
    shared: &Shared,
    app: &AppId,
    file: &Spooled,
    name: &str,
) -> Result<UploadedSample, SampleError> {
    let meta_app_id = shared.media.meta_app_id.as_deref().ok_or(SampleError::NotConfigured)?;
    let sender = shared.directory.first_sender(app).ok_or(SampleError::NoSender)?;
    let token = sender.access_token.as_ref().ok_or(SampleError::NoSender)?;
    let sample = |handle: String| UploadedSample { handle, kind: file.kind, size_bytes: file.file.len };
    if let Some(handle) = shared.media.known.get(app, &file.file.sha256) {
        return Ok(sample(handle));
    }
    let uploading = Uploading { shared, token, meta_app_id, file, breaks: 0 };
    let handle = match tokio::time::timeout(LONGEST, uploading.run(&shown_name(name, file))).await {
        Ok(handle) => handle?,
        Err(_) => return Err(SampleError::Upstream("the upload took too long".to_owned())),
    };
    shared.media.known.put(app, file.file.sha256, &handle);
    Ok(sample(handle))
}

/// The name without what may be odd in one, or one that fits the kind.
fn shown_name(name: &str, file: &Spooled) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = base.chars().filter(|char| !char.is_control()).take(MOST_NAME_CHARS).collect();
    if shown.trim().is_empty() { format!("sample.{}", file.kind.ending()) } else { shown }
}

struct Uploading<'a> {
    shared: &'a Shared,
    token: &'a AccessToken,
    meta_app_id: &'a str,
    file: &'a Spooled,
    /// Since the upload came further the last time.
    breaks: u32,
}

/// What to do next.
enum Step {
    /// Send the bytes from here on.
    Send(u64),
    /// Ask how far the file has come.
    Ask,
}

impl Uploading<'_> {
    async fn run(mut self, name: &str) -> Result<String, SampleError> {
        let session = self.open(name).await?;
        let graph = &self.shared.graph;
        let (mut step, mut furthest) = (Step::Send(0), 0);
        loop {
            let came_to = match step {
                Step::Send(from) => match graph.upload(self.token, &session, from, self.file.file.pieces(from)).await {
                    Ok(Uploaded::Handle(handle)) => return Ok(handle),
                    Ok(Uploaded::Offset(offset)) => Ok(offset),
                    // The first bytes are refused for what they are; later ones may have met those of a broken call.
                    Err(CallError::Refused(refusal)) if from == 0 && furthest == 0 && self.breaks == 0 => {
                        self.refused_for_good(&refusal)?;
                        Err(CallError::Refused(refusal))
                    }
                    Err(err) => Err(err),
                },
                Step::Ask => graph.upload_offset(self.token, &session).await,
            };
            step = match came_to {
                Ok(offset) if offset > self.file.file.len => {
                    return Err(SampleError::Upstream("more bytes arrived than the file has".to_owned()));
                }
                Ok(offset) if offset > furthest => {
                    furthest = offset;
                    self.breaks = 0;
                    Step::Send(offset)
                }
                Ok(offset) => {
                    if matches!(step, Step::Send(_)) {
                        self.pause("no byte arrived").await?;
                    }
                    Step::Send(offset)
                }
                Err(err) => {
                    tracing::info!(arrived = furthest, "an upload broke off: {err}");
                    self.pause(&err.to_string()).await?;
                    Step::Ask
                }
            };
        }
    }

    async fn open(&mut self, name: &str) -> Result<UploadSession, SampleError> {
        let facts = FileFacts { name, size_bytes: self.file.file.len, mime: self.file.kind.mime() };
        loop {
            let err = match self.shared.graph.open_upload(self.token, self.meta_app_id, facts).await {
                Ok(session) => {
                    self.breaks = 0;
                    return Ok(session);
                }
                Err(err) => err,
            };
            if let CallError::Refused(refusal) = &err {
                self.refused_for_good(refusal)?;
            }
            self.pause(&err.to_string()).await?;
        }
    }

    /// The upstream's refusal as a fault of the file, unless it is worth another try.
    fn refused_for_good(&self, refusal: &Refusal) -> Result<(), SampleError> {
        if refusal.advice() == Advice::Transient {
            return Ok(());
        }
        let fault = Fault::new(self.file.path.clone(), Rule::RefusedUpstream);
        Err(fault.with("reason", words_of(refusal)).into())
    }

    /// Waits before the next try, if there is one.
    async fn pause(&mut self, why: &str) -> Result<(), SampleError> {
        if self.breaks >= MOST_BREAKS {
            return Err(SampleError::Upstream(why.to_owned()));
        }
        tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(self.breaks)).await;
        self.breaks += 1;
        Ok(())
    }
}
