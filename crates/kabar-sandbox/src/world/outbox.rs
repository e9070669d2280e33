//! What each account's callback has still to hear, and how a call for it is made up.
//!
//! A call takes entries from the front of an outbox and leaves them there until the callback has taken them, so that each
//! message's statuses arrive in order, and a call that failed is simply made again.

use crate::world::World;
use crate::world::account::Update;
use crate::world::event::{Event, WebhookCall};
use crate::world::{TemplateChange, WEBHOOK_CALLS_KEPT};

/// The platform puts at most so many updates into a call.
pub(crate) const MAX_UPDATES: usize = 1_000;
/// The platform's calls stay below 3 MB; a call is closed when it is estimated at this.
const MAX_BODY_BYTES: usize = 2_500_000;
/// How long an update is tried.
const GIVE_UP_AFTER_MS: i64 = 7 * 24 * 3600 * 1000;
/// Milliseconds at most between two tries.
const LONGEST_PAUSE_MS: i64 = 60_000;

/// Milliseconds to wait after so many failed calls in a row: nothing after the first, then 1 s, 2 s, 4 s … 60 s.
pub(crate) fn pause_ms(failures: u32) -> i64 {
    match failures {
        0 | 1 => 0,
        more => 1000_i64.checked_shl((more - 2).min(16)).unwrap_or(LONGEST_PAUSE_MS).min(LONGEST_PAUSE_MS),
    }
}

impl World {
    /// Puts an update into the outbox of an account.
    pub(crate) fn tell(&mut self, waba_id: &str, update: Update) {
        if let Some(account) = self.accounts.get_mut(waba_id) {
            account.outbox.waiting.push_back(update);
        }
    }

    /// Refills the outboxes after a replay, in the order in which things happened.
    pub(crate) fn resume_outboxes(&mut self) {
        let mut updates: Vec<(i64, Update, &str)> = Vec::new();
        for (index, message) in self.messages.iter().enumerate() {
            let Ok(number) = u32::try_from(index) else { break };
            let untold = message.statuses.iter().filter(|record| record.delivered_at.is_none() && !record.lost);
            updates.extend(
                untold.map(|record| (record.at, Update::Status(number, record.status), message.waba_id.as_str())),
            );
        }
        for change in self.changes.values() {
            updates.push((change.at, Update::Template(change.number), change.waba_id.as_str()));
        }
        for (index, reply) in self.replies.iter().enumerate().filter(|(_, reply)| reply.delivered_at.is_none()) {
            let Ok(number) = u32::try_from(index) else { break };
            updates.push((reply.at, Update::Reply(number), reply.waba_id.as_str()));
        }
        // Stable, so that what happened in the same millisecond keeps its order.
        updates.sort_by_key(|(at, _, _)| *at);
        for (_, update, waba_id) in updates {
            if let Some(account) = self.accounts.get_mut(waba_id) {
                account.outbox.waiting.push_back(update);
            }
        }
    }

    /// Accounts with something to tell, nothing under way, and no pause to keep; and when the first pause ends.
    pub(crate) fn ready_outboxes(&self, now: i64, default_callback: bool) -> (Vec<String>, Option<i64>) {
        let mut ready = Vec::new();
        let mut first_pause_ends = None;
        for (waba_id, account) in &self.accounts {
            let outbox = &account.outbox;
            if outbox.waiting.is_empty() || outbox.under_way > 0 {
                continue;
            }
            if account.subscription.is_none() && !default_callback {
                continue;
            }
            if outbox.not_before <= now {
                ready.push(waba_id.clone());
            } else {
                first_pause_ends =
                    Some(first_pause_ends.map_or(outbox.not_before, |at: i64| at.min(outbox.not_before)));
            }
        }
        (ready, first_pause_ends)
    }

