use std::fmt::Write as _;
use std::time::Duration;

use kabar_domain::catalogue::{Locale, story as words};
use kabar_domain::ids::{AppId, Msgid};
use kabar_domain::message::{Answer, Event, History, KeptNote, Lane, Note, NoteKind, Reason, State, own_code};
use kabar_domain::phone::PhoneNumber;
use kabar_domain::pricing::{Kind, Model, Pricing};
use kabar_domain::template::Category;
use kabar_domain::template::contract::MediaKind;
use kabar_store::ledger::MessageView;
use kabar_store::media::FileKey;
use uuid::Uuid;

use super::*;

const START: Moment = Moment::from_seconds(1_764_288_000);

fn at(seconds: u64) -> Moment {
    START.plus(Duration::from_secs(seconds))
}

fn event(seconds: u64, state: State) -> Event {
    Event { at: at(seconds), state, reason: None }
}

fn ended(seconds: u64, state: State, code: u32, text: &str) -> Event {
    Event { at: at(seconds), state, reason: Some(Reason { code, text: text.to_owned() }) }
}

fn note(place: u32, seconds: u64, kind: NoteKind, due: Option<u64>) -> KeptNote {
    let note = Note { kind, attempt: place, at: at(seconds), due: due.map(at), answer: Answer::default() };
    KeptNote { place, note, first_at: at(seconds), times: 1 }
}

fn refused(mut kept: KeptNote, http_status: u16, code: u32, text: &str) -> KeptNote {
    kept.note.answer = Answer {
        http_status: Some(http_status),
        code: Some(code),
        subcode: None,
        text: Some(text.to_owned()),
        trace: Some("AxYz1".to_owned()),
    };
    kept
}

fn told(events: Vec<Event>, notes: Vec<KeptNote>, standing: Standing) -> Told {
    let mut all = vec![event(0, State::Accepted)];
    all.extend(events);
    Told {
        view: MessageView {
            msgid: Msgid::from_uuid(Uuid::from_u128(7)),
            app: AppId::parse("toko").unwrap(),
            recipient: PhoneNumber::parse("+6281234567890").unwrap(),
            template: 1,
            wamid: Some("wamid.HBgN".to_owned()),
            expires_at: at(86_400),
            standing,
            retry_of: None,
            retried_as: None,
            history: History::of(all),
        },
        lane: Lane { sender: "106540352242922".parse().unwrap(), class: Category::Marketing },
        template: Some("promo_april".to_owned()),
        attempts: notes.iter().map(|kept| kept.note.attempt).max().unwrap_or_default() + 1,
        pricing: None,
        notes,
    }
}

/// The story, without how every one begins.
fn end_of(told: &Told, locale: Locale, page: &mut String) {
    let story = story(told, None, at(3600));
    for step in story.steps.iter().filter(|step| !matches!(step.what.name(), "accepted" | "lane" | "turn")) {
        writeln!(page, "  [{}] {}", step.what.name(), words::text(step, locale)).unwrap();
    }
    writeln!(page, "  => {}", words::advice(&story, locale)).unwrap();
}

/// What the dispatcher makes of a refusal with this code, as it is kept.
fn by_answer(row: &errors::ErrorRow) -> Told {
    let kept = |kind, due| vec![refused(note(1, 1, kind, due), row.http_status, row.code, row.title)];
    let again = Standing::Again { due: at(7200) };
    match row.advice {
        Advice::Never | Advice::TemplateBlocked => {
            let end = ended(1, State::Rejected, row.code, row.title);
            told(vec![end], kept(NoteKind::Refused, None), Standing::Settled)
        }
        Advice::Transient | Advice::RateLimit | Advice::PairLimit | Advice::Later { .. } => {
            told(vec![], kept(NoteKind::RefusedForNow, Some(7200)), again)
        }
        Advice::PauseSender { .. } => told(vec![], kept(NoteKind::SenderPaused, None), again),
        Advice::HoldSender => told(vec![], kept(NoteKind::SenderRefused, None), again),
    }
}

fn every_code(locale: Locale) -> String {
    let mut page = String::new();
    for row in errors::rows() {
        writeln!(page, "{} by the answer", row.code).unwrap();
        end_of(&by_answer(row), locale, &mut page);
        writeln!(page, "{} by a report", row.code).unwrap();
        let failed = told(vec![ended(9, State::Failed, row.code, row.title)], vec![], Standing::Settled);
        end_of(&failed, locale, &mut page);
    }
    page
}

#[test]
fn every_code_is_explained_in_english() {
    insta::assert_snapshot!(every_code(Locale::English));
}

