//! A file is fetched from its URL, judged by its content, and uploaded for a sender.

use std::time::Duration;

use http::StatusCode;
use http::header::{ETAG, HeaderName, LAST_MODIFIED};
use kabar_domain::attached::{Looks, bytes_worth_reading, check};
use kabar_domain::message::{Reason, own_code};
use kabar_domain::rule::Rule;
use kabar_domain::sample::LOOKED_AT_BYTES;
use kabar_graph::call::{CallError, Refusal};
use kabar_graph::errors::Advice;
use kabar_outbound::{Answer, Error, FetchError, NotSent, Seen};
use kabar_store::media::SentMedia;

use crate::attached::job::{Job, for_now, reason};
use crate::attached::known::is_to_be_renewed;
use crate::media::fetch::AGENT;
use crate::media::spool::Written;
use crate::shared::Shared;
use crate::templates::refusal::words_of;

/// Characters of a server's mark of a file that are kept; a longer one is as none.
const MOST_MARK_CHARS: usize = 256;

/// What there is.
#[derive(Debug)]
pub(super) enum Got {
    /// What the upstream has already; and what the server says of it, where it said it anew.
    Same(Option<Seen>),
    /// A file that was uploaded just now.
    New(Uploaded),
}

/// A file that was uploaded.
#[derive(Debug)]
pub(super) struct Uploaded {
    pub(super) media_id: String,
    pub(super) sha256: [u8; 32],
    pub(super) seen: Seen,
    pub(super) size_bytes: u64,
}

/// Why there is nothing.
#[derive(Debug)]
pub(super) enum Failed {
    /// Trying again would not help.
    ForEver(Reason),
    /// It may be otherwise in a while.
    ForNow {
        /// For the operator.
        why: String,
        /// How long, where somebody said.
        wait: Option<Duration>,
    },
}

/// Fetches a file and uploads it, unless the upstream has it.
pub(super) async fn get(shared: &Shared, job: &Job, kept: Option<&SentMedia>) -> Result<Got, Failed> {
    let kept = kept.filter(|kept| !is_to_be_renewed(kept, shared.clock.now()));
    let seen = kept.map(|kept| Seen { etag: kept.etag.clone(), last_modified: kept.last_modified.clone() });
    let seen = seen.unwrap_or_default();
    let _fetching = shared.attached.fetches.acquire().await.map_err(|err| for_now(err.to_string(), None))?;
    let most_redirects = Rule::SampleRedirects.max();
    let fetching = shared.attached.fetcher.fetch_if_new(&job.url, AGENT, most_redirects, &seen);
    let mut answer = match fetching.await {
        Ok(answer) => answer,
        Err(FetchError::Status(StatusCode::NOT_MODIFIED)) if kept.is_some() => return Ok(Got::Same(None)),
        Err(err) => return Err(failed_fetch(job, &err)),
    };
    let seen = Seen { etag: mark(&answer, &ETAG), last_modified: mark(&answer, &LAST_MODIFIED) };
    let declared = answer.headers.get("content-type").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut incoming = shared.attached.spool.open().await.map_err(|err| for_now(err.to_string(), None))?;
    let unfit =
        |unfit: kabar_domain::attached::Unfit| Failed::ForEver(reason(own_code::MEDIA, job, &unfit.to_string()));
    while let Some(piece) = answer.piece().await.map_err(|err| failed_fetch(job, &Error::Unknown(err).into()))? {
        incoming.write(piece).await.map_err(|err| for_now(format!("the temporary file: {err}"), None))?;
        let looks = Looks { first: &incoming.first, len: incoming.len, declared: declared.as_deref(), url: &job.url };
        if looks.first.len() == LOOKED_AT_BYTES && looks.len >= bytes_worth_reading(job.kind, looks) {
            check(job.kind, looks).map_err(unfit)?;
        }
    }
    let looks = Looks { first: &incoming.first, len: incoming.len, declared: declared.as_deref(), url: &job.url };
    let mime = check(job.kind, looks).map_err(unfit)?;
    shared.metrics.attached("fetched", 1);
    let file = incoming.finish();
    if kept.is_some_and(|kept| kept.sha256 == file.sha256) {
        return Ok(Got::Same(Some(seen)));
    }
    let media_id = upload(shared, job, mime, &file).await?;
    Ok(Got::New(Uploaded { media_id, sha256: file.sha256, seen, size_bytes: file.len }))
}

fn mark(answer: &Answer, name: &HeaderName) -> Option<String> {
    let text = answer.headers.get(name)?.to_str().ok()?;
    (text.len() <= MOST_MARK_CHARS).then(|| text.to_owned())
}

async fn upload(shared: &Shared, job: &Job, mime: &str, file: &Written) -> Result<String, Failed> {
    let sender = shared.directory.sender(&job.sender);
    let token = sender.as_ref().and_then(|sender| sender.access_token.as_ref());
    let token = token.ok_or_else(|| for_now("the sender has no access token".to_owned(), None))?;
    let boundary = format!("kabar{}", uuid::Uuid::from_bytes(first_half(file.sha256)).simple());
    let uploading = shared.graph.upload_media(token, job.sender.as_str(), mime, &boundary, file.pieces(0));
    uploading.await.map_err(|err| match err {
        CallError::Refused(refusal) => failed_upload(job, &refusal),
        // Whether the file arrived does not matter: one that no message names does no harm.
        CallError::NotSent(_) | CallError::Unknown(_) => for_now(format!("the upload: {err}"), None),
    })
}

