//! What the platform refuses of a new template, and in what words; and one of each kind that it takes.

use serde_json::{Value, json};

use crate::harness::{Answer, Platform, WABA, quick};

async fn create(platform: &Platform, template: &Value) -> Answer {
    platform.post(&format!("/v26.0/{WABA}/message_templates"), template).await
}

/// A marketing template of these components.
#[expect(clippy::needless_pass_by_value, reason = "reads better where it is called with `json!`")]
fn template(name: &str, components: Value) -> Value {
    json!({"name": name, "language": "id", "category": "MARKETING", "components": components})
}

fn body(text: &str) -> Value {
    let n = (1..=9).filter(|n| text.contains(&format!("{{{{{n}}}}}"))).count();
    let mut body = json!({"type": "BODY", "text": text});
    if n > 0 {
        body["example"] = json!({"body_text": [vec!["contoh"; n]]});
    }
    body
}

#[expect(clippy::needless_pass_by_value, reason = "reads better where it is called with `json!`")]
fn with_buttons(buttons: Value) -> Value {
    json!([body("Sepatu baru sudah datang."), {"type": "BUTTONS", "buttons": buttons}])
}

fn reply(text: &str) -> Value {
    json!({"type": "QUICK_REPLY", "text": text})
}

fn url(url: &str) -> Value {
    json!({"type": "URL", "text": "Lihat", "url": url, "example": ["https://a.test/b"]})
}

fn card() -> Value {
    json!({"components": [
        {"type": "header", "format": "image", "example": {"header_handle": ["4::an"]}},
        {"type": "body", "text": "Merah menyala"},
        {"type": "buttons", "buttons": [reply("Lagi"), url("https://a.test/{{1}}")]}
    ]})
}

