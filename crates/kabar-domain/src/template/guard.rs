//! The drift guard: what becomes of an app's sends when the upstream turns one of its templates.
//!
//! A template *drifts* when the upstream moves it to MARKETING though the app asked for another category, pauses it, or
//! scores it red. For each of these turns an app says how its sends react. Nothing here waits or looks anything up: what is
//! known of the template is passed in, so the same judgement is made at the door and right before a call.

use std::fmt;

use crate::rule::Rule;
use crate::template::{Category, Status};

/// How a template can drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// It is MARKETING now, and the app asked for another category and has not accepted this one.
    Marketing,
    /// It is paused.
    Paused,
    /// Recipients take it badly.
    Red,
}

impl Turn {
    /// The rule whose sentence tells of it.
    pub const fn rule(self) -> Rule {
        match self {
            Self::Marketing => Rule::DriftMarketing,
            Self::Paused => Rule::DriftPaused,
            Self::Red => Rule::DriftRed,
        }
    }

    /// Every turn with its name.
    pub const NAMES: [(&'static str, Self); 3] =
        [("marketing", Self::Marketing), ("paused", Self::Paused), ("red", Self::Red)];

    /// The turn's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Paused => "paused",
            Self::Red => "red",
        }
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What becomes of a send by a template that has drifted; the strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reaction {
    /// It goes on, and its answer and the log say so.
    Warn,
    /// It is accepted and waits until the template is well again, or its time is up.
    Hold,
    /// It is refused, with the reason.
    Refuse,
}

impl Reaction {
    /// Every reaction with its name.
    pub const NAMES: [(&'static str, Self); 3] = [("warn", Self::Warn), ("hold", Self::Hold), ("refuse", Self::Refuse)];

    /// Reads a reaction's name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, reaction)| *reaction)
    }

    /// The reaction's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Hold => "hold",
            Self::Refuse => "refuse",
        }
    }
}

impl fmt::Display for Reaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How an app's sends react to each turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// When a template turns MARKETING.
    pub marketing: Reaction,
    /// When a template is paused. The upstream refuses what goes on all the same.
    pub paused: Reaction,
    /// When a template turns red.
    pub red: Reaction,
}

impl Default for Guard {
    /// What can't be sent is refused; all else goes on, and is told.
    fn default() -> Self {
        Self { marketing: Reaction::Warn, paused: Reaction::Refuse, red: Reaction::Warn }
    }
}

/// What must be known of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing<'s> {
    /// Its status.
    pub status: Status,
    /// Its category, as the upstream judges it.
    pub category: Category,
    /// The category that the app asked for, or accepted since.
    pub asked: Category,
    /// Its quality: `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality: &'s str,
}

impl Standing<'_> {
    /// How it has drifted, in the order of [`Turn::NAMES`].
    pub fn turns(&self) -> impl Iterator<Item = Turn> {
        let is_marketing = self.category == Category::Marketing && self.asked != Category::Marketing;
        let is_paused = self.status == Status::Paused;
        let is_red = self.quality == "RED";
        [(is_marketing, Turn::Marketing), (is_paused, Turn::Paused), (is_red, Turn::Red)]
            .into_iter()
            .filter_map(|(holds, turn)| holds.then_some(turn))
    }
}

impl Guard {
    /// The reaction to a turn.
    pub const fn on(&self, turn: Turn) -> Reaction {
        match turn {
            Turn::Marketing => self.marketing,
            Turn::Paused => self.paused,
            Turn::Red => self.red,
        }
    }

    /// Changes the reaction to a turn.
    pub const fn set(&mut self, turn: Turn, reaction: Reaction) {
        match turn {
            Turn::Marketing => self.marketing = reaction,
            Turn::Paused => self.paused = reaction,
            Turn::Red => self.red = reaction,
        }
    }

    /// What becomes of a send: the strictest reaction, and all turns that have it. `None` where nothing has drifted.
    pub fn judge(&self, standing: &Standing<'_>) -> Option<(Reaction, Vec<Turn>)> {
        let strictest = standing.turns().map(|turn| self.on(turn)).max()?;
        Some((strictest, standing.turns().filter(|turn| self.on(*turn) == strictest).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Standing<'static> =
        Standing { status: Status::Approved, category: Category::Utility, asked: Category::Utility, quality: "GREEN" };

    #[test]
    fn a_template_that_is_well_is_not_judged() {
        assert_eq!(Guard::default().judge(&WELL), None);
        let own_wish = Standing { category: Category::Marketing, asked: Category::Marketing, ..WELL };
        assert_eq!(Guard::default().judge(&own_wish), None, "the app asked for it");
        let cheaper = Standing { asked: Category::Marketing, ..WELL };
        assert_eq!(Guard::default().judge(&cheaper), None, "only the way to MARKETING is a drift");
    }

    #[test]
    fn the_strictest_reaction_counts_and_names_its_turns() {
        let all = Standing { status: Status::Paused, category: Category::Marketing, quality: "RED", ..WELL };
        assert_eq!(Guard::default().judge(&all), Some((Reaction::Refuse, vec![Turn::Paused])));
        let hold = Guard { marketing: Reaction::Hold, paused: Reaction::Warn, red: Reaction::Hold };
        assert_eq!(hold.judge(&all), Some((Reaction::Hold, vec![Turn::Marketing, Turn::Red])));
        let red = Standing { quality: "RED", ..WELL };
        assert_eq!(Guard::default().judge(&red), Some((Reaction::Warn, vec![Turn::Red])));
    }

    #[test]
    fn every_turn_has_a_reaction_of_its_own() {
        let mut guard = Guard::default();
        for (name, turn) in Turn::NAMES {
            assert_eq!(turn.as_str(), name);
            for (word, reaction) in Reaction::NAMES {
                guard.set(turn, reaction);
                assert_eq!((guard.on(turn), Reaction::parse(word)), (reaction, Some(reaction)));
            }
        }
        assert_eq!(Reaction::parse("WARN"), None);
    }
}
