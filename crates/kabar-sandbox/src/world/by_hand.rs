//! What becomes of messages by hand: they are delivered, read, or fail; and what a phone does with them by itself.

use crate::statuses::{Habit, Status};
use crate::world::World;
use crate::world::event::Event;

impl World {
    /// The index of a message.
    pub(crate) fn find_message(&self, wamid: &str) -> Option<usize> {
        self.messages.iter().rposition(|message| message.wamid == wamid)
    }

    /// The message is delivered or read now, with all that comes before that; the error says why it can't be.
    pub(crate) fn reach_by_hand(&mut self, index: usize, status: Status, at: i64) -> Result<(), &'static str> {
        let message = self.messages.get(index).ok_or("there is no such message")?;
        if message.fails_with.is_some() {
            return Err("the message fails, so it can't arrive");
        }
        if message.record_of(status).is_some() {
            return Err("the message has this status already");
        }
        for step in [Status::Sent, Status::Delivered, Status::Read].into_iter().filter(|step| *step <= status) {
            self.reach(index, step, at);
        }
        Ok(())
    }

    /// The message fails now with this error of the platform's; the error says why it can't.
    pub(crate) fn fail_by_hand(&mut self, index: usize, code: u32, at: i64) -> Result<(), &'static str> {
        let message = self.messages.get(index).ok_or("there is no such message")?;
        if message.record_of(Status::Failed).is_some() {
            return Err("the message has failed already");
        }
        if message.record_of(Status::Delivered).is_some() {
            return Err("the message has arrived, so it can't fail any more");
        }
        if let Ok(message) = u32::try_from(index) {
            self.record(Event::FailsWith { message, code });
        }
        self.reach(index, Status::Failed, at);
        Ok(())
    }

    fn reach(&mut self, index: usize, status: Status, at: i64) {
        let is_new = self.messages.get(index).is_some_and(|message| message.record_of(status).is_none());
        if let (true, Ok(number)) = (is_new, u32::try_from(index)) {
            self.record(Event::Statuses { status, at, messages: vec![number] });
        }
    }

    /// A phone's habit changes; what it did not do with its messages up to now, it does.
    pub(crate) fn apply_habit(&mut self, to: String, habit: Habit) {
        let waiting: Vec<usize> = if self.live {
            let of_it = self.messages.iter().enumerate().filter(|(_, message)| message.to == to);
            of_it.map(|(index, _)| index).collect()
        } else {
            Vec::new()
        };
        if habit == Habit::default() {
            self.habits.remove(&to);
        } else {
            self.habits.insert(to, habit);
        }
        for index in waiting {
            self.schedule_next_status(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::Review;
    use crate::statuses::Timings;
    use crate::world::reply::Said;

    fn world_with_a_message() -> World {
        let mut world = World::new(Review::Manual, Timings::default());
        world.start(None);
        world.record(Event::Account { waba_id: "1".to_owned() });
        let text = r#"{"message":{"wamid":"w","to":"628","phone_number_id":"2","waba_id":"1","template":"t",
            "language":"id","category":"UTILITY","accepted_at":0}}"#;
        world.record(serde_json::from_str(text).unwrap());
        world
    }

    fn statuses(world: &World) -> Vec<&'static str> {
        world.messages[0].statuses.iter().map(|record| record.status.as_str()).collect()
    }

    fn advance(world: &mut World, now: i64) {
        while world.advance(now) {}
    }

    #[test]
    fn a_phone_that_is_off_gets_everything_once_it_is_on() {
        let mut world = world_with_a_message();
        for habit in [Habit::Off, Habit::Reads, Habit::Off] {
            world.record(Event::Habit { to: "628".to_owned(), habit });
        }
        advance(&mut world, 5_000);
        assert_eq!(statuses(&world), ["sent"]);
        world.record(Event::Habit { to: "628".to_owned(), habit: Habit::Receives });
        advance(&mut world, 5_000);
        assert_eq!(statuses(&world), ["sent", "delivered"]);
        world.record(Event::Habit { to: "628".to_owned(), habit: Habit::Reads });
        advance(&mut world, 5_000);
        assert_eq!(statuses(&world), ["sent", "delivered", "read"]);
    }

    #[test]
    fn what_is_done_by_hand_is_not_done_again_by_itself_nor_too_early() {
        let mut world = world_with_a_message();
        world.reach_by_hand(0, Status::Delivered, 1).unwrap();
        advance(&mut world, 999);
        assert_eq!(statuses(&world), ["sent", "delivered"], "it is read after a second");
        assert!(world.fail_by_hand(0, 131_026, 999).is_err(), "it has arrived");
        advance(&mut world, 1_000);
        assert_eq!(statuses(&world), ["sent", "delivered", "read"]);
        assert!(world.reach_by_hand(0, Status::Read, 1_001).is_err());
    }

    #[test]
    fn a_message_that_was_made_to_fail_stays_so() {
        let mut world = world_with_a_message();
        advance(&mut world, 100);
        world.fail_by_hand(0, 131_026, 101).unwrap();
        advance(&mut world, 5_000);
        assert_eq!(statuses(&world), ["sent", "failed"]);
        assert!(world.fail_by_hand(0, 131_026, 102).is_err());
        assert!(world.reach_by_hand(0, Status::Read, 102).is_err());
    }

    #[test]
    fn habits_and_answers_outlive_the_process_and_answers_are_told_once() {
        let mut world = world_with_a_message();
        world.record(Event::Habit { to: "628".to_owned(), habit: Habit::Off });
        for text in ["first", "second"] {
            world.answer(0, Said::Text(text.to_owned()), true, 3);
        }
        for stopped in [true, false, true] {
            world.answer(0, Said::Marketing { stopped }, false, 3);
        }
        world.record(Event::Delivered { at: 4, statuses: vec![], changes: vec![], replies: vec![0, 2, 3, 4] });
        let mut again = World::new(Review::Manual, Timings::default());
        let result = world.for_each_event(|event| {
            again.apply(serde_json::from_str(&serde_json::to_string(event)?)?);
            Ok::<_, serde_json::Error>(())
        });
        result.unwrap();
        again.start(None);
        assert_eq!(again.replies, world.replies);
        assert!(again.stops_marketing("1", "628") && !again.stops_marketing("2", "628"));
        advance(&mut again, 5_000);
        assert_eq!(statuses(&again), ["sent"], "the phone is still off");
        let told = again.take_updates("1", 5_000);
        let replies = told.iter().filter(|update| matches!(update, crate::world::account::Update::Reply(_)));
        assert_eq!(replies.collect::<Vec<_>>(), [&crate::world::account::Update::Reply(1)]);
    }
}
