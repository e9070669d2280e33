//! The page itself: the phones at the side, one phone in the middle, what Meta would do beside it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kabar_domain::catalogue::Locale;
use maud::{Markup, html};

use crate::bubble::{Press, one_line, say};
use crate::frame;
use crate::glyph::Glyph;
use crate::phone::data::{Answer, Entry, Message, Phone, Thread};
use crate::phone::{Seen, panel};

/// What a phone does by itself, in Indonesian and English: a word and a sentence.
const HABITS: [(&str, [&str; 2], [&str; 2]); 3] = [
    ("reads", ["Membaca", "Reads"], ["Pesan sampai dan dibaca sendiri", "Messages arrive and are read by themselves"]),
    (
        "receives",
        ["Tak dibaca", "Unread"],
        ["Pesan sampai, tidak ada yang membacanya", "Messages arrive, nobody reads them"],
    ),
    ("off", ["Mati", "Off"], ["Ponsel mati: tidak ada yang sampai", "The phone is off: nothing arrives"]),
];

/// Where every form goes.
pub(super) const ACTION: &str = "/phone/do";

/// The page of what was seen, with what went wrong last.
pub(super) fn draw(locale: Locale, seen: &Seen, problem: Option<&str>) -> Markup {
    let title = say(locale, "Ponsel · Kabar", "Phones · Kabar");
    let number = seen.thread.as_ref().map_or("", |thread| thread.number.as_str());
    let body = html! {
        (top(locale, number))
        div #notice data-part="" { @if let Some(problem) = problem { p.notice role="alert" { (problem) } } }
        div.desk {
            nav.list aria-label=(say(locale, "Ponsel penerima", "Recipients' phones")) {
                h2 { (say(locale, "Penerima", "Recipients")) }
                ul #phones data-part="" { @for phone in &seen.phones.phones { (in_list(locale, phone, number)) } }
                form.find method="get" action="/phone" {
                    label for="number" { (say(locale, "Nomor lain", "Another number")) }
                    div.row {
                        input #number name="number" inputmode="tel" autocomplete="off" placeholder="+62812…" required;
                        button type="submit" { (say(locale, "Buka", "Open")) }
                    }
                }
            }
            main {
                @match &seen.thread {
                    Some(thread) => (phone(locale, seen, thread)),
                    None => (nothing_yet(locale)),
                }
            }
            (panel::draw(locale, seen, number))
        }
        // The script reads here up to where this page has seen.
        output #seen hidden data-part="" { (seen.phones.seen) }
        p #lost .lost hidden role="status" {
            (say(locale, "Sandbox tidak menjawab; dicoba lagi.", "The sandbox does not answer; trying again."))
        }
    };
    frame::page(locale, title, Some("/phone/news"), &body)
}

/// The page when the sandbox can't be asked.
pub(super) fn unreachable(locale: Locale, why: &str) -> Markup {
    let body = html! {
        (top(locale, ""))
        main.start {
            h2 { (say(locale, "Sandbox tidak menjawab", "The sandbox does not answer")) }
            p role="alert" { (why) }
            p { a href="/phone" { (say(locale, "Coba lagi", "Try again")) } }
        }
    };
    frame::page(locale, say(locale, "Ponsel · Kabar", "Phones · Kabar"), None, &body)
}

fn top(locale: Locale, number: &str) -> Markup {
    let other = if locale == Locale::Indonesian { ("en", "English") } else { ("id", "Bahasa Indonesia") };
    let target = format!("/phone/language?code={}&phone={number}", other.0);
    html! {
        header.top {
            a.brand href="/" { "Kabar" }
            h1 { (say(locale, "Ponsel di sandbox", "Phones of the sandbox")) }
            nav.links aria-label=(say(locale, "Tautan", "Links")) {
                a href="/docs" { "API" }
                a href=(target) lang=(other.0) { (other.1) }
            }
        }
    }
}

fn in_list(locale: Locale, phone: &Phone, number: &str) -> Markup {
    let text = phone.newest.text.as_deref().map(one_line).unwrap_or_default();
    html! {
        li data-key=(phone.number) {
            a href=(format!("/phone/{}", phone.number)) aria-current=[(phone.number == number).then_some("page")] {
                span.who { "+" (phone.number) @if phone.habit == "off" { span.badge { (say(locale, "mati", "off")) } } }
                (clock(&phone.newest.at))
                span.last { @if phone.newest.is_answer { (Glyph::Answer.draw()) " " } (text) }
            }
        }
    }
}

