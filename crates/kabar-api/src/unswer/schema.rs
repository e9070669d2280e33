//! The body of a create request as the documentation describes it. Nothing is read by these types: what a template may
//! be is told by the domain's rules, all faults at once.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A template to be created.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = unswer::NewTemplate)]
pub(super) struct NewTemplate {
    /// The name, in `snake_case`.
    #[schema(pattern = "^[a-z0-9]+(_[a-z0-9]+)*$", max_length = 512)]
    name: &'static str,
    /// What it is for: `UTILITY`, `MARKETING` or `AUTHENTICATION`.
    #[schema(pattern = "^(UTILITY|MARKETING|AUTHENTICATION)$", example = "UTILITY")]
    category: &'static str,
    /// A finer kind: `ORDER_DETAILS`, `ORDER_STATUS`, `BOOKING_STATUS`, `CALL_PERMISSIONS_REQUEST`,
    /// `FLIGHT_DELAY_AND_GATE_CHANGE_ALERT`, `FRAUD_ALERT` or `RICH_ORDER_STATUS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ORDER_STATUS")]
    sub_category: Option<&'static str>,
    /// The language, one that WhatsApp knows.
    #[schema(pattern = "^[a-z]{2,3}(_[A-Z]{2,3})?$", example = "id")]
    language: &'static str,
    /// For how many seconds after sending it is tried to deliver, 30 to 900, or -1 for 30 days; only for
    /// `AUTHENTICATION`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -1, maximum = 900)]
    ttl: Option<i32>,
    /// The same for every category, and not together with `ttl`: 30 to 43,200 or -1 for `UTILITY`, 43,200 to 2,592,000 for
    /// `MARKETING`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -1, maximum = 2_592_000)]
    message_send_ttl_seconds: Option<i32>,
    /// How variables are written: `POSITIONAL`, which it is when it is not said, or `NAMED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(POSITIONAL|NAMED)$")]
    parameter_format: Option<&'static str>,
    /// A finer way of showing it: `ORDER_DETAILS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^ORDER_DETAILS$")]
    display_format: Option<&'static str>,
    /// Whether WhatsApp must not count who opens its URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    cta_url_link_tracking_opted_out: Option<bool>,
    components: Vec<Component>,
}

/// What of a template is to be changed. At least one of these must be there; `name` and `language` may stand beside them if
/// they are the template's own.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = unswer::TemplateChanges)]
pub(super) struct TemplateChanges {
    /// `UTILITY`, `MARKETING` or `AUTHENTICATION`; that of an approved template stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(UTILITY|MARKETING|AUTHENTICATION)$")]
    category: Option<&'static str>,
    /// All components, the unchanged ones too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    components: Vec<Component>,
    /// A finer kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_category: Option<&'static str>,
    /// For how many seconds after sending it is tried to deliver; only for `AUTHENTICATION`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -1, maximum = 900)]
    ttl: Option<i32>,
    /// The same for every category, and not together with `ttl`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -1, maximum = 2_592_000)]
    message_send_ttl_seconds: Option<i32>,
    /// `POSITIONAL` or `NAMED`; another than before only with components.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(POSITIONAL|NAMED)$")]
    parameter_format: Option<&'static str>,
    /// A finer way of showing it: `ORDER_DETAILS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^ORDER_DETAILS$")]
    display_format: Option<&'static str>,
    /// Whether WhatsApp must not count who opens its URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    cta_url_link_tracking_opted_out: Option<bool>,
}

impl TemplateChanges {
    /// Another text.
    pub(super) fn example() -> Self {
        Self { components: NewTemplate::greeting().components, ..Self::default() }
    }
}

