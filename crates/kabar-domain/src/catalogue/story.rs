//! The words of a message's story.

use std::time::Duration;

use crate::catalogue::Locale;
use crate::message::story::{Advice, Both, CodeFacts, Step, Story, Waits, What, own_reason};
use crate::message::{Answer, KeptNote, NoteKind, Reason, State, own_code};
use crate::pricing::Charged;
use crate::rates::Cost;
use crate::template::Category;

/// A sentence in the language asked for; both name the same variables.
macro_rules! say {
    ($locale:expr, $indonesian:literal, $english:literal) => {
        match $locale {
            Locale::Indonesian => format!($indonesian),
            Locale::English => format!($english),
        }
    };
}

impl Both {
    /// In this language.
    pub const fn of(self, locale: Locale) -> &'static str {
        match locale {
            Locale::Indonesian => self.indonesian,
            Locale::English => self.english,
        }
    }
}

/// What a step says.
pub fn text(step: &Step, locale: Locale) -> String {
    match &step.what {
        What::Accepted { template, expires_at } => match template {
            Some(template) => say!(
                locale,
                "Permintaan mengirim template {template} diterima dan disimpan di disk. Pesan harus berangkat sebelum {expires_at}.",
                "The request to send the template {template} was accepted and kept on disk. The message has to leave before {expires_at}."
            ),
            None => say!(
                locale,
                "Permintaan diterima dan disimpan di disk; template-nya kini sudah tidak ada. Pesan harus berangkat sebelum {expires_at}.",
                "The request was accepted and kept on disk; its template is no longer there. The message has to leave before {expires_at}."
            ),
        },
        What::RetryOf(other) => say!(
            locale,
            "Pesan ini dikirim sebagai pengganti pesan {other} yang gagal.",
            "It is sent in the place of the message {other}, which failed."
        ),
        What::Lane(lane) => {
            let (sender, class) = (&lane.sender, class(lane.class));
            say!(
                locale,
                "Masuk antrean pesan {class} dari pengirim {sender}.",
                "It queued among the {class} messages of the sender {sender}."
            )
        }
        What::Turn(waited) => {
            let waited = period(*waited, locale);
            say!(
                locale,
                "Hingga {waited} berlalu sebelum ini: menunggu giliran (pesan lain dan batas kecepatan pengirim) dan jawaban Meta.",
                "Up to {waited} passed before this: it waited for its turn (the sender's other messages and its throughput) and for Meta's answer."
            )
        }
        What::Noted { note, facts } => noted(note, *facts, locale),
        What::NotKept(n) => say!(
            locale,
            "{n} catatan lain di antaranya tidak disimpan lagi.",
            "{n} more notes between these are no longer kept."
        ),
        What::Taken { attempt, template, wamid } => {
            let template = template.as_deref().unwrap_or("?");
            let wamid = wamid.as_deref().unwrap_or("?");
            say!(
                locale,
                "Percobaan ke-{attempt}: template {template} dikirim ke Meta (nilainya tidak ditampilkan). Jawaban Meta: HTTP 200 dengan id pesan {wamid}.",
                "Attempt {attempt}: the template {template} was sent to Meta (its values are not shown). Meta answered HTTP 200 with the message id {wamid}."
            )
        }
        What::Reached { state, reason, facts } => reached(*state, reason.as_ref(), *facts, locale),
        What::Cost { charged, cost, currency } => self::cost(*charged, *cost, currency, locale),
        What::Waiting(waits) => waiting(*waits, locale),
        What::RetriedAs(other) => say!(
            locale,
            "Sebagai penggantinya sudah dikirim pesan {other}.",
            "The message {other} was sent in its place."
        ),
    }
}

fn cost(charged: Charged, cost: Cost, currency: &str, locale: Locale) -> String {
    let category = charged.as_str();
    match cost {
        Cost::Free => {
            say!(locale, "Biaya (kategori {category}): gratis.", "What it costs (category {category}): nothing.")
        }
        Cost::Price(money) => say!(
            locale,
            "Biaya (kategori {category}): {money} {currency}, menurut daftar harga.",
            "What it costs (category {category}): {money} {currency}, by the rate card."
        ),
        Cost::Unpriced => say!(
            locale,
            "Biaya (kategori {category}): tidak ada di daftar harga.",
            "What it costs (category {category}): the rate card has no price for it."
        ),
    }
}