fn nothing_yet(locale: Locale) -> Markup {
    html! {
        section.phone.empty #phone data-part="" {
            div.nothing {
                (Glyph::Speech.draw())
                h2 { (say(locale, "Belum ada pesan", "No message yet")) }
                p {
                    (say(
                        locale,
                        "Kirim satu, misalnya dengan perintah curl yang dicetak kabar dev. Pesan itu muncul di sini, di ponsel penerimanya.",
                        "Send one, for example with the curl command that kabar dev has printed. It appears here, on its recipient's phone.",
                    ))
                }
            }
        }
    }
}

fn phone(locale: Locale, seen: &Seen, thread: &Thread) -> Markup {
    let newest = thread.entries.iter().rev().find_map(|entry| match entry {
        Entry::Message(message) => Some(&**message),
        Entry::Answer(_) => None,
    });
    let business = newest.map(business).unwrap_or_default();
    html! {
        section.phone #phone data-part="" aria-label=(format!("{} +{}", say(locale, "Ponsel", "Phone"), thread.number)) {
            header.chat #chat data-part="" {
                span.avatar { (Glyph::Shop.draw()) }
                div {
                    h2 { @if business.is_empty() { "+" (thread.number) } @else { (business) } }
                    p { (say(locale, "di ponsel ", "on the phone ")) "+" (thread.number) }
                }
            }
            div.screen tabindex="0" role="log" aria-label=(say(locale, "Percakapan", "Conversation")) {
                ol.thread #thread data-part="" {
                    @for entry in &thread.entries {
                        @match entry {
                            Entry::Message(message) => (incoming(locale, seen, thread, message)),
                            Entry::Answer(answer) => (outgoing(locale, answer)),
                        }
                    }
                    @if thread.entries.is_empty() {
                        li.hint data-key="none" { (say(locale, "Ponsel ini belum menerima apa pun.", "This phone has got nothing yet.")) }
                    }
                }
            }
            form.say method="post" action=(ACTION) data-enhance data-clear {
                input type="hidden" name="wish" value="say";
                span #whose data-part="" { input type="hidden" name="phone" value=(thread.number); }
                label.unseen for="text" { (say(locale, "Balasan penerima", "The recipient's answer")) }
                input #text name="text" maxlength="4096" autocomplete="off" required
                    placeholder=(say(locale, "Balas sebagai penerima", "Answer as the recipient"));
                button type="submit" aria-label=(say(locale, "Kirim balasan", "Send the answer")) { (Glyph::Send.draw()) }
            }
        }
        div #switches data-part="" {
            (habits(locale, thread))
            @if newest.is_some() { (marketing(locale, thread)) }
        }
    }
}