fn first_half(hash: [u8; 32]) -> [u8; 16] {
    std::array::from_fn(|place| hash[place])
}

/// What follows from the upstream's refusal of a file, by the table of its errors.
fn failed_upload(job: &Job, refusal: &Refusal) -> Failed {
    let words = words_of(refusal);
    match refusal.advice() {
        Advice::Never | Advice::TemplateBlocked => {
            let why = format!("WhatsApp refused the upload: {words}");
            Failed::ForEver(reason(refusal.error.code, job, &why))
        }
        Advice::Transient | Advice::RateLimit | Advice::PairLimit => {
            for_now(format!("the upstream refused the upload: {words}"), refusal.wait())
        }
        Advice::Later { seconds } | Advice::PauseSender { seconds } => {
            let wait = refusal.wait().unwrap_or_else(|| Duration::from_secs(u64::from(seconds)));
            for_now(format!("the upstream refused the upload: {words}"), Some(wait))
        }
        Advice::HoldSender => {
            tracing::error!(
                sender = %job.sender, code = refusal.error.code,
                "the upstream takes no files from the sender until its account, number or token is put right"
            );
            for_now(format!("the upstream refused the upload: {words}"), refusal.wait())
        }
    }
}

/// What follows from a URL that gave no file. Of an address that is not allowed nothing is told, not even its digits.
fn failed_fetch(job: &Job, err: &FetchError) -> Failed {
    let for_ever = |why: &str| Failed::ForEver(reason(own_code::MEDIA, job, why));
    match err {
        FetchError::Status(status) if is_passing(*status) => {
            for_now(format!("the server answered {}", status.as_u16()), None)
        }
        FetchError::Status(status) => for_ever(&format!("the server answered {}, not 200", status.as_u16())),
        FetchError::Redirected => for_ever("it is redirected too often, or to what is no URL"),
        FetchError::NoAnswer(Error::NotSent(NotSent::AddressRefused { .. })) => {
            for_ever("it leads to an address that this gateway must not call")
        }
        FetchError::NoAnswer(Error::NotSent(NotSent::BadUrl)) => for_ever("it is no complete http or https URL"),
        FetchError::NoAnswer(err @ (Error::NotSent(_) | Error::Unknown(_))) => for_now(err.to_string(), None),
    }
}

/// Whether a server that answers so may have the file in a while.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS)
}

#[cfg(test)]
mod tests {
    use kabar_domain::ids::SenderId;
    use kabar_domain::template::contract::MediaKind;
    use kabar_outbound::Unknown;
    use kabar_store::media::FileKey;

    use super::*;

    fn job(url: &str) -> Job {
        let sender = SenderId::parse("100").unwrap();
        Job { key: FileKey::of(&sender, MediaKind::Image, url), sender, kind: MediaKind::Image, url: url.to_owned() }
    }

    fn told(err: &FetchError) -> Option<String> {
        match failed_fetch(&job("https://toko.example/a.png?token=geheim"), err) {
            Failed::ForEver(Reason { code, text }) => {
                assert_eq!(code, own_code::MEDIA);
                Some(text)
            }
            Failed::ForNow { wait, .. } => {
                assert_eq!(wait, None);
                None
            }
        }
    }

    #[test]
    fn what_will_not_get_better_rejects_and_the_rest_waits() {
        let status = |code| FetchError::Status(StatusCode::from_u16(code).unwrap());
        for code in [400, 401, 403, 404, 410, 204, 206, 304] {
            let text = told(&status(code)).unwrap();
            assert_eq!(text, format!("the image at https://toko.example/a.png…: the server answered {code}, not 200"));
        }
        for code in [408, 425, 429, 500, 502, 503, 504] {
            assert_eq!(told(&status(code)), None, "{code}");
        }
        let addr = "10.1.2.3".parse().unwrap();
        let refused = told(&Error::NotSent(NotSent::AddressRefused { addr }).into()).unwrap();
        assert!(!refused.contains("10.1.2.3") && refused.ends_with("an address that this gateway must not call"));
        assert!(told(&FetchError::Redirected).is_some() && told(&Error::NotSent(NotSent::BadUrl).into()).is_some());
        for passing in [NotSent::ConnectionRefused, NotSent::NameNotResolved { host: "toko.example".to_owned() }] {
            assert_eq!(told(&Error::NotSent(passing).into()), None);
        }
        for passing in [Unknown::TimedOut, Unknown::Closed, Unknown::AnswerCutShort] {
            assert_eq!(told(&Error::Unknown(passing).into()), None);
        }
    }

    #[test]
    fn a_long_url_is_told_in_part() {
        let long = format!("https://toko.example/{}", "é".repeat(500));
        let text = reason(1, &job(&long), "x").text;
        assert!(text.chars().count() < 230 && text.ends_with("é…: x"), "{text}");
        assert_eq!(reason(1, &job("https://a.example/b"), "x").text, "the image at https://a.example/b: x");
    }
}
