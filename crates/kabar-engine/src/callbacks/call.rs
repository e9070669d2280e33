//! One call to a callback, and what follows from its answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, Request, StatusCode};
use kabar_domain::callback::PauseReason;
use kabar_domain::clock::Moment;
use kabar_outbound::{Error, NotSent, Unknown};
use kabar_store::callback::{CallAnswer, CallOutcome, CallVerdict, DueDelivery, Endpoint};
use tokio::time::Instant;

use crate::callbacks::{keys, schedule};
use crate::shared::Shared;

/// What a call was about to be made without, because the rules for addresses do not allow it.
const NOT_HTTPS: &str = "not_https";

/// What came back.
enum Answer {
    Status { status: StatusCode, headers: HeaderMap },
    None(&'static str),
}

/// A call's outcome, and for how long its callback asks to be left alone.
pub(super) struct Called {
    pub(super) outcome: CallOutcome,
    pub(super) wish: Option<Duration>,
}

/// Makes a call.
pub(super) async fn make(shared: &Shared, endpoint: &Arc<Endpoint>, delivery: &DueDelivery) -> Called {
    let began = Instant::now();
    let answer = ask(shared, endpoint, delivery, shared.clock.now()).await;
    let (took, now) = (began.elapsed(), shared.clock.now());
    let since_failing = endpoint.failing_since.map(|since| now.since(since));
    let is_failing = since_failing.is_some_and(|period| period >= shared.callbacks.options.pause_after);
    let decision = decide(&answer, delivery, now, is_failing);
    let answer = match answer {
        Answer::Status { status, .. } => CallAnswer::Status(status.as_u16()),
        Answer::None(reason) => CallAnswer::None(reason.to_owned()),
    };
    let outcome = CallOutcome {
        delivery: delivery.key,
        callback: endpoint.key,
        at: now,
        took,
        answer,
        verdict: decision.verdict,
        pause: decision.pause,
    };
    Called { outcome, wish: decision.wish }
}

async fn ask(shared: &Shared, endpoint: &Endpoint, delivery: &DueDelivery, now: Moment) -> Answer {
    let state = &shared.callbacks;
    if !endpoint.url.is_https() && !state.options.clear_http {
        return Answer::None(NOT_HTTPS);
    }
    let request = Request::post(endpoint.url.as_str())
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, concat!("Kabar/", env!("CARGO_PKG_VERSION")))
        .header("webhook-id", delivery.event.to_string())
        .header("webhook-timestamp", now.as_seconds())
        .header("webhook-signature", keys::signatures(&endpoint.signing_keys, delivery.event, now, &delivery.body))
        .body(Bytes::from(delivery.body.clone()));
    let Ok(request) = request else { return Answer::None(name_of(&Error::NotSent(NotSent::BadUrl))) };
    match state.client.open(request).await {
        Ok(mut answer) => {
            // The head says all. The rest is taken, within bounds, for the sake of the connection alone.
            while let Ok(Some(_)) = answer.piece().await {}
            Answer::Status { status: answer.status, headers: std::mem::take(&mut answer.headers) }
        }
        Err(err) => Answer::None(name_of(&err)),
    }
}

/// What follows from an answer.
#[derive(Debug, PartialEq, Eq)]
struct Decision {
    verdict: CallVerdict,
    pause: Option<PauseReason>,
    wish: Option<Duration>,
}

fn decide(answer: &Answer, delivery: &DueDelivery, now: Moment, is_failing: bool) -> Decision {
    let status = match answer {
        Answer::Status { status, .. } => Some(*status),
        Answer::None(_) => None,
    };
    if status.is_some_and(|status| status.is_success()) {
        return Decision { verdict: CallVerdict::Delivered, pause: None, wish: None };
    }
    let wish = match answer {
        Answer::Status { headers, .. } => wish_in(headers, now),
        Answer::None(_) => None,
    };
    let pause = match status {
        Some(StatusCode::GONE) => Some(PauseReason::Gone),
        Some(_) | None => is_failing.then_some(PauseReason::Failing),
    };
    let verdict = match schedule::pause_after(delivery.event, delivery.tries + 1) {
        Some(period) => CallVerdict::Later(now.plus(period.max(wish.unwrap_or_default()))),
        None => CallVerdict::GivenUp,
    };
    Decision { verdict, pause, wish }
}

