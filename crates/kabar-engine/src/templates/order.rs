//! Which news of a template counts.
//!
//! News comes on three ways that know nothing of each other: the upstream's webhooks, which may be late, doubled or out of
//! order; readings, which tell what was so at some moment since they began; and the answers to our own calls. Three sides
//! of a template are told apart, since each is reported by itself: its status, its quality and its category. The components
//! are never reported, only read. The rules:
//!
//! 1. **A webhook against webhooks.** A report carries the upstream's time, in whole seconds. One that is older than the
//!    newest report about the same side is not news. That time is kept with the template, so that it outlives a restart.
//! 2. **A reading against what came meanwhile.** Everything that is learnt in this process has a number that only grows
//!    ([`Mark`]). A reading takes its number before its call, and changes no side that was told since: by a webhook, by our
//!    own call, or by a reading that began later. Our clock has no part in this, so it may be set while a reading is under way.
//! 3. **A webhook against a reading.** A report of before the last reading began was known to that reading already. This
//!    compares two clocks, so it holds only for reports that are older by more than [`CLOCKS_DIFFER`].
//! 4. **Whatever is doubtful is read again at once**: a report that is dropped as old though it contradicts what is known (so
//!    a wrong clock costs one reading, not the truth), one of the same second as the last, one too close to a reading.
//! 5. **What webhooks do not carry is read before they are answered**: changed components, a way back from the archive, words
//!    that we do not know, a template that was made elsewhere.
//! 6. **Our own calls.** What the upstream is about to tell of a template that is just being created is kept until the answer
//!    is there, and then counts more than the answer. After an edit the template is pending until something newer says
//!    otherwise; its new components, and with them the contract, hold when the upstream shows them. A template that we
//!    deleted can't come back by a reading that began before.
//! 7. **A send** goes by what is in memory at its door, and is judged once more right before its call.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kabar_domain::clock::Moment;

/// By how much our clock and the upstream's may differ before one of them is wrong; the second to which the upstream rounds
/// is within it.
pub(super) const CLOCKS_DIFFER: Duration = Duration::from_secs(5);

/// The number of something that was learnt; what came later has a greater one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark(u64);

/// Gives out marks.
#[derive(Debug, Default)]
pub(super) struct Marks(AtomicU64);

impl Marks {
    /// A mark greater than all before.
    pub(super) fn next(&self) -> Mark {
        Mark(self.0.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

/// When each side of a template was last told, by the order of this process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    pub(super) status: Mark,
    pub(super) quality: Mark,
    pub(super) category: Mark,
    pub(super) components: Mark,
    /// When the last reading that saw it began, by our clock.
    pub(super) read_at: Option<Moment>,
}

impl Touched {
    /// All of it was told at once.
    pub(super) const fn all(mark: Mark) -> Self {
        Self { status: mark, quality: mark, category: mark, components: mark, read_at: None }
    }

    /// When anything of it was last told.
    pub(super) fn newest(&self) -> Mark {
        self.status.max(self.quality).max(self.category).max(self.components)
    }

    /// A reading that began with this mark, at this moment, told each side that was not told since.
    pub(super) fn read(&mut self, begun: Mark, at: Moment) {
        for side in [&mut self.status, &mut self.quality, &mut self.category, &mut self.components] {
            *side = (*side).max(begun);
        }
        self.read_at = self.read_at.max(Some(at));
    }
}

/// What a report is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    /// It counts.
    News,
    /// It counts, and nobody can be sure: if it changes something, the template is read.
    Close,
    /// It does not count. If it says something else than is known, the template is read.
    Old,
}

/// What a report of the moment `at` is worth, when the newest one about the same side is of `told_at` and the last reading
/// began at `read_at`.
pub(super) fn worth(at: Option<Moment>, told_at: Option<Moment>, read_at: Option<Moment>) -> Worth {
    let Some(at) = at else { return Worth::Close };
    let against_reports = match told_at {
        Some(told_at) if at < told_at => Worth::Old,
        Some(told_at) if at == told_at => Worth::Close,
        Some(_) | None => Worth::News,
    };
    let against_reading = match read_at {
        Some(read_at) if at.plus(CLOCKS_DIFFER) < read_at => Worth::Old,
        Some(read_at) if at <= read_at.plus(CLOCKS_DIFFER) => Worth::Close,
        Some(_) | None => Worth::News,
    };
    match (against_reports, against_reading) {
        (Worth::Old, _) | (_, Worth::Old) => Worth::Old,
        (Worth::Close, _) | (_, Worth::Close) => Worth::Close,
        (Worth::News, Worth::News) => Worth::News,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Option<Moment> {
        Some(Moment::from_seconds(1_800_000_000 + seconds))
    }

    #[test]
    fn a_report_is_weighed_against_reports_and_readings() {
        let cases = [
            (at(10), None, None, Worth::News),
            (at(10), at(9), None, Worth::News),
            (at(10), at(10), None, Worth::Close),
            (at(9), at(10), None, Worth::Old),
            (at(100), at(10), at(94), Worth::News),
            (at(100), None, at(95), Worth::Close),
            (at(100), None, at(105), Worth::Close),
            (at(100), None, at(106), Worth::Old),
            (at(100), at(101), at(50), Worth::Old),
            (at(100), at(100), at(50), Worth::Close),
            (at(100), at(99), at(106), Worth::Old),
            (None, at(100), at(100), Worth::Close),
        ];
        for (reported, told, read, expected) in cases {
            assert_eq!(worth(reported, told, read), expected, "{reported:?} {told:?} {read:?}");
        }
    }

    #[test]
    fn a_reading_tells_only_what_was_not_told_since_it_began() {
        let marks = Marks::default();
        let mut touched = Touched::all(marks.next());
        let begun = marks.next();
        touched.status = marks.next();
        let before = touched;
        touched.read(begun, Moment::from_seconds(7));
        assert_eq!(touched.status, before.status);
        assert_eq!((touched.quality, touched.read_at), (begun, Some(Moment::from_seconds(7))));
        assert_eq!(touched.newest(), before.status);
        // One that began earlier, and ends later, changes nothing any more.
        let again = touched;
        touched.read(Mark(1), Moment::from_seconds(3));
        assert_eq!(touched, again);
    }
}