#[tokio::test]
async fn texts_are_refused_in_the_platforms_words() {
    let platform = Platform::start(quick()).await;
    let header = |text: &str| json!([{"type": "HEADER", "format": "TEXT", "text": text}, body("Halo")]);
    let footer = |text: &str| json!([body("Halo"), {"type": "FOOTER", "text": text}]);
    let long = |n: usize| "a".repeat(n);
    let header_says = "The message header can't have any new lines, formatting characters, emojis or asterisks.";
    let body_says = "The message body can't have more than two consecutive newline characters, only have parameters, \
                     or have more than 10 emojis.";
    let footer_says = "The message footer can't have any newlines or emojis.";
    let too_long = "A field in your template has exceeded the maximum character limit allowed.";
    let label_says = "Buttons can't have any variables, newlines, emojis or formatting characters.";
    let ratio_says = "This template has too many variables for its length. Reduce the number of variables or increase \
                      the message length.";
    let edge_says = "Variables can't be at the start or end of the template.";
    let cases = [
        (header(&long(61)), 2_388_040, too_long),
        (header("dua\nbaris"), 2_388_047, header_says),
        (header("*tebal*"), 2_388_047, header_says),
        (header("promo 🎉"), 2_388_047, header_says),
        (json!([body(&long(1_025))]), 2_388_040, too_long),
        (json!([{"type": "HEADER", "format": "PRODUCT"}, body(&long(161))]), 2_388_040, too_long),
        (json!([body("a\n\n\nb")]), 2_388_072, body_says),
        (json!([body(&"🎉".repeat(11))]), 2_388_072, body_says),
        (json!([body("{{1}}")]), 2_388_072, body_says),
        (json!([body("Kabar untuk {{1}} tentang: {{2}}")]), 2_388_293, ratio_says),
        (json!([body("Halo kakak yang baik hati {{1}}")]), 2_388_299, edge_says),
        (json!([body("{{1}} adalah nama yang bagus")]), 2_388_299, edge_says),
        (footer(&long(61)), 2_388_040, too_long),
        (footer("a\nb"), 2_388_073, footer_says),
        (footer("a 🎉"), 2_388_073, footer_says),
        (footer("a {{1}}"), 2_388_073, "The message footer can't have any variables."),
        (with_buttons(json!([reply(&long(26))])), 2_388_060, "The text of a button can have 25 characters at most."),
        (with_buttons(json!([reply("Ya 🎉")])), 2_388_060, label_says),
        (with_buttons(json!([reply("Ya {{1}}")])), 2_388_060, label_says),
        (with_buttons(json!([reply("*Ya*")])), 2_388_060, label_says),
        (
            with_buttons(json!([url("https://wa.me/62812")])),
            2_388_081,
            "Direct links to WhatsApp aren't allowed for buttons.",
        ),
        (with_buttons(json!([url(&format!("https://a.test/{}", long(2_000)))])), 2_388_040, too_long),
        (with_buttons(json!([{"type": "COPY_CODE", "example": long(21)}])), 2_388_040, too_long),
        (
            json!([{"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://a.test/a.png"]}}, body("a")]),
            2_388_084,
            "Header handle is invalid or of the wrong type.",
        ),
        (
            json!([{"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [""]}}, body("a")]),
            2_388_043,
            "component of type HEADER is missing expected field(s) (example.header_url)",
        ),
    ];
    for (components, subcode, text) in cases {
        let answer = create(&platform, &template("faulty", components.clone())).await;
        assert_eq!((answer.status, answer.code()), (400, format!("100/{subcode}")), "{components}");
        let error = &answer.body["error"];
        assert_eq!((&error["message"], &error["error_user_msg"]), (&json!("Invalid parameter"), &json!(text)));
    }
    let ratio = create(&platform, &template("faulty", json!([body("Kabar untuk {{1}} tentang: {{2}}")]))).await;
    assert_eq!(ratio.body["error"]["error_user_title"], "Parameters words ratio exceeds limit");
    // At the limits themselves all is well.
    let full = json!([
        {"type": "HEADER", "format": "TEXT", "text": long(60)},
        body(&format!("{}\n\n{}", "🎉".repeat(10), long(1_000))),
        {"type": "FOOTER", "text": long(60)},
        {"type": "BUTTONS", "buttons": [reply(&long(25))]}
    ]);
    create(&platform, &template("full", full)).await.ok();
}

#[tokio::test]
async fn buttons_have_their_numbers_and_order() {
    let platform = Platform::start(quick()).await;
    let phone = || json!({"type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "+6221500123"});
    let code = || json!({"type": "COPY_CODE", "example": "SEPATU25"});
    let link = || url("https://a.test/b");
    let replies = |n: usize| (0..n).map(|n| reply(&format!("Jawab {n}"))).collect::<Vec<_>>();
    let path = "components[1]['buttons']";
    let at_most = |n: usize, kind: &str| format!("(#100) Param {path} must have at most {n} buttons of type {kind}.");
    let grouped = format!("(#100) Param {path} must have its buttons of type QUICK_REPLY grouped together.");
    let cases = [
        (json!(replies(11)), format!("(#100) Param {path} must have at most 10 elements.")),
        (json!([link(), link(), link()]), at_most(2, "URL")),
        (json!([phone(), phone()]), at_most(1, "PHONE_NUMBER")),
        (json!([code(), code()]), at_most(1, "COPY_CODE")),
        (json!([reply("a"), link(), reply("b")]), grouped.clone()),
        (json!([link(), reply("a"), phone()]), grouped),
        (json!([url("a.test")]), format!("(#100) Param {path}[0]['url'] is not a valid URI.")),
        (
            json!([link(), {"type": "PHONE_NUMBER", "text": "a", "phone_number": "12"}]),
            format!("(#192) Param {path}[1]['phone_number'] is not a valid phone number."),
        ),
        (
            json!([{"type": "CATALOG", "text": "Katalog"}]),
            format!("(#100) Param {path}[0]['text'] must be one of {{View catalog}}"),
        ),
    ];
    for (buttons, message) in cases {
        let answer = create(&platform, &template("faulty", with_buttons(buttons.clone()))).await;
        assert_eq!((answer.status, &answer.body["error"]["message"]), (400, &json!(message)), "{buttons}");
    }
    for (index, buttons) in
        [json!([reply("a"), reply("b"), link(), phone()]), json!([link(), phone(), reply("a")])].into_iter().enumerate()
    {
        create(&platform, &template(&format!("good_{index}"), with_buttons(buttons))).await.ok();
    }
}

#[tokio::test]
async fn carousels_offers_and_headers_have_their_own_rules() {
    let platform = Platform::start(quick()).await;
    let carousel = |cards: Value| json!([body("Pilih satu."), {"type": "CAROUSEL", "cards": cards}]);
    let mut other = card();
    other["components"][0]["format"] = json!("video");
    let mut three = card();
    three["components"][2]["buttons"] = json!([reply("a"), url("https://a.test/b"), url("https://a.test/c")]);
    let mut long = card();
    long["components"][1]["text"] = json!("a".repeat(161));
    let mut headless = card();
    headless["components"].as_array_mut().unwrap().remove(0);
    let offer = |more: Value, text: &str| {
        let mut components = json!([
            {"type": "limited_time_offer", "limited_time_offer": {"text": text, "has_expiration": true}},
            body("Semua sepatu lebih murah."),
        ]);
        components.as_array_mut().unwrap().push(more);
        components
    };
    let late_code =
        json!({"type": "buttons", "buttons": [url("https://a.test/b"), {"type": "copy_code", "example": "A1"}]});
    let path = "components[1]['cards']";
    let cases = [
        (carousel(json!([card()])), format!("(#100) Param {path} must have between 2 and 10 elements.")),
        (carousel(json!([card(), other])), format!("(#100) Param {path} must have the same components on every card.")),
        (
            carousel(json!([card(), three])),
            format!("(#100) Param {path}[1]['components'] must have at most 2 buttons on a card."),
        ),
        (carousel(json!([card(), long])), "100/2388040".to_owned()),
        (carousel(json!([card(), headless])), "100/2388043".to_owned()),
        (offer(json!({"type": "footer", "text": "a"}), "Segera habis"), "100/2388042".to_owned()),
        (offer(json!({"type": "footer", "text": "a"}), &"a".repeat(17)), "100/2388040".to_owned()),
        (
            offer(late_code, "Segera habis"),
            "(#100) Param components[2]['buttons'] must have the button of type COPY_CODE before the one of type URL."
                .to_owned(),
        ),
        (
            offer(json!({"type": "header", "format": "location"}), "Segera habis"),
            "(#100) Param components[2]['format'] must be one of {IMAGE, VIDEO}".to_owned(),
        ),
    ];
    for (components, expected) in cases {
        let answer = create(&platform, &template("faulty", components.clone())).await;
        let said = answer.body["error"]["message"].as_str().unwrap().to_owned();
        assert!(said == expected || answer.code() == expected, "{expected}: {} for {components}", answer.body);
    }
    let mut utility = template("faulty", offer(json!({"type": "call_permission_request"}), "Segera habis"));
    utility["category"] = json!("UTILITY");
    assert_eq!(
        create(&platform, &utility).await.body["error"]["message"],
        "(#100) Param category must be one of {MARKETING}"
    );
}

#[tokio::test]
async fn login_codes_and_times_to_live_are_checked() {
    let platform = Platform::start(quick()).await;
    let login = |button: Value, minutes: u32| {
        json!({"name": "masuk", "language": "id", "category": "AUTHENTICATION", "components": [
            {"type": "body", "add_security_recommendation": true},
            {"type": "footer", "code_expiration_minutes": minutes},
            {"type": "buttons", "buttons": [button]}
        ]})
    };
    let app = |package: &str, hash: &str| {
        json!({"type": "otp", "otp_type": "one_tap",
            "supported_apps": [{"package_name": package, "signature_hash": hash}]})
    };
    let (package, hash) = ("com.example.toko", "K8a/AINcGX7");
    let six = vec![json!({"package_name": package, "signature_hash": hash}); 6];
    let cases = [
        login(app("toko", hash), 5),
        login(app("com.1toko", hash), 5),
        login(app(package, "K8a/AINcGX"), 5),
        login(json!({"type": "otp", "otp_type": "one_tap", "supported_apps": six}), 5),
        login(app(package, hash), 91),
        login(json!({"type": "otp", "otp_type": "copy_code", "text": "a".repeat(26)}), 5),
    ];
    for template in &cases {
        assert_eq!(create(&platform, template).await.status, 400, "{template}");
    }
    for (category, seconds, taken) in [
        ("AUTHENTICATION", 30_i64, true),
        ("AUTHENTICATION", 901, false),
        ("AUTHENTICATION", -1, true),
        ("UTILITY", 43_200, true),
        ("UTILITY", 29, false),
        ("MARKETING", 43_199, false),
        ("MARKETING", 2_592_000, true),
        ("MARKETING", -1, false),
    ] {
        let mut new = if category == "AUTHENTICATION" {
            login(json!({"type": "otp", "otp_type": "copy_code"}), 5)
        } else {
            template("", json!([body("Halo semua.")]))
        };
        new["name"] = json!(format!("ttl_{}_{}", category.to_lowercase(), seconds.unsigned_abs()));
        new["category"] = json!(category);
        new["message_send_ttl_seconds"] = json!(seconds);
        assert_eq!(create(&platform, &new).await.status == 200, taken, "{category} {seconds}");
    }
}

#[tokio::test]
async fn variables_side_by_side_fail_in_the_review() {
    let platform = Platform::start(quick()).await;
    let text = "Halo kakak {{1}} {{2}} dari kami semua di toko.";
    let created = create(&platform, &template("side_by_side", json!([body(text)]))).await.ok();
    assert_eq!(created["status"], "REJECTED");
    let read = platform.get(&format!("/{}?fields=rejected_reason", created["id"].as_str().unwrap())).await.ok();
    assert_eq!(read["rejected_reason"], "INVALID_FORMAT");
}

#[tokio::test]
async fn one_of_each_kind_is_taken() {
    let platform = Platform::start(quick()).await;
    let media = |format: &str| json!({"type": "header", "format": format, "example": {"header_handle": ["4::aW"]}});
    let spm = || {
        json!({"components": [
            {"type": "header", "format": "product"}, {"type": "buttons", "buttons": [{"type": "spm", "text": "View"}]}
        ]})
    };
    let named = json!({"type": "body", "text": "Meja untuk {{n_guests}} orang pada {{day}} sudah kami siapkan.",
    "example": {"body_text_named_params": [
        {"param_name": "n_guests", "example": "4"}, {"param_name": "day", "example": "Sabtu"}
    ]}});
    let kinds = [
        json!([{"type": "HEADER", "format": "TEXT", "text": "{{1}} sudah mulai!", "example": {"header_text": ["Obral"]}},
            body("Belanja sampai {{1}} dengan kode {{2}} untuk hemat {{3}} atas semua barang kami."),
            {"type": "FOOTER", "text": "Berhenti dengan tombol"}, {"type": "BUTTONS", "buttons": [reply("Stop")]}]),
        json!([media("document"), body("Terima kasih, {{1}}! Nomor pesanan Anda {{2}}. Silakan lihat berkasnya.")]),
        json!([media("video"), body("Halo")]),
        json!([media("gif"), body("Halo")]),
        json!([{"type": "HEADER", "format": "LOCATION"}, body("Pesanan Anda sedang menuju ke tempat ini.")]),
        with_buttons(json!([reply("Stop"), {"type": "COPY_CODE", "example": "fLBponPDsqF0KQThzkrf"}])),
        json!([media("image"), {"type": "limited_time_offer",
            "limited_time_offer": {"text": "Segera habis!", "has_expiration": true}},
            body("Kabar baik, {{1}}! Pakai kode {{2}} untuk hemat seperempat harga."),
            {"type": "buttons", "buttons": [{"type": "copy_code", "example": "SEPATU25"},
                {"type": "url", "text": "Pesan!", "url": "https://a.test/o?code={{1}}", "example": ["n3mtql"]}]}]),
        json!([{"type": "body", "text": "Sepatu langka dijual untuk {{1}} hari ini.", "example": {"body_text": "Sari"}},
            {"type": "carousel", "cards": [card(), card(), card()]}]),
        json!([body("Pilih satu."), {"type": "carousel", "cards": [spm(), spm()]}]),
        with_buttons(json!([{"type": "CATALOG", "text": "View catalog"}])),
        with_buttons(json!([{"type": "MPM", "text": "View items"}])),
        json!([{"type": "header", "format": "product"}, body("Lihat yang ini."),
            {"type": "buttons", "buttons": [{"type": "spm", "text": "View"}]}]),
        json!([body("Kami ingin menelepon Anda."), {"type": "call_permission_request"}]),
        with_buttons(json!([{"type": "FLOW", "text": "Buka", "flow_id": "1", "flow_action": "navigate",
            "navigate_screen": "FIRST", "icon": "REVIEW"}])),
        with_buttons(json!([{"type": "voice_call", "text": "Telepon"}, url("https://a.test/b")])),
        with_buttons(json!([{"type": "order_details", "text": "Bayar"}, reply("Nanti")])),
        with_buttons(json!([{"type": "REQUEST_CONTACT_INFO", "text": "Share Contact Info"}])),
        json!([{"type": "GREETING", "text": "Selamat pagi"}, body("Halo")]),
        json!([body("Pesanan Anda dengan nomor {{1}} dikirim. Kami kabari lagi soal {{2}}.")]),
    ];
    for (index, components) in kinds.into_iter().enumerate() {
        let answer = create(&platform, &template(&format!("kind_{index}"), components.clone())).await;
        assert_eq!(answer.status, 200, "{components}: {}", answer.body);
    }
    let mut with_names = template("with_names", json!([media("image"), named]));
    with_names["parameter_format"] = json!("named");
    with_names["category"] = json!("utility");
    create(&platform, &with_names).await.ok();
    for (index, button) in [
        json!({"type": "otp", "otp_type": "copy_code", "text": "Salin"}),
        json!({"type": "otp", "otp_type": "one_tap", "text": "Salin", "autofill_text": "Isi",
            "package_name": "com.example.toko", "signature_hash": "K8a/AINcGX7"}),
        json!({"type": "otp", "otp_type": "zero_tap", "zero_tap_terms_accepted": true,
            "supported_apps": [{"package_name": "com.example.toko", "signature_hash": "K8a/AINcGX7"}]}),
    ]
    .into_iter()
    .enumerate()
    {
        let components = json!([{"type": "body"}, {"type": "buttons", "buttons": [button]}]);
        let login = json!({"name": format!("login_{index}"), "language": "id", "category": "authentication",
            "message_send_ttl_seconds": 60, "components": components});
        create(&platform, &login).await.ok();
    }
}
