use kabar_graph::call::UnknownReason;
use kabar_graph::error::GraphError;
use kabar_outbound::{NotSent, Unknown};

use super::*;

const NOW: Moment = Moment::from_seconds(1_000);
const PATIENCE: Duration = Duration::from_secs(60);

/// The attempt of that number; chance gives the longest waits.
fn call(attempt: u32) -> Call {
    Call { attempt, now: NOW, patience: PATIENCE, jitter: Jitter::of(1.0) }
}

fn refusal(code: u32, retry_after: Option<u64>) -> CallError {
    let error: GraphError = serde_json::from_str(&format!(r#"{{"code":{code},"message":"(#{code}) no"}}"#)).unwrap();
    let retry_after = retry_after.map(Duration::from_secs);
    CallError::Refused(Box::new(Refusal { status: http::StatusCode::BAD_REQUEST, error, retry_after, usage: None }))
}

/// What becomes of a message, in short.
fn told(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Later { due } => format!("again in {} s", due.since(NOW).as_secs()),
        Verdict::NotYet { due } => format!("not yet, in {} s", due.since(NOW).as_secs()),
        Verdict::InDoubt { until } => format!("in doubt for {} s", until.since(NOW).as_secs()),
        Verdict::Ended { state, reason } => format!("{state} {}", reason.code),
        Verdict::Submitted { .. } | Verdict::Held { .. } => panic!("nothing decides so here: {verdict:?}"),
    }
}

/// Of every code that Meta has, what it does to the message and to its sender.
#[test]
fn every_code_of_the_table_has_its_consequence() {
    let answered = (News::Answered, "refused");
    for row in kabar_graph::errors::rows() {
        let code = row.code;
        let (message, (news, counted)) = match code {
            0 | 3 | 10 | 33 | 104 | 190 | 200 | 368 | 803 | 131_005 | 131_031 | 131_037 | 131_042 | 131_045
            | 131_048 | 131_064 | 133_000 | 133_006 | 133_010 => {
                ("not yet, in 0 s".to_owned(), (News::Hold(Why::Refused(code)), "sender_held"))
            }
            1 | 2 | 131_000 | 131_016 | 133_004 => ("again in 4 s".to_owned(), (News::Answered, "transient")),
            4 | 613 | 80_007 | 80_008 | 80_012 | 130_429 => {
                ("again in 4 s".to_owned(), (News::TooFast(None), "rate_limited"))
            }
            130_472 | 131_049 => ("again in 86400 s".to_owned(), (News::Answered, "later")),
            132_069 | 133_008 | 133_009 | 133_016 => ("again in 3600 s".to_owned(), (News::Answered, "later")),
            133_015 => ("again in 300 s".to_owned(), (News::Answered, "later")),
            134_101 => ("again in 600 s".to_owned(), (News::Answered, "later")),
            131_056 => ("again in 16 s".to_owned(), (News::LeaveAlone(Duration::from_secs(16)), "pair_limited")),
            131_057 => ("not yet, in 0 s".to_owned(), (News::Hold(Why::BeingWorkedOn(code)), "sender_paused")),
            _ => (format!("rejected {code}"), answered.clone()),
        };
        let decision = decide(&refusal(code, None), call(3));
        assert_eq!(told(&decision.verdict), message, "{code}");
        assert_eq!((&decision.news, decision.counted), (&news, counted), "{code}");
    }
}

#[test]
fn attempts_and_what_the_upstream_asks_for_count() {
    let cases = [
        // code, Retry-After, attempt, what becomes of the message, and what the sender hears
        (131_016, None, 1, "again in 1 s", News::Answered),
        (131_016, None, 4, "again in 8 s", News::Answered),
        (131_016, None, 11, "again in 300 s", News::Answered),
        (131_016, Some(7), 4, "again in 7 s", News::Answered),
        (131_016, None, 12, "rejected 131016", News::Answered),
        (130_429, None, 1, "again in 1 s", News::TooFast(None)),
        (130_429, Some(20), 1, "again in 20 s", News::TooFast(Some(Duration::from_secs(20)))),
        (130_429, None, 99, "again in 300 s", News::TooFast(None)),
        (131_056, None, 1, "again in 1 s", News::LeaveAlone(Duration::from_secs(1))),
        (131_056, None, 20, "again in 300 s", News::LeaveAlone(Duration::from_secs(300))),
        (131_057, Some(30), 1, "not yet, in 0 s", News::Hold(Why::Asked(Duration::from_secs(30)))),
        (190, Some(30), 99, "not yet, in 0 s", News::Hold(Why::Refused(190))),
    ];
    for (code, retry_after, attempt, message, news) in cases {
        let decision = decide(&refusal(code, retry_after), call(attempt));
        assert_eq!((told(&decision.verdict).as_str(), &decision.news), (message, &news), "{code} at attempt {attempt}");
    }
    let least = Call { jitter: Jitter::of(0.0), ..call(4) };
    assert_eq!(told(&decide(&refusal(131_016, None), least).verdict), "again in 4 s", "chance decides a half");
}

#[test]
fn the_usage_header_is_obeyed() {
    let CallError::Refused(mut refused) = refusal(80_007, Some(5)) else { unreachable!() };
    let entry = kabar_graph::usage::UsageEntry {
        business: "1".to_owned(),
        kind: "whatsapp".to_owned(),
        percent: 100,
        regain_access: Duration::from_secs(720),
    };
    refused.usage = Some(kabar_graph::usage::Usage { entries: vec![entry] });
    let decision = decide(&CallError::Refused(refused), call(1));
    assert_eq!(told(&decision.verdict), "again in 720 s");
    assert_eq!(decision.news, News::TooFast(Some(Duration::from_secs(720))));
}

#[test]
fn a_refusal_for_good_ends_the_message_with_the_upstreams_number() {
    let Verdict::Ended { state, reason } = decide(&refusal(131_030, None), call(1)).verdict else {
        panic!("it should have ended");
    };
    assert_eq!((state, reason.code), (State::Rejected, 131_030));
    assert!(!reason.text.is_empty());
}

/// Every way in which a call can surely not have reached the upstream. A further one has to be put among them, or the
/// compiler says so.
fn never_arrived() -> Vec<NotSent> {
    let all = vec![
        NotSent::BadUrl,
        NotSent::NameNotResolved { host: "graph.example".to_owned() },
        NotSent::AddressRefused { addr: std::net::Ipv4Addr::LOCALHOST.into() },
        NotSent::ConnectionRefused,
        NotSent::ConnectTimeout,
        NotSent::ConnectFailed(std::io::ErrorKind::NetworkUnreachable),
        NotSent::Tls("the certificate is not for that name".to_owned()),
        NotSent::ConnectionGone,
        NotSent::NeverWritten,
    ];
    match all[0] {
        NotSent::BadUrl
        | NotSent::NameNotResolved { .. }
        | NotSent::AddressRefused { .. }
        | NotSent::ConnectionRefused
        | NotSent::ConnectTimeout
        | NotSent::ConnectFailed(_)
        | NotSent::Tls(_)
        | NotSent::ConnectionGone
        | NotSent::NeverWritten => all,
    }
}

/// Every way in which it may have, and nobody knows.
fn may_have_arrived() -> Vec<UnknownReason> {
    let unanswered = vec![
        Unknown::TimedOut,
        // The connection was reset, or ended, after the request was written.
        Unknown::Closed,
        Unknown::AnswerCutShort,
        Unknown::AnswerTooLarge { limit_bytes: 1 },
        Unknown::BadAnswer,
    ];
    let mut all: Vec<UnknownReason> = match unanswered[0] {
        Unknown::TimedOut
        | Unknown::Closed
        | Unknown::AnswerCutShort
        | Unknown::AnswerTooLarge { .. }
        | Unknown::BadAnswer => unanswered.into_iter().map(UnknownReason::NoAnswer).collect(),
    };
    // A proxy on the way may have passed the call on.
    for status in [http::StatusCode::BAD_GATEWAY, http::StatusCode::GATEWAY_TIMEOUT, http::StatusCode::NOT_FOUND] {
        all.push(UnknownReason::NotMeta { status });
    }
    all.push(UnknownReason::Unreadable { status: http::StatusCode::OK });
    all
}

#[test]
fn what_surely_did_not_arrive_is_sent_again_and_what_may_have_is_in_doubt() {
    for reason in never_arrived() {
        let decision = decide(&CallError::NotSent(reason.clone()), call(3));
        let expected = ("not yet, in 0 s", &News::Hold(Why::Unreachable));
        assert_eq!((told(&decision.verdict).as_str(), &decision.news), expected, "{reason}");
    }
    for reason in may_have_arrived() {
        let decision = decide(&CallError::Unknown(reason.clone()), call(1));
        let expected = ("in doubt for 60 s", &News::Nothing);
        assert_eq!((told(&decision.verdict).as_str(), &decision.news), expected, "{reason}");
    }
    // An error in the upstream's own words is an answer, whatever its status: it was not taken.
    for code in [1, 2, 131_000, 131_016, 130_429, 131_026, 190] {
        let verdict = told(&decide(&refusal(code, None), call(1)).verdict);
        assert!(!verdict.starts_with("in doubt"), "{code}: {verdict}");
    }
}

#[test]
fn a_retry_that_would_come_too_late_is_an_end_with_what_stood_in_its_way() {
    let later = Verdict::Later { due: NOW.plus(Duration::from_secs(10)) };
    let end = |refusal| {
        let verdict = in_time(later.clone(), refusal, NOW.plus(Duration::from_secs(10)));
        let Verdict::Ended { state, reason } = verdict else { panic!("it should have ended") };
        (state, reason.code)
    };
    assert_eq!(in_time(later.clone(), None, NOW.plus(Duration::from_secs(11))), later);
    assert_eq!(end(None), (State::Expired, own_code::EXPIRED));
    // Not again within a day, says the upstream; no message waits so long.
    let tomorrow = decide(&refusal(131_049, None), call(1));
    assert_eq!(told(&tomorrow.verdict), "again in 86400 s");
    assert_eq!(end(tomorrow.refusal), (State::Rejected, 131_049));
}