/// How long a callback asks to be left alone, in seconds or by a date.
fn wish_in(headers: &HeaderMap, now: Moment) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wish = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => Moment::parse_http_date(text)?.since(now),
    };
    Some(wish.min(schedule::LONGEST_WISH))
}

/// The name by which people are told why there was no answer. It never changes.
const fn name_of(err: &Error) -> &'static str {
    match err {
        Error::NotSent(reason) => match reason {
            NotSent::BadUrl => "bad_url",
            NotSent::NameNotResolved { .. } => "name_not_resolved",
            NotSent::AddressRefused { .. } => "address_refused",
            NotSent::ConnectionRefused => "connection_refused",
            NotSent::ConnectTimeout => "connect_timeout",
            NotSent::ConnectFailed(_) => "connect_failed",
            NotSent::Tls(_) => "tls_failed",
            NotSent::ConnectionGone | NotSent::NeverWritten => "connection_lost",
        },
        Error::Unknown(reason) => match reason {
            Unknown::TimedOut => "timed_out",
            Unknown::Closed | Unknown::AnswerCutShort => "connection_lost",
            Unknown::AnswerTooLarge { .. } | Unknown::BadAnswer => "bad_answer",
        },
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Moment = Moment::from_seconds(784_111_777);

    fn answer(status: u16, retry_after: Option<&'static str>) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(text) = retry_after {
            headers.insert(RETRY_AFTER, http::HeaderValue::from_static(text));
        }
        Answer::Status { status: StatusCode::from_u16(status).unwrap(), headers }
    }

    async fn due(tries: u32) -> DueDelivery {
        // Only the store makes keys.
        let mut delivery = crate::callbacks::tests::any_delivery().await;
        (delivery.event, delivery.tries) = (Uuid::nil(), tries);
        delivery
    }

    fn seconds_later(decision: &Decision) -> u64 {
        match decision.verdict {
            CallVerdict::Later(due) => due.since(NOW).as_secs(),
            other @ (CallVerdict::Delivered | CallVerdict::GivenUp) => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn only_an_answer_of_the_two_hundreds_is_good() {
        let due = due(0).await;
        for status in [200, 201, 204, 299] {
            assert_eq!(decide(&answer(status, None), &due, NOW, true).verdict, CallVerdict::Delivered, "{status}");
        }
        for status in [301, 302, 307, 400, 401, 404, 409, 429, 500, 502, 503, 504] {
            let decision = decide(&answer(status, None), &due, NOW, false);
            assert!((4..=6).contains(&seconds_later(&decision)), "{status}");
            assert_eq!(decision.pause, None, "{status}");
        }
        assert!((4..=6).contains(&seconds_later(&decide(&Answer::None("timed_out"), &due, NOW, false))));
    }

    #[tokio::test]
    async fn the_last_call_is_the_tenth() {
        let verdict_of = |due: &DueDelivery| decide(&answer(500, None), due, NOW, false).verdict;
        assert!(matches!(verdict_of(&due(8).await), CallVerdict::Later(_)));
        assert_eq!(verdict_of(&due(9).await), CallVerdict::GivenUp);
    }

    #[tokio::test]
    async fn a_callback_that_asks_to_wait_is_left_alone() {
        let due = due(0).await;
        for (asked, seconds) in [("120", 120), ("Sun, 06 Nov 1994 08:59:37 GMT", 600), ("999999999", 86_400)] {
            let decision = decide(&answer(503, Some(asked)), &due, NOW, false);
            assert_eq!(
                (seconds_later(&decision), decision.wish),
                (seconds, Some(Duration::from_secs(seconds))),
                "{asked}"
            );
        }
        for none in ["soon", "-1", ""] {
            assert_eq!(decide(&answer(503, Some(none)), &due, NOW, false).wish, None, "{none}");
        }
        let sooner = decide(&answer(429, Some("1")), &due, NOW, false);
        assert!(seconds_later(&sooner) >= 4, "a wish makes no call come earlier");
    }

    #[tokio::test]
    async fn gone_and_long_failing_callbacks_are_paused() {
        let due = due(0).await;
        assert_eq!(decide(&answer(410, None), &due, NOW, false).pause, Some(PauseReason::Gone));
        assert_eq!(decide(&answer(500, None), &due, NOW, true).pause, Some(PauseReason::Failing));
        assert_eq!(decide(&Answer::None("timed_out"), &due, NOW, true).pause, Some(PauseReason::Failing));
    }
}