/// What is to be done next.
pub fn advice(story: &Story, locale: Locale) -> String {
    let retry = format!("POST /v1/messages/{}/retry", story.msgid);
    match &story.advice {
        Advice::Arrived => {
            say!(locale, "Pesan sudah sampai. Tidak ada yang perlu dilakukan.", "It arrived. Nothing needs to be done.")
        }
        Advice::OnItsWay => say!(
            locale,
            "Pesan sudah di tangan Meta. Jika laporan tidak kunjung datang, telepon penerima mungkin mati atau tidak tersambung; Meta terus mencoba sampai masa berlaku template habis. Jangan kirim ulang.",
            "Meta has it. If no report follows, the recipient's phone may be off or without a connection; Meta keeps trying until the template's time to live is over. Don't send it again."
        ),
        Advice::InLine(until) => say!(
            locale,
            "Tidak ada yang perlu dilakukan: Kabar mengirimnya sendiri begitu gilirannya tiba, paling lambat {until}. Jika antrean tidak bergerak, lihat log Kabar untuk pengirim yang ditahan.",
            "Nothing needs to be done: Kabar sends it by itself when its turn comes, until {until}. If the queue does not move, look in Kabar's log for senders that are held."
        ),
        Advice::BeingSent => say!(
            locale,
            "Tunggu beberapa detik: jawaban Meta sedang dinantikan.",
            "Wait some seconds: Meta's answer is awaited."
        ),
        Advice::InDoubt(until) => say!(
            locale,
            "Jangan kirim ulang: penerima bisa menerima dua kali. Kabar menunggu laporan Meta sampai {until}, lalu memutuskan sendiri.",
            "Don't send it again: the recipient might get it twice. Kabar waits for a report of Meta until {until}, and then decides by itself."
        ),
        Advice::WaitsFor(facts) => {
            let to_do = facts.to_do.of(locale);
            if facts.needs_a_person {
                say!(
                    locale,
                    "{to_do} Begitu beres, Kabar mengirim pesan ini dengan sendirinya.",
                    "{to_do} As soon as this is put right, Kabar sends the message by itself."
                )
            } else {
                say!(locale, "{to_do} Kabar mencoba lagi dengan sendirinya.", "{to_do} Kabar tries again by itself.")
            }
        }
        Advice::WaitsForUnknown(code) => say!(
            locale,
            "Cari kode {code} di daftar kode galat Meta. Kabar mencoba lagi dengan sendirinya.",
            "Look the code {code} up in Meta's list of error codes. Kabar tries again by itself."
        ),
        Advice::PairLimit => say!(
            locale,
            "Tidak ada yang perlu dilakukan: Kabar mengirimnya sendiri setelah jedanya lewat. Gabungkan beberapa pesan untuk orang yang sama agar ini tidak sering terjadi.",
            "Nothing needs to be done: Kabar sends it by itself when the pause is over. Put several messages to one person together, so that this is seldom."
        ),
        Advice::DailyLimit => say!(
            locale,
            "Tunggu: Kabar mengirimnya sendiri begitu ada ruang lagi dalam 24 jam berjalan. Batas harian naik jika kualitas akun baik; lihat WhatsApp Manager.",
            "Wait: Kabar sends it by itself as soon as there is room within the running 24 hours. The limit rises while the account's quality is good; see WhatsApp Manager."
        ),
        Advice::NoToken => say!(
            locale,
            "Beri pengirim access token: `kabar sender add … --access-token-file`. Begitu beres, Kabar mengirim pesan ini dengan sendirinya.",
            "Give the sender an access token: `kabar sender add … --access-token-file`. As soon as it has one, Kabar sends the message by itself."
        ),
        Advice::Unreachable => say!(
            locale,
            "Periksa jaringan, DNS, dan firewall dari server Kabar ke graph.facebook.com. Kabar terus mencoba dengan sendirinya.",
            "Check network, DNS and firewall between Kabar's server and graph.facebook.com. Kabar keeps trying by itself."
        ),
        Advice::TemplateHeld => say!(
            locale,
            "Periksa template di WhatsApp Manager: tunggu jedanya berakhir, atau terima kategori barunya di Kabar. Setelah itu Kabar mengirim pesan ini dengan sendirinya.",
            "Look at the template in WhatsApp Manager: wait until its pause ends, or accept its new category in Kabar. Then Kabar sends the message by itself."
        ),
        Advice::SenderHeld => say!(
            locale,
            "Periksa akun, nomor, dan access token pengirim; log Kabar menyebut sebabnya. Begitu beres, Kabar mengirim pesan ini dengan sendirinya.",
            "Check the sender's account, number and access token; Kabar's log says why it is held. As soon as that is put right, Kabar sends the message by itself."
        ),
        Advice::MediaHeld => say!(
            locale,
            "Tidak ada yang perlu dilakukan: Kabar mengirimnya sendiri begitu berkasnya siap. Jika lama, pastikan URL berkas bisa dibuka dari internet.",
            "Nothing needs to be done: Kabar sends it by itself when the file is there. If that takes long, make sure that the file's URL can be opened from the internet."
        ),
        Advice::Suppressed => say!(
            locale,
            "Jangan kirim pemasaran ke penerima ini. Hanya jika ia memintanya lagi: DELETE /v1/suppressions/NOMOR, lalu kirim pesan baru.",
            "Send this recipient no marketing. Only if it is asked for again: DELETE /v1/suppressions/NUMBER, then send a new message."
        ),
        Advice::Media => say!(
            locale,
            "Pastikan URL berkas bisa dibuka tanpa login serta jenis dan ukurannya diizinkan. Lalu kirim pesan baru, atau yang sama sekali lagi: {retry}.",
            "Make sure that the file's URL can be opened without a login, and that type and size are allowed. Then send a new message, or the same once more: {retry}."
        ),
        Advice::EndedBy(facts) => {
            let to_do = facts.to_do.of(locale);
            if facts.again {
                say!(
                    locale,
                    "{to_do} Untuk mengirimnya sekali lagi: {retry}.",
                    "{to_do} To send it once more: {retry}."
                )
            } else {
                to_do.to_owned()
            }
        }
        Advice::EndedByUnknown(code) => say!(
            locale,
            "Kabar belum mengenal kode {code}. Cari kode itu di daftar kode galat Meta, atau tanyakan ke dukungan Meta. Jika sebabnya sudah beres: {retry}.",
            "Kabar does not know the code {code} yet. Look it up in Meta's list of error codes, or ask Meta's support. When its cause is put right: {retry}."
        ),
        Advice::NotSent => say!(
            locale,
            "Periksa template di daftar template: disetujui, tidak dijeda, dan kategorinya benar. Lalu kirim pesan baru, atau yang sama sekali lagi: {retry}.",
            "Look at the template in the list of templates: approved, not paused, and of the right category. Then send a new message, or the same once more: {retry}."
        ),
        Advice::Expired(None) => say!(
            locale,
            "Jika pesan masih berguna, kirim sekali lagi: {retry}. Jika sering terjadi, antrean terlalu panjang untuk kecepatan pengirim, atau masa berlakunya terlalu pendek.",
            "If it is still of use, send it once more: {retry}. If this happens often, the queue is too long for the sender's throughput, or its time too short."
        ),
        Advice::Expired(Some(because)) => {
            let because = cause(because, locale);
            say!(
                locale,
                "{because} Jika pesan masih berguna, kirim sekali lagi: {retry}.",
                "{because} If it is still of use, send it once more: {retry}."
            )
        }
        Advice::Cancelled => say!(
            locale,
            "Tidak ada yang perlu dilakukan. Jika ternyata masih perlu dikirim, buat pesan baru.",
            "Nothing needs to be done. If it is to be sent after all, make a new message."
        ),
        Advice::OutcomeUnknown => say!(
            locale,
            "Tanyakan dulu kepada penerima apakah pesan sampai. Kirim sekali lagi ({retry}) hanya jika menerima dua kali tidak merugikan.",
            "Ask the recipient whether it arrived. Send it once more ({retry}) only if getting it twice does no harm."
        ),
        Advice::RetriedAs(other) => say!(
            locale,
            "Lihat pesan penggantinya: {other}.",
            "Look at the message that was sent in its place: {other}."
        ),
    }
}

