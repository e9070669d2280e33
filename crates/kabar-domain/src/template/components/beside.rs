//! What components must be beside each other.

use crate::fault::{Fault, Faults};
use crate::reading::{Node, ObjectNode};
use crate::rule::Rule;
use crate::template::Category;
use crate::template::components::{ButtonKind, Components, Header, Kind, Setting, buttons, name_of};

pub(super) fn check(
    components: &Components,
    seen: &[(Kind, ObjectNode<'_>)],
    list: &Node<'_>,
    setting: Setting,
    faults: &mut Faults,
) {
    let object_of = |wanted: Kind| seen.iter().find(|(kind, _)| *kind == wanted).map(|(_, object)| object);
    let buttons = object_of(Kind::Buttons);
    if let Some(node) = buttons.and_then(|object| object.optional("buttons")) {
        buttons::check_number(&node, components.buttons.len(), Rule::ButtonsTotal, faults);
    }
    if setting.category == Some(Category::Authentication) {
        check_authentication(seen, list, faults);
        return;
    }
    check_product(components, object_of(Kind::Header), buttons, faults);
    if object_of(Kind::LimitedTimeOffer).is_some() {
        check_offer(components, object_of(Kind::Header), object_of(Kind::Footer), buttons, faults);
    }
    if object_of(Kind::Carousel).is_some() {
        for (kind, object) in seen {
            let name = name_of(*kind);
            if Rule::CarouselBeside.row().words.contains(&name) {
                faults.push(object.fault("type", Rule::CarouselBeside).with("component", name));
            }
        }
    }
}

fn check_authentication(seen: &[(Kind, ObjectNode<'_>)], list: &Node<'_>, faults: &mut Faults) {
    for (kind, object) in seen {
        if !Rule::AuthenticationComponent.row().words.contains(&name_of(*kind)) {
            faults.push(object.fault("type", Rule::AuthenticationComponent));
        }
    }
    if !seen.iter().any(|(kind, _)| *kind == Kind::Buttons) {
        faults.push(list.fault(Rule::AuthenticationButton));
    }
}

/// A product above the text and the button for it go together.
fn check_product(
    components: &Components,
    header: Option<&ObjectNode<'_>>,
    buttons: Option<&ObjectNode<'_>>,
    faults: &mut Faults,
) {
    let is_product = components.header == Some(Header::Product);
    let spm = components.buttons.iter().position(|button| button.kind == ButtonKind::Spm);
    if let (true, None, Some(header)) = (is_product, spm, header) {
        faults.push(header.fault("format", Rule::HeaderProductButton));
    }
    if let (false, Some(place), Some(buttons)) = (is_product, spm, buttons) {
        faults.push(Fault::new(buttons.path().key("buttons").index(place).key("type"), Rule::SpmHeader));
    }
}

fn check_offer(
    components: &Components,
    header: Option<&ObjectNode<'_>>,
    footer: Option<&ObjectNode<'_>>,
    buttons: Option<&ObjectNode<'_>>,
    faults: &mut Faults,
) {
    if let Some(footer) = footer {
        faults.push(footer.fault("type", Rule::OfferFooter));
    }
    let is_refused = |format: &str| !Rule::OfferHeader.row().words.contains(&format);
    if let (Some(object), Some(header)) = (header, &components.header)
        && !matches!(header, Header::Other(_))
        && is_refused(header.format())
    {
        faults.push(object.fault("format", Rule::OfferHeader));
    }
    let place_of = |is: fn(&ButtonKind) -> bool| components.buttons.iter().position(|button| is(&button.kind));
    let url = place_of(|kind| matches!(kind, ButtonKind::Url { .. }));
    let code = place_of(|kind| matches!(kind, ButtonKind::CopyCode { .. }));
    if let (Some(url), Some(code), Some(buttons)) = (url, code, buttons)
        && url < code
    {
        faults.push(Fault::new(buttons.path().key("buttons").index(code), Rule::OfferOrder));
    }
}