#[test]
fn every_code_is_explained_in_indonesian() {
    insta::assert_snapshot!(every_code(Locale::Indonesian));
}

/// Stories that do not hang on the upstream's numbers.
fn others() -> Vec<(&'static str, Told)> {
    use State::{Cancelled, Delivered, Expired, Failed, InDoubt, OutcomeUnknown, Read, Rejected, Sent, Submitted};
    let settled = Standing::Settled;
    let again = || Standing::Again { due: at(7200) };
    let lost = |mut kept: KeptNote| {
        kept.note.answer.text = Some("no answer within 30 s".to_owned());
        kept
    };
    let mut many = refused(note(40, 3000, NoteKind::RefusedForNow, Some(7200)), 500, 131_000, "Something went wrong");
    (many.times, many.first_at) = (900, at(200));
    let mut retried = told(vec![ended(2, Rejected, 131_026, "Message Undeliverable")], vec![], settled.clone());
    retried.view.retried_as = Some(Msgid::from_uuid(Uuid::from_u128(8)));
    let mut retry = told(vec![event(3, Submitted), event(4, Sent)], vec![], settled.clone());
    retry.view.retry_of = Some(Msgid::from_uuid(Uuid::from_u128(6)));
    let mut gone = told(vec![], vec![], Standing::InLine);
    gone.template = None;
    let unreachable = lost(note(1, 1, NoteKind::Unreachable, None));
    vec![
        (
            "read",
            told(
                vec![event(2, Submitted), event(2, Sent), event(5, Delivered), event(60, Read)],
                vec![],
                settled.clone(),
            ),
        ),
        ("waits for its turn", gone),
        ("being sent", told(vec![], vec![], Standing::BeingSent)),
        ("pair limit", told(vec![], vec![note(1, 1, NoteKind::PairLimit, Some(5))], again())),
        ("daily limit", told(vec![], vec![note(1, 1, NoteKind::DailyLimit, Some(301))], again())),
        ("no token", told(vec![], vec![note(1, 1, NoteKind::NoToken, None)], again())),
        ("unreachable", told(vec![], vec![unreachable.clone()], again())),
        (
            "held for its template",
            told(vec![], vec![note(1, 1, NoteKind::TemplateHeld, None)], Standing::Held { on: Hold::Template(1) }),
        ),
        (
            "held by the answer and let go",
            told(
                vec![event(900, Submitted)],
                vec![
                    refused(note(1, 1, NoteKind::TemplateHeld, None), 400, 132_015, "Template is Paused"),
                    note(2, 890, NoteKind::Released, None),
                ],
                settled.clone(),
            ),
        ),
        (
            "a file that is of no use",
            told(
                vec![ended(
                    5,
                    Rejected,
                    own_code::MEDIA,
                    "the image at https://toko.example/a.jpg: the server answered 404, not 200",
                )],
                vec![note(1, 1, NoteKind::MediaHeld, None), note(2, 4, NoteKind::Released, None)],
                settled.clone(),
            ),
        ),
        (
            "held for its file",
            told(
                vec![],
                vec![note(1, 1, NoteKind::MediaHeld, None)],
                Standing::Held {
                    on: Hold::Media(FileKey::of(&"1".parse().unwrap(), MediaKind::Image, "https://toko.example/a.jpg")),
                },
            ),
        ),
        ("held for its sender", told(vec![], vec![], Standing::Held { on: Hold::Sender("1".parse().unwrap()) })),
        (
            "in doubt",
            told(
                vec![event(31, InDoubt)],
                vec![lost(note(1, 31, NoteKind::AnswerLost, Some(630)))],
                Standing::InDoubt { until: at(630) },
            ),
        ),
        (
            "in doubt, settled by a report",
            told(
                vec![event(31, InDoubt), event(40, Delivered)],
                vec![lost(note(1, 31, NoteKind::AnswerLost, Some(630)))],
                settled.clone(),
            ),
        ),
        (
            "in doubt by a crash",
            told(
                vec![event(31, InDoubt)],
                vec![KeptNote {
                    note: Note { attempt: 0, ..note(1, 31, NoteKind::Interrupted, Some(630)).note },
                    ..note(1, 31, NoteKind::Interrupted, None)
                }],
                Standing::InDoubt { until: at(630) },
            ),
        ),
        (
            "in doubt, from before notes were kept",
            told(vec![event(31, InDoubt)], vec![], Standing::InDoubt { until: at(630) }),
        ),
        (
            "in doubt, a code that is sent again",
            told(
                vec![event(31, InDoubt), event(63, Submitted)],
                vec![lost(note(1, 31, NoteKind::AnswerLost, Some(61))), note(2, 61, NoteKind::SentAgain, None)],
                settled.clone(),
            ),
        ),
        (
            "outcome unknown",
            told(
                vec![event(31, InDoubt), ended(630, OutcomeUnknown, own_code::OUTCOME_UNKNOWN, "…")],
                vec![lost(note(1, 31, NoteKind::AnswerLost, Some(630)))],
                settled.clone(),
            ),
        ),
        ("expired", told(vec![ended(86_400, Expired, own_code::EXPIRED, "…")], vec![], settled.clone())),
        (
            "expired, unreachable",
            told(vec![ended(86_400, Expired, own_code::EXPIRED, "…")], vec![unreachable], settled.clone()),
        ),
        (
            "expired at the daily limit",
            told(
                vec![ended(86_400, Expired, own_code::EXPIRED, "…")],
                vec![note(1, 1, NoteKind::DailyLimit, Some(301))],
                settled.clone(),
            ),
        ),
        (
            "expired, the sender held",
            told(
                vec![ended(86_400, Expired, own_code::EXPIRED, "…")],
                vec![refused(note(1, 1, NoteKind::SenderRefused, None), 401, 190, "Access token has expired")],
                settled.clone(),
            ),
        ),
        ("cancelled", told(vec![ended(5, Cancelled, own_code::CANCELLED, "…")], vec![], settled.clone())),
        (
            "drifted",
            told(
                vec![ended(5, Rejected, own_code::REFUSED, "the template drifted before the message left: paused")],
                vec![],
                settled.clone(),
            ),
        ),
        (
            "paused before it left",
            told(
                vec![ended(5, Rejected, 132_015, "the template was paused before the message left")],
                vec![],
                settled.clone(),
            ),
        ),
        (
            "an unknown code by the answer",
            told(
                vec![ended(5, Rejected, 999_999, "Nobody knows this one")],
                vec![refused(note(1, 5, NoteKind::Refused, None), 400, 999_999, "Nobody knows this one")],
                settled.clone(),
            ),
        ),
        (
            "an unknown code by a report",
            told(
                vec![event(2, Submitted), ended(5, Failed, 999_999, "Nobody knows this one")],
                vec![],
                settled.clone(),
            ),
        ),
        (
            "an unknown code, tried again",
            told(vec![], vec![refused(note(1, 5, NoteKind::RefusedForNow, Some(7200)), 503, 999_999, "Busy")], again()),
        ),
        ("refused 900 times", told(vec![], vec![note(1, 1, NoteKind::PairLimit, Some(5)), many], again())),
        ("sent once more", retried),
        ("in the place of another", retry),
    ]
}

