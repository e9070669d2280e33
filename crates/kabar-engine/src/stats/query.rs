//! Which days are asked for, in which time zone, and what their messages are told apart by.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan as _};
use kabar_domain::clock::Moment;
use kabar_domain::fault::{Fault, Faults, Path};
use kabar_domain::rule::Rule;

/// How many days can be asked for at once: a year and a day, so that a leap year is one as well.
const MOST_DAYS: i32 = 367;
/// How many days there are, unless it is said otherwise.
const USUAL_DAYS: i64 = 7;
/// Before this no zone need be known to the second.
const EARLIEST: Date = jiff::civil::date(2000, 1, 1);

/// What messages are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// The day of their acceptance.
    Day,
    /// Their template.
    Template,
    /// Their sender.
    Sender,
    /// As what they are charged.
    Category,
}

impl By {
    /// Every one, with its name.
    pub const NAMES: [(&'static str, Self); 4] =
        [("day", Self::Day), ("template", Self::Template), ("sender", Self::Sender), ("category", Self::Category)];
}

/// What is asked for, as it was written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// The first day, such as `2026-11-01`.
    pub from: Option<&'a str>,
    /// The last day.
    pub to: Option<&'a str>,
    /// Names of [`By`] with commas between.
    pub by: Option<&'a str>,
    /// A time zone, such as `Asia/Jakarta`, `+07:00` or `UTC`.
    pub timezone: Option<&'a str>,
}

/// A time zone.
#[derive(Debug, Clone)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Query {
    from: Date,
    to: Date,
    /// What messages are told apart by, in the order of [`By::NAMES`].
    pub by: Vec<By>,
    /// In which zone days begin and end.
    pub zone: Zone,
}

impl Zone {
    /// Reads a zone: `UTC`, an offset such as `+07:00` in quarters of an hour, or a name that this machine's database of
    /// time zones has.
    pub fn parse(text: &str) -> Option<Self> {
        // In an address, a plus that is not written as %2B arrives as a blank.
        let text = text.trim();
        if text.eq_ignore_ascii_case("UTC") || text == "Z" {
            return Some(Self { name: "UTC".to_owned(), zone: TimeZone::UTC });
        }
        if text.starts_with(['+', '-']) || text.starts_with(|c: char| c.is_ascii_digit()) {
            let (sign, digits) = match text.split_at_checked(1) {
                Some(("-", rest)) => (-1, rest),
                Some(("+", rest)) => (1, rest),
                _ => (1, text),
            };
            let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "00"));
            let number = |text: &str| {
                (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<i32>().ok())?
            };
            let (hours, minutes) = (number(hours)?, number(minutes)?);
            if hours > 14 || minutes > 59 || minutes % 15 != 0 {
                return None;
            }
            let offset = Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()?;
            let name = format!("{}{hours:02}:{minutes:02}", if sign < 0 { '-' } else { '+' });
            return Some(Self { name, zone: TimeZone::fixed(offset) });
        }
        TimeZone::get(text).ok().map(|zone| Self { name: zone.iana_name().unwrap_or(text).to_owned(), zone })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day of a moment.
    pub fn day_of(&self, at: Moment) -> String {
        self.date_of(at).to_string()
    }

    fn date_of(&self, at: Moment) -> Date {
        let at = Timestamp::from_millisecond(at.as_millis()).unwrap_or(Timestamp::UNIX_EPOCH);
        at.to_zoned(self.zone.clone()).date()
    }

    /// The first moment of a day.
    fn begin(&self, day: Date) -> Moment {
        let begin = day.to_zoned(self.zone.clone()).and_then(|day| day.start_of_day());
        Moment::from_millis(begin.map_or(0, |begin| begin.timestamp().as_millisecond()))
    }
}