    /// Takes the updates for a call; they count as under way until [`World::settle_call`].
    pub(crate) fn take_updates(&mut self, waba_id: &str, now: i64) -> Vec<Update> {
        self.give_up_old(waba_id, now);
        let Some(account) = self.accounts.get_mut(waba_id) else { return Vec::new() };
        let mut updates = Vec::new();
        let mut n_bytes = 0;
        for &update in &account.outbox.waiting {
            n_bytes += match update {
                Update::Status(index, _) => usize::try_from(index)
                    .ok()
                    .and_then(|index| self.messages.get(index))
                    .and_then(|message| message.biz_opaque_callback_data.as_ref())
                    .map_or(800, |data| 800 + 6 * data.len()),
                Update::Template(_) => 2_000,
                Update::Reply(number) => usize::try_from(number)
                    .ok()
                    .and_then(|index| self.replies.get(index))
                    .map_or(2_000, |reply| 2_000 + 6 * reply.said.len()),
            };
            if updates.len() == MAX_UPDATES || (n_bytes > MAX_BODY_BYTES && !updates.is_empty()) {
                break;
            }
            updates.push(update);
        }
        account.outbox.under_way = updates.len();
        updates
    }

    /// The end of a call: its updates are told, or they are tried again after a pause.
    pub(crate) fn settle_call(&mut self, waba_id: &str, call: WebhookCall, now: i64) {
        let taken = matches!(call.outcome, Ok(200..=299));
        if self.webhook_calls.len() == WEBHOOK_CALLS_KEPT {
            self.webhook_calls.pop_front();
        }
        self.webhook_calls.push_back(call);
        let Some(account) = self.accounts.get_mut(waba_id) else { return };
        let outbox = &mut account.outbox;
        let n_under_way = std::mem::take(&mut outbox.under_way).min(outbox.waiting.len());
        if !taken {
            outbox.failures = outbox.failures.saturating_add(1);
            outbox.not_before = now.saturating_add(pause_ms(outbox.failures));
            return;
        }
        outbox.failures = 0;
        outbox.not_before = 0;
        let mut statuses = Vec::new();
        let (mut changes, mut replies) = (Vec::new(), Vec::new());
        for update in outbox.waiting.drain(..n_under_way) {
            match update {
                Update::Status(index, status) => statuses.push((index, status)),
                Update::Template(number) => changes.push(number),
                Update::Reply(number) => replies.push(number),
            }
        }
        self.record(Event::Delivered { at: now, statuses, changes, replies });
    }

    /// Lets go of what has been tried for seven days.
    fn give_up_old(&mut self, waba_id: &str, now: i64) {
        let too_old = now.saturating_sub(GIVE_UP_AFTER_MS);
        let Some(mut waiting) =
            self.accounts.get_mut(waba_id).map(|account| std::mem::take(&mut account.outbox.waiting))
        else {
            return;
        };
        while let Some(&update) = waiting.front()
            && self.happened_at(update).is_none_or(|at| at < too_old)
        {
            waiting.pop_front();
            let (changes, replies) = match update {
                Update::Status(..) => continue,
                Update::Template(number) => (vec![number], Vec::new()),
                Update::Reply(number) => (Vec::new(), vec![number]),
            };
            self.record(Event::Delivered { at: now, statuses: Vec::new(), changes, replies });
        }
        if let Some(account) = self.accounts.get_mut(waba_id) {
            account.outbox.waiting = waiting;
        }
    }

    fn happened_at(&self, update: Update) -> Option<i64> {
        match update {
            Update::Status(index, status) => {
                Some(self.messages.get(usize::try_from(index).ok()?)?.record_of(status)?.at)
            }
            Update::Template(number) => self.changes.get(&number).map(|change: &TemplateChange| change.at),
            Update::Reply(number) => self.reply(number).map(|reply| reply.at),
        }
    }

