//! A draft beside the other templates of its account: what the upstream refuses for their sake.

use crate::clock::Moment;
use crate::fault::{Fault, Faults, Path};
use crate::rule::Rule;
use crate::template::draft::Draft;
use crate::template::{Category, Status};

/// What must be known of another template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neighbour<'n> {
    /// Its name.
    pub name: &'n str,
    /// Its language.
    pub language: &'n str,
    /// Its category.
    pub category: Category,
    /// Its status.
    pub status: Status,
    /// When it was deleted, if it was approved until then.
    pub deleted_at: Option<Moment>,
}

impl Neighbour<'_> {
    const fn is_gone(&self) -> bool {
        self.deleted_at.is_some() || matches!(self.status, Status::Deleted)
    }
}

/// Notes what forbids to create the draft at this moment.
///
/// That is a template with its name and language, one with its name in another category, or one that was deleted not long
/// ago. Templates of other names are passed over.
pub fn check<'n>(draft: &Draft, neighbours: impl IntoIterator<Item = Neighbour<'n>>, now: Moment) -> Faults {
    let mut faults = Faults::none();
    let (name, language) = (draft.name.as_str(), draft.language.as_str());
    let neighbours: Vec<Neighbour<'_>> = neighbours.into_iter().filter(|neighbour| neighbour.name == name).collect();
    for neighbour in neighbours.iter().filter(|neighbour| neighbour.language == language) {
        let fault = |key: &'static str, rule: Rule| Fault::new(Path::root().key(key), rule).with("name", name);
        if neighbour.deleted_at.is_some_and(|at| is_blocked(at, now)) {
            faults.push(fault("name", Rule::NameBlocked).with("language", language));
        } else if !neighbour.is_gone() {
            faults.push(fault("name", Rule::TemplateExists).with("language", language));
        }
    }
    if let Some(fault) = check_category(name, language, draft.category, neighbours) {
        faults.push(fault);
    }
    faults
}

/// Notes that a template of this name can't have this category, for the sake of its name's other languages.
pub fn check_category<'n>(
    name: &str,
    language: &str,
    category: Category,
    neighbours: impl IntoIterator<Item = Neighbour<'n>>,
) -> Option<Fault> {
    let other = neighbours.into_iter().find(|neighbour| {
        neighbour.name == name
            && neighbour.language != language
            && !neighbour.is_gone()
            && neighbour.category != category
    })?;
    let fault = Fault::new(Path::root().key("category"), Rule::NameCategory).with("name", name);
    Some(fault.with("got", category).with("want", other.category))
}

fn is_blocked(deleted_at: Moment, now: Moment) -> bool {
    let days = u64::from(Rule::NameBlocked.row().max.unwrap_or_default());
    now.since(deleted_at).as_secs() < days * 24 * 60 * 60
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn draft() -> Draft {
        Draft::parse(&json!({
            "name": "salam", "category": "UTILITY", "language": "id", "components": [{ "type": "BODY", "text": "Halo" }]
        }))
        .unwrap()
    }

    fn at(day: i64) -> Moment {
        Moment::from_seconds(1_800_000_000 + day * 86_400)
    }

    const OTHER: Neighbour<'static> = Neighbour {
        name: "salam",
        language: "en",
        category: Category::Utility,
        status: Status::Approved,
        deleted_at: None,
    };

    fn rules(neighbour: Neighbour<'_>) -> Vec<Rule> {
        check(&draft(), [neighbour], at(30)).iter().map(|fault| fault.rule).collect()
    }

    #[test]
    fn each_name_and_language_is_there_once() {
        assert!(rules(OTHER).is_empty());
        assert_eq!(rules(Neighbour { language: "id", ..OTHER }), [Rule::TemplateExists]);
        assert!(rules(Neighbour { language: "id", name: "salam_dua", ..OTHER }).is_empty());
        assert!(rules(Neighbour { language: "id", status: Status::Deleted, ..OTHER }).is_empty());
    }

    #[test]
    fn a_name_has_one_category_in_all_languages() {
        assert_eq!(rules(Neighbour { category: Category::Marketing, ..OTHER }), [Rule::NameCategory]);
        assert!(rules(Neighbour { category: Category::Marketing, status: Status::Deleted, ..OTHER }).is_empty());
    }

    #[test]
    fn a_deleted_name_is_blocked_for_thirty_days() {
        let deleted = |day: i64| Neighbour { language: "id", deleted_at: Some(at(day)), ..OTHER };
        assert_eq!(rules(deleted(1)), [Rule::NameBlocked]);
        assert!(rules(deleted(0)).is_empty());
        assert!(rules(Neighbour { language: "en", ..deleted(1) }).is_empty());
    }
}
