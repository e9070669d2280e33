//! Notes on a message's way: what is worth telling of it beside the states that it came to.

use crate::clock::Moment;

/// What happened, or held the message up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoteKind {
    /// The upstream refused it for good.
    Refused,
    /// The upstream refused it for now; it is tried again.
    RefusedForNow,
    /// A call was made, and its answer was lost.
    AnswerLost,
    /// The program ended while a call may have been under way.
    Interrupted,
    /// No report came in time for a message in doubt, and it is sent again.
    SentAgain,
    /// The call surely did not reach the upstream; its sender is held until it can be reached.
    Unreachable,
    /// The sender has no access token.
    NoToken,
    /// The upstream refuses whatever the sender does, until a person puts something right.
    SenderRefused,
    /// The upstream is at work on the sender, or asks that it be left alone for a while.
    SenderPaused,
    /// The recipient had as many messages of the sender as it may within a short time.
    PairLimit,
    /// The account has written to as many recipients as it may within a day.
    DailyLimit,
    /// It is held until its template is well again.
    TemplateHeld,
    /// It is held until a file that it names is there.
    MediaHeld,
    /// What it was held for is put right.
    Released,
}

impl NoteKind {
    /// Every kind, with its name, which never changes.
    pub const NAMES: [(&str, Self); 14] = [
        ("refused", Self::Refused),
        ("refused_for_now", Self::RefusedForNow),
        ("answer_lost", Self::AnswerLost),
        ("interrupted", Self::Interrupted),
        ("sent_again", Self::SentAgain),
        ("unreachable", Self::Unreachable),
        ("no_token", Self::NoToken),
        ("sender_refused", Self::SenderRefused),
        ("sender_paused", Self::SenderPaused),
        ("pair_limit", Self::PairLimit),
        ("daily_limit", Self::DailyLimit),
        ("template_held", Self::TemplateHeld),
        ("media_held", Self::MediaHeld),
        ("released", Self::Released),
    ];

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(one, _)| *one == name).map(|(_, kind)| *kind)
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// Whether a call was made for it.
    pub const fn is_attempt(self) -> bool {
        match self {
            Self::Refused
            | Self::RefusedForNow
            | Self::AnswerLost
            | Self::Interrupted
            | Self::Unreachable
            | Self::SenderRefused
            | Self::SenderPaused => true,
            Self::SentAgain
            | Self::NoToken
            | Self::PairLimit
            | Self::DailyLimit
            | Self::TemplateHeld
            | Self::MediaHeld
            | Self::Released => false,
        }
    }
}

/// What the upstream answered, without any value of the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status of the answer.
    pub http_status: Option<u16>,
    /// The upstream's number.
    pub code: Option<u32>,
    /// Its finer number.
    pub subcode: Option<u32>,
    /// What it said, with values of the message blanked out.
    pub text: Option<String>,
    /// What to quote to the upstream's support.
    pub trace: Option<String>,
}

/// One note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What happened.
    pub kind: NoteKind,
    /// Which attempt it was, or would have been, from 1.
    pub attempt: u32,
    /// When.
    pub at: Moment,
    /// Until when the message waits after that, if a moment is known.
    pub due: Option<Moment>,
    /// What was answered.
    pub answer: Answer,
}

/// A note as it is kept: the newest of several in a row that say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptNote {
    /// From 1, in the order in which they came; a gap is where notes are no longer kept.
    pub place: u32,
    /// The newest of them.
    pub note: Note,
    /// When the first of them was.
    pub first_at: Moment,
    /// How many they were.
    pub times: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for (name, kind) in NoteKind::NAMES {
            assert_eq!((NoteKind::parse(name), kind.as_str()), (Some(kind), name));
        }
        assert_eq!(NoteKind::parse("other"), None);
    }
}
