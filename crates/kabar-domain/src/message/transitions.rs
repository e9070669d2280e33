//! Which step of a message may follow which.

use crate::message::State;

/// What takes a message from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Its turn came, and an attempt was begun. Written down before the call.
    Begun,
    /// The attempt surely did not reach the upstream, or was refused for a while: it goes back to wait.
    NotTaken,
    /// The upstream's answer took it.
    Taken,
    /// The upstream refused it for good, or it was not worth asking.
    Refused,
    /// The upstream's answer was lost.
    AnswerLost,
    /// No evidence came in time, and it is not sent again.
    GivenUp,
    /// Its time ran out.
    OutOfTime,
    /// Whoever had it accepted took it back.
    TakenBack,
    /// The upstream reported on it. This is evidence, and corrects whatever was thought here.
    Reported,
}

/// Where a cause may take a message from a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// From here,
    pub from: State,
    /// by this,
    pub by: Cause,
    /// to one of these.
    pub to: &'static [State],
}

const fn row(from: State, by: Cause, to: &'static [State]) -> Transition {
    Transition { from, by, to }
}

/// What the upstream can report.
const REPORTS: &[State] = &[State::Sent, State::Failed, State::Delivered, State::Read];

/// Every step there is. All of them go up in weight, but for an attempt that goes back to wait; that is why the furthest
/// event tells where a message is.
pub const TRANSITIONS: &[Transition] = &[
    row(State::Accepted, Cause::Begun, &[State::BeingSent]),
    row(State::Accepted, Cause::OutOfTime, &[State::Expired]),
    row(State::Accepted, Cause::TakenBack, &[State::Cancelled]),
    // Only after the store was put back to an earlier copy of itself.
    row(State::Accepted, Cause::Reported, REPORTS),
    row(State::BeingSent, Cause::NotTaken, &[State::Accepted]),
    row(State::BeingSent, Cause::Taken, &[State::Submitted]),
    row(State::BeingSent, Cause::Refused, &[State::Rejected]),
    row(State::BeingSent, Cause::AnswerLost, &[State::InDoubt]),
    row(State::BeingSent, Cause::GivenUp, &[State::OutcomeUnknown]),
    row(State::BeingSent, Cause::OutOfTime, &[State::Expired]),
    // A report may come before the answer.
    row(State::BeingSent, Cause::Reported, REPORTS),
    // By the answer to a further attempt, as a login code gets.
    row(State::InDoubt, Cause::Taken, &[State::Submitted]),
    row(State::InDoubt, Cause::GivenUp, &[State::OutcomeUnknown]),
    row(State::InDoubt, Cause::Reported, REPORTS),
    row(State::OutcomeUnknown, Cause::Reported, REPORTS),
    // These were thought never to have arrived; the upstream knows better.
    row(State::Expired, Cause::Reported, REPORTS),
    row(State::Cancelled, Cause::Reported, REPORTS),
    row(State::Rejected, Cause::Reported, REPORTS),
    row(State::Submitted, Cause::Reported, REPORTS),
    row(State::Sent, Cause::Reported, &[State::Failed, State::Delivered, State::Read]),
    row(State::Failed, Cause::Reported, &[State::Delivered, State::Read]),
    row(State::Delivered, Cause::Reported, &[State::Read]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_but_going_back_to_wait_goes_up_in_weight() {
        for row in TRANSITIONS {
            for to in row.to {
                assert_eq!(row.from < *to, row.by != Cause::NotTaken, "{} by {:?} to {to}", row.from, row.by);
            }
        }
    }

    #[test]
    fn each_state_is_reached_and_all_but_the_last_are_left() {
        for state in State::ALL {
            let reached = TRANSITIONS.iter().any(|row| row.to.contains(&state));
            let left = TRANSITIONS.iter().any(|row| row.from == state);
            assert!(reached && left == (state != State::Read), "{state}");
        }
    }

    #[test]
    fn no_row_is_there_twice() {
        for (n, row) in TRANSITIONS.iter().enumerate() {
            assert!(TRANSITIONS[..n].iter().all(|other| (other.from, other.by) != (row.from, row.by)), "{row:?}");
        }
    }

    #[test]
    fn evidence_takes_a_message_to_all_that_is_further() {
        for from in State::ALL {
            let further: Vec<State> = REPORTS.iter().copied().filter(|to| *to > from).collect();
            let reported: Vec<State> = TRANSITIONS
                .iter()
                .filter(|row| row.from == from && row.by == Cause::Reported)
                .flat_map(|row| row.to.iter().copied())
                .collect();
            assert_eq!(reported, further, "{from}");
        }
    }

    #[test]
    fn an_end_that_is_declared_is_a_step_of_the_table() {
        for from in State::ALL {
            for end in [State::Expired, State::Cancelled, State::OutcomeUnknown, State::Rejected] {
                let Some(to) = from.ended(end) else {
                    assert!(from.is_settled(), "{from}");
                    continue;
                };
                // What was begun may end in each way; what only waited was not refused, and its outcome is known.
                let begun = from == State::Accepted && matches!(end, State::OutcomeUnknown | State::Rejected);
                let from = if begun { State::BeingSent } else { from };
                let taken_back_too_late = from == State::BeingSent && end == State::Cancelled;
                let is_step = TRANSITIONS.iter().any(|row| row.from == from && row.to.contains(&to));
                assert!(is_step != taken_back_too_late, "{from} to {to}");
            }
        }
    }
}