/// What to do about what held a message up until its time was over.
fn cause(advice: &Advice, locale: Locale) -> String {
    match advice {
        Advice::WaitsFor(facts) => facts.to_do.of(locale).to_owned(),
        Advice::WaitsForUnknown(code) => say!(
            locale,
            "Cari kode {code} di daftar kode galat Meta.",
            "Look the code {code} up in Meta's list of error codes."
        ),
        Advice::PairLimit => say!(
            locale,
            "Gabungkan beberapa pesan untuk orang yang sama, atau beri jeda di antaranya.",
            "Put several messages to one person together, or spread them over time."
        ),
        Advice::DailyLimit => say!(
            locale,
            "Bagi kampanye ke beberapa hari, atau naikkan batas harian akun; lihat WhatsApp Manager.",
            "Spread the campaign over several days, or have the account's daily limit raised; see WhatsApp Manager."
        ),
        Advice::NoToken => say!(
            locale,
            "Beri pengirim access token: `kabar sender add … --access-token-file`.",
            "Give the sender an access token: `kabar sender add … --access-token-file`."
        ),
        Advice::Unreachable => say!(
            locale,
            "Periksa jaringan, DNS, dan firewall dari server Kabar ke graph.facebook.com.",
            "Check network, DNS and firewall between Kabar's server and graph.facebook.com."
        ),
        Advice::MediaHeld => say!(
            locale,
            "Pastikan URL berkas bisa dibuka dari internet.",
            "Make sure that the file's URL can be opened from the internet."
        ),
        Advice::TemplateHeld => say!(
            locale,
            "Periksa template di WhatsApp Manager: tunggu jedanya berakhir, atau terima kategori barunya di Kabar.",
            "Look at the template in WhatsApp Manager: wait until its pause ends, or accept its new category in Kabar."
        ),
        // Nothing else holds a message up.
        Advice::Arrived
        | Advice::OnItsWay
        | Advice::InLine(_)
        | Advice::BeingSent
        | Advice::InDoubt(_)
        | Advice::SenderHeld
        | Advice::EndedBy(_)
        | Advice::EndedByUnknown(_)
        | Advice::NotSent
        | Advice::Suppressed
        | Advice::Media
        | Advice::Expired(_)
        | Advice::Cancelled
        | Advice::OutcomeUnknown
        | Advice::RetriedAs(_) => String::new(),
    }
}

