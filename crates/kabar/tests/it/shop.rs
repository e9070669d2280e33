//! A running `kabar dev` with a template of every form, shared by the tests that only look at exchanges.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use kabar_testkit::dev::Dev;
use kabar_testkit::http::Exchange;
use kabar_testkit::ledger::{Ledger, Message};
use kabar_testkit::oca::{Oca, msgid_in};
use kabar_testkit::program::Program;
use kabar_testkit::unswer::Unswer;
use kabar_testkit::wait::wait_until;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::KABAR;

/// It is there as long as a test holds it, so that no process outlives the tests.
static OPEN: Mutex<Weak<Shop>> = Mutex::const_new(Weak::new());

/// The program, and what was prepared in it.
pub(crate) struct Shop {
    pub(crate) dev: Dev,
    codes: BTreeMap<String, String>,
}

/// The shop that other tests have opened, or else a new one.
pub(crate) async fn open() -> Arc<Shop> {
    let mut open = OPEN.lock().await;
    if let Some(shop) = open.upgrade() {
        return shop;
    }
    let dev = Program::dev(KABAR).rate_limit(1000).review("instant").start().await;
    let unswer = Unswer::new(&dev);
    let mut codes = BTreeMap::new();
    for template in templates() {
        let id = unswer.created(&template).await;
        let name = template["name"].as_str().unwrap().to_owned();
        codes.insert(name, code_in(&unswer.details(&id).await));
    }
    let shop = Arc::new(Shop { dev, codes });
    *open = Arc::downgrade(&shop);
    shop
}

/// The code of a template, from its details.
pub(crate) fn code_in(details: &Value) -> String {
    details["$extras"]["template_code_id"].as_str().unwrap().to_owned()
}

impl Shop {
    pub(crate) fn oca(&self) -> Oca {
        Oca::new(&self.dev)
    }

    pub(crate) fn unswer(&self) -> Unswer {
        Unswer::new(&self.dev)
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::new(&self.dev)
    }

    /// The code of a template by its name.
    pub(crate) fn code(&self, name: &str) -> &str {
        self.codes.get(name).unwrap_or_else(|| panic!("the shop has no template {name}"))
    }

    /// What the upstream got for an accepted message.
    pub(crate) async fn arrived(&self, answer: &Exchange) -> Message {
        arrived(&self.ledger(), &msgid_in(answer)).await
    }
}

/// The one message of the ledger that has this msgid, once it is there.
pub(crate) async fn arrived(ledger: &Ledger, msgid: &str) -> Message {
    wait_until(&format!("message {msgid} to reach the upstream"), async || {
        let mut found = ledger.by_msgid(msgid).await;
        assert!(found.len() <= 1, "message {msgid} was sent {} times", found.len());
        found.pop()
    })
    .await
}

/// An exchange and what it led to, for a snapshot.
pub(crate) fn shown(answer: &Exchange, message: &Message) -> String {
    let sent = json!({ "template": message.template, "language": message.language, "components": message.components });
    format!("{}\n\nThe upstream got:\n\n{sent:#}", answer.snapshot())
}

/// One of every form that can be sent by.
fn templates() -> Vec<Value> {
    let header =
        |format: &str| json!({ "type": "HEADER", "format": format, "example": { "header_handle": [handle(format)] } });
    vec![
        utility("salam", &[body()]),
        utility("tanpa_isian", &[json!({ "type": "BODY", "text": "Toko kami buka kembali besok pagi." })]),
        utility(
            "judul_teks",
            &[
                json!({
                    "type": "HEADER", "format": "TEXT", "text": "Pesanan {{1}}",
                    "example": { "header_text": ["INV-2041"] }
                }),
                body(),
            ],
        ),
        utility("judul_gambar", &[header("IMAGE"), body()]),
        utility("judul_video", &[header("VIDEO"), body()]),
        utility("judul_dokumen", &[header("DOCUMENT"), body()]),
        utility(
            "tombol_jawab",
            &[
                body(),
                buttons(&[
                    json!({ "type": "QUICK_REPLY", "text": "Setuju" }),
                    json!({ "type": "QUICK_REPLY", "text": "Batal" }),
                ]),
            ],
        ),
        utility(
            "tombol_tautan",
            &[
                body(),
                buttons(&[json!({
                    "type": "URL", "text": "Lacak", "url": "https://toko.example/lacak/{{1}}",
                    "example": ["https://toko.example/lacak/JNE-1"]
                })]),
            ],
        ),
        json!({
            "name": "kode_login", "category": "AUTHENTICATION", "language": "id", "ttl": 300,
            "components": [
                { "type": "BODY", "add_security_recommendation": true },
                { "type": "FOOTER", "code_expiration_minutes": 5 },
                { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE", "text": "Salin kode" }] }
            ]
        }),
    ]
}

/// A sample of a medium, as an upload to the upstream would name it.
fn handle(format: &str) -> &'static str {
    match format {
        "VIDEO" => "4::dmlkZW8vbXA0:contoh",
        "DOCUMENT" => "4::YXBwbGljYXRpb24vcGRm:contoh",
        _ => "4::aW1hZ2UvanBlZw==:contoh",
    }
}

fn utility(name: &str, components: &[Value]) -> Value {
    json!({ "name": name, "category": "UTILITY", "language": "id", "components": components })
}

fn body() -> Value {
    json!({
        "type": "BODY", "text": "Halo {{1}}, pesanan Anda sudah kami terima.",
        "example": { "body_text": [["Budi"]] }
    })
}

fn buttons(buttons: &[Value]) -> Value {
    json!({ "type": "BUTTONS", "buttons": buttons })
}
