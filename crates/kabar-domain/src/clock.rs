//! The one place where the time of day and fresh ids come from, so that tests can fix both.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use uuid::Uuid;

use crate::ids::Msgid;

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// The moment that many milliseconds after the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The moment that many seconds after the Unix epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Reads an ISO 8601 time with its zone, such as `2026-11-21T22:32:00Z`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|timestamp| Self(timestamp.as_millisecond()))
    }

    /// Reads the date of an HTTP header, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let parsed = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text);
        parsed.ok().map(|timestamp| Self(timestamp.as_millisecond()))
    }

    /// The moment `wait` later; durations beyond the range of the clock stop at its end.
    pub fn plus(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The moment `wait` earlier; durations beyond the range of the clock stop at its beginning.
    pub fn minus(self, wait: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long it is from `earlier` to this moment; nothing when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// ISO 8601 in UTC with milliseconds, such as `2024-03-01T03:22:58.073Z`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timestamp = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::MAX);
        write!(f, "{timestamp:.3}")
    }
}

/// Tells the time of day. Cheap to clone; clones of a manual clock show the same time.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    /// The machine's, put forward by so many milliseconds, or back.
    Stepped(Arc<AtomicI64>),
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The clock of the machine.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// The clock of the machine, ahead of it by so many milliseconds as `offset` holds just now: a wall clock that is set
    /// while programs run.
    pub const fn stepped(offset: Arc<AtomicI64>) -> Self {
        Self(Source::Stepped(offset))
    }

    /// A clock that stands still until it is moved by [`Clock::advance`].
    pub fn manual(start: Moment) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(start.0))))
    }

    /// The time now.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that all others ask")]
    pub fn now(&self) -> Moment {
        match &self.0 {
            Source::System => Moment(jiff::Timestamp::now().as_millisecond()),
            Source::Stepped(offset) => {
                Moment(jiff::Timestamp::now().as_millisecond().saturating_add(offset.load(Ordering::SeqCst)))
            }
            Source::Manual(millis) => Moment(millis.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock forward; the machine's clock takes no orders and stays as it is.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(millis) = &self.0 {
            millis.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// A fresh message id that sorts after every earlier one of this process.
    #[expect(clippy::disallowed_methods, reason = "this is where message ids come from")]
    pub fn msgid(&self) -> Msgid {
        Msgid::from_uuid(Uuid::now_v7())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_with_milliseconds_in_utc() {
        assert_eq!(Moment::from_millis(1_709_263_378_073).to_string(), "2024-03-01T03:22:58.073Z");
        assert_eq!(Moment::from_seconds(0).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_moment_is_read_in_any_zone_and_only_with_one() {
        let moment = Moment::from_millis(1_709_263_378_073);
        assert_eq!(Moment::parse(&moment.to_string()), Some(moment));
        assert_eq!(Moment::parse("2024-03-01T10:22:58.073+07:00"), Some(moment));
        for bad in ["", "2024-03-01", "2024-03-01T10:22:58", "yesterday", "1709263378"] {
            assert_eq!(Moment::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_date_of_a_header_is_read() {
        assert_eq!(Moment::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Moment::from_seconds(784_111_777)));
        assert_eq!(Moment::parse_http_date("120"), None);
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = Clock::manual(Moment::from_seconds(10));
        let same = clock.clone();
        assert_eq!(clock.now(), Moment::from_seconds(10));
        same.advance(Duration::from_secs(5));
        assert_eq!(clock.now(), Moment::from_seconds(15));
        assert_eq!(clock.now().since(Moment::from_seconds(12)), Duration::from_secs(3));
        assert_eq!(Moment::from_seconds(12).since(clock.now()), Duration::ZERO);
    }
}
