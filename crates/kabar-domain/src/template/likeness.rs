//! Whether two writings of components are of the same template.
//!
//! The upstream lists a template in a form of its own: enums in upper case, `+` before telephone numbers, its own texts in
//! login codes, whose button it lists as a URL, and an address for the handle of a sample. So what is compared is what a
//! person would see, and examples are left out. A likeness that is not seen only means that the upstream's form is shown.

use serde_json::Value;

use crate::template::Category;

/// Whether `listed`, as the upstream lists it, says the same as `ours`, as it was created.
pub fn is_alike(category: Category, ours: &Value, listed: &Value) -> bool {
    let (Some(ours), Some(listed)) = (ours.as_array(), listed.as_array()) else { return false };
    is_alike_list(category, ours, listed)
}

fn is_alike_list(category: Category, ours: &[Value], listed: &[Value]) -> bool {
    // Whether the upstream lists a greeting at all is not known.
    let visible = |components: &[Value]| -> Vec<Value> {
        components.iter().filter(|component| word(component, "type") != "GREETING").cloned().collect()
    };
    let (ours, listed) = (visible(ours), visible(listed));
    ours.len() == listed.len()
        && ours.iter().zip(&listed).all(|(ours, listed)| is_alike_component(category, ours, listed))
}

fn is_alike_component(category: Category, ours: &Value, listed: &Value) -> bool {
    let same_words = ["type", "format"].iter().all(|key| word(ours, key) == word(listed, key));
    let offers = |component: &Value| component.get("limited_time_offer").cloned().unwrap_or_default();
    same_words
        && match category {
            // The texts are the upstream's; what was asked for stands beside them.
            Category::Authentication => ["add_security_recommendation", "code_expiration_minutes"]
                .iter()
                .all(|key| listed.get(*key).is_none() || setting(ours, key) == setting(listed, key)),
            Category::Utility | Category::Marketing => text(ours, "text") == text(listed, "text"),
        }
        && offers(ours) == offers(listed)
        && are_alike(ours, listed, "buttons", |ours, listed| is_alike_button(category, ours, listed))
        && are_alike(ours, listed, "cards", |ours, listed| {
            are_alike(ours, listed, "components", |ours, listed| is_alike_component(category, ours, listed))
        })
}

fn is_alike_button(category: Category, ours: &Value, listed: &Value) -> bool {
    if category == Category::Authentication {
        // Its kind, and a label that was not given, are the upstream's.
        return text(ours, "text").is_none() || text(ours, "text") == text(listed, "text");
    }
    let label = |button: &Value| text(button, "text").map(str::to_owned);
    let digits = |button: &Value| -> String {
        let number = button.get("phone_number").map(ToString::to_string).unwrap_or_default();
        number.chars().filter(char::is_ascii_digit).collect()
    };
    word(ours, "type") == word(listed, "type")
        && (label(ours).is_none() || label(ours) == label(listed))
        && text(ours, "url") == text(listed, "url")
        && digits(ours) == digits(listed)
}

/// Whether the elements of both lists under `key` are alike, in their order; a list that is not there is empty.
fn are_alike(ours: &Value, listed: &Value, key: &str, is_alike: impl Fn(&Value, &Value) -> bool) -> bool {
    let list = |value: &Value| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let (ours, listed) = (list(ours), list(listed));
    ours.len() == listed.len() && ours.iter().zip(&listed).all(|(ours, listed)| is_alike(ours, listed))
}

fn word(value: &Value, key: &str) -> String {
    text(value, key).unwrap_or_default().to_ascii_uppercase()
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

/// A switch that is off, or a number that is not said, is as one that is not there.
fn setting(value: &Value, key: &str) -> Option<Value> {
    value.get(key).filter(|value| !value.is_null() && **value != Value::Bool(false)).cloned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_upstreams_form_is_alike() {
        let ours = json!([
            {"type": "header", "format": "image", "example": {"header_handle": ["4::aW"]}},
            {"type": "body", "text": "Halo {{1}} di sana", "example": {"body_text": [["Budi"]]}},
            {"type": "buttons", "buttons": [
                {"type": "phone_number", "text": "Telepon", "phone_number": 622_150_012_345_i64},
                {"type": "copy_code", "example": "25OFF"},
            ]},
            {"type": "GREETING"},
        ]);
        let listed = json!([
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://scontent.example/1"]}},
            {"type": "BODY", "text": "Halo {{1}} di sana", "example": {"body_text": [["Budi"]]}},
            {"type": "BUTTONS", "buttons": [
                {"type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "+622150012345"},
                {"type": "COPY_CODE", "text": "Copy code", "example": ["25OFF"]},
            ]},
        ]);
        assert!(is_alike(Category::Marketing, &ours, &listed));
        for (pointer, other) in [
            ("/1/text", json!("Hai {{1}} di sana")),
            ("/0/format", json!("VIDEO")),
            ("/2/buttons/0/phone_number", json!("+622150012346")),
            ("/2/buttons/0/text", json!("Hubungi")),
            ("/2/buttons/0", json!({"type": "URL", "text": "Telepon", "url": "https://toko.example"})),
            ("/2/buttons", json!([])),
        ] {
            let mut changed = listed.clone();
            *changed.pointer_mut(pointer).unwrap() = other;
            assert!(!is_alike(Category::Marketing, &ours, &changed), "{pointer}");
        }
        assert!(!is_alike(Category::Marketing, &ours, &json!(null)));
    }

    #[test]
    fn a_login_code_is_alike_by_what_was_asked_for() {
        let ours = json!([
            {"type": "BODY", "add_security_recommendation": true},
            {"type": "FOOTER", "code_expiration_minutes": 5},
            {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]},
        ]);
        let listed = |minutes: u32| {
            json!([
                {"type": "BODY", "text": "*{{1}}* adalah kode Anda.", "add_security_recommendation": true},
                {"type": "FOOTER", "text": "Kode ini kedaluwarsa.", "code_expiration_minutes": minutes},
                {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Salin kode", "url": "https://x.example/{{1}}"}]},
            ])
        };
        assert!(is_alike(Category::Authentication, &ours, &listed(5)));
        assert!(!is_alike(Category::Authentication, &ours, &listed(10)));
    }

    #[test]
    fn cards_are_compared_one_by_one() {
        let cards = |text: &str| {
            json!([{"type": "CAROUSEL", "cards": [
                {"components": [{"type": "HEADER", "format": "PRODUCT"}, {"type": "BODY", "text": "Satu"}]},
                {"components": [{"type": "HEADER", "format": "PRODUCT"}, {"type": "BODY", "text": text}]},
            ]}])
        };
        assert!(is_alike(Category::Marketing, &cards("Dua"), &cards("Dua")));
        assert!(!is_alike(Category::Marketing, &cards("Dua"), &cards("Tiga")));
    }
}
