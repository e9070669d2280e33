//! What becomes of a template after its creation: decisions, quality and its pauses, categories, the archive, its end.
//!
//! Each change is told to the account's callback.

use crate::review::Decision;
use crate::world::event::Event;
use crate::world::template::{Life, What};
use crate::world::{Quality, Template, TemplateChange, TemplateStatus, World};

const HOUR_MS: i64 = 3600 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// How long the name of a deleted template that was approved is blocked.
const BLOCKED_FOR_MS: i64 = 30 * DAY_MS;
/// How long before it holds a new category is announced.
pub(crate) const NOTICE_MS: i64 = DAY_MS;

impl World {
    /// Decides on a template; its account's callback is told.
    pub(crate) fn decide(&mut self, template_id: &str, decision: Decision, at: i64) -> Option<&Template> {
        let template = self.template(template_id)?;
        let (was, is) = (template.status, decision.status);
        if (was == TemplateStatus::Paused) != (is == TemplateStatus::Paused) {
            let paused_at = (is == TemplateStatus::Paused).then_some(at);
            self.change_life(template_id, |life| {
                life.paused_at = paused_at;
                life.pause_ends = None;
            });
        }
        let change = TemplateChange::new(self.next_change, self.template(template_id)?, decision, at);
        self.record(Event::TemplateChange(Box::new(change)));
        self.template(template_id)
    }

    /// Tells an account's callback something about a template that leaves its status as it is.
    pub(crate) fn notify(&mut self, template_id: &str, what: What, at: i64) {
        let Some(template) = self.template(template_id) else { return };
        let change = TemplateChange::about(self.next_change, template, what, at);
        self.record(Event::TemplateChange(Box::new(change)));
    }

    fn change_life(&mut self, template_id: &str, change: impl FnOnce(&mut Life)) {
        let Some(mut template) = self.template(template_id).cloned() else { return };
        change(&mut template.life);
        self.record(Event::Template(Box::new(template)));
    }

    /// A template is measured. The first time that it turns red it is paused for three hours, the second time for six,
    /// the third time it is disabled.
    pub(crate) fn measure(&mut self, template_id: &str, quality: Quality, at: i64) -> Option<&Template> {
        let template = self.template(template_id)?;
        let (previous, status) = (template.life.quality, template.status);
        self.change_life(template_id, |life| {
            life.quality = quality;
            life.quality_at = Some(at);
        });
        if previous != quality {
            self.notify(template_id, What::Quality { previous, new: quality }, at);
        }
        if quality == Quality::Red && status == TemplateStatus::Approved {
            self.pause_for_quality(template_id, at);
        }
        self.template(template_id)
    }

    fn pause_for_quality(&mut self, template_id: &str, at: i64) {
        let n_earlier = self.template(template_id).map_or(0, |template| template.life.n_pauses);
        self.change_life(template_id, |life| life.n_pauses = n_earlier + 1);
        let pause = match n_earlier {
            0 => Some(("FIRST_PAUSE", 3 * HOUR_MS)),
            1 => Some(("SECOND_PAUSE", 6 * HOUR_MS)),
            _ => None,
        };
        match pause {
            None => {
                let disabling = Decision { title: Some("DISABLED".to_owned()), ..Decision::disabling() };
                self.decide(template_id, disabling, at);
            }
            Some((title, lasts_ms)) => {
                self.decide(template_id, Decision::pause(title), at);
                self.change_life(template_id, |life| life.pause_ends = Some(at.saturating_add(lasts_ms)));
            }
        }
    }

    /// The end of a pause whose time is up.
    pub(crate) fn end_pause(&mut self, sequence: u64, now: i64) {
        let template = self.templates.get(&sequence);
        let is_due = |template: &&Template| {
            template.status == TemplateStatus::Paused && template.life.pause_ends.is_some_and(|ends| ends <= now)
        };
        if let Some(id) = template.filter(is_due).map(|template| template.id.clone()) {
            self.decide(&id, Decision::unpausing(), now);
        }
    }

    /// Gives a template, and those of its name in other languages, another category, as a name has only one.
    pub(crate) fn recategorise(&mut self, template_id: &str, category: &str, at: i64) {
        for id in self.of_the_same_name(template_id) {
            let Some(mut template) = self.template(&id).cloned() else { continue };
            template.life.announced_category = None;
            let previous = std::mem::replace(&mut template.category, category.to_owned());
            let is_changed = previous != category;
            if is_changed {
                template.life.previous_category = Some(previous.clone());
                // The bounds of the new category are others.
                template.attributes.shift_remove("message_send_ttl_seconds");
                template.updated_at = at;
            }
            self.record(Event::Template(Box::new(template)));
            if is_changed {
                self.notify(&id, What::Category { previous }, at);
            }
        }
    }

    /// Announces another category for a template and those of its name in other languages.
    pub(crate) fn announce_category(&mut self, template_id: &str, category: &str, at: i64) {
        let from = at.saturating_add(NOTICE_MS);
        for id in self.of_the_same_name(template_id) {
            self.change_life(&id, |life| life.announced_category = Some((category.to_owned(), from)));
            self.notify(&id, What::AnnouncedCategory { correct: category.to_owned(), from }, at);
        }
    }

