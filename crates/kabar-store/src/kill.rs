//! Points at which a test can have the process end at once, as a power cut would end it between two lines of the program.
//!
//! Each stands at an edge of a window in which a crash could lose or double something: on both sides of a commit, and
//! around a call to the upstream. They are there in builds with debug assertions alone; in any other build a switch can't
//! be armed, and reaching a point is nothing.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
#[cfg(debug_assertions)]
use std::sync::atomic::Ordering;

macro_rules! points {
    ($($(#[doc = $doc:literal])+ $point:ident = $name:literal,)+) => {
        /// Where the process can be ended.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum KillPoint {
            $($(#[doc = $doc])+ $point,)+
        }

        impl KillPoint {
            /// Every point there is.
            pub const ALL: &'static [Self] = &[$(Self::$point,)+];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$point => $name,)+
                }
            }
        }
    };
}

points! {
    /// Messages are accepted, and not committed yet.
    BeforeAccept = "accept.before-commit",
    /// They are on disk, and nobody has been answered.
    AfterAccept = "accept.after-commit",
    /// Attempts are begun, and not committed yet.
    BeforeBegin = "begin.before-commit",
    /// They are on disk as begun, and no call has been made.
    AfterBegin = "begin.after-commit",
    /// A call is about to be made, and not noted yet.
    BeforeNote = "call.before-note",
    /// It is noted, and no byte of it has left.
    AfterNote = "call.noted",
    /// Its answer is here, and known to nobody else.
    Answered = "call.answered",
    /// Outcomes are written, and not committed yet.
    BeforeSettle = "settle.before-commit",
    /// They are on disk.
    AfterSettle = "settle.after-commit",
    /// What a webhook call reports is written, and not committed yet.
    BeforeRecord = "record.before-commit",
    /// It is on disk, and the call has not been answered.
    AfterRecord = "record.after-commit",
    /// A webhook call is kept, and not committed yet.
    BeforeJournal = "journal.before-commit",
    /// It is on disk, and has not been answered.
    AfterJournal = "journal.after-commit",
    /// A message is taken back, and that is not committed yet.
    BeforeCancel = "cancel.before-commit",
    /// It is on disk, and nobody has been answered.
    AfterCancel = "cancel.after-commit",
    /// A message is put in the place of one that failed, and not committed yet.
    BeforeRetry = "retry.before-commit",
    /// It is on disk, and nobody has been answered.
    AfterRetry = "retry.after-commit",
    /// What is out of time has ended, and that is not committed yet.
    BeforeExpire = "expire.before-commit",
    /// It is on disk.
    AfterExpire = "expire.after-commit",
    /// The wish that a recipient is erased is written, and not committed yet.
    BeforeErase = "erase.before-commit",
    /// It is on disk, and nobody has been answered.
    AfterErase = "erase.after-commit",
    /// A part of what an earlier process left under way is put in order, and not committed yet.
    BeforeRecover = "recover.before-commit",
    /// It is on disk.
    AfterRecover = "recover.after-commit",
    /// Fresh notes of calls lie beside the old ones.
    BeforeRename = "notes.before-rename",
    /// They have taken the place of the old ones.
    AfterRename = "notes.after-rename",
    /// A file that messages name is uploaded to the upstream, and nobody else knows.
    MediaUploaded = "media.uploaded",
    /// That is written, and not committed yet.
    BeforeKeepMedia = "media.before-commit",
    /// It is on disk, and no message goes by it yet.
    AfterKeepMedia = "media.after-commit",
    /// A template is about to be created upstream.
    BeforeCreate = "template.before-call",
    /// The upstream has created it, and nobody else knows.
    Created = "template.created",
    /// It is written, and not committed yet.
    BeforePut = "template.before-commit",
    /// It is on disk, and nobody has been answered.
    AfterPut = "template.after-commit",
}

impl fmt::Display for KillPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Ends the process at one point, or never.
#[derive(Debug, Clone, Default)]
pub struct KillSwitch(Option<Arc<Armed>>);

#[derive(Debug)]
#[cfg_attr(not(debug_assertions), expect(dead_code, reason = "a switch of this build can't be armed"))]
struct Armed {
    point: KillPoint,
    /// How often the point is passed before.
    passes: AtomicU64,
}

/// Why a switch can't be armed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotArm {
    /// The build has no kill points.
    #[error("this program was built without kill points; they need debug assertions")]
    NotInThisBuild,
    /// The text is no `name` or `name:n`.
    #[error("`{0}` is no kill point; a kill point is a name, or name:n for the n-th time it is reached")]
    NoSuchPoint(String),
}

impl FromStr for KillSwitch {
    type Err = CannotArm;

    /// A point's name, or `name:n` to end the process when it is reached the n-th time.
    fn from_str(text: &str) -> Result<Self, CannotArm> {
        if !cfg!(debug_assertions) {
            return Err(CannotArm::NotInThisBuild);
        }
        let (name, nth) = text.split_once(':').unwrap_or((text, "1"));
        let point = KillPoint::ALL.iter().find(|point| point.name() == name);
        match (point, nth.parse::<u64>()) {
            (Some(point), Ok(nth @ 1..)) => {
                Ok(Self(Some(Arc::new(Armed { point: *point, passes: AtomicU64::new(nth - 1) }))))
            }
            _ => Err(CannotArm::NoSuchPoint(text.to_owned())),
        }
    }
}

impl KillSwitch {
    /// A switch that never ends the process.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// Says that a point is reached. If the switch is armed for it, the process ends here: nothing is unwound, flushed or
    /// closed.
    #[inline]
    pub fn reach(&self, point: KillPoint) {
        #[cfg(debug_assertions)]
        if let Some(armed) = &self.0
            && armed.point == point
            && armed.passes.try_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err()
        {
            std::process::abort();
        }
        #[cfg(not(debug_assertions))]
        let _: KillPoint = point;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_say_where() {
        for point in KillPoint::ALL {
            assert_eq!(KillPoint::ALL.iter().filter(|other| other.name() == point.name()).count(), 1, "{point}");
        }
    }

    #[cfg(debug_assertions)]
    #[test]
    fn a_switch_is_armed_by_a_name_and_a_count() {
        let switch: KillSwitch = "accept.after-commit:3".parse().unwrap();
        // Twice it is passed, and other points are never hers.
        for point in [KillPoint::AfterAccept, KillPoint::BeforeAccept, KillPoint::AfterAccept] {
            switch.reach(point);
        }
        for wrong in ["", "accept", "accept.after-commit:0", "accept.after-commit:x"] {
            assert_eq!(wrong.parse::<KillSwitch>().unwrap_err(), CannotArm::NoSuchPoint(wrong.to_owned()));
        }
        KillSwitch::off().reach(KillPoint::AfterAccept);
    }
}