fn noted(kept: &KeptNote, facts: Option<CodeFacts>, locale: Locale) -> String {
    let note = &kept.note;
    let said = answered(&note.answer, facts, locale);
    let reason = note.answer.text.as_deref().unwrap_or("?");
    let attempt = match note.attempt {
        0 => say!(locale, "Percobaan mengirim", "An attempt"),
        attempt => say!(locale, "Percobaan ke-{attempt}", "Attempt {attempt}"),
    };
    let text = match note.kind {
        NoteKind::Refused => say!(locale, "{attempt}: {said}", "{attempt}: {said}"),
        NoteKind::RefusedForNow => match note.due {
            Some(due) => say!(
                locale,
                "{attempt}: {said} Kabar mencoba lagi mulai {due}.",
                "{attempt}: {said} Kabar tries again from {due} on."
            ),
            None => say!(locale, "{attempt}: {said} Kabar mencoba lagi.", "{attempt}: {said} Kabar tries again."),
        },
        NoteKind::AnswerLost => {
            let until = note.due.unwrap_or(note.at);
            say!(
                locale,
                "{attempt}: dikirim ke Meta, tetapi jawabannya hilang ({reason}). Pesan mungkin sudah sampai di Meta, jadi tidak langsung diulang; laporan Meta ditunggu sampai {until}.",
                "{attempt}: it was sent to Meta, and the answer was lost ({reason}). Meta may have the message, so it is not repeated at once; a report of Meta is awaited until {until}."
            )
        }
        NoteKind::Interrupted => {
            let until = note.due.unwrap_or(note.at);
            say!(
                locale,
                "Kabar berhenti saat panggilan ke Meta mungkin sedang berjalan. Pesan mungkin sudah sampai di Meta, jadi tidak langsung diulang; laporan Meta ditunggu sampai {until}.",
                "Kabar ended while a call to Meta may have been under way. Meta may have the message, so it is not repeated at once; a report of Meta is awaited until {until}."
            )
        }
        NoteKind::SentAgain => say!(
            locale,
            "Laporan Meta tidak datang. Karena isinya kode masuk yang masih berlaku, pesan dikirim lagi: kode yang sama dua kali tidak merugikan siapa pun.",
            "No report of Meta came. Since it is a login code that is still valid, it is sent again: the same code twice harms nobody."
        ),
        NoteKind::Unreachable => say!(
            locale,
            "{attempt}: Meta tidak dapat dihubungi ({reason}). Pesan pasti belum terkirim dan kembali ke antrean; pengirimnya ditahan sampai Meta terhubung lagi.",
            "{attempt}: Meta could not be reached ({reason}). The message surely did not leave and goes back to its queue; its sender is held until Meta can be reached."
        ),
        NoteKind::NoToken => say!(
            locale,
            "Pengirim belum punya access token. Pesan menunggu sampai ada.",
            "The sender has no access token. The message waits until it has one."
        ),
        NoteKind::SenderRefused => say!(
            locale,
            "{attempt}: {said} Semua pesan pengirim ini akan gagal dengan cara yang sama, jadi pengirim ditahan sampai masalahnya dibereskan; pesan ini kembali ke antrean.",
            "{attempt}: {said} Every message of this sender would fail alike, so the sender is held until that is put right; this message goes back to its queue."
        ),
        NoteKind::SenderPaused => say!(
            locale,
            "{attempt}: {said} Pengirim ditahan sebentar; pesan ini kembali ke antrean.",
            "{attempt}: {said} The sender is held for a while; this message goes back to its queue."
        ),
        NoteKind::PairLimit => {
            let until = note.due.unwrap_or(note.at);
            say!(
                locale,
                "Penerima ini baru saja mendapat banyak pesan dari pengirim yang sama, dan Meta membatasinya. Pesan menunggu sampai {until}.",
                "This recipient just had many messages of the same sender, which Meta limits. The message waits until {until}."
            )
        }
        NoteKind::DailyLimit => {
            let until = note.due.unwrap_or(note.at);
            say!(
                locale,
                "Akun sudah menulis ke sebanyak mungkin penerima yang diizinkan Meta dalam 24 jam. Pesan diperiksa lagi pada {until}.",
                "The account has written to as many recipients as Meta allows within 24 hours. The message is looked at again at {until}."
            )
        }
        NoteKind::TemplateHeld if note.answer.code.is_some() => say!(
            locale,
            "{attempt}: {said} Sesuai setelan aplikasi, pesan ditahan sampai template-nya pulih.",
            "{attempt}: {said} As the app has it set, the message is held until its template is well again."
        ),
        NoteKind::TemplateHeld => say!(
            locale,
            "Template dijeda, berubah kategori, atau mutunya turun. Sesuai setelan aplikasi, pesan ditahan sampai template-nya pulih.",
            "The template was paused, moved to another category, or lost its quality. As the app has it set, the message is held until its template is well again."
        ),
        NoteKind::MediaHeld => say!(
            locale,
            "Berkas yang disebut pesan ini sedang diambil dan diunggah ke Meta; pesan ditahan sampai siap.",
            "The file that it names is being fetched and uploaded to Meta; the message is held until it is there."
        ),
        NoteKind::Released => say!(
            locale,
            "Yang ditunggu sudah beres; pesan kembali ke antrean.",
            "What it was held for is put right; it goes back to its queue."
        ),
    };
    if kept.times > 1 {
        let (times, last) = (kept.times, note.at);
        say!(
            locale,
            "{text} Ini terjadi {times} kali berturut-turut, terakhir pada {last}.",
            "{text} This happened {times} times in a row, the last time at {last}."
        )
    } else {
        text
    }
}