/// A part of a template. A field that its type does not have is a fault.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = unswer::Component)]
pub(super) struct Component {
    /// Which part: `GREETING`, `HEADER`, `BODY`, `FOOTER`, `BUTTONS`, `CAROUSEL`, `LIMITED_TIME_OFFER` or
    /// `CALL_PERMISSION_REQUEST`.
    r#type: &'static str,
    /// What a header holds: `TEXT`, `IMAGE`, `DOCUMENT`, `VIDEO`, `LOCATION`, `GIF` or `PRODUCT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    /// The text; required for a text header, a body and a footer. Those of `AUTHENTICATION` have none: WhatsApp writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'static str>,
    /// Of a body for `AUTHENTICATION`: whether it warns not to share the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    add_security_recommendation: Option<bool>,
    /// Of a footer for `AUTHENTICATION`, where it is required: for how many minutes the code is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 90)]
    code_expiration_minutes: Option<u32>,
    /// The buttons; required for `BUTTONS`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    buttons: Vec<Button>,
    /// The cards, all made of the same parts; required for `CAROUSEL`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, no_recursion, min_items = 2, max_items = 10)]
    cards: Vec<Card>,
    /// The offer; required for `LIMITED_TIME_OFFER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    limited_time_offer: Option<Offer>,
    /// Examples for the variables, for WhatsApp's review.
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<Example>,
}

/// A card of a carousel.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = unswer::Card)]
pub(super) struct Card {
    /// A `HEADER` with a picture, a film or a product; a `BODY` or none; and `BUTTONS`.
    #[schema(no_recursion)]
    components: Vec<Component>,
}

/// An offer whose time is limited.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = unswer::Offer)]
pub(super) struct Offer {
    /// What stands beside the clock.
    #[schema(max_length = 16)]
    text: &'static str,
    /// Whether each message says when the offer ends, and shows a clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    has_expiration: Option<bool>,
}

/// A button. A field that its kind does not have is a fault.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = unswer::Button)]
pub(super) struct Button {
    /// Its kind: `QUICK_REPLY`, `URL`, `PHONE_NUMBER`, `OTP`, `MPM`, `CATALOG`, `FLOW`, `VOICE_CALL`, `COPY_CODE`, `SPM`,
    /// `ORDER_DETAILS` or `REQUEST_CONTACT_INFO`.
    r#type: &'static str,
    /// Its label; required for all kinds but `OTP` and `COPY_CODE`, and not taken by `COPY_CODE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'static str>,
    /// What it opens, with at most one variable, at the end; required for `URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'static str>,
    /// Where in an app its URL leads, passed on as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    app_deep_link: Option<Value>,
    /// Whom it calls: digits with or without `+`, as text or as a number; required for `PHONE_NUMBER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'static str>,
    /// Which flow it opens; required for `FLOW`, unless `flow_name` or `flow_json` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_id: Option<&'static str>,
    /// The flow by its name, in the place of `flow_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_name: Option<&'static str>,
    /// The flow as its whole definition, in the place of `flow_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_json: Option<&'static str>,
    /// How a flow begins: `navigate`, with a screen of its own, or `data_exchange`, with one that your server chooses.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(navigate|data_exchange)$")]
    flow_action: Option<&'static str>,
    /// Which screen a flow shows first.
    #[serde(skip_serializing_if = "Option::is_none")]
    navigate_screen: Option<&'static str>,
    /// What stands beside the label of a `FLOW` button: `DOCUMENT`, `PROMOTION` or `REVIEW`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(DOCUMENT|PROMOTION|REVIEW)$")]
    icon: Option<&'static str>,
    /// How the code of an `OTP` button is handed over: `COPY_CODE`, `ONE_TAP` or `ZERO_TAP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(COPY_CODE|ONE_TAP|ZERO_TAP)$")]
    otp_type: Option<&'static str>,
    /// The label where your app fills the code in; only for `ONE_TAP` and `ZERO_TAP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 25)]
    autofill_text: Option<&'static str>,
    /// Which apps may read the code; required for `ONE_TAP` and `ZERO_TAP`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, min_items = 1, max_items = 5)]
    supported_apps: Vec<App>,
    /// That WhatsApp's terms for codes without a tap are accepted: `true`, required for `ZERO_TAP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    zero_tap_terms_accepted: Option<bool>,
    /// An example for the variable of its URL, or of the code to be copied, where one text will do as well; passed on for
    /// `URL` and `COPY_CODE` only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    example: Vec<&'static str>,
}

