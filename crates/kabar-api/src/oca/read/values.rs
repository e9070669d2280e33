//! `parameters[]`: the values, each of a kind that its position can have.

use kabar_domain::clock::Moment;
use kabar_domain::fault::Faults;
use kabar_domain::reading::{Node, ObjectNode};
use kabar_domain::rule::Rule;
use kabar_domain::send::{
    Action, ButtonUse, Currency, Location, Media, MediaSource, Parameter, Product, Section, TapTarget,
};

use crate::oca::read::word_of;

/// Where values stand, which says of what kinds they can be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kinds {
    Header,
    Body,
    /// What the caller takes the button for, where that could be read.
    Button(Option<ButtonUse>),
    Offer,
    OrderStatus,
    TapTarget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Currency,
    DateTime,
    Image,
    Video,
    Gif,
    Document,
    Location,
    Product,
    Payload,
    CouponCode,
    TtlMinutes,
    Action,
    Offer,
    OrderStatus,
    TapTarget,
}

type Words = &'static [(&'static str, Kind)];

impl Kinds {
    /// The words of the page, and those that were added to them; those of the page where the page has none are ours.
    const fn words(self) -> (Words, Words) {
        match self {
            Self::Header => (
                &[("text", Kind::Text), ("image", Kind::Image), ("video", Kind::Video), ("document", Kind::Document)],
                &[("gif", Kind::Gif), ("location", Kind::Location), ("product", Kind::Product)],
            ),
            Self::Body => (&[("text", Kind::Text)], &[("currency", Kind::Currency), ("date_time", Kind::DateTime)]),
            Self::Button(None | Some(ButtonUse::QuickReply | ButtonUse::UrlSuffix | ButtonUse::Spm)) => {
                (&[("payload", Kind::Payload), ("text", Kind::Text)], &[])
            }
            Self::Button(Some(ButtonUse::CopyCode)) => (&[("coupon_code", Kind::CouponCode)], &[]),
            Self::Button(Some(ButtonUse::VoiceCall)) => {
                (&[("ttl_minutes", Kind::TtlMinutes), ("payload", Kind::Payload)], &[])
            }
            Self::Button(Some(ButtonUse::Catalog | ButtonUse::Mpm | ButtonUse::Flow | ButtonUse::OrderDetails)) => {
                (&[("action", Kind::Action)], &[])
            }
            Self::Offer => (&[("limited_time_offer", Kind::Offer)], &[]),
            Self::OrderStatus => (&[("order_status", Kind::OrderStatus)], &[]),
            Self::TapTarget => (&[("tap_target_configuration", Kind::TapTarget)], &[]),
        }
    }
}

/// Reads a value; what is wrong with it is noted.
pub(super) fn read_parameter(node: &Node<'_>, kinds: Kinds, faults: &mut Faults) -> Option<Parameter> {
    let object = node.object(faults)?;
    let (page, added) = kinds.words();
    let kind = object.required("type", faults).and_then(|node| word_of(&node, page, added, faults))?;
    match kind {
        Kind::Text => read_text(&object, kinds, faults),
        Kind::Payload => object.required_text("payload", faults).map(|text| Parameter::Payload(text.to_owned())),
        Kind::CouponCode => {
            object.required_text("coupon_code", faults).map(|text| Parameter::CouponCode(text.to_owned()))
        }
        Kind::Image => read_media(&object, "image", faults).map(Parameter::Image),
        Kind::Video => read_media(&object, "video", faults).map(Parameter::Video),
        Kind::Gif => read_media(&object, "gif", faults).map(Parameter::Gif),
        Kind::Document => read_media(&object, "document", faults).map(Parameter::Document),
        Kind::Currency => read_currency(&inner(&object, "currency", faults)?, faults),
        Kind::DateTime => {
            let inner = inner(&object, "date_time", faults)?;
            inner.required_text("fallback_value", faults).map(|text| Parameter::DateTime(text.to_owned()))
        }
        Kind::Location => read_location(&inner(&object, "location", faults)?, faults),
        Kind::Product => read_product(&inner(&object, "product", faults)?, faults),
        Kind::TtlMinutes => object.required("ttl_minutes", faults)?.count(faults).map(Parameter::TtlMinutes),
        Kind::Offer => {
            let inner = inner(&object, "limited_time_offer", faults)?;
            let millis = inner.required("expiration_time_ms", faults)?.count(faults)?;
            Some(Parameter::OfferEnds(Moment::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))))
        }
        Kind::Action => {
            let Kinds::Button(Some(button)) = kinds else { return None };
            read_action(&inner(&object, "action", faults)?, button, faults).map(Parameter::Action)
        }
        // What is in it is the template's to judge, which knows whether there can be one.
        Kind::OrderStatus => {
            object.required("order_status", faults).map(|node| Parameter::OrderStatus(node.value().clone()))
        }
        Kind::TapTarget => {
            let targets = object.required("tap_target_configuration", faults)?.array(faults)?;
            all(&targets, faults, read_target).map(Parameter::TapTargets)
        }
    }
}

fn inner<'a>(object: &ObjectNode<'a>, key: &'static str, faults: &mut Faults) -> Option<ObjectNode<'a>> {
    object.required(key, faults)?.object(faults)
}

/// All of a list, if each can be read; each is tried.
fn all<'a, T>(
    nodes: &[Node<'a>],
    faults: &mut Faults,
    read: impl Fn(&Node<'a>, &mut Faults) -> Option<T>,
) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = nodes.iter().map(|node| read(node, faults)).collect();
    read.into_iter().collect()
}