fn habits(locale: Locale, thread: &Thread) -> Markup {
    let words = |words: &[&'static str; 2]| words[usize::from(locale != Locale::Indonesian)];
    let all = HABITS.iter().map(|(habit, word, sentence)| Choice {
        id: format!("habit-{habit}"),
        value: habit,
        word: words(word),
        sentence: words(sentence),
        is_on: thread.habit == *habit,
    });
    let label = say(locale, "Yang dilakukan ponsel ini", "What this phone does");
    choices(thread, "habit", label, say(locale, "Ponsel ini", "This phone"), all)
}

/// Whether the recipient wants marketing of who wrote last, as in the app's own settings.
fn marketing(locale: Locale, thread: &Thread) -> Markup {
    let all = [
        Choice {
            id: "marketing-wanted".to_owned(),
            value: "wanted",
            word: say(locale, "Boleh", "Wanted"),
            sentence: say(locale, "Promosi boleh dikirim", "Marketing may be sent"),
            is_on: !thread.stops_marketing,
        },
        Choice {
            id: "marketing-stopped".to_owned(),
            value: "stopped",
            word: say(locale, "Berhenti", "Stopped"),
            sentence: say(
                locale,
                "Penerima berhenti menerima promosi di WhatsApp",
                "The recipient stops marketing in WhatsApp",
            ),
            is_on: thread.stops_marketing,
        },
    ];
    let label = say(locale, "Promosi untuk ponsel ini", "Marketing for this phone");
    choices(thread, "marketing", label, say(locale, "Promosi", "Marketing"), all)
}

/// One of the things that can be chosen.
struct Choice {
    id: String,
    value: &'static str,
    word: &'static str,
    sentence: &'static str,
    is_on: bool,
}

/// What one can choose for a phone: a form with a button for each choice, whose field is called like its wish.
fn choices(thread: &Thread, wish: &str, label: &str, name: &str, all: impl IntoIterator<Item = Choice>) -> Markup {
    html! {
        form.choices method="post" action=(ACTION) data-enhance aria-label=(label) {
            input type="hidden" name="wish" value=(wish);
            input type="hidden" name="phone" value=(thread.number);
            span.name { (name) }
            @for Choice { id, value, word, sentence, is_on } in all {
                button #(id) type="submit" name=(wish) value=(value) title=(sentence)
                    aria-pressed=(if is_on { "true" } else { "false" }) { (word) }
            }
        }
    }
}

/// From whom a message comes.
fn business(message: &Message) -> String {
    match &message.from.display {
        Some(display) if !display.is_empty() => format!("+{display}"),
        Some(_) | None => message.from.phone_number_id.clone(),
    }
}

/// The sign and the word of a status.
fn status_words(locale: Locale, status: &str) -> (Glyph, &'static str) {
    match status {
        "accepted" => (Glyph::Clock, say(locale, "diterima Meta", "accepted")),
        "sent" => (Glyph::Tick, say(locale, "terkirim, belum sampai", "sent, not arrived")),
        "delivered" => (Glyph::Ticks, say(locale, "sampai", "delivered")),
        "read" => (Glyph::Ticks, say(locale, "dibaca", "read")),
        "failed" => (Glyph::Warning, say(locale, "gagal", "failed")),
        _ => (Glyph::Clock, ""),
    }
}

fn incoming(locale: Locale, seen: &Seen, thread: &Thread, message: &Message) -> Markup {
    let (sign, word) = status_words(locale, &message.status);
    let press =
        Press { action: ACTION, fields: vec![("wish", "press"), ("phone", &thread.number), ("wamid", &message.wamid)] };
    let press = (message.status != "failed").then_some(&press);
    html! {
        li class={ "incoming " (message.status) } data-key=(message.wamid) {
            (message.shown.draw(locale, &clock(&message.at), press))
            div.meta {
                span class={ "status " (message.status) } {
                    (sign.draw()) " " (word)
                    @if let Some(failure) = &message.failure { ": " (failure.code) " " (failure.title) }
                }
                span.template { (message.template) }
                (by_hand(locale, seen, thread, message))
            }
        }
    }
}

/// What can still become of a message.
fn by_hand(locale: Locale, seen: &Seen, thread: &Thread, message: &Message) -> Markup {
    let (may_arrive, may_be_read) = match message.status.as_str() {
        "accepted" | "sent" => (true, true),
        "delivered" => (false, true),
        _ => (false, false),
    };
    let fields = html! {
        input type="hidden" name="wish" value="message";
        input type="hidden" name="phone" value=(thread.number);
        input type="hidden" name="wamid" value=(message.wamid);
    };
    html! {
        @if may_be_read {
            form.inline method="post" action=(ACTION) data-enhance {
                (fields)
                @if may_arrive { button type="submit" name="action" value="deliver" { (say(locale, "Sampaikan", "Deliver")) } }
                button type="submit" name="action" value="read" { (say(locale, "Baca", "Mark read")) }
            }
        }
        @if may_arrive {
            form.inline method="post" action=(ACTION) data-enhance {
                (fields)
                select name="code" aria-label=(say(locale, "Alasan gagal", "Why it fails")) {
                    @for row in seen.recipients.iter().filter(|row| row.end == "fails") {
                        option value=(row.code) { (row.code) " " (row.title) }
                    }
                }
                button.bad type="submit" name="action" value="fail" { (say(locale, "Gagalkan", "Let it fail")) }
            }
        }
    }
}

/// The answer's words; for a choice, ours.
fn said(locale: Locale, answer: &Answer) -> &str {
    match answer.stops_marketing {
        Some(true) => say(locale, "Berhenti menerima promosi", "Stops marketing messages"),
        Some(false) => say(locale, "Menerima promosi lagi", "Wants marketing messages again"),
        None => &answer.text,
    }
}

fn outgoing(locale: Locale, answer: &Answer) -> Markup {
    html! {
        li.outgoing data-key=(answer.wamid) {
            div.bubble {
                div.text { p { (said(locale, answer)) } }
                div.corner { (clock(&answer.at)) }
            }
            div.meta {
                @if answer.told_at.is_some() {
                    span.status.read { (Glyph::Ticks.draw()) " " (say(locale, "webhook diterima", "webhook taken")) }
                } @else {
                    span.status { (Glyph::Clock.draw()) " " (say(locale, "webhook di jalan", "webhook on its way")) }
                }
                @if let Some(payload) = &answer.payload { span.template { "payload " code { (payload) } } }
            }
        }
    }
}

/// The time of the day, where this machine is.
fn clock(at: &str) -> Markup {
    let time = at.parse::<Timestamp>().map(|time| time.to_zoned(TimeZone::system()).strftime("%H:%M").to_string());
    html! { time datetime=(at) { (time.unwrap_or_default()) } }
}
