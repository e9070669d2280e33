//! The limit at the door: so many requests a second for each app, in both dialects together.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::Duration;

use http::header::{HeaderName, RETRY_AFTER};
use http::{HeaderMap, HeaderValue};
use kabar_domain::ids::AppId;
use kabar_domain::pacing::{Pace, Rate};

pub(crate) const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
pub(crate) const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
pub(crate) const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// A pace is counted in nanoseconds, so a limit beyond this is no limit that could be kept.
const MAX_PER_SECOND: NonZeroU32 = NonZeroU32::new(1_000_000).expect("it is not zero");

/// Counts the requests of each app. There is one entry for each app that ever asked, and apps are few.
pub(crate) struct Limiter {
    rate: Option<Rate>,
    paces: Mutex<HashMap<AppId, Pace>>,
}

/// What became of one request at the limiter, and what the answer's headers say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// Whether the request may go on.
    pub(crate) admitted: bool,
    figures: Option<Figures>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Figures {
    limit: u32,
    remaining: u32,
    reset: Duration,
    /// How long to wait before the next try; only where the request was refused.
    retry_after: Option<Duration>,
}

impl Limiter {
    /// `per_second` requests a second for each app; `None` for no limit, and no headers.
    pub(crate) fn new(per_second: Option<NonZeroU32>) -> Self {
        let rate = per_second.map(|limit| Rate::per_second(limit.min(MAX_PER_SECOND)));
        Self { rate, paces: Mutex::new(HashMap::new()) }
    }

    /// Counts one request of an app. `now` is the time since any fixed moment, and never goes back.
    pub(crate) fn take(&self, app: &AppId, now: Duration) -> Ticket {
        let Some(rate) = self.rate else { return Ticket { admitted: true, figures: None } };
        let mut paces = self.paces.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Looked up first, since almost always it is there, and an entry would need a copy of the id.
        let pace = match paces.get_mut(app) {
            Some(pace) => pace,
            None => paces.entry(app.clone()).or_default(),
        };
        let admitted = pace.take(rate, now, 1) == 1;
        let room = pace.room(rate, now);
        let retry_after = (!admitted).then(|| pace.wait(rate, now));
        let figures = Figures { limit: rate.limit(), remaining: room.remaining, reset: room.full_in, retry_after };
        Ticket { admitted, figures: Some(figures) }
    }

    /// The headers of an answer to a caller who is not known: the limit, and nothing used of it. An answer that has
    /// them already keeps its own.
    pub(crate) fn write_unused(&self, headers: &mut HeaderMap) {
        if let Some(rate) = self.rate
            && !headers.contains_key(LIMIT)
        {
            let figures =
                Figures { limit: rate.limit(), remaining: rate.limit(), reset: Duration::ZERO, retry_after: None };
            figures.write(headers);
        }
    }
}

impl Ticket {
    /// Writes `X-RateLimit-Limit`, `-Remaining` and `-Reset`, and `Retry-After` where the request was refused.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        if let Some(figures) = self.figures {
            figures.write(headers);
        }
    }
}

impl Figures {
    fn write(self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(whole_seconds(self.reset)));
        if let Some(wait) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(wait).max(1)));
        }
    }
}

/// Rounded up: who waits that long never comes too early.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(ticket: Ticket) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        ticket.write(&mut headers);
        let mut lines: Vec<_> =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        lines.sort();
        lines
    }

    fn lines(lines: &[(&str, &str)]) -> Vec<(String, String)> {
        lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_second_holds_so_many_requests_and_each_app_has_its_own() {
        let limiter = Limiter::new(NonZeroU32::new(25));
        let (one, other) = (AppId::parse("one").unwrap(), AppId::parse("other").unwrap());
        let first = limiter.take(&one, Duration::ZERO);
        assert_eq!(
            headers(first),
            lines(&[("x-ratelimit-limit", "25"), ("x-ratelimit-remaining", "24"), ("x-ratelimit-reset", "1")])
        );
        for _ in 1..25 {
            assert!(limiter.take(&one, Duration::ZERO).admitted);
        }
        let refused = limiter.take(&one, Duration::ZERO);
        assert!(!refused.admitted);
        assert_eq!(
            headers(refused),
            lines(&[
                ("retry-after", "1"),
                ("x-ratelimit-limit", "25"),
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "1")
            ])
        );
        assert!(limiter.take(&other, Duration::ZERO).admitted);
        assert!(!limiter.take(&one, Duration::from_millis(39)).admitted);
        assert!(limiter.take(&one, Duration::from_millis(40)).admitted);
    }

    #[test]
    fn without_a_limit_there_are_no_headers() {
        let limiter = Limiter::new(None);
        let app = AppId::parse("one").unwrap();
        for _ in 0..1000 {
            assert!(limiter.take(&app, Duration::ZERO).admitted);
        }
        assert_eq!(headers(limiter.take(&app, Duration::ZERO)), []);
        let mut unknown = HeaderMap::new();
        limiter.write_unused(&mut unknown);
        assert!(unknown.is_empty());
    }

    #[test]
    fn an_unknown_caller_sees_the_limit_unused() {
        let limiter = Limiter::new(NonZeroU32::new(5));
        let mut unknown = HeaderMap::new();
        limiter.write_unused(&mut unknown);
        assert_eq!(unknown[LIMIT], "5");
        assert_eq!(unknown[REMAINING], "5");
        assert_eq!(unknown[RESET], "0");
        let mut known = HeaderMap::new();
        limiter.take(&AppId::parse("one").unwrap(), Duration::ZERO).write(&mut known);
        limiter.write_unused(&mut known);
        assert_eq!(known[REMAINING], "4");
    }

    #[test]
    fn a_limit_that_no_clock_could_tell_is_cut() {
        let limiter = Limiter::new(NonZeroU32::new(u32::MAX));
        assert!(limiter.take(&AppId::parse("one").unwrap(), Duration::ZERO).admitted);
    }
}
