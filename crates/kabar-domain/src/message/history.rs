//! What happened to a message.

use crate::clock::Moment;
use crate::message::{Reason, State, TRANSITIONS};

/// Something that happened to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When, by the clock of whoever reports it.
    pub at: Moment,
    /// How far it took the message.
    pub state: State,
    /// Why, for a bad end.
    pub reason: Option<Reason>,
}

/// What is known of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Everything that happened, oldest first.
    pub events: Vec<Event>,
}

impl History {
    /// The history of these events, whatever order they come in.
    pub fn of(mut events: Vec<Event>) -> Self {
        events.sort_by_key(|event| (event.at, event.state));
        Self { events }
    }

    /// How far the message has come; `None` for a history without events.
    pub fn state(&self) -> Option<State> {
        self.events.iter().map(|event| event.state).max()
    }

    /// The way through [`TRANSITIONS`] that the events tell of, whatever order they came in: every state once, from its
    /// acceptance to where it is. `None` if there is no such way. That it was being sent goes without saying.
    pub fn path(&self) -> Option<Vec<State>> {
        let mut path: Vec<State> = self.events.iter().map(|event| event.state).collect();
        path.sort_unstable();
        path.dedup();
        let begins = path.first() == Some(&State::Accepted);
        let goes_on = path.windows(2).all(|step| matches!(step, [from, to] if leads(*from, *to)));
        (begins && goes_on).then_some(path)
    }

    /// Why it ended badly, if it did: the reason of the state it is in.
    pub fn reason(&self) -> Option<&Reason> {
        let state = self.state()?;
        self.events.iter().filter(|event| event.state == state).find_map(|event| event.reason.as_ref())
    }
}

fn leads(from: State, to: State) -> bool {
    let step = |from: State| TRANSITIONS.iter().any(|row| row.from == from && row.to.contains(&to));
    step(from) || (from == State::Accepted && step(State::BeingSent))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, prop, proptest};
    use proptest::sample::Index;

    use super::*;

    fn event(at: i64, state: State, code: Option<u32>) -> Event {
        let reason = code.map(|code| Reason { code, text: String::new() });
        Event { at: Moment::from_seconds(at), state, reason }
    }

    fn some_events() -> impl Strategy<Value = Vec<Event>> {
        let one = (0_i64..5, prop::sample::select(State::ALL.to_vec()), prop::option::of(0_u32..3))
            .prop_map(|(at, state, code)| event(at, state, code));
        prop::collection::vec(one, 1..8)
    }

    /// Goes by the table from the acceptance on, wherever the choices lead; answers each event of the way, and its end.
    fn walk(choices: &[(Index, i64)]) -> (Vec<Event>, State) {
        let mut state = State::Accepted;
        let mut events = vec![event(0, state, None)];
        for (choice, at) in choices {
            let onward: Vec<State> =
                TRANSITIONS.iter().filter(|row| row.from == state).flat_map(|row| row.to.iter().copied()).collect();
            if onward.is_empty() {
                break;
            }
            state = *choice.get(&onward);
            if !matches!(state, State::BeingSent | State::Accepted) {
                events.push(event(*at, state, None));
            }
        }
        (events, state)
    }

    #[test]
    fn a_history_that_no_way_leads_to_is_none() {
        use State::{Accepted, Cancelled, Delivered, Expired, InDoubt, OutcomeUnknown, Read, Rejected, Submitted};
        let path = |states: &[State]| History::of(states.iter().map(|state| event(0, *state, None)).collect()).path();
        for states in [
            &[][..],
            &[Submitted],
            &[Accepted, Expired, Submitted],
            &[Accepted, Cancelled, Submitted],
            &[Accepted, Rejected, Submitted],
            &[Accepted, OutcomeUnknown, Submitted],
            &[Accepted, InDoubt, Rejected],
            &[Accepted, InDoubt, Expired],
            &[Accepted, InDoubt, Cancelled],
            &[Accepted, Expired, Cancelled],
        ] {
            assert_eq!(path(states), None, "{states:?}");
        }
        assert_eq!(path(&[Read, Accepted, Delivered, Read]), Some(vec![Accepted, Delivered, Read]));
        assert_eq!(path(&[Accepted, InDoubt, Submitted]), Some(vec![Accepted, InDoubt, Submitted]));
    }

    proptest! {
        #[test]
        fn the_state_is_the_same_in_any_order(
            (events, shuffled) in some_events().prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        ) {
            let (history, other) = (History::of(events.clone()), History::of(shuffled));
            assert_eq!((history.state(), history.path()), (other.state(), other.path()));
            let folded = events.iter().fold(State::Accepted, |state, event| state.after(event.state));
            assert_eq!(folded, history.state().unwrap().after(State::Accepted));
        }

        #[test]
        fn every_way_through_the_table_is_seen_alike_however_its_events_come(
            choices in prop::collection::vec((proptest::prelude::any::<Index>(), 0_i64..5), 0..12),
            order in prop::collection::vec(proptest::prelude::any::<Index>(), 0..24),
        ) {
            let (events, end) = walk(&choices);
            // The acceptance, and then any of them in any order and as often as it comes, until each was there.
            let mut came: Vec<Event> = order.iter().map(|which| which.get(&events).clone()).collect();
            came.extend(events.iter().rev().cloned());
            let history = History::of(came);
            let seen = history.state().unwrap();
            assert!(seen == end || matches!(end, State::BeingSent | State::Accepted), "{seen} for {end}");
            assert_eq!(history.path().and_then(|path| path.last().copied()), Some(seen));
            assert_eq!(History::of(events).path(), history.path());
        }
    }
}
