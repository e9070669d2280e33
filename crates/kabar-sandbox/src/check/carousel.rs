//! The cards of a new template's carousel: how many, and all of one build.

use serde_json::{Map, Value};

use crate::check::components::{Setting, check_at, missing, typed, unexpected};
use crate::check::keys::{array, object, only};
use crate::graph::errors::GraphError;

const N_CARDS: std::ops::RangeInclusive<usize> = 2..=10;
const MAX_CARD_BUTTONS: usize = 2;

/// Checks the cards of a carousel.
pub(crate) fn check(component: &Map<String, Value>, setting: Setting<'_>, path: &str) -> Result<(), GraphError> {
    let cards = component.get("cards").ok_or_else(|| missing("CAROUSEL", "cards"))?;
    let path = format!("{path}['cards']");
    let cards = array(cards, &path)?;
    if !N_CARDS.contains(&cards.len()) {
        let (least, most) = (N_CARDS.start(), N_CARDS.end());
        return Err(GraphError::parameter(format!("Param {path} must have between {least} and {most} elements.")));
    }
    let mut builds = Vec::new();
    for (index, card) in cards.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let card = object(card, &path)?;
        only(card, &["components"], &path)?;
        let components = card.get("components").ok_or_else(|| missing("CAROUSEL", "components"))?;
        let path = format!("{path}['components']");
        builds.push(check_card(array(components, &path)?, setting, &path)?);
    }
    if builds.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(GraphError::parameter(format!("Param {path} must have the same components on every card.")));
    }
    Ok(())
}

/// Checks a card; gives what it is built of, to be compared with the others.
fn check_card(components: &[Value], setting: Setting<'_>, path: &str) -> Result<Vec<String>, GraphError> {
    check_at(components, Setting { in_card: true, ..setting }, path)?;
    let typed = typed(components, path)?;
    let mut build = Vec::new();
    for (component, kind) in typed {
        let text = |object: &Value, key: &str| object[key].as_str().unwrap_or_default().to_ascii_uppercase();
        match kind {
            "HEADER" => {
                let format = component.get("format").and_then(Value::as_str).unwrap_or_default();
                build.push(format!("HEADER {}", format.to_ascii_uppercase()));
            }
            "BODY" => build.push(kind.to_owned()),
            "BUTTONS" => {
                let buttons = component.get("buttons").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                if buttons.len() > MAX_CARD_BUTTONS {
                    let message = format!("Param {path} must have at most {MAX_CARD_BUTTONS} buttons on a card.");
                    return Err(GraphError::parameter(message));
                }
                let kinds: Vec<String> = buttons.iter().map(|button| text(button, "type")).collect();
                build.push(format!("BUTTONS {}", kinds.join(" ")));
            }
            other => return Err(unexpected("CAROUSEL", other)),
        }
    }
    if !build.iter().any(|part| part.starts_with("HEADER")) {
        return Err(missing("CAROUSEL", "header"));
    }
    build.sort_unstable();
    Ok(build)
}
