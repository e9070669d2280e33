//! The upstream's refusals of what is asked for a template.

use kabar_domain::fault::{Fault, Path};
use kabar_domain::rule::Rule;
use kabar_graph::call::Refusal;

/// What the upstream says of a template that it no longer has.
const UNKNOWN_OBJECT: [u32; 2] = [100, 803];

/// The upstream's refusal at the field that it blames, in its own words.
pub(super) fn fault_of(refusal: &Refusal) -> Fault {
    let error = &refusal.error;
    let blamed =
        error.error_data.as_ref().and_then(|data| data.blame_field_specs.as_ref()).and_then(|specs| specs.first());
    let path = blamed.into_iter().flatten().fold(Path::root(), |path, step| match step.parse::<usize>() {
        Ok(index) => path.index(index),
        Err(_) => path.key(step.clone()),
    });
    let path = if path.steps().is_empty() { Path::root().key("template") } else { path };
    Fault::new(path, Rule::RefusedUpstream).with("reason", words_of(refusal))
}

/// Why it was refused, in the upstream's words for people where it has such.
pub(crate) fn words_of(refusal: &Refusal) -> String {
    let error = &refusal.error;
    [&error.error_user_msg, &error.error_user_title]
        .into_iter()
        .find_map(|text| text.clone().filter(|text| !text.is_empty()))
        .unwrap_or_else(|| error.message.clone())
}

/// Whether the upstream no longer has what was named.
pub(super) fn is_gone(refusal: &Refusal) -> bool {
    UNKNOWN_OBJECT.contains(&refusal.error.code) && refusal.status.as_u16() == 404
}
