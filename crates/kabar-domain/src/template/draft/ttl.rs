//! For how long the upstream tries to deliver.

use crate::fault::Faults;
use crate::reading::{Node, ObjectNode};
use crate::rule::Rule;
use crate::template::Category;

/// What the dialect's page calls it, for login codes only.
const PAGE: &str = "ttl";
/// What the upstream calls it, for all categories.
const UPSTREAM: &str = "message_send_ttl_seconds";

/// What -1 stands for, in seconds: the longest that there is.
fn longest() -> usize {
    Rule::TtlMarketing.max()
}

/// Reads how many seconds a template says, in either spelling.
pub(in crate::template) fn read(
    object: &ObjectNode<'_>,
    category: Option<Category>,
    faults: &mut Faults,
) -> Option<u32> {
    let upstreams = object.optional(UPSTREAM);
    let Some(node) = object.optional(PAGE) else { return read_seconds(&upstreams?, category, faults) };
    if let Some(other) = upstreams {
        faults.push(other.fault(Rule::OnlyOneOf).with("choices", format!("{PAGE}, {UPSTREAM}")));
    }
    if category.is_some_and(|category| !Rule::TtlCategory.row().words.contains(&category.as_str())) {
        if !node.value().is_i64() && !node.value().is_u64() {
            node.count(faults);
        }
        faults.push(node.fault(Rule::TtlCategory));
        return None;
    }
    read_seconds(&node, category, faults)
}

fn read_seconds(node: &Node<'_>, category: Option<Category>, faults: &mut Faults) -> Option<u32> {
    let (rule, may_be_longest) = match category {
        Some(Category::Utility) => (Rule::TtlUtility, true),
        Some(Category::Marketing) => (Rule::TtlMarketing, false),
        Some(Category::Authentication) | None => (Rule::TtlAuthentication, true),
    };
    if may_be_longest && node.value().as_i64() == Some(-1) {
        return u32::try_from(longest()).ok();
    }
    if node.value().as_i64().is_some_and(|seconds| seconds < 0) {
        faults.push(node.fault(rule));
        return None;
    }
    let seconds = node.count(faults)?;
    let seconds = usize::try_from(seconds).unwrap_or(usize::MAX);
    if !rule.allows(seconds) && category.is_some() {
        faults.push(node.fault(rule));
        return None;
    }
    u32::try_from(seconds).ok()
}

/// The seconds as the upstream wants them, which has its own word for the longest where it is out of range.
pub(in crate::template) fn to_upstream(seconds: u32, category: Category) -> i64 {
    if category != Category::Marketing && seconds as usize == longest() { -1 } else { i64::from(seconds) }
}
