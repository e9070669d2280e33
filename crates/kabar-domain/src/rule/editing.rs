//! Rules of when a template may be edited, and what of it.

use crate::rule::Rule;
use crate::rule::row::Confidence::Documented;
use crate::rule::row::{Row, Topic};

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Editing, rule, id, limits).from(Documented, "upstream documentation")
}

pub(super) const ROWS: &[Row] = &[
    row(Rule::EditFixed, "edit_fixed", "Fields that an edit may repeat and never change")
        .words(&["name", "language"])
        .says("{field} tidak bisa diubah; nilainya tetap {want}", "{field} can't be changed; it stays {want}"),
    row(Rule::EditStatus, "edit_status", "Statuses in which a template may be edited")
        .words(&["APPROVED", "REJECTED", "PAUSED"])
        .subcode(2_388_039)
        .says(
            "Template berstatus {got} tidak bisa diedit; hanya yang berstatus {words}",
            "A template with the status {got} can't be edited; only one that is {words}",
        ),
    row(Rule::EditCategory, "edit_category", "The category of an approved template, which stays as it is")
        .code(100)
        .says(
            "Kategori template yang sudah disetujui tidak bisa diubah; tetap {want}",
            "The category of an approved template can't be changed; it stays {want}",
        ),
    row(Rule::EditDaily, "edit_daily", "Edits of an approved template within 24 hours")
        .most(1)
        .subcode(2_388_124)
        .says(
            "Template yang sudah disetujui hanya bisa diedit {max} kali dalam 24 jam; bisa lagi pada {again}",
            "An approved template can be edited {max} time in 24 hours; again from {again}",
        ),
    row(Rule::EditMonthly, "edit_monthly", "Edits of an approved template within 30 days")
        .most(10)
        .subcode(2_388_124)
        .says(
            "Template yang sudah disetujui hanya bisa diedit {max} kali dalam 30 hari; bisa lagi pada {again}",
            "An approved template can be edited {max} times in 30 days; again from {again}",
        ),
];
