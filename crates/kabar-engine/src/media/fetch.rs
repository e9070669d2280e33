//! A file is fetched from a URL that a caller chose, and uploaded.

use kabar_domain::fault::{Fault, Path};
use kabar_domain::ids::AppId;
use kabar_domain::rule::Rule;
use kabar_domain::sample::Purpose;
use kabar_outbound::{AddressPolicy, Client, Error, FetchError, NotSent, Options, Unknown};

use crate::media::{SampleError, UploadedSample, receive, time_for_urls, upload};
use crate::shared::Shared;

/// As what Kabar introduces itself.
pub(crate) const AGENT: &str = concat!("Kabar/", env!("CARGO_PKG_VERSION"));

/// The client that calls whom callers choose. How much of an answer is worth reading is judged by what comes.
pub(crate) fn client(allow: AddressPolicy) -> Client {
    Client::new(Options {
        total_timeout: time_for_urls(),
        max_response_bytes: usize::MAX,
        max_idle_per_host: 2,
        allow,
        ..Options::default()
    })
}

/// Fetches the sample of a header, and uploads it.
pub(super) async fn fetch(
    shared: &Shared,
    app: &AppId,
    url: &str,
    purpose: Purpose,
    path: &Path,
) -> Result<UploadedSample, SampleError> {
    let mut receiving = receive(shared, purpose, path.clone()).await?;
    let fault = |err: FetchError| SampleError::from(fault_of(&err, path));
    let most_redirects = Rule::SampleRedirects.max();
    let mut answer = shared.media.fetcher.fetch(url, AGENT, most_redirects).await.map_err(fault)?;
    if let Some(mime) = answer.headers.get("content-type").and_then(|value| value.to_str().ok()) {
        receiving.declare(mime);
    }
    while let Some(piece) = answer.piece().await.map_err(|reason| fault(Error::Unknown(reason).into()))? {
        receiving.take(piece).await?;
    }
    let file = receiving.finish()?;
    upload(shared, app, &file, name_in(url)).await
}

/// The last piece of a URL's path, which mostly is a file's name.
fn name_in(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let after_host = path.splitn(4, '/').nth(3).unwrap_or_default();
    after_host.rsplit('/').next().unwrap_or_default()
}

/// What is wrong with a URL that gave no file. Of an address that is not allowed nothing is told, not even its digits.
fn fault_of(err: &FetchError, path: &Path) -> Fault {
    let fault = |rule: Rule| Fault::new(path.clone(), rule);
    match err {
        FetchError::Status(status) => fault(Rule::SampleStatus).with("status", status.as_u16()),
        FetchError::Redirected => fault(Rule::SampleRedirects),
        FetchError::NoAnswer(Error::NotSent(NotSent::AddressRefused { .. })) => fault(Rule::SampleAddress),
        FetchError::NoAnswer(Error::NotSent(NotSent::NameNotResolved { host })) => {
            fault(Rule::SampleHost).with("host", host)
        }
        FetchError::NoAnswer(Error::NotSent(NotSent::BadUrl)) => fault(Rule::NotUrl),
        FetchError::NoAnswer(Error::Unknown(Unknown::TimedOut)) => fault(Rule::SampleTime),
        FetchError::NoAnswer(Error::NotSent(_) | Error::Unknown(_)) => fault(Rule::SampleConnection),
    }
}

#[cfg(test)]
mod tests {
    use super::name_in;

    #[test]
    fn a_files_name_is_the_last_piece_of_its_url() {
        for (url, name) in [
            ("https://toko.example/foto/a.png?w=3/4", "a.png"),
            ("https://toko.example/a.png#b", "a.png"),
            ("https://toko.example/foto/", ""),
            ("https://toko.example", ""),
        ] {
            assert_eq!(name_in(url), name, "{url}");
        }
    }
}