fn every_other(locale: Locale) -> String {
    let mut page = String::new();
    for (name, told) in others() {
        let story = story(&told, None, at(3600));
        writeln!(page, "{name} ({})", story.end.as_str()).unwrap();
        for step in &story.steps {
            writeln!(page, "  {} [{}] {}", step.at, step.what.name(), words::text(step, locale)).unwrap();
        }
        writeln!(page, "  => {}", words::advice(&story, locale)).unwrap();
    }
    page
}

#[test]
fn everything_else_is_explained_in_english() {
    insta::assert_snapshot!(every_other(Locale::English));
}

#[test]
fn everything_else_is_explained_in_indonesian() {
    insta::assert_snapshot!(every_other(Locale::Indonesian));
}

#[test]
fn what_it_costs_is_told_by_category_where_there_is_a_rate_card() {
    let card = include_str!("../../../../docs/rates.example.json").replace("2026-", "2024-");
    let card = RateCard::parse_text(&card).unwrap();
    let delivered = |pricing| Told {
        pricing,
        ..told(vec![event(1, State::Submitted), event(2, State::Delivered)], vec![], Standing::Settled)
    };
    let free = Pricing {
        billable: false,
        category: Charged::Utility,
        kind: Kind::FreeCustomerService,
        model: Model::PerMessage,
        of_delivery: true,
    };
    let text = |told: &Told, locale| {
        let steps = story(told, Some(&card), at(3600)).steps;
        let cost = steps.iter().find(|step| step.what.name() == "cost");
        cost.map(|step| words::text(step, locale))
    };
    let priced = text(&delivered(None), Locale::English).unwrap();
    assert!(priced.starts_with("What it costs (category ") && priced.ends_with(", by the rate card."), "{priced}");
    assert_eq!(text(&delivered(Some(free)), Locale::Indonesian).unwrap(), "Biaya (kategori utility): gratis.");
    assert_eq!(text(&told(vec![event(1, State::Submitted)], vec![], Standing::Settled), Locale::English), None);
}
