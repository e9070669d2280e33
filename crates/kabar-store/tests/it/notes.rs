//! What is noted on a message's way.

use kabar_domain::message::{Answer, Note, NoteKind};
use kabar_store::ledger::{Begun, Hold, Noted, Outcome, Told, Verdict};

use crate::make::{PATIENCE, accept, app_id, at, begin, begun, settle, submitted, utility};
use crate::place::Place;

on_every_engine!(
    the_plain_way_leaves_no_note,
    what_is_said_in_a_row_is_one_note,
    only_so_many_notes_are_kept,
    a_hold_and_its_end_are_noted,
    a_crash_is_noted,
);

async fn told(store: &kabar_store::Store, message: &Begun) -> Told {
    store.noted(&app_id("demo"), message.msgid).await.unwrap().unwrap()
}

/// That it is refused for now at this second.
fn refused(message: &Begun, second: u64, code: u32) -> Noted {
    let answer = Answer {
        http_status: Some(400),
        code: Some(code),
        subcode: Some(7),
        text: Some(format!("no, at {second}")),
        trace: Some("AxYz".to_owned()),
    };
    let due = Some(at(second + 1));
    let kind = NoteKind::RefusedForNow;
    let note = Note { kind, attempt: message.attempt, at: at(second), due, answer };
    let outcome = Outcome { key: message.key, at: at(second), verdict: Verdict::Later { due: at(second + 1) } };
    Noted { outcome, note: Some(Box::new(note)) }
}

async fn the_plain_way_leaves_no_note(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    settle(&store, one.key, at(1), submitted("wamid.1")).await;
    let told = told(&store, &one).await;
    assert_eq!((told.notes.len(), told.attempts, &told.lane), (0, 1, &utility()));
    assert_eq!(store.noted(&app_id("other"), one.msgid).await.unwrap(), None);
    assert_eq!(store.app_of(one.msgid).await.unwrap(), Some(app_id("demo")));
}

async fn what_is_said_in_a_row_is_one_note(place: Place) {
    let store = place.open().await;
    let mut one = begun(&store, &utility()).await;
    for second in [1, 3, 5] {
        store.settle(vec![refused(&one, second, 131_000)]).await.unwrap();
        one = begin(&store, &utility(), 1, at(second + 1)).await.remove(0);
    }
    store.settle(vec![refused(&one, 7, 131_016)]).await.unwrap();
    let notes = told(&store, &one).await.notes;
    let lines: Vec<_> = notes.iter().map(|kept| (kept.place, kept.times, kept.first_at, kept.note.at)).collect();
    assert_eq!(lines, [(1, 3, at(1), at(5)), (2, 1, at(7), at(7))]);
    assert_eq!(notes[0].note, *refused(&Begun { attempt: 3, ..one.clone() }, 5, 131_000).note.unwrap());
}

async fn only_so_many_notes_are_kept(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    for second in 0..1000 {
        // Never twice the same in a row.
        let code = 1 + u32::try_from(second).unwrap();
        store.settle(vec![refused(&one, second, code)]).await.unwrap();
    }
    let notes = told(&store, &one).await.notes;
    let places: Vec<u32> = notes.iter().map(|kept| kept.place).collect();
    assert_eq!(places, (1..=8).chain(977..=1000).collect::<Vec<u32>>());
}

async fn a_hold_and_its_end_are_noted(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    let hold = Hold::Template(7);
    let note = Note { kind: NoteKind::TemplateHeld, attempt: 1, at: at(1), due: None, answer: Answer::default() };
    let outcome = Outcome { key: one.key, at: at(1), verdict: Verdict::Held { on: hold.clone() } };
    store.settle(vec![Noted { outcome, note: Some(Box::new(note)) }]).await.unwrap();
    store.release_held(&hold, at(9)).await.unwrap();
    let kinds: Vec<_> = told(&store, &one).await.notes.iter().map(|kept| (kept.note.kind, kept.note.at)).collect();
    assert_eq!(kinds, [(NoteKind::TemplateHeld, at(1)), (NoteKind::Released, at(9))]);
}

async fn a_crash_is_noted(place: Place) {
    let store = place.open().await;
    accept(&store, &utility(), 1).await;
    let one = begin(&store, &utility(), 1, at(0)).await.remove(0);
    store.note_calls(&[one.key]);
    store.close().await;
    let store = place.open().await;
    assert_eq!(store.recover(at(5), PATIENCE).await.unwrap().in_doubt, 1);
    let notes = told(&store, &one).await.notes;
    assert_eq!((notes[0].note.kind, notes[0].note.due), (NoteKind::Interrupted, Some(at(605))));
}
