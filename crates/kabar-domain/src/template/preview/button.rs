//! Buttons as the recipient sees them, and what happens when they are pressed.

use serde_json::Value;

use crate::send::{Action, Parameter, Section};
use crate::template::Category;
use crate::template::components::{Button as Known, ButtonKind, FlowName, OtpKind};
use crate::template::preview::{Setting, action, fill};
use crate::template::raw::Raw;

/// A button.
#[derive(Debug, Clone, PartialEq)]
pub struct Button {
    /// What stands on it; `None` where the upstream's app writes it in the language of its user.
    pub label: Option<String>,
    /// What pressing it does.
    pub opens: Opens,
}

/// What pressing a button does.
#[derive(Debug, Clone, PartialEq)]
pub enum Opens {
    /// Sends this back, which the recipient does not see.
    Reply(String),
    /// Opens a page.
    Url(String),
    /// Calls a telephone number.
    PhoneNumber(String),
    /// Copies a code: of a coupon, or for logging in.
    Code(Option<String>),
    /// Fills a login code in, in the business's own app.
    Autofill(Option<String>),
    /// Starts a flow.
    Flow {
        /// Its id or its name, where the template has one of them.
        name: Option<String>,
        /// The screen that is shown first, where the template says so.
        screen: Option<String>,
    },
    /// Opens the catalogue, with this product for a picture.
    Catalog(Option<String>),
    /// Shows these products.
    Products(Vec<Section>),
    /// Shows the product of the header.
    Product,
    /// Calls the business over WhatsApp, for so many minutes after the message has come.
    VoiceCall(Option<u64>),
    /// Opens an order, in the upstream's spelling.
    Order(Option<Value>),
    /// Shares the recipient's contact details.
    ContactInfo,
    /// Something newer, by the upstream's name for it.
    Other(String),
}

pub(super) fn of(button: &Known, raw: &Raw<'_>, values: &[Parameter], setting: &Setting<'_>) -> Button {
    let opens = opens(button, raw, values, setting);
    let label = if matches!(opens, Opens::Autofill(_)) {
        // The label of the button itself is for those who must copy the code.
        Some(raw.field("autofill_text").unwrap_or(setting.fixed.autofill).to_owned())
    } else {
        let is_login = setting.category == Category::Authentication;
        button.text.clone().or_else(|| is_login.then(|| setting.fixed.copy.to_owned()))
    };
    Button { label, opens }
}

fn opens(button: &Known, raw: &Raw<'_>, values: &[Parameter], setting: &Setting<'_>) -> Opens {
    match &button.kind {
        ButtonKind::QuickReply => {
            let payload = values
                .iter()
                .find_map(|value| if let Parameter::Payload(payload) = value { Some(payload.clone()) } else { None });
            // The upstream sends the label back where no payload was given.
            Opens::Reply(payload.or_else(|| button.text.clone()).unwrap_or_default())
        }
        ButtonKind::Url { url, dynamic: true } if setting.category == Category::Authentication => {
            let by_app = url.contains("otp_type=ONE_TAP") || url.contains("otp_type=ZERO_TAP");
            of_code(by_app, setting.code)
        }
        ButtonKind::Url { url, .. } => Opens::Url(fill(url, values)),
        ButtonKind::PhoneNumber => Opens::PhoneNumber(raw.digits("phone_number")),
        ButtonKind::Otp(otp) => of_code(matches!(otp.kind, Some(OtpKind::OneTap | OtpKind::ZeroTap)), setting.code),
        ButtonKind::CopyCode { .. } => Opens::Code(
            values.iter().find_map(
                |value| {
                    if let Parameter::CouponCode(code) = value { Some(code.clone()) } else { None }
                },
            ),
        ),
        ButtonKind::Flow(flow) => {
            let name = flow.name.as_ref().and_then(|name| match name {
                FlowName::Id(name) | FlowName::Name(name) => Some(name.clone()),
                FlowName::Json(_) => None,
            });
            Opens::Flow { name, screen: flow.screen.clone() }
        }
        ButtonKind::Catalog => Opens::Catalog(if let Some(Action::Catalog { thumbnail }) = action(values) {
            thumbnail.clone()
        } else {
            None
        }),
        ButtonKind::Mpm => Opens::Products(if let Some(Action::Mpm { sections, .. }) = action(values) {
            sections.clone()
        } else {
            Vec::new()
        }),
        ButtonKind::Spm => Opens::Product,
        ButtonKind::VoiceCall => Opens::VoiceCall(
            values.iter().find_map(
                |value| {
                    if let Parameter::TtlMinutes(minutes) = value { Some(*minutes) } else { None }
                },
            ),
        ),
        ButtonKind::OrderDetails => Opens::Order(if let Some(Action::OrderDetails(order)) = action(values) {
            Some(order.clone())
        } else {
            None
        }),
        ButtonKind::RequestContactInfo => Opens::ContactInfo,
        ButtonKind::Other(name) => Opens::Other(name.clone()),
    }
}

fn of_code(by_app: bool, code: Option<&str>) -> Opens {
    let code = code.map(str::to_owned);
    if by_app { Opens::Autofill(code) } else { Opens::Code(code) }
}
