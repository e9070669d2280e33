//! Buttons together: how many of each kind, and in which order.

use crate::fault::Faults;
use crate::reading::Node;
use crate::rule::Rule;
use crate::template::Category;
use crate::template::components::Setting;
use crate::template::components::buttons::{Button, ButtonKind};

pub(super) fn check(list: &Node<'_>, elements: &[Node<'_>], buttons: &[Button], setting: Setting, faults: &mut Faults) {
    if setting.category == Some(Category::Authentication) {
        let is_one_otp = matches!(buttons, [Button { kind: ButtonKind::Otp(_), .. }]);
        if !buttons.is_empty() && !is_one_otp {
            faults.push(list.fault(Rule::AuthenticationButton));
        }
        return;
    }
    check_counts(elements, buttons, faults);
    check_grouping(list, buttons, faults);
    let order_details = buttons.iter().position(|button| button.kind == ButtonKind::OrderDetails);
    if let Some(place) = order_details.filter(|place| *place > 0) {
        faults.push(elements[place].fault(Rule::OrderDetailsFirst));
    }
}

/// Notes more buttons than a message, or a card, may have.
pub(in crate::template::components) fn check_number(list: &Node<'_>, got: usize, rule: Rule, faults: &mut Faults) {
    if !rule.allows(got) {
        faults.push(list.fault(rule).with("got", got));
    }
}

/// The rule that says how many buttons of a kind there may be.
fn rule_of(kind: &ButtonKind) -> Option<Rule> {
    match kind {
        ButtonKind::QuickReply => Some(Rule::ButtonsQuickReply),
        ButtonKind::Url { .. } => Some(Rule::ButtonsUrl),
        ButtonKind::PhoneNumber => Some(Rule::ButtonsPhone),
        ButtonKind::CopyCode { .. } => Some(Rule::ButtonsCopyCode),
        ButtonKind::Flow(_)
        | ButtonKind::Catalog
        | ButtonKind::Mpm
        | ButtonKind::Spm
        | ButtonKind::VoiceCall
        | ButtonKind::OrderDetails
        | ButtonKind::RequestContactInfo => Some(Rule::ButtonsOfKind),
        // Of these the first is refused already.
        ButtonKind::Otp(_) | ButtonKind::Other(_) => None,
    }
}

/// Notes each kind that there are too many of, at the first button too many.
fn check_counts(elements: &[Node<'_>], buttons: &[Button], faults: &mut Faults) {
    let mut noted: Vec<&str> = Vec::new();
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for (element, button) in elements.iter().zip(buttons) {
        let Some(rule) = rule_of(&button.kind) else { continue };
        let name = button.kind.name();
        let place = counts.iter().position(|(kind, _)| *kind == name).unwrap_or_else(|| {
            counts.push((name, 0));
            counts.len() - 1
        });
        counts[place].1 += 1;
        if !rule.allows(counts[place].1) && !noted.contains(&name) {
            noted.push(name);
            let got = buttons.iter().filter(|other| other.kind.name() == name).count();
            faults.push(element.fault(rule).with("kind", name).with("got", got));
        }
    }
}

/// Quick replies stand together, and nothing else stands on both sides of them.
fn check_grouping(list: &Node<'_>, buttons: &[Button], faults: &mut Faults) {
    let replies: Vec<bool> = buttons.iter().map(|button| button.kind == ButtonKind::QuickReply).collect();
    let changes = replies.windows(2).filter(|pair| pair[0] != pair[1]).count();
    if changes > 1 {
        faults.push(list.fault(Rule::ButtonsGrouping));
    }
}