/// An Android app that may read a login code.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = unswer::App)]
pub(super) struct App {
    /// Its package, such as `id.tokokabar.app`.
    #[schema(max_length = 224)]
    package_name: &'static str,
    /// The hash of the key that it is signed with: eleven letters, digits, `+`, `/` or `=`.
    #[schema(pattern = "^[A-Za-z0-9+/=]{11}$")]
    signature_hash: &'static str,
}

/// Examples for a component's variables, for WhatsApp's review.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = unswer::Example)]
pub(super) struct Example {
    /// For the variable of a text header.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    header_text: Vec<&'static str>,
    /// For the variable of a text header, where variables have names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    header_text_named_params: Vec<NamedExample>,
    /// For the variables of the body: a row with a text for each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    body_text: Vec<Vec<&'static str>>,
    /// For the variables of the body, where they have names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    body_text_named_params: Vec<NamedExample>,
    /// The handle of an uploaded sample, or a URL from which it is fetched and uploaded, for a header with a file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    header_handle: Vec<&'static str>,
}

/// An example for a variable with a name.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = unswer::NamedExample)]
pub(super) struct NamedExample {
    /// The variable, without its braces.
    #[schema(pattern = "^[a-z][a-z0-9_]*$")]
    param_name: &'static str,
    /// What it may say.
    example: &'static str,
}

impl NewTemplate {
    /// The example of the vendor's page.
    pub(super) fn greeting() -> Self {
        Self {
            name: "greeting_message",
            category: "UTILITY",
            language: "id",
            components: vec![body("Halo {{1}}, selamat datang di {{2}}.", &["John Doe", "Unswer"])],
            ..Self::default()
        }
    }

    /// Most of what a template may have.
    pub(super) fn order() -> Self {
        let header = Component {
            r#type: "HEADER",
            format: Some("IMAGE"),
            example: Some(Example { header_handle: vec!["4::aW1hZ2UvanBlZw=="], ..Example::default() }),
            ..Component::default()
        };
        let buttons = vec![
            Button { r#type: "QUICK_REPLY", text: Some("Berhenti"), ..Button::default() },
            Button {
                r#type: "URL",
                text: Some("Lacak"),
                url: Some("https://example.com/orders/{{1}}"),
                example: vec!["https://example.com/orders/INV-2024-001"],
                ..Button::default()
            },
            Button {
                r#type: "PHONE_NUMBER",
                text: Some("Telepon"),
                phone_number: Some("+622112345678"),
                ..Button::default()
            },
        ];
        Self {
            name: "pesanan_dikirim",
            category: "UTILITY",
            sub_category: Some("ORDER_STATUS"),
            language: "id",
            components: vec![
                header,
                body("Halo {{1}}, pesanan {{2}} sudah dikirim.", &["Budi", "INV-2024-001"]),
                Component { r#type: "FOOTER", text: Some("Toko Kabar"), ..Component::default() },
                Component { r#type: "BUTTONS", buttons, ..Component::default() },
            ],
            ..Self::default()
        }
    }

    /// A login code, whose text WhatsApp writes itself.
    pub(super) fn login_code() -> Self {
        let button = Button { r#type: "OTP", otp_type: Some("COPY_CODE"), ..Button::default() };
        Self {
            name: "kode_masuk",
            category: "AUTHENTICATION",
            language: "id",
            ttl: Some(300),
            components: vec![
                Component { r#type: "BODY", ..Component::default() },
                Component { r#type: "BUTTONS", buttons: vec![button], ..Component::default() },
            ],
            ..Self::default()
        }
    }
}

fn body(text: &'static str, examples: &[&'static str]) -> Component {
    let example = Example { body_text: vec![examples.to_vec()], ..Example::default() };
    Component { r#type: "BODY", text: Some(text), example: Some(example), ..Component::default() }
}

#[cfg(test)]
mod tests {
    use kabar_domain::template::draft::Draft;

    use super::*;

    #[test]
    fn the_examples_can_be_created() {
        for example in [NewTemplate::greeting(), NewTemplate::order(), NewTemplate::login_code()] {
            let body = serde_json::to_value(&example).unwrap();
            if let Err(faults) = Draft::parse(&body) {
                panic!("{body}: {faults}");
            }
        }
    }
}
