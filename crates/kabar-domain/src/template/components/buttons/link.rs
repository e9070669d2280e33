//! Buttons that lead somewhere: to a page, or to a telephone.

use crate::fault::{Fault, Faults};
use crate::reading::{Node, ObjectNode};
use crate::rule::Rule;
use crate::template::components::buttons::ButtonKind;
use crate::template::components::examples;
use crate::template::placeholder::Placeholders;
use crate::template::text;

pub(super) fn read_url(object: &ObjectNode<'_>, faults: &mut Faults) -> ButtonKind {
    let nothing = ButtonKind::Url { url: String::new(), dynamic: false };
    let Some(node) = object.required("url", faults) else { return nothing };
    let Some(url) = node.text(faults) else { return nothing };
    text::check_length(&node, url, Rule::UrlLength, faults);
    if leads_to_whatsapp(url) {
        faults.push(node.fault(Rule::UrlWhatsApp));
    }
    let placeholders = Placeholders::of(url);
    // A placeholder stands there as it is written, so that space within its braces is space within the URL.
    let has_space = url.contains(char::is_whitespace);
    if has_space || !is_uri(&placeholders.beside().join("x")) {
        faults.push(node.fault(Rule::NotUrl));
    }
    // The variable of a URL has a number in templates with named variables too.
    placeholders.check_numbered(node.path(), faults);
    let dynamic = !placeholders.is_empty();
    let at_end = placeholders.beside().last().is_none_or(|text| text.is_empty());
    if dynamic && !(Rule::UrlPlaceholder.allows(placeholders.occurrences()) && at_end) {
        faults.push(Fault::new(node.path().clone(), Rule::UrlPlaceholder));
    }
    if dynamic {
        examples::read_one(object, faults);
    }
    ButtonKind::Url { url: url.to_owned(), dynamic }
}

pub(super) fn read_phone_number(object: &ObjectNode<'_>, faults: &mut Faults) -> ButtonKind {
    if let Some(node) = object.required("phone_number", faults)
        && !is_phone_number(&node)
    {
        faults.push(node.fault(Rule::ButtonPhone));
    }
    ButtonKind::PhoneNumber
}

/// The page calls it a string, and its sample error a number: digits with an optional `+`, or a JSON number.
fn is_phone_number(node: &Node<'_>) -> bool {
    let text = match node.value().as_str() {
        Some(text) => text.to_owned(),
        None => match node.value().as_u64() {
            Some(number) => number.to_string(),
            None => return false,
        },
    };
    // Whether there is such a number is the upstream's to judge; what is not made of digits is none.
    let digits = text.strip_prefix('+').unwrap_or(&text);
    let is_number = Rule::ButtonPhone.allows(digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number && Rule::ButtonPhone.allows(text.len())
}

/// Whether a text is a URL with a scheme of the web and a host.
pub(crate) fn is_absolute_url(text: &str) -> bool {
    host_of(text).is_some() && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Whether a text is a URL of the web as the standard has it: what is not ASCII is percent-encoded.
fn is_uri(text: &str) -> bool {
    const MARKS: &[u8] = b"-._~:/?#[]@!$&'()*+,;=%";
    let Some(authority) = host_of(text) else { return false };
    let host = authority.split_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = host.split_once(':').unwrap_or((host, "80"));
    let is_host = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    is_host && port.parse::<u16>().is_ok() && text.bytes().all(|b| b.is_ascii_alphanumeric() || MARKS.contains(&b))
}

/// The host of a URL of the web, with the port and what else stands beside it.
fn host_of(text: &str) -> Option<&str> {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let rest = if lower.starts_with("https://") {
        &text[8..]
    } else if text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("http://")) {
        &text[7..]
    } else {
        return None;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (!host.is_empty()).then_some(host)
}

fn leads_to_whatsapp(url: &str) -> bool {
    let Some(host) = host_of(url) else { return false };
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    let is_below =
        |domain: &&str| host.strip_suffix(*domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    Rule::UrlWhatsApp.row().words.iter().any(is_below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_whole_and_in_ascii() {
        for url in
            ["https://a", "http://a.example:8080/b?c=d#e", "HTTPS://u@a.example/%C3%A9", "https://a_b.example/[1]"]
        {
            assert!(is_uri(url), "{url}");
        }
        for url in [
            "",
            "https://",
            "https:///a",
            "https://?a",
            "https://:80",
            "https://a:b",
            "https://a b",
            "https://a/é",
            "https://é.example",
            "https://a@b@c",
            "https://a/{b}",
            "ftp://a",
            "a.example",
        ] {
            assert!(!is_uri(url), "{url}");
        }
    }

    #[test]
    fn every_way_to_whatsapp_is_found() {
        for url in [
            "https://wa.me/6281",
            "HTTPS://WA.ME",
            "http://api.whatsapp.com/send",
            "https://whatsapp.com:443/x",
            "https://x@chat.whatsapp.com./y",
        ] {
            assert!(leads_to_whatsapp(url), "{url}");
        }
        for url in ["https://notwa.me/", "https://whatsapp.com.example/", "https://a.example/?to=wa.me", "wa.me"] {
            assert!(!leads_to_whatsapp(url), "{url}");
        }
    }
}
