//! What a query asks for: everything that is wrong with it is told at once.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use kabar_domain::fault::{Fault, Faults, Path};
use kabar_domain::ids::Msgid;
use kabar_domain::message::Search;
use kabar_domain::rule::Rule;
use uuid::Uuid;

use crate::cursor;
use crate::v1::failure::Failure;

/// The names and values of a query, in their order.
pub(super) type Pairs = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// Which messages; documented here, read as [`Search`].
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its fields are read by the documentation alone")]
pub(super) struct Which {
    /// To this recipient: country code and number.
    #[param(example = "6281381475159")]
    recipient: Option<String>,
    /// By the template of this name or code.
    template: Option<String>,
    /// In this state; several with commas between.
    #[param(example = "failed,rejected")]
    state: Option<String>,
    /// Accepted from this moment on.
    from: Option<String>,
    /// Accepted before this moment.
    to: Option<String>,
    /// From the sender with this phone number id.
    sender: Option<String>,
    /// With this number among the reasons of what happened to it.
    error: Option<u32>,
}

/// Reads which messages are asked for. `other` takes the names beside those, and says whether it knows one.
pub(super) fn read(pairs: Pairs, mut other: impl FnMut(&str, &str, &mut Faults) -> bool) -> Result<Search, Failure> {
    let (mut search, mut faults) = (Search::default(), Faults::none());
    let mut seen = Vec::new();
    // What can't be decoded as pairs names nothing.
    let pairs = pairs.map_or_else(|_| Vec::new(), |Query(pairs)| pairs);
    for (name, value) in &pairs {
        if seen.contains(&name) {
            faults.push(wrong(name, Rule::OnlyOneOf).with("choices", format!("{name}, {name}")));
            continue;
        }
        seen.push(name);
        if !search.read(name, value, &mut faults) && !other(name, value, &mut faults) {
            faults.push(wrong(name, Rule::UnexpectedField).with("part", "query"));
        }
    }
    Ok(faults.or(search)?)
}

pub(super) fn wrong(name: &str, rule: Rule) -> Fault {
    Fault::new(Path::root().key(name.to_owned()), rule)
}

/// The cursor at a message.
pub(super) fn cursor(msgid: Msgid) -> String {
    cursor::write(msgid.as_bytes())
}

/// The message at which a cursor stands; `None` for every text that is no cursor of ours.
pub(super) fn at(text: &str) -> Option<Msgid> {
    cursor::read(text).map(Uuid::from_bytes).map(Msgid::from_uuid)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn only_cursors_are_cursors() {
        let msgid = Msgid::from_uuid(Uuid::from_u128(42));
        let good = cursor(msgid);
        assert_eq!(at(&good), Some(msgid));
        for bad in ["", "MAZDZD", "42", &good[1..], &format!("{good}A"), &good.to_lowercase(), "ééé"] {
            assert_eq!(at(bad), None, "{bad}");
        }
        let mut other_version = URL_SAFE_NO_PAD.decode(&good).unwrap();
        other_version[0] = 2;
        assert_eq!(at(&URL_SAFE_NO_PAD.encode(other_version)), None);
    }
}