impl Query {
    /// Reads what is asked for, or tells everything that is wrong with it. The last day is today unless it is said, the
    /// first one six days before it, and the zone UTC.
    pub fn parse(asked: Asked<'_>, now: Moment) -> Result<Self, Faults> {
        let mut faults = Faults::none();
        let mut wrong = |key: &'static str, choices: &str| {
            faults.push(Fault::new(Path::root().key(key), Rule::NotOneOf).with("choices", choices));
        };
        let zone = asked.timezone.map_or_else(|| Zone::parse("UTC"), Zone::parse);
        if zone.is_none() {
            wrong("timezone", "UTC, +07:00, Asia/Jakarta, …");
        }
        let zone = zone.unwrap_or(Zone { name: "UTC".to_owned(), zone: TimeZone::UTC });
        let day = |text: &str| {
            text.parse::<Date>().ok().filter(|day| text.len() == 10 && *day >= EARLIEST && day.year() < 9000)
        };
        let to = asked.to.map_or_else(|| Some(zone.date_of(now)), day);
        if to.is_none() {
            wrong("to", "YYYY-MM-DD");
        }
        let to = to.unwrap_or_else(|| zone.date_of(now));
        let usual = to.saturating_sub((USUAL_DAYS - 1).days());
        let from = asked.from.map_or(Some(usual), day);
        match from {
            None => wrong("from", "YYYY-MM-DD"),
            Some(from) => {
                let n_days = (to - from).get_days() + 1;
                if !(1..=MOST_DAYS).contains(&n_days) {
                    wrong("from", &format!("{} … {to}", to.saturating_sub((i64::from(MOST_DAYS) - 1).days())));
                }
            }
        }
        let mut by = Vec::new();
        for name in asked.by.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match By::NAMES.iter().find(|(known, _)| *known == name) {
                Some((_, known)) => by.push(*known),
                None => wrong("by", "day, template, sender, category"),
            }
        }
        by.sort_unstable();
        by.dedup();
        faults.or(Self { from: from.unwrap_or(usual), to, by, zone })
    }

    /// From when, and until before when.
    pub fn span(&self) -> (Moment, Moment) {
        (self.zone.begin(self.from), self.zone.begin(self.to.saturating_add(1.days())))
    }

    /// The first day and the last.
    pub fn days(&self) -> (String, String) {
        (self.from.to_string(), self.to.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Moment {
        Moment::parse("2026-11-21T20:00:00Z").unwrap()
    }

    fn moments(asked: Asked<'_>) -> (String, String) {
        let (from, to) = Query::parse(asked, now()).unwrap().span();
        (from.to_string(), to.to_string())
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let utc = moments(Asked::default());
        assert_eq!(utc, ("2026-11-15T00:00:00.000Z".to_owned(), "2026-11-22T00:00:00.000Z".to_owned()));
        for timezone in ["+07:00", " 07:00", "+07"] {
            let jakarta = moments(Asked { from: Some("2026-11-01"), timezone: Some(timezone), ..Asked::default() });
            let expected = ("2026-10-31T17:00:00.000Z".to_owned(), "2026-11-22T17:00:00.000Z".to_owned());
            assert_eq!(jakarta, expected, "today is a day further there");
        }
        let zone = Zone::parse("-03:30").unwrap();
        assert_eq!((zone.name(), zone.day_of(Moment::from_seconds(0)).as_str()), ("-03:30", "1969-12-31"));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let asked =
            Asked { from: Some("1 Nov"), to: Some("2026-02-30"), by: Some("day,week"), timezone: Some("+07:10") };
        let paths: Vec<String> =
            Query::parse(asked, now()).unwrap_err().iter().map(|fault| fault.path.to_string()).collect();
        assert_eq!(paths, ["timezone", "to", "from", "by"]);
        for (from, to) in [("2026-11-02", "2026-11-01"), ("2025-11-01", "2026-11-21")] {
            assert!(Query::parse(Asked { from: Some(from), to: Some(to), ..Asked::default() }, now()).is_err());
        }
        let by = Query::parse(Asked { by: Some("category, day,day"), ..Asked::default() }, now()).unwrap().by;
        assert_eq!(by, [By::Day, By::Category]);
    }
}
