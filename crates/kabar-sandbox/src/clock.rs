//! What time is it? The wall clock is read once, when the sandbox opens; from then on time goes on as `tokio::time` goes
//! on, so that what is due and what sleeps never disagree.

use jiff::Timestamp;
use tokio::time::Instant;

/// A clock that starts at the wall clock's time and follows `tokio::time` afterwards.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    origin_ms: i64,
    started: Instant,
}

impl Clock {
    /// Reads the wall clock; the only place of this crate that does.
    pub(crate) fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
        let now = Timestamp::now();
        Self { origin_ms: now.as_millisecond(), started: Instant::now() }
    }

    /// Milliseconds since 1970, UTC.
    pub(crate) fn now_ms(&self) -> i64 {
        let elapsed = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.origin_ms.saturating_add(elapsed)
    }
}

/// RFC 3339 in UTC with milliseconds, as the ledger shows time.
pub(crate) fn rfc3339(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |time| format!("{time:.3}"))
}

/// The form of the Graph API's `datetime` fields, for example `2026-01-31T08:00:00+0000`.
pub(crate) fn graph_datetime(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| ms.to_string(), |time| time.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_two_forms_of_the_wire() {
        assert_eq!(rfc3339(1_767_225_600_007), "2026-01-01T00:00:00.007Z");
        assert_eq!(rfc3339(1_767_225_600_000), "2026-01-01T00:00:00.000Z");
        assert_eq!(graph_datetime(1_767_225_600_007), "2026-01-01T00:00:00+0000");
    }

    #[tokio::test(start_paused = true)]
    async fn the_clock_follows_the_runtimes_time() {
        let clock = Clock::start();
        let before = clock.now_ms();
        tokio::time::advance(std::time::Duration::from_secs(3600)).await;
        assert_eq!(clock.now_ms() - before, 3_600_000);
    }
}