    /// Updates that a callback has not heard of, over all accounts.
    pub(crate) fn n_untold(&self) -> usize {
        self.accounts.values().map(|account| account.outbox.waiting.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::{Decision, Review};
    use crate::statuses::{Status, Timings};

    const DAY_MS: i64 = 24 * 3600 * 1000;

    /// A world in which the sample template of account `1` was decided upon `n_changes` times at time 0.
    fn world_with(n_changes: usize) -> World {
        let mut world = World::new(Review::Manual, Timings::default());
        world.start(None);
        world.name_account("1", 0);
        let id = world.templates.values().next().unwrap().id.clone();
        for _ in 0..n_changes {
            world.decide(&id, Decision::approval(), 0).unwrap();
        }
        world
    }

    fn ended(outcome: u16) -> WebhookCall {
        let (url, waba_id) = (String::new(), "1".to_owned());
        WebhookCall { at: 0, url, waba_id, n_updates: 0, size_bytes: 0, outcome: Ok(outcome) }
    }

    #[test]
    fn the_pauses_double_up_to_a_minute() {
        let pauses: Vec<i64> = (1..=10).map(pause_ms).collect();
        assert_eq!(pauses, [0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
        assert_eq!(pause_ms(u32::MAX), LONGEST_PAUSE_MS);
    }

    #[test]
    fn a_call_takes_a_thousand_and_only_one_is_under_way() {
        let mut world = world_with(1_200);
        assert_eq!(world.ready_outboxes(0, false), (Vec::new(), None), "there is no callback");
        assert_eq!(world.ready_outboxes(0, true).0, ["1"]);
        assert_eq!(world.take_updates("1", 0).len(), MAX_UPDATES);
        assert_eq!(world.ready_outboxes(0, true), (Vec::new(), None), "a call is under way");
        world.settle_call("1", ended(200), 0);
        assert_eq!(world.take_updates("1", 0).len(), 200);
        world.settle_call("1", ended(200), 0);
        assert_eq!((world.n_untold(), world.changes.len()), (0, 0));
    }

    #[test]
    fn a_failed_call_is_made_again_after_its_pause() {
        let mut world = world_with(2);
        let first = world.take_updates("1", 0);
        world.settle_call("1", ended(500), 0);
        assert_eq!(world.ready_outboxes(0, true).0, ["1"], "the first repetition comes at once");
        assert_eq!(world.take_updates("1", 0), first);
        world.settle_call("1", ended(302), 0);
        assert_eq!(world.ready_outboxes(999, true), (Vec::new(), Some(1_000)));
        assert_eq!(world.ready_outboxes(1_000, true).0, ["1"]);
        // A subscription, also the same one again, ends the pause.
        world.record(Event::Subscription { waba_id: "1".to_owned(), subscription: None });
        assert_eq!(world.ready_outboxes(1, true).0, ["1"]);
    }

    #[test]
    fn after_seven_days_an_update_is_let_go() {
        let mut world = world_with(3);
        assert_eq!(world.take_updates("1", 7 * DAY_MS).len(), 3);
        world.settle_call("1", ended(500), 7 * DAY_MS);
        assert!(world.take_updates("1", 7 * DAY_MS + 1).is_empty());
        assert_eq!((world.n_untold(), world.changes.len()), (0, 0));
    }

    #[test]
    fn a_replayed_world_tells_what_was_not_told_in_its_order() {
        let mut world = World::new(Review::Manual, Timings::default());
        world.apply(Event::Account { waba_id: "1".to_owned() });
        for to in ["a", "b"] {
            let text = format!(
                r#"{{"message":{{"wamid":"w","to":"{to}","phone_number_id":"2","waba_id":"1","template":"t",
                "language":"id","category":"UTILITY","accepted_at":0}}}}"#
            );
            world.apply(serde_json::from_str(&text).unwrap());
        }
        world.apply(Event::Statuses { status: Status::Sent, at: 1, messages: vec![1] });
        world.apply(Event::Statuses { status: Status::Sent, at: 2, messages: vec![0] });
        world.apply(Event::Statuses { status: Status::Delivered, at: 2, messages: vec![1] });
        world.apply(Event::Delivered { at: 3, statuses: vec![(1, Status::Sent)], changes: vec![], replies: vec![] });
        world.start(None);
        assert_eq!(world.take_updates("1", 3), [Update::Status(0, Status::Sent), Update::Status(1, Status::Delivered)]);
        assert_eq!(world.next_due(), Some(300), "what is next was scheduled again");
    }
}