/// What the upstream answered, as a sentence or two.
fn answered(answer: &Answer, facts: Option<CodeFacts>, locale: Locale) -> String {
    let code = match (answer.code, answer.subcode) {
        (Some(code), Some(subcode)) => format!("{code}.{subcode}"),
        (Some(code), None) => code.to_string(),
        (None, _) => "?".to_owned(),
    };
    let http = answer.http_status.map(|status| format!("HTTP {status}, ")).unwrap_or_default();
    let said = answer.text.as_deref().unwrap_or("?").trim_end_matches('.');
    let mut text =
        say!(locale, "Meta menolak ({http}kode {code}: {said}).", "Meta refused it ({http}code {code}: {said}).");
    if let Some(facts) = facts {
        text = format!("{text} {}", facts.meaning.of(locale));
    }
    if let Some(trace) = &answer.trace {
        text = say!(locale, "{text} Trace id: {trace}.", "{text} Trace id: {trace}.");
    }
    text
}

fn reached(state: State, reason: Option<&Reason>, facts: Option<CodeFacts>, locale: Locale) -> String {
    match state {
        State::Accepted => say!(locale, "Diterima.", "Accepted."),
        State::BeingSent => say!(locale, "Sedang dikirim.", "Being sent."),
        State::InDoubt => say!(
            locale,
            "Pesan dikirim ke Meta, tetapi jawabannya hilang; tidak diketahui apakah pesan sampai di Meta.",
            "It was sent to Meta, and the answer was lost; it is not known whether Meta has it."
        ),
        State::Expired => say!(
            locale,
            "Waktunya habis sebelum pesan dapat berangkat; pesan tidak dikirim.",
            "Its time was up before it could leave; it was not sent."
        ),
        State::Cancelled => say!(
            locale,
            "Ditarik kembali sebelum berangkat; pesan tidak dikirim.",
            "It was taken back before it left; it was not sent."
        ),
        State::OutcomeUnknown => say!(
            locale,
            "Jawaban Meta hilang dan tidak ada laporan yang datang: tidak diketahui apakah pesan sampai. Pesan tidak dikirim lagi.",
            "Meta's answer was lost, and no report came: nobody knows whether it arrived. It is not sent again."
        ),
        State::Rejected => rejected(reason, facts, locale),
        State::Submitted => say!(
            locale,
            "Meta menerima pesan dan akan melaporkan kelanjutannya.",
            "Meta took the message, and reports what becomes of it."
        ),
        State::Sent => say!(
            locale,
            "Laporan Meta: pesan sudah dikirim ke penerima.",
            "Meta reports: it was sent on to the recipient."
        ),
        State::Failed => {
            let because = because(reason, facts, locale);
            say!(
                locale,
                "Laporan Meta: pesan diterima Meta, tetapi gagal disampaikan. {because}",
                "Meta reports: it took the message, and could not deliver it. {because}"
            )
        }
        State::Delivered => say!(
            locale,
            "Laporan Meta: pesan sampai di telepon penerima.",
            "Meta reports: it is on the recipient's phone."
        ),
        State::Read => say!(locale, "Laporan Meta: pesan sudah dibaca.", "Meta reports: the recipient opened it."),
    }
}

