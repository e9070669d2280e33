//! OTP buttons, which hand over a login code.

use crate::fault::Faults;
use crate::reading::{ObjectNode, one_of};
use crate::template::components::authentication;
use crate::template::components::buttons::read_label_at;

/// How a login code is handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otp {
    /// By what, where it could be read.
    pub kind: Option<OtpKind>,
    /// How many apps may read it.
    pub n_apps: usize,
}

/// By what a login code is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtpKind {
    /// The recipient copies it.
    CopyCode,
    /// The app fills it in after a tap.
    OneTap,
    /// The app fills it in by itself.
    ZeroTap,
}

/// All fields that one of the kinds has.
pub(super) const FIELDS: &[&str] = &[
    "type",
    "otp_type",
    "text",
    "example",
    "autofill_text",
    "supported_apps",
    "package_name",
    "signature_hash",
    "zero_tap_terms_accepted",
];

pub(super) fn read(object: &ObjectNode<'_>, faults: &mut Faults) -> Otp {
    let kinds = [("COPY_CODE", OtpKind::CopyCode), ("ONE_TAP", OtpKind::OneTap), ("ZERO_TAP", OtpKind::ZeroTap)];
    let kind = object.required("otp_type", faults).and_then(|node| one_of(&node, &kinds, true, faults));
    let n_apps = match kind {
        None => 0,
        Some(OtpKind::CopyCode) => {
            // What all kinds lack is noted already.
            let foreign: Vec<&str> = FIELDS[4..].to_vec();
            let known: Vec<&str> =
                object.map().keys().map(String::as_str).filter(|key| !foreign.contains(key)).collect();
            object.only("OTP COPY_CODE", &known, faults);
            0
        }
        Some(OtpKind::OneTap | OtpKind::ZeroTap) => {
            if let Some(node) = object.optional("autofill_text") {
                read_label_at(&node, faults);
            }
            authentication::read_apps(object, faults)
        }
    };
    if kind == Some(OtpKind::ZeroTap) {
        authentication::check_terms(object, faults);
    }
    Otp { kind, n_apps }
}
