use kabar_graph::call::UnknownReason;
use kabar_graph::error::GraphError;
use kabar_outbound::{NotSent, Unknown};

use super::*;

const NOW: Moment = Moment::from_seconds(1_000);
const PATIENCE: Duration = Duration::from_secs(60);

fn refusal(code: u32, retry_after: Option<Duration>) -> CallError {
    let error: GraphError = serde_json::from_str(&format!(r#"{{"code":{code},"message":"(#{code}) no"}}"#)).unwrap();
    CallError::Refused(Box::new(Refusal { status: http::StatusCode::BAD_REQUEST, error, retry_after, usage: None }))
}

fn due(decision: &Decision) -> Option<u64> {
    match &decision.verdict {
        Verdict::Later { due } => Some(due.since(NOW).as_secs()),
        Verdict::Submitted { .. }
        | Verdict::NotYet { .. }
        | Verdict::InDoubt { .. }
        | Verdict::Held { .. }
        | Verdict::Ended { .. } => None,
    }
}

#[test]
fn each_kind_of_refusal_has_its_consequence() {
    let cases = [
        // code, Retry-After, attempt → due in, the sender is held for, name
        (131_016, None, 1, Some(1), None, "transient"),
        (131_016, None, 4, Some(8), None, "transient"),
        (131_016, None, 12, None, None, "refused"),
        (130_429, None, 1, Some(1), Some(1), "rate_limited"),
        (130_429, Some(20), 1, Some(20), Some(20), "rate_limited"),
        (131_056, None, 1, Some(1), None, "pair_limited"),
        (131_056, None, 3, Some(16), None, "pair_limited"),
        (131_056, None, 20, Some(300), None, "pair_limited"),
        (190, None, 1, Some(60), Some(60), "sender_held"),
        (131_030, None, 1, None, None, "refused"),
        (132_015, None, 1, None, None, "refused"),
        (132_000, None, 1, None, None, "refused"),
    ];
    for (code, retry_after, attempt, later, hold, counted) in cases {
        let decision = decide(&refusal(code, retry_after.map(Duration::from_secs)), attempt, NOW, PATIENCE);
        assert_eq!(due(&decision), later, "{code} at attempt {attempt}");
        assert_eq!(decision.hold_sender.map(|hold| hold.as_secs()), hold, "{code}");
        assert_eq!(decision.counted, counted, "{code}");
    }
}

#[test]
fn a_refusal_for_good_ends_the_message_with_the_upstreams_number() {
    let Verdict::Ended { state, reason } = decide(&refusal(131_030, None), 1, NOW, PATIENCE).verdict else {
        panic!("it should have ended");
    };
    assert_eq!((state, reason.code), (State::Rejected, 131_030));
    assert!(!reason.text.is_empty());
}

#[test]
fn what_surely_did_not_arrive_is_sent_again_and_what_may_have_is_in_doubt() {
    let not_sent = decide(&CallError::NotSent(NotSent::BadUrl), 3, NOW, PATIENCE);
    assert_eq!(due(&not_sent), Some(4));
    let status = http::StatusCode::BAD_GATEWAY;
    for reason in [
        UnknownReason::NotMeta { status },
        UnknownReason::Unreadable { status: http::StatusCode::OK },
        UnknownReason::NoAnswer(Unknown::TimedOut),
    ] {
        let doubt = decide(&CallError::Unknown(reason), 1, NOW, PATIENCE);
        assert_eq!(doubt.verdict, Verdict::InDoubt { until: NOW.plus(PATIENCE) });
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
    let tomorrow = decide(&refusal(131_049, None), 1, NOW, PATIENCE);
    assert_eq!(due(&tomorrow), Some(86_400));
    assert_eq!(end(tomorrow.refusal), (State::Rejected, 131_049));
}