fn rejected(reason: Option<&Reason>, facts: Option<CodeFacts>, locale: Locale) -> String {
    let own = reason.and_then(|reason| own_reason(&reason.text));
    match (own, reason) {
        (Some((both, rest)), _) => {
            let why = both.of(locale);
            say!(
                locale,
                "Kabar tidak mengirimnya, dan Meta tidak dipanggil: {why}{rest}.",
                "Kabar did not send it, and Meta was not called: {why}{rest}."
            )
        }
        (None, Some(reason)) if reason.code == own_code::MEDIA => {
            // Its address is a value of the message; why it is of no use comes after it.
            let why = reason.text.split_once(": ").map_or(reason.text.as_str(), |(_, why)| why);
            let why = why.trim_end_matches('.');
            say!(
                locale,
                "Pesan tidak dikirim: berkas yang disebutnya tidak dapat dipakai ({why}).",
                "It was not sent: the file that it names is of no use ({why})."
            )
        }
        (None, Some(reason)) if reason.code == own_code::SUPPRESSED => say!(
            locale,
            "Pesan tidak dikirim, dan Meta tidak dipanggil: penerima telah menghentikan pesan pemasaran.",
            "It was not sent, and Meta was not called: the recipient has stopped marketing messages."
        ),
        (None, Some(reason)) if reason.code == own_code::REFUSED => {
            let text = reason.text.trim_end_matches('.');
            say!(locale, "Pesan tidak dikirim: {text}.", "It was not sent: {text}.")
        }
        (None, None) => {
            say!(
                locale,
                "Berakhir di sini: pesan ditolak dan tidak dikirim.",
                "It ended here: the message was refused, and not sent."
            )
        }
        (None, Some(_)) => {
            let because = because(reason, facts, locale);
            say!(
                locale,
                "Berakhir di sini: pesan ditolak dan tidak dikirim. {because}",
                "It ended here: the message was refused, and not sent. {because}"
            )
        }
    }
}

