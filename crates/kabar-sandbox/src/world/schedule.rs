//! What happens by itself: reviews and the statuses of messages, each when it is due.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::review::{Review, decide};
use crate::statuses::Status;
use crate::world::event::Event;
use crate::world::message::Message;
use crate::world::{Template, TemplateStatus, World};

/// Updates written down with the world's lock held once.
const ROUND: usize = 5_000;

/// Something that is due at a time; the earliest is the greatest, as a `BinaryHeap` gives out the greatest first.
pub(crate) type Due = Reverse<(i64, What)>;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// The review of the template with this sequence number.
    Review(u64),
    /// The end of a template's pause.
    PauseEnds(u64),
    /// The category that was announced for a template.
    Category(u64),
    /// The next status of the message with this index.
    Status(u32),
    /// A callback is to be told of this status of the message with this index, which a fault rule held back.
    Tell(u32, Status),
}

impl World {
    /// Makes happen what is due at `now`, up to a bound; true when there may be more.
    pub(crate) fn advance(&mut self, now: i64) -> bool {
        let mut reached: BTreeMap<Status, Vec<u32>> = BTreeMap::new();
        let mut n_taken = 0;
        while n_taken < ROUND
            && let Some(Reverse((at, what))) = self.schedule.peek().copied()
            && at <= now
        {
            self.schedule.pop();
            n_taken += 1;
            match what {
                // Meanwhile it may have been said that nothing is decided by itself.
                What::Review(_) if self.review == Review::Manual => {}
                What::Review(sequence) => self.review_now(sequence, now),
                What::PauseEnds(sequence) => self.end_pause(sequence, now),
                What::Category(sequence) => self.take_announced_category(sequence, now),
                What::Tell(index, status) => self.tell_status_now(index, status),
                What::Status(index) => {
                    let message = usize::try_from(index).ok().and_then(|index| self.messages.get(index));
                    // Something else, done by hand, may have come before what was scheduled.
                    let next = message.and_then(|message| self.next_status_of(message)).filter(|(_, at)| *at <= now);
                    if let Some((status, _)) = next {
                        reached.entry(status).or_default().push(index);
                    }
                }
            }
        }
        for (status, messages) in reached {
            self.record(Event::Statuses { status, at: now, messages });
        }
        n_taken > 0
    }

    /// When the next thing is due.
    pub(crate) fn next_due(&self) -> Option<i64> {
        self.schedule.peek().map(|Reverse((at, _))| *at)
    }

    /// Schedules what a replay left unfinished.
    pub(crate) fn resume_schedule(&mut self) {
        let messages = self.messages.iter().enumerate();
        let statuses = messages.filter_map(|(index, message)| self.status_due(index, message));
        let mut schedule: Vec<Due> = statuses.collect();
        schedule.extend(self.templates.values().flat_map(|template| template_due(template, self.review)));
        self.schedule = schedule.into();
    }

    pub(crate) fn schedule_template(&mut self, template: &Template) {
        self.schedule.extend(template_due(template, self.review));
    }

    pub(crate) fn schedule_status(&mut self, index: usize, message: &Message) {
        let due = self.status_due(index, message);
        self.schedule.extend(due);
    }

    pub(crate) fn schedule_next_status(&mut self, index: usize) {
        let due = self.messages.get(index).and_then(|message| self.status_due(index, message));
        self.schedule.extend(due);
    }

    /// The status that a message reaches next without anybody's doing, with its time.
    fn next_status_of(&self, message: &Message) -> Option<(Status, i64)> {
        let habit = self.habits.get(&message.to).copied().unwrap_or_default();
        message.next_status(&self.timings).filter(|(status, _)| habit.reaches(*status))
    }

    fn status_due(&self, index: usize, message: &Message) -> Option<Due> {
        let (_, at) = self.next_status_of(message)?;
        Some(Reverse((at, What::Status(u32::try_from(index).ok()?))))
    }

    /// From now on templates are reviewed so, also those that wait for it.
    pub(crate) fn change_review(&mut self, review: Review, now: i64) {
        self.review = review;
        let pending = self.templates.iter().filter(|(_, template)| template.status == TemplateStatus::Pending);
        let pending: Vec<u64> = pending.map(|(sequence, _)| *sequence).collect();
        for sequence in pending {
            if review == Review::Instant {
                self.review_now(sequence, now);
            } else if let Some(due) = self.templates.get(&sequence).and_then(|template| review_due(template, review)) {
                self.schedule.push(due);
            }
        }
        self.touch();
    }

    /// The review of a template that is still pending; any other has been decided upon meanwhile.
    pub(crate) fn review_now(&mut self, sequence: u64, now: i64) {
        let pending = self.templates.get(&sequence).filter(|template| template.status == TemplateStatus::Pending);
        let Some((id, decision)) =
            pending.map(|template| (template.id.clone(), decide(&template.name, &template.spec.body.text)))
        else {
            return;
        };
        let _: Option<&Template> = self.decide(&id, decision, now);
    }
}

/// What will happen to a template by itself. Something else may happen first; then it is looked at again when it is due.
fn template_due(template: &Template, review: Review) -> impl Iterator<Item = Due> {
    let sequence = template.sequence;
    let life = &template.life;
    let category = life.announced_category.as_ref().map(|(_, from)| Reverse((*from, What::Category(sequence))));
    let pause = life.pause_ends.map(|at| Reverse((at, What::PauseEnds(sequence))));
    [review_due(template, review), pause, category].into_iter().flatten()
}

fn review_due(template: &Template, review: Review) -> Option<Due> {
    let Review::After(delay) = review else { return None };
    if template.status != TemplateStatus::Pending {
        return None;
    }
    let delay_ms = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
    Some(Reverse((template.updated_at.saturating_add(delay_ms), What::Review(template.sequence))))
}
