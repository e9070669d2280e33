//! Checks of single values.

use crate::fault::{Fault, Path};
use crate::rule::Rule;
use crate::template::components::is_absolute_url;
use crate::template::contract::bind::Binder;

impl Binder<'_> {
    /// Notes that a rule does not hold at `path` unless it does, and says whether it does.
    pub(super) fn check(&mut self, holds: bool, path: impl FnOnce() -> Path, rule: Rule) -> bool {
        if !holds {
            self.faults.push(Fault::new(path(), rule));
        }
        holds
    }

    /// A text as the upstream takes it for a variable.
    pub(super) fn plain_text(&mut self, path: impl Fn() -> Path, text: &str, limit: Rule) -> bool {
        if text.contains(['\n', '\r', '\t']) || longest_gap(text) > Rule::TextSpaces.max() {
            self.faults.push(Fault::new(path(), Rule::TextSpaces));
            return false;
        }
        self.not_empty_and_within(path, text, limit)
    }

    pub(super) fn not_empty(&mut self, path: impl FnOnce() -> Path, text: &str) -> bool {
        self.check(!text.trim().is_empty(), path, Rule::Empty)
    }

    pub(super) fn not_empty_and_within(&mut self, path: impl Fn() -> Path, text: &str, limit: Rule) -> bool {
        self.not_empty(&path, text) && self.within(path, text, limit)
    }

    /// Notes a value that is longer than `limit` allows. A rule of template texts only lends its figure, since what the
    /// upstream says about a value is another thing.
    pub(super) fn within(&mut self, path: impl FnOnce() -> Path, text: &str, limit: Rule) -> bool {
        // Most values are far from any limit, and are not measured.
        if text.len() <= limit.max() {
            return true;
        }
        let got = text.chars().count();
        if got <= limit.max() {
            return true;
        }
        let is_of_values = matches!(
            limit,
            Rule::CodeLength | Rule::PayloadLength | Rule::CallPayloadLength | Rule::CouponLength | Rule::SectionTitle
        );
        let rule = if is_of_values { limit } else { Rule::TooLong };
        self.faults.push(Fault::new(path(), rule).with("max", limit.max()).with("got", got));
        false
    }

    /// A URL of the web that is not too long.
    pub(super) fn url(&mut self, path: impl Fn() -> Path, url: &str) -> bool {
        self.check(is_absolute_url(url), &path, Rule::MediaUrl) && self.within(path, url, Rule::UrlLength)
    }

    /// An id of the upstream: digits.
    pub(super) fn upstream_id(&mut self, path: impl Fn() -> Path, id: &str) -> bool {
        let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        self.check(is_id && Rule::UpstreamId.allows(id.len()), path, Rule::UpstreamId)
    }
}

/// The most spaces that follow each other.
fn longest_gap(text: &str) -> usize {
    text.split(|c| c != ' ').map(str::len).max().unwrap_or_default()
}
