//! Templates of every shape that the upstream shows in its own examples: none of them may be refused. The second column is
//! what is warned of.

use serde_json::{Value, json};

use crate::rule::Rule;
use crate::template::draft::Draft;

fn handle(format: &str) -> Value {
    json!({ "type": "header", "format": format, "example": { "header_handle": ["4::aW1hZ2U="] } })
}

fn template(category: &str, components: Value) -> Value {
    let mut template = json!({ "name": "kabar_toko", "language": "id", "category": category });
    template["components"] = components;
    template
}

/// The same with more fields.
fn with(mut template: Value, fields: Value) -> Value {
    let Value::Object(fields) = fields else { panic!("{fields} is no object") };
    template.as_object_mut().unwrap().extend(fields);
    template
}

fn otp(otp_type: &str, fields: Value) -> Value {
    let button = with(json!({ "type": "otp", "otp_type": otp_type, "text": "Salin kode" }), fields);
    template(
        "authentication",
        json!([
            { "type": "body", "add_security_recommendation": true },
            { "type": "footer", "code_expiration_minutes": 10 },
            { "type": "buttons", "buttons": [button] }
        ]),
    )
}

fn card(header: &Value, buttons: Value) -> Value {
    let mut card = json!({ "components": [header, { "type": "buttons" }] });
    card["components"][1]["buttons"] = buttons;
    card
}

