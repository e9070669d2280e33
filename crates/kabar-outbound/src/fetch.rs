//! Getting what is at a URL that somebody else chose: a few redirects are followed, and each address that is dialled on
//! the way passes the client's guard.

use bytes::Bytes;
use http::header::{ACCEPT, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION, USER_AGENT};
use http::{Request, StatusCode, Uri};

use crate::answer::Answer;
use crate::client::Client;
use crate::error::Error;

/// Why there is nothing to read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No answer came.
    #[error(transparent)]
    NoAnswer(#[from] Error),
    /// The answer is another than 200.
    #[error("the answer has the status {}", .0.as_u16())]
    Status(StatusCode),
    /// There were too many redirects, or one to what is no `http` or `https` URL.
    #[error("redirected too often, or to what is no http or https URL")]
    Redirected,
}

/// By what a server said of a file, it is asked whether it has another one now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
}

impl Client {
    /// Gets what is at `url`, following at most `most_redirects`. Nothing that identifies the caller is sent but
    /// `user_agent`. The client's time is for each request.
    ///
    /// # Errors
    ///
    /// A [`FetchError`]; an address that the client must not dial is [`crate::NotSent::AddressRefused`], wherever it
    /// comes on the way.
    pub async fn fetch(&self, url: &str, user_agent: &str, most_redirects: usize) -> Result<Answer, FetchError> {
        self.fetch_if_new(url, user_agent, most_redirects, &Seen::default()).await
    }

    /// The same, if what is there is another than what was seen before. If it is not, that is
    /// [`FetchError::Status`] 304.
    ///
    /// # Errors
    ///
    /// As [`Client::fetch`].
    pub async fn fetch_if_new(
        &self,
        url: &str,
        user_agent: &str,
        most_redirects: usize,
        seen: &Seen,
    ) -> Result<Answer, FetchError> {
        let mut url: Uri = url.parse().map_err(|_| Error::NotSent(crate::NotSent::BadUrl))?;
        for _ in 0..=most_redirects {
            let mut request = Request::get(&url).header(USER_AGENT, user_agent).header(ACCEPT, "*/*");
            for (name, value) in [(IF_NONE_MATCH, &seen.etag), (IF_MODIFIED_SINCE, &seen.last_modified)] {
                if let Some(value) = value {
                    request = request.header(name, value);
                }
            }
            let request = request.body(Bytes::new());
            let request = request.map_err(|_| Error::NotSent(crate::NotSent::BadUrl))?;
            let answer = self.open(request).await?;
            if !is_redirect(answer.status) {
                return if answer.status == StatusCode::OK {
                    Ok(answer)
                } else {
                    Err(FetchError::Status(answer.status))
                };
            }
            url =
                target(&url, text(&answer, &LOCATION).ok_or(FetchError::Redirected)?).ok_or(FetchError::Redirected)?;
        }
        Err(FetchError::Redirected)
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn text<'a>(answer: &'a Answer, name: &HeaderName) -> Option<&'a str> {
    answer.headers.get(name)?.to_str().ok()
}

/// Where a `Location` leads from a URL (RFC 3986, section 5.2); what servers do with dots in a path is left to them.
fn target(from: &Uri, location: &str) -> Option<Uri> {
    let location = location.split('#').next().unwrap_or_default().trim();
    let (scheme, authority) = (from.scheme_str()?, from.authority()?);
    let has_scheme = location.split(['/', '?']).next().is_some_and(|first| first.contains(':'));
    let target = if has_scheme {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else if location.starts_with('?') {
        format!("{scheme}://{authority}{}{location}", from.path())
    } else {
        let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{authority}{folder}/{location}")
    };
    let target: Uri = target.parse().ok()?;
    let has_user = target.authority().is_some_and(|authority| authority.as_str().contains('@'));
    // From a protected connection on to an open one, nobody knows any more who answers.
    let downgraded = scheme == "https" && target.scheme_str() == Some("http");
    (matches!(target.scheme_str(), Some("http" | "https")) && !has_user && !downgraded).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_read_from_where_it_stands() {
        let from: Uri = "http://a.example:81/b/c.png?d".parse().unwrap();
        for (location, expected) in [
            ("https://x.example/y#z", Some("https://x.example/y")),
            ("//x.example/y", Some("http://x.example/y")),
            ("/y?z", Some("http://a.example:81/y?z")),
            ("y.png", Some("http://a.example:81/b/y.png")),
            ("?z", Some("http://a.example:81/b/c.png?z")),
            ("y?u=http://z.example", Some("http://a.example:81/b/y?u=http://z.example")),
            ("ftp://x.example/", None),
            ("file:///etc/passwd", None),
            ("https://u:p@x.example/", None),
            ("http://", None),
        ] {
            assert_eq!(target(&from, location).map(|uri| uri.to_string()).as_deref(), expected, "{location}");
        }
        let protected: Uri = "https://a.example/".parse().unwrap();
        assert_eq!(target(&protected, "http://a.example/b"), None);
        assert!(target(&protected, "/b").is_some());
    }
}