/// A text, with the name of its variable where one can stand.
fn read_text(object: &ObjectNode<'_>, kinds: Kinds, faults: &mut Faults) -> Option<Parameter> {
    let text = object.required_text("text", faults).map(str::to_owned);
    let of_variable = matches!(kinds, Kinds::Header | Kinds::Body);
    match object.optional("parameter_name").filter(|_| of_variable) {
        None => text.map(Parameter::Text),
        Some(node) => {
            let name = node.text(faults)?.to_owned();
            text.map(|text| Parameter::NamedText { name, text })
        }
    }
}

fn read_media(object: &ObjectNode<'_>, key: &'static str, faults: &mut Faults) -> Option<Media> {
    let media = inner(object, key, faults)?;
    let caption = media.optional("caption").and_then(|node| node.string(faults)).filter(|text| !text.trim().is_empty());
    let filename = caption.map(str::to_owned);
    // What was uploaded before has an id. Where both stand, the page's own word counts.
    if media.optional("url").is_none()
        && let Some(node) = media.optional("id")
    {
        return read_id(&node, faults).map(|id| Media { source: MediaSource::Id(id), filename });
    }
    let node = media.required("url", faults)?;
    let url = node.text(faults)?;
    let is_web = |scheme: &str| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    if !url.split_once("://").is_some_and(|(scheme, _)| is_web(scheme)) {
        faults.push(node.fault(Rule::MediaUrl));
        return None;
    }
    Some(Media { source: MediaSource::Url(url.to_owned()), filename })
}

/// An id of the upstream, as text or as a number.
fn read_id(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    match node.value().as_u64() {
        Some(number) => Some(number.to_string()),
        None => node.text(faults).map(str::to_owned),
    }
}

fn read_currency(currency: &ObjectNode<'_>, faults: &mut Faults) -> Option<Parameter> {
    let fallback = currency.required_text("fallback_value", faults);
    let code = currency.required_text("code", faults);
    let amount = currency.required("amount_1000", faults).and_then(|node| node.count(faults));
    Some(Parameter::Currency(Currency {
        fallback: fallback?.to_owned(),
        code: code?.to_owned(),
        amount_1000: i64::try_from(amount?).unwrap_or(i64::MAX),
    }))
}

fn read_location(location: &ObjectNode<'_>, faults: &mut Faults) -> Option<Parameter> {
    let mut degrees = |key: &'static str| location.required(key, faults).and_then(|node| read_decimal(&node, faults));
    let (latitude, longitude) = (degrees("latitude"), degrees("longitude"));
    let name = location.required_text("name", faults);
    let address = location.required_text("address", faults);
    Some(Parameter::Location(Location {
        latitude: latitude?,
        longitude: longitude?,
        name: name?.to_owned(),
        address: address?.to_owned(),
    }))
}

/// A decimal number, as text or as a number.
fn read_decimal(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    match (node.value().as_i64(), node.value().as_f64()) {
        (Some(number), _) => Some(number.to_string()),
        (None, Some(number)) => Some(number.to_string()),
        (None, None) => node.text(faults).map(str::to_owned),
    }
}

fn read_product(product: &ObjectNode<'_>, faults: &mut Faults) -> Option<Parameter> {
    let retailer_id = product.required_text("product_retailer_id", faults);
    let catalog_id = product.required("catalog_id", faults).and_then(|node| read_id(&node, faults));
    Some(Parameter::Product(Product { retailer_id: retailer_id?.to_owned(), catalog_id: catalog_id? }))
}

fn read_action(action: &ObjectNode<'_>, button: ButtonUse, faults: &mut Faults) -> Option<Action> {
    const THUMBNAIL: &str = "thumbnail_product_retailer_id";
    match button {
        ButtonUse::Catalog => {
            let Some(node) = action.optional(THUMBNAIL) else { return Some(Action::Catalog { thumbnail: None }) };
            node.text(faults).map(|text| Action::Catalog { thumbnail: Some(text.to_owned()) })
        }
        ButtonUse::Mpm => {
            let thumbnail = action.required_text(THUMBNAIL, faults);
            let sections = action.required("sections", faults).and_then(|node| node.array(faults));
            let sections = sections.and_then(|nodes| all(&nodes, faults, read_section));
            Some(Action::Mpm { thumbnail: thumbnail?.to_owned(), sections: sections? })
        }
        ButtonUse::Flow => {
            let token = action.optional("flow_token").map(|node| node.text(faults).map(str::to_owned));
            let data = action.optional("flow_action_data").map(|node| node.object(faults));
            Some(Action::Flow {
                token: token.map_or(Some(None), |token| token.map(Some))?,
                data: data.map_or(Some(None), |data| data.map(|data| Some(data.map().clone())))?,
            })
        }
        ButtonUse::OrderDetails => {
            action.required("order_details", faults).map(|node| Action::OrderDetails(node.value().clone()))
        }
        ButtonUse::QuickReply | ButtonUse::UrlSuffix | ButtonUse::CopyCode | ButtonUse::Spm | ButtonUse::VoiceCall => {
            None
        }
    }
}

fn read_section(node: &Node<'_>, faults: &mut Faults) -> Option<Section> {
    let section = node.object(faults)?;
    let title = section.required_text("title", faults);
    let items = section.required("product_items", faults).and_then(|node| node.array(faults));
    let products = items.and_then(|nodes| {
        all(&nodes, faults, |node, faults| {
            let item = node.object(faults)?;
            item.required_text("product_retailer_id", faults).map(str::to_owned)
        })
    });
    Some(Section { title: title?.to_owned(), products: products? })
}

fn read_target(node: &Node<'_>, faults: &mut Faults) -> Option<TapTarget> {
    let target = node.object(faults)?;
    let url = target.required_text("url", faults);
    let title = target.required_text("title", faults);
    Some(TapTarget { url: url?.to_owned(), title: title?.to_owned() })
}