    /// Takes the category that was announced, if its time has come.
    pub(crate) fn take_announced_category(&mut self, sequence: u64, now: i64) {
        let template = self.templates.get(&sequence);
        let announced = template.and_then(|template| Some((&template.id, template.life.announced_category.as_ref()?)));
        let due = announced.filter(|(_, (_, from))| *from <= now);
        if let Some((id, category)) = due.map(|(id, (category, _))| (id.clone(), category.clone())) {
            self.recategorise(&id, &category, now);
        }
    }

    fn of_the_same_name(&self, template_id: &str) -> Vec<String> {
        let Some(template) = self.template(template_id) else { return Vec::new() };
        let account = self.accounts.get(&template.waba_id);
        let languages = account.and_then(|account| account.by_name.get(&template.name));
        let sequences = languages.into_iter().flat_map(|languages| languages.values());
        let mut sequences: Vec<u64> = sequences.copied().collect();
        sequences.sort_unstable();
        let templates = sequences.iter().filter_map(|sequence| self.templates.get(sequence));
        templates.map(|template| template.id.clone()).collect()
    }

    /// Puts a template into the archive; the error says why it cannot be.
    pub(crate) fn archive(&mut self, template_id: &str, at: i64) -> Result<(), &'static str> {
        let status = self.template(template_id).map(|template| template.status);
        let status = status.filter(|status| matches!(status, TemplateStatus::Approved | TemplateStatus::Rejected));
        let status = status.ok_or("Only approved or rejected templates can be archived")?;
        self.change_life(template_id, |life| life.before_archive = Some(status));
        self.decide(template_id, Decision::of(TemplateStatus::Archived), at);
        Ok(())
    }

    /// Takes a template out of the archive; the error says why it cannot be.
    pub(crate) fn unarchive(&mut self, template_id: &str, at: i64) -> Result<(), &'static str> {
        let template = self.template(template_id);
        let template = template.filter(|template| template.status == TemplateStatus::Archived);
        let template = template.ok_or("Template is not archived")?;
        let status = template.life.before_archive.unwrap_or(TemplateStatus::Approved);
        self.change_life(template_id, |life| life.before_archive = None);
        self.decide(template_id, Decision::unarchiving(status), at);
        Ok(())
    }

    /// Deletes a template; the name of one that was approved is blocked for a while.
    pub(crate) fn delete_template(&mut self, template_id: &str, now: i64) {
        let Some(template) = self.template(template_id) else { return };
        let blocked = (template.status == TemplateStatus::Approved).then(|| Event::NameBlocked {
            waba_id: template.waba_id.clone(),
            name: template.name.clone(),
            language: template.language.clone(),
            until: now.saturating_add(BLOCKED_FOR_MS),
        });
        self.record(Event::TemplateDeleted { template_id: template_id.to_owned() });
        if let Some(blocked) = blocked {
            self.record(blocked);
        }
    }

    /// Whether the name of a deleted template is still blocked.
    pub(crate) fn is_blocked(&self, waba_id: &str, name: &str, language: &str, now: i64) -> bool {
        let key = (waba_id.to_owned(), name.to_owned(), language.to_owned());
        self.blocked_names.get(&key).is_some_and(|until| *until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::Review;
    use crate::statuses::Timings;

    /// What a short state file keeps of a world.
    fn replayed(world: &World) -> World {
        let mut again = World::new(Review::Manual, Timings::default());
        let result = world.for_each_event(|event| {
            let line = serde_json::to_string(event)?;
            again.apply(serde_json::from_str(&line)?);
            Ok::<_, serde_json::Error>(())
        });
        result.unwrap();
        again
    }

    #[test]
    fn a_shortened_file_keeps_the_newest_state_and_what_is_untold() {
        let mut world = World::new(Review::Manual, Timings::default());
        world.start(None);
        world.name_account("1", 0);
        let id = world.templates.values().next().unwrap().id.clone();
        world.measure(&id, Quality::Red, 5);
        world.announce_category(&id, "MARKETING", 6);
        // As an edit does: the status changes without being told.
        let mut template = world.template(&id).unwrap().clone();
        template.status = TemplateStatus::Pending;
        world.record(Event::Template(Box::new(template)));
        let mut again = replayed(&world);
        let template = again.template(&id).unwrap().clone();
        assert_eq!(
            (template.status, template.life.quality, template.life.n_pauses),
            (TemplateStatus::Pending, Quality::Red, 1)
        );
        assert_eq!(again.changes.len(), 3, "a score, a pause and an announcement");
        again.start(None);
        while again.advance(7 + NOTICE_MS) {}
        assert_eq!(again.template(&id).unwrap().category, "MARKETING", "what was scheduled still happens");
        again.delete_template(&id, 8);
        assert!(!again.is_blocked("1", "hello_world", "en_US", 8), "it was not approved when it was deleted");
    }
}