/// The upstream's number in plain words.
fn because(reason: Option<&Reason>, facts: Option<CodeFacts>, locale: Locale) -> String {
    match (facts, reason) {
        (Some(facts), _) => {
            let (code, title, meaning) = (facts.code, facts.title.trim_end_matches('.'), facts.meaning.of(locale));
            say!(locale, "{meaning} (Kode {code}: {title}.)", "{meaning} (Code {code}: {title}.)")
        }
        (None, Some(Reason { code, text })) => {
            let text = text.trim_end_matches('.');
            say!(
                locale,
                "Meta menyebut kode {code}, yang belum dikenal Kabar: {text}.",
                "Meta gives the code {code}, which Kabar does not know: {text}."
            )
        }
        (None, None) => say!(locale, "Sebabnya tidak disebut.", "No reason was given."),
    }
}

fn waiting(waits: Waits, locale: Locale) -> String {
    match waits {
        Waits::Turn => say!(locale, "Sekarang: menunggu giliran.", "Now: it waits for its turn."),
        Waits::Answer => say!(
            locale,
            "Sekarang: sedang dikirim; jawaban Meta belum datang.",
            "Now: it is being sent; Meta has not answered yet."
        ),
        Waits::Retry(due) => say!(
            locale,
            "Sekarang: menunggu untuk dicoba lagi, mulai {due}.",
            "Now: it waits to be tried again, from {due} on."
        ),
        Waits::Report(until) => say!(
            locale,
            "Sekarang: menunggu laporan Meta sampai {until}.",
            "Now: it waits for a report of Meta until {until}."
        ),
        Waits::Template => say!(
            locale,
            "Sekarang: ditahan sampai template-nya pulih.",
            "Now: it is held until its template is well again."
        ),
        Waits::Sender => say!(
            locale,
            "Sekarang: ditahan sampai pengirimnya dibereskan.",
            "Now: it is held until its sender is put right."
        ),
        Waits::Media => {
            say!(locale, "Sekarang: ditahan sampai berkasnya siap.", "Now: it is held until its file is there.")
        }
        Waits::Nothing => say!(locale, "Sekarang: selesai.", "Now: it is done."),
    }
}

/// As Meta calls them, in either language.
const fn class(class: Category) -> &'static str {
    match class {
        Category::Authentication => "authentication",
        Category::Utility => "utility",
        Category::Marketing => "marketing",
    }
}

/// A time in its coarsest unit that says enough.
fn period(period: Duration, locale: Locale) -> String {
    let seconds = period.as_secs();
    let (n, indonesian, english) = match seconds {
        0..120 => (seconds, "detik", "seconds"),
        120..7200 => (seconds / 60, "menit", "minutes"),
        _ => (seconds / 3600, "jam", "hours"),
    };
    match locale {
        Locale::Indonesian => format!("{n} {indonesian}"),
        Locale::English if n == 1 => format!("{n} {}", english.trim_end_matches('s')),
        Locale::English => format!("{n} {english}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_told_in_its_coarsest_unit() {
        for (seconds, english, indonesian) in [
            (1, "1 second", "1 detik"),
            (119, "119 seconds", "119 detik"),
            (600, "10 minutes", "10 menit"),
            (7200, "2 hours", "2 jam"),
        ] {
            let one = Duration::from_secs(seconds);
            assert_eq!(
                (period(one, Locale::English).as_str(), period(one, Locale::Indonesian).as_str()),
                (english, indonesian)
            );
        }
    }
}
