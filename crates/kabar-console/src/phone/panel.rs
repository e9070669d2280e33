//! What Meta would do: reviews of templates, faults, limits.

use kabar_domain::catalogue::Locale;
use maud::{Markup, html};
use serde_json::{Value, json};

use crate::bubble::say;
use crate::phone::Seen;
use crate::phone::data::Template;
use crate::phone::page::ACTION;

/// Meta's reasons to reject a template.
const REASONS: [&str; 7] = [
    "INVALID_FORMAT",
    "ABUSIVE_CONTENT",
    "CATEGORY_NOT_AVAILABLE",
    "INCORRECT_CATEGORY",
    "PROMOTIONAL",
    "SCAM",
    "TAG_CONTENT_MISMATCH",
];

/// What goes wrong at the press of a button: Indonesian, English, and the rule.
fn troubles() -> [(&'static str, &'static str, Value); 6] {
    [
        (
            "Meta sibuk: tolak dengan 130429",
            "Meta is busy: refuse with 130429",
            json!({"kind": "send", "fault": "error", "code": 130_429}),
        ),
        (
            "Jawaban datang 3 detik terlambat",
            "Answers come 3 seconds late",
            json!({"kind": "send", "fault": "slow", "ms": 3000}),
        ),
        (
            "Terima pesan, hilangkan jawabannya",
            "Take messages, lose the answers",
            json!({"kind": "send", "after": true, "fault": "close"}),
        ),
        ("Tidak tersambung", "No connection", json!({"kind": "send", "fault": "close"})),
        ("Status tidak pernah diberitahukan", "Statuses are never told", json!({"kind": "status", "fault": "lose"})),
        ("Status datang dua kali", "Statuses come twice", json!({"kind": "status", "fault": "duplicate", "copies": 1})),
    ]
}

/// The panel beside the phone.
pub(super) fn draw(locale: Locale, seen: &Seen, number: &str) -> Markup {
    html! {
        aside.panel aria-label=(say(locale, "Yang dilakukan Meta", "What Meta does")) {
            (reviews(locale, seen, number))
            (faults(locale, seen, number))
            (limits(locale, seen, number))
        }
    }
}

/// The fields that every form has.
fn fields(wish: &str, number: &str) -> Markup {
    html! {
        input type="hidden" name="wish" value=(wish);
        input type="hidden" name="phone" value=(number);
    }
}

fn reviews(locale: Locale, seen: &Seen, number: &str) -> Markup {
    let pending = || seen.templates.templates.iter().filter(|template| template.status == "PENDING");
    let decided = || seen.templates.templates.iter().filter(|template| template.status != "PENDING");
    let choices = [("manual", say(locale, "Saya putuskan", "I decide")), ("1", say(locale, "Sendiri", "By itself"))];
    let by_hand = seen.review.review == "manual";
    html! {
        section {
            h2 { (say(locale, "Peninjauan template", "Review of templates")) }
            p.facts { (say(locale, "Siapa yang memutuskan template baru?", "Who decides on new templates?")) }
            form.choice #reviewing data-part="" method="post" action=(ACTION) data-enhance
                aria-label=(say(locale, "Siapa yang memutuskan", "Who decides")) {
                (fields("review", number))
                @for (value, word) in choices {
                    button #{"review-" (value)} type="submit" name="review" value=(value)
                        aria-pressed=(if by_hand == (value == "manual") { "true" } else { "false" }) { (word) }
                }
            }
            ul.templates #pending data-part="" {
                @for template in pending() { (one(locale, template, number)) }
                @if pending().next().is_none() {
                    li.hint data-key="none" { (say(locale, "Tidak ada yang menunggu keputusan.", "Nothing waits for a decision.")) }
                }
            }
            details #others {
                summary { (say(locale, "Yang sudah diputuskan", "Those decided")) }
                ul.templates #decided data-part="" { @for template in decided() { (one(locale, template, number)) } }
            }
        }
    }
}

fn one(locale: Locale, template: &Template, number: &str) -> Markup {
    let body = template.components.iter().find(|component| component["type"] == "BODY");
    let body = body.and_then(|component| component["text"].as_str()).unwrap_or_default();
    let form = |inner: &Markup| {
        html! {
            form.inline method="post" action=(ACTION) data-enhance {
                (fields("template", number))
                input type="hidden" name="template" value=(template.id);
                (inner)
            }
        }
    };
    let button = |action: &str, word: &str, class: Option<&str>| {
        html! { button class=[class] type="submit" name="action" value=(action) { (word) } }
    };
    let approve = || button("approve", say(locale, "Setujui", "Approve"), Some("good"));
    html! {
        li data-key=(template.id) {
            p.head {
                strong { (template.name) }
                span class={ "badge " (template.status.to_ascii_lowercase()) } { (template.status) }
            }
            p.facts {
                (template.language) " · " (template.category)
                @if let Some(reason) = template.rejected_reason.as_deref().filter(|reason| *reason != "NONE") { " · " (reason) }
            }
            p.extract { (body) }
            div.actions {
                @match template.status.as_str() {
                    "PENDING" | "IN_APPEAL" => {
                        (form(&approve()))
                        (form(&html! {
                            select name="reason" aria-label=(say(locale, "Alasan penolakan", "Why it is rejected")) {
                                @for reason in REASONS { option { (reason) } }
                            }
                            (button("reject", say(locale, "Tolak", "Reject"), Some("bad")))
                        }))
                    },
                    "APPROVED" => (form(&html! {
                        (button("pause", say(locale, "Jeda", "Pause"), None))
                        (button("disable", say(locale, "Matikan", "Disable"), Some("bad")))
                    })),
                    "PAUSED" => (form(&button("unpause", say(locale, "Akhiri jeda", "End the pause"), None))),
                    "REJECTED" | "DISABLED" => (form(&approve())),
                    _ => {},
                }
            }
        }
    }
}

