use kabar_domain::clock::Clock;
use kabar_domain::ids::SenderId;
use kabar_domain::template::contract::MediaKind;

use super::*;

const START: Moment = Moment::from_seconds(1_700_000_000);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn key(n: u32) -> FileKey {
    FileKey::of(&SenderId::parse("100").unwrap(), MediaKind::Image, &format!("https://a.example/{n}.png"))
}

fn media(n: u32, uploaded_at: Moment) -> SentMedia {
    SentMedia {
        key: key(n),
        media_id: format!("88{n}"),
        sha256: [1; 32],
        etag: None,
        last_modified: None,
        uploaded_at,
        checked_at: uploaded_at,
    }
}

fn msgid() -> Msgid {
    Clock::system().msgid()
}

fn look(known: &mut Known, n: u32, now: Moment) -> Look {
    known.look(key(n), msgid(), now.plus(DAY), now)
}

fn ready(n: u32) -> Look {
    Look::Ready { id: format!("88{n}"), is_shared: true }
}

#[test]
fn one_has_it_fetched_and_the_others_wait_for_the_same() {
    let mut known = Known::default();
    let (one, other) = (msgid(), msgid());
    assert_eq!(known.look(key(1), one, START.plus(DAY), START), Look::Unknown);
    known.start(key(1), one, START.plus(DAY));
    assert_eq!(known.look(key(1), other, START.plus(2 * DAY), START), Look::Coming { is_shared: true });
    assert_eq!(known.look(key(1), one, START.plus(DAY), START), Look::Coming { is_shared: false });
    assert_eq!(known.waited_for_until(key(1)), Some(START.plus(2 * DAY)), "as long as anybody waits");
    assert!(known.is_coming(key(1)) && !known.is_coming(key(2)));
    known.came(key(1), Came::Kept(media(1, START), START.plus(HOUR)), START);
    assert!(!known.is_coming(key(1)));
    assert_eq!(known.look(key(1), one, START.plus(DAY), START), Look::Ready { id: "881".to_owned(), is_shared: false });
    assert_eq!(look(&mut known, 1, START), ready(1));
}

#[test]
fn a_file_is_checked_and_renewed_in_time() {
    let mut known = Known::new(vec![media(1, START)], HOUR);
    assert_eq!(look(&mut known, 1, START.plus(HOUR / 2)), ready(1));
    assert_eq!(look(&mut known, 1, START.plus(HOUR)), Look::Due);
    // What was put off holds, until the upstream may have forgotten the file.
    let late = START.plus(26 * DAY);
    assert!(is_to_be_renewed(&media(1, START), late) && !is_to_be_renewed(&media(1, START), START.plus(24 * DAY)));
    known.came(key(1), Came::Kept(media(1, START), late.plus(10 * DAY)), late);
    assert_eq!(look(&mut known, 1, late), ready(1));
    assert_eq!(look(&mut known, 1, START.plus(29 * DAY)), Look::Due);
}

#[test]
fn what_can_t_be_had_is_not_asked_for_again_for_a_while() {
    let mut known = Known::new(vec![media(1, START)], HOUR);
    let reason = Reason { code: 900_005, text: "the file is HTML".to_owned() };
    known.start(key(1), msgid(), START.plus(DAY));
    known.came(key(1), Came::Refused(reason.clone()), START);
    assert_eq!(look(&mut known, 1, START.plus(REFUSED_FOR / 2)), Look::Refused(reason));
    assert_eq!(look(&mut known, 1, START.plus(REFUSED_FOR)), Look::Unknown);
}

#[test]
fn an_id_that_the_upstream_does_not_know_is_given_up_a_few_times() {
    let mut known = Known::new(vec![media(1, START)], HOUR);
    for n in 0..MOST_DROPS {
        let now = START.plus(Duration::from_secs(u64::from(n)));
        assert!(known.drop_id(key(1), "881", now));
        assert!(known.drop_id(key(1), "881", now), "another message's, of the same id");
        assert_eq!(look(&mut known, 1, now), Look::Unknown);
        known.came(key(1), Came::Kept(media(1, START), START.plus(HOUR)), now);
    }
    let now = START.plus(DROPS_COUNTED / 2);
    assert!(known.drop_id(key(1), "880", now), "it is another by now");
    assert!(!known.drop_id(key(1), "881", now), "it is not the id");
    assert_eq!(look(&mut known, 1, now), ready(1));
    assert!(known.drop_id(key(1), "881", START.plus(DROPS_COUNTED)), "a while later it is believed again");
}

#[test]
fn what_is_too_old_or_too_much_is_forgotten() {
    let old: Vec<SentMedia> = (0..3).map(|n| media(n, START)).collect();
    let mut known = Known::new(old, HOUR);
    let now = START.plus(KEPT_UPSTREAM).plus(HOUR);
    known.came(key(7), Came::GivenUp, now);
    assert_eq!(known.sweep(now), START.plus(HOUR));
    assert!(known.files.is_empty());

    for n in 0..MOST_KEPT + 5 {
        let at = now.plus(Duration::from_secs(u64::from(n)));
        known.came(key(n), Came::Kept(media(n, at), at.plus(HOUR)), at);
    }
    known.sweep(now.plus(DAY));
    assert_eq!(known.files.len(), MOST_KEPT as usize);
    assert!(known.kept(key(4)).is_none() && known.kept(key(5)).is_some(), "the newest stay");
}
