use super::*;
use crate::message::{Answer, Event, Note};

fn at(seconds: i64) -> Moment {
    Moment::from_seconds(1000 + seconds)
}

fn event(seconds: i64, state: State) -> Event {
    Event { at: at(seconds), state, reason: None }
}

fn note(place: u32, seconds: i64, kind: NoteKind) -> KeptNote {
    let note = Note { kind, attempt: 1, at: at(seconds), due: None, answer: Answer::default() };
    KeptNote { place, note, first_at: at(seconds), times: 1 }
}

/// The names of the steps, and the advice.
fn told(events: Vec<Event>, notes: &[KeptNote], waits: Waits) -> (String, Advice) {
    let history = History::of(events);
    let lane = Lane { sender: "1".parse().unwrap(), class: crate::template::Category::Utility };
    let story = tell(
        &Facts {
            msgid: Msgid::from_uuid(uuid::Uuid::nil()),
            lane: &lane,
            template: None,
            wamid: None,
            state: history.state().unwrap(),
            attempts: 1,
            expires_at: at(600),
            waits,
            retry_of: None,
            retried_as: None,
            history: &history,
            notes,
            now: at(500),
        },
        |_, _| None,
    );
    let names: Vec<&str> = story.steps.iter().map(|step| step.what.name()).collect();
    (names.join(" "), story.advice)
}

#[test]
fn the_plain_way_needs_no_notes() {
    let events = || vec![event(0, State::Accepted), event(0, State::Submitted)];
    assert_eq!(told(events(), &[], Waits::Nothing), ("accepted lane attempt submitted".to_owned(), Advice::OnItsWay));
    let mut all = events();
    // The upstream tells whole seconds: it seems to be before the answer.
    all.extend([event(-1, State::Sent), event(2, State::Delivered)]);
    assert_eq!(
        told(all, &[], Waits::Nothing),
        ("accepted lane attempt submitted sent delivered".to_owned(), Advice::Arrived)
    );
}

#[test]
fn a_long_wait_for_its_turn_is_told() {
    let events = vec![event(0, State::Accepted), event(3, State::Submitted)];
    assert_eq!(told(events, &[], Waits::Nothing).0, "accepted lane turn attempt submitted");
}

#[test]
fn notes_stand_where_they_belong_and_gaps_are_told() {
    let notes = [note(1, 0, NoteKind::PairLimit), note(5, 4, NoteKind::AnswerLost)];
    let events = vec![event(0, State::Accepted), event(4, State::InDoubt)];
    assert_eq!(
        told(events, &notes, Waits::Report(at(100))),
        ("accepted lane pair_limit not_kept attempt waiting".to_owned(), Advice::InDoubt(at(100)))
    );
}

#[test]
fn what_it_waits_for_decides_what_is_to_be_done() {
    let cases = [
        (None, Waits::Turn, Advice::InLine(at(600))),
        (None, Waits::Answer, Advice::BeingSent),
        (Some(NoteKind::PairLimit), Waits::Retry(at(9)), Advice::PairLimit),
        (Some(NoteKind::DailyLimit), Waits::Retry(at(9)), Advice::DailyLimit),
        (Some(NoteKind::NoToken), Waits::Retry(at(9)), Advice::NoToken),
        (Some(NoteKind::Unreachable), Waits::Retry(at(9)), Advice::Unreachable),
        (Some(NoteKind::TemplateHeld), Waits::Template, Advice::TemplateHeld),
        (Some(NoteKind::Released), Waits::Retry(at(9)), Advice::InLine(at(600))),
        (None, Waits::Sender, Advice::SenderHeld),
    ];
    for (kind, waits, expected) in cases {
        let notes: Vec<KeptNote> = kind.into_iter().map(|kind| note(1, 1, kind)).collect();
        assert_eq!(told(vec![event(0, State::Accepted)], &notes, waits).1, expected, "{waits:?}");
    }
}

#[test]
fn an_end_of_our_own_is_known_by_its_words() {
    let (both, rest) = own_reason("the template drifted before the message left: paused").unwrap();
    assert_eq!((both.indonesian, rest), ("template berubah sebelum pesan berangkat", ": paused"));
    assert_eq!(own_reason("Message undeliverable"), None);
}