/// Whether a rule is the one of a trouble, whatever the sandbox adds to it.
fn is_of(rule: &Value, trouble: &Value) -> bool {
    let counted = ["id", "met", "hits"];
    let fields = rule.as_object().into_iter().flatten().filter(|(key, _)| !counted.contains(&key.as_str()));
    let fields: serde_json::Map<String, Value> = fields.map(|(key, value)| (key.clone(), value.clone())).collect();
    Value::Object(fields) == *trouble
}

fn faults(locale: Locale, seen: &Seen, number: &str) -> Markup {
    let rules = &seen.faults.rules;
    let known = troubles();
    let others = || rules.iter().filter(|rule| !known.iter().any(|(_, _, trouble)| is_of(rule, trouble)));
    let remove = |rule: &Value| html! { input type="hidden" name="id" value=(rule["id"]); };
    html! {
        section {
            h2 { (say(locale, "Gangguan", "Faults")) }
            ul.switches #faults data-part="" {
                @for (place, (indonesian, english, trouble)) in known.iter().enumerate() {
                    @let rule = rules.iter().find(|rule| is_of(rule, trouble));
                    li data-key={ "trouble-" (place) } {
                        form method="post" action=(ACTION) data-enhance {
                            @match rule {
                                Some(rule) => { (fields("no_fault", number)) (remove(rule)) },
                                None => { (fields("fault", number)) input type="hidden" name="rule" value=(trouble); },
                            }
                            button.switch #{"trouble-" (place)} type="submit" role="switch"
                                aria-checked=(if rule.is_some() { "true" } else { "false" }) {
                                span { (say(locale, indonesian, english)) }
                                @if let Some(rule) = rule { small { (rule["hits"]) "×" } }
                            }
                        }
                    }
                }
                @for rule in others() {
                    li.rule data-key={ "rule-" (rule["id"]) } {
                        code { (rule) }
                        form method="post" action=(ACTION) data-enhance {
                            (fields("no_fault", number)) (remove(rule))
                            button type="submit" { (say(locale, "Hapus", "Remove")) }
                        }
                    }
                }
            }
            details #own {
                summary { (say(locale, "Aturan sendiri", "A rule of your own")) }
                form.own method="post" action=(ACTION) data-enhance {
                    (fields("fault", number))
                    label for="rule" { (say(locale, "Aturan dalam JSON (docs/sandbox.md)", "The rule in JSON (docs/sandbox.md)")) }
                    textarea #rule name="rule" rows="3" spellcheck="false" required {
                        "{\"kind\":\"send\",\"every\":10,\"fault\":\"close\"}"
                    }
                    button type="submit" { (say(locale, "Tambahkan", "Add")) }
                }
            }
        }
    }
}

fn limits(locale: Locale, seen: &Seen, number: &str) -> Markup {
    let limits = &seen.limits;
    let day = limits.unique_recipients_per_day;
    html! {
        section {
            h2 { (say(locale, "Batas Meta", "Meta's limits")) }
            form.switches #limits data-part="" method="post" action=(ACTION) data-enhance {
                (fields("limits", number))
                input type="hidden" name="enforced" value=(if limits.enforced { "false" } else { "true" });
                button.switch #limit type="submit" role="switch" aria-checked=(if limits.enforced { "true" } else { "false" }) {
                    span { (say(locale, "Berlaku", "Enforced")) }
                }
                p.facts {
                    (limits.messages_per_second) (say(locale, " pesan per detik, satu per ", " messages a second, one in "))
                    (limits.pair_seconds) (say(locale, " detik ke satu penerima", " seconds to one recipient"))
                    @if day > 0 { ", " (day) (say(locale, " penerima per hari", " recipients a day")) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_known_again_by_its_rule() {
        let rule = json!({"id": 3, "kind": "send", "fault": "close", "met": 4, "hits": 4});
        let on: Vec<_> = troubles().into_iter().filter(|(_, _, trouble)| is_of(&rule, trouble)).collect();
        assert_eq!(on.len(), 1);
        assert_eq!(on[0].1, "No connection");
    }
}