fn simple() -> Vec<(Value, Vec<Rule>)> {
    let named = json!([
        handle("image"),
        {
            "type": "body", "text": "*Meja sudah siap!*\n\nKami tunggu {{jumlah_tamu}} tamu di Warung Kabar pada {{hari}}, jam {{jam}}. Sampai nanti!",
            "example": { "body_text_named_params": [
                { "param_name": "jumlah_tamu", "example": "4" }, { "param_name": "hari", "example": "Sabtu" },
                { "param_name": "jam", "example": "19.30" }
            ] }
        },
        { "type": "footer", "text": "Warung Kabar: hangat setiap hari!" },
        { "type": "buttons", "buttons": [
            { "type": "url", "text": "Ubah pesanan", "url": "https://warung.example/meja" },
            { "type": "phone_number", "text": "Telepon", "phone_number": "+6281234567890" },
            { "type": "quick_reply", "text": "Batalkan" }
        ] }
    ]);
    let positional = json!([{
        "type": "body", "text": "Hai {{1}}! Pesanan Anda kami catat dengan nomor {{2}}. Terima kasih.",
        "example": { "body_text": [["Sari", "INV-2041"]] }
    }]);
    let replies = json!([
        { "type": "HEADER", "format": "TEXT", "text": "{{1}} dimulai!", "example": { "header_text": ["Pesta buku"] } },
        {
            "type": "BODY", "text": "Belanja sampai {{1}} dengan kode {{2}} dan hemat {{3}} untuk semua buku di toko kami.",
            "example": { "body_text": [["akhir Mei", "BUKU20", "20%"]] }
        },
        { "type": "FOOTER", "text": "Atur langganan lewat tombol di bawah" },
        { "type": "BUTTONS", "buttons": [
            { "type": "QUICK_REPLY", "text": "Berhenti dari promo" }, { "type": "QUICK_REPLY", "text": "Berhenti dari semua" }
        ] }
    ]);
    let document = json!([
        { "type": "HEADER", "format": "DOCUMENT", "example": { "header_handle": ["4::cGRm\n4::cGRm"] } },
        {
            "type": "BODY", "text": "Terima kasih, {{1}}! Nomor pesanan Anda {{2}}. Buka berkas di atas untuk melihat kuitansi.",
            "example": { "body_text": [["Sari", "INV-2041"]] }
        },
        { "type": "BUTTONS", "buttons": [
            { "type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "6281234567890" },
            { "type": "URL", "text": "Bantuan", "url": "https://toko.example/bantuan" }
        ] }
    ]);
    let location = json!([
        { "type": "HEADER", "format": "LOCATION" },
        {
            "type": "BODY", "text": "Kabar baik {{1}}! Pesanan #{{2}} sedang menuju lokasi di atas.",
            "example": { "body_text": [["Sari", "2041"]] }
        },
        { "type": "FOOTER", "text": "Tekan tombol untuk berhenti." },
        { "type": "BUTTONS", "buttons": [{ "type": "QUICK_REPLY", "text": "Berhenti" }] }
    ]);
    vec![
        (with(template("utility", named), json!({ "parameter_format": "named" })), vec![]),
        (with(template("utility", positional), json!({ "parameter_format": "positional" })), vec![]),
        (template("MARKETING", replies), vec![]),
        (template("UTILITY", document), vec![]),
        (template("UTILITY", location), vec![]),
        (
            template(
                "UTILITY",
                json!([{
                    "type": "BODY", "text": "Pesanan Anda kami kirim hari ini. Nomornya {{1}}.",
                    "example": { "body_text": [["INV-2041"]] }
                }]),
            ),
            vec![Rule::BodyEdgesClose],
        ),
        (
            template(
                "UTILITY",
                json!([{ "type": "BODY", "text": "Kami ingin menelepon Anda." }, { "type": "call_permission_request" }]),
            ),
            vec![],
        ),
        (
            template("MARKETING", json!([handle("gif"), { "type": "BODY", "text": "Lihat ini." }])),
            vec![Rule::HeaderGif],
        ),
    ]
}

fn selling() -> Vec<(Value, Vec<Rule>)> {
    let coupon = json!([
        { "type": "header", "format": "text", "text": "Obral akhir tahun!" },
        {
            "type": "BODY", "text": "Pakai kode sekali pakai {{1}} sampai akhir Desember dan hemat {{2}} untuk semua belanjaan Anda!",
            "example": { "body_text": [["AkhirTahun2026HematXX", "30%"]] }
        },
        { "type": "BUTTONS", "buttons": [
            { "type": "QUICK_REPLY", "text": "Berhenti" }, { "type": "COPY_CODE", "example": "AkhirTahun2026HematX" }
        ] }
    ]);
    let offer = json!([
        handle("image"),
        { "type": "limited_time_offer", "limited_time_offer": { "text": "Hampir habis!", "has_expiration": true } },
        {
            "type": "body", "text": "Kabar gembira, {{1}}! Pakai kode {{2}} dan hemat 25% untuk semua paket liburan!",
            "example": { "body_text": [["Sari", "LIBUR25"]] }
        },
        { "type": "buttons", "buttons": [
            { "type": "copy_code", "example": "LIBUR25" },
            {
                "type": "url", "text": "Pesan sekarang", "url": "https://liburan.example/paket?kode={{1}}",
                "example": ["https://liburan.example/paket?kode=n3m"]
            }
        ] }
    ]);
    let media = |suffix: &str| {
        let url = format!("https://toko.example/kaktus{suffix}");
        let link = json!({ "type": "url", "text": "Beli", "url": url, "example": ["BIRU"] });
        card(&handle("image"), json!([{ "type": "quick_reply", "text": "Kirim yang serupa" }, link]))
    };
    let media_cards = json!([
        {
            "type": "body", "text": "Kaktus langka! {{1}}, tambah koleksi Anda; semua hemat {{2}} dengan kode {{3}}. Belanja sekarang juga!",
            "example": { "body_text": [["Sari", "30%", "KAKTUS30"]] }
        },
        { "type": "carousel", "cards": [media("/{{1}}"), media("{{1}}"), media("{{1}}")] }
    ]);
    let product = json!({ "type": "header", "format": "product" });
    let spm = json!([{ "type": "spm", "text": "View" }]);
    let product_cards = json!([
        {
            "type": "body", "text": "Kaktus langka! {{1}}, tambah koleksi Anda dengan yang baru datang minggu ini.",
            "example": { "body_text": "Sari" }
        },
        { "type": "carousel", "cards": [card(&product, spm.clone()), card(&product, spm.clone())] }
    ]);
    let catalog = json!([
        {
            "type": "BODY", "text": "Belanja lewat WhatsApp! Hemat Rp {{1}} untuk pesanan di atas {{2}} ribu, berlaku untuk {{3}} pesanan pertama Anda!",
            "example": { "body_text": [["10", "100", "3"]] }
        },
        { "type": "FOOTER", "text": "Belanja hemat lewat WhatsApp!" },
        { "type": "BUTTONS", "buttons": [{ "type": "CATALOG", "text": "View catalog" }] }
    ]);
    let mpm = json!([
        { "type": "HEADER", "format": "TEXT", "text": "Ada yang lupa, {{1}}?", "example": { "header_text": ["Sari"] } },
        {
            "type": "BODY", "text": "Barang ini masih di keranjang. Pakai kode {{1}} untuk hemat 10%!",
            "example": { "body_text": [["HEMAT10"]] }
        },
        { "type": "BUTTONS", "buttons": [{ "type": "MPM", "text": "View items" }] }
    ]);
    let one_product = json!([
        product,
        {
            "type": "body", "text": "Pakai kode {{kode}} untuk hemat {{persen}} dari kaktus terbaru kami!",
            "example": { "body_text_named_params": [
                { "param_name": "kode", "example": "HEMAT15" }, { "param_name": "persen", "example": "15%" }
            ] }
        },
        { "type": "footer", "text": "Berlaku sampai 22 September 2026" },
        { "type": "buttons", "buttons": spm }
    ]);
    vec![
        (template("marketing", coupon), vec![Rule::CopyCodeClose]),
        (template("marketing", offer), vec![]),
        (template("marketing", media_cards), vec![]),
        (template("marketing", product_cards), vec![]),
        (template("MARKETING", catalog), vec![]),
        (template("MARKETING", mpm), vec![]),
        (with(template("marketing", one_product), json!({ "parameter_format": "named" })), vec![]),
    ]
}

fn codes() -> Vec<(Value, Vec<Rule>)> {
    let app = json!({ "package_name": "com.example.toko", "signature_hash": "K8a/AINcGX7" });
    let zero_tap = json!({ "autofill_text": "Isi", "zero_tap_terms_accepted": true, "supported_apps": [app] });
    vec![
        (otp("COPY_CODE", json!({})), vec![]),
        (
            with(
                otp("one_tap", with(app.clone(), json!({ "autofill_text": "Isi" }))),
                json!({ "message_send_ttl_seconds": 60 }),
            ),
            vec![Rule::AppOutside],
        ),
        (otp("ONE_TAP", json!({ "supported_apps": [app] })), vec![]),
        (with(otp("zero_tap", zero_tap), json!({ "message_send_ttl_seconds": 60 })), vec![]),
    ]
}

fn button_kinds() -> Vec<(Value, Vec<Rule>)> {
    let buttons = |category: &str, buttons: Value| {
        template(
            category,
            json!([{ "type": "BODY", "text": "Silakan pilih." }, { "type": "BUTTONS", "buttons": buttons }]),
        )
    };
    let flow = |fields: Value| buttons("UTILITY", json!([with(json!({ "type": "FLOW", "text": "Mulai!" }), fields)]));
    let pay = json!([{ "type": "order_details", "text": "Buy now" }, { "type": "quick_reply", "text": "Nanti" }]);
    let pay_card = card(&handle("video"), pay.clone());
    vec![
        (
            flow(json!({ "flow_id": "17", "flow_action": "navigate", "navigate_screen": "AWAL", "icon": "REVIEW" })),
            vec![],
        ),
        (flow(json!({ "flow_name": "survei", "flow_action": "data_exchange" })), vec![]),
        (flow(json!({ "flow_json": "{\"screens\":[]}" })), vec![]),
        (
            buttons(
                "UTILITY",
                json!([
                    { "type": "voice_call", "text": "Telepon" }, { "type": "URL", "text": "Buka", "url": "https://toko.example" }
                ]),
            ),
            vec![],
        ),
        (with(buttons("MARKETING", pay), json!({ "display_format": "order_details" })), vec![]),
        (
            with(
                buttons("UTILITY", json!([{ "type": "ORDER_DETAILS", "text": "Salin kode Pix" }])),
                json!({ "display_format": "ORDER_DETAILS", "sub_category": "ORDER_DETAILS" }),
            ),
            vec![],
        ),
        (
            template(
                "MARKETING",
                json!([
                    { "type": "BODY", "text": "Pilih dan bayar." }, { "type": "CAROUSEL", "cards": [pay_card, pay_card] }
                ]),
            ),
            vec![],
        ),
        (
            with(
                template(
                    "UTILITY",
                    json!([{ "type": "BODY", "text": "Pesanan tiba." }, { "type": "FOOTER", "text": "Toko" }]),
                ),
                json!({ "sub_category": "ORDER_STATUS" }),
            ),
            vec![],
        ),
        (buttons("UTILITY", json!([{ "type": "REQUEST_CONTACT_INFO", "text": "Share Contact Info" }])), vec![]),
        (
            buttons(
                "MARKETING",
                json!([{
                    "type": "URL", "text": "Buka", "url": "https://toko.example/a",
                    "app_deep_link": { "meta_app_id": 17, "android_deep_link": "toko://a" }
                }]),
            ),
            vec![],
        ),
    ]
}

#[test]
fn nothing_that_the_upstream_shows_itself_is_refused() {
    for (body, warnings) in [simple(), selling(), codes(), button_kinds()].into_iter().flatten() {
        let draft = Draft::parse(&body).unwrap_or_else(|faults| panic!("{faults}: {body:#}"));
        let warned: Vec<Rule> = draft.warnings.iter().map(|fault| fault.rule).collect();
        assert_eq!(warned, warnings, "{body:#}");
        let upstream = draft.to_upstream();
        let again = Draft::parse(&upstream).unwrap_or_else(|faults| panic!("{faults}: {upstream:#}"));
        assert_eq!(again.to_upstream(), upstream, "what the upstream gets is read as what it is");
    }
}
