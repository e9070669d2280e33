//! Where templates name their samples: by the handle of an upload, or by a URL from which it is still to be fetched.

use serde_json::Value;

use crate::fault::{Fault, Faults, Path, Step};
use crate::rule::Rule;
use crate::sample::{Kind, Purpose};
use crate::template::components::is_absolute_url;

/// A sample that a template names by its URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedUrl {
    /// Where it stands in the template.
    pub path: Path,
    /// The URL.
    pub url: String,
    /// What the sample is for.
    pub purpose: Purpose,
}

/// The samples that a template's components, cards included, name by URL, in their order.
pub fn named_urls(components: &[Value]) -> Vec<NamedUrl> {
    let mut found = Vec::new();
    collect(components, &Path::root().key("components"), &mut found);
    found
}

fn collect(components: &[Value], path: &Path, found: &mut Vec<NamedUrl>) {
    for (index, component) in components.iter().enumerate() {
        let path = path.index(index);
        let purpose = component["format"].as_str().and_then(Purpose::of_format);
        let handle = component["example"]["header_handle"][0].as_str().filter(|handle| names_url(handle));
        if let (Some(purpose), Some(url)) = (purpose, handle) {
            let path = path.key("example").key("header_handle").index(0);
            found.push(NamedUrl { path, url: url.to_owned(), purpose });
        }
        for (card, content) in component["cards"].as_array().into_iter().flatten().enumerate() {
            let components = content["components"].as_array().map(Vec::as_slice).unwrap_or_default();
            collect(components, &path.key("cards").index(card).key("components"), found);
        }
    }
}

/// Puts a handle where one of [`named_urls`] stands.
pub fn put_handle(components: &mut [Value], path: &Path, handle: &str) {
    let mut steps = path.steps().iter().skip(1);
    let Some(Step::Index(first)) = steps.next() else { return };
    let mut place = components.get_mut(*first);
    for step in steps {
        place = place.and_then(|value| match step {
            Step::Key(key) => value.get_mut(key.as_ref()),
            Step::Index(index) => value.get_mut(index),
        });
    }
    if let Some(place) = place {
        *place = Value::from(handle);
    }
}

/// Notes what can be seen of a sample without fetching it: a URL that is none, or a handle of another kind of file.
pub(crate) fn check_handle(handle: &str, purpose: Purpose, path: &Path, faults: &mut Faults) {
    if names_url(handle) {
        let has_user = handle.split('/').nth(2).is_some_and(|authority| authority.contains('@'));
        if !is_absolute_url(handle) || !handle.is_ascii() || has_user {
            faults.push(Fault::new(path.clone(), Rule::HeaderHandle));
        }
    } else if let Some(kind) = kind_of_handle(handle).filter(|kind| !purpose.takes(*kind)) {
        let fault = Fault::new(path.clone(), Rule::SampleContent);
        faults.push(fault.with("found", kind.name()).with("words", purpose.words()));
    }
}

fn names_url(handle: &str) -> bool {
    let starts_with = |scheme: &str| handle.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    starts_with("https://") || starts_with("http://")
}

/// A handle begins with `4::` and its file's type in base64, as the upstream writes it.
const HANDLE_TYPES: [(&str, Kind); 5] = [
    ("aW1hZ2UvanBlZw==", Kind::Jpeg),
    ("aW1hZ2UvanBn", Kind::Jpeg),
    ("aW1hZ2UvcG5n", Kind::Png),
    ("dmlkZW8vbXA0", Kind::Mp4),
    ("YXBwbGljYXRpb24vcGRm", Kind::Pdf),
];

/// The kind of an uploaded file, where its handle tells it.
fn kind_of_handle(handle: &str) -> Option<Kind> {
    let encoded = handle.strip_prefix("4::")?.split(':').next()?;
    HANDLE_TYPES.iter().find(|(known, _)| *known == encoded).map(|(_, kind)| *kind)
}
