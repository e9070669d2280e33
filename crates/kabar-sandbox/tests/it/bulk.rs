//! Many templates at once: login codes in several languages, previews, the library, copies between accounts.

use serde_json::{Value, json};

use crate::harness::{Answer, Platform, WABA, quick, simple_template};

fn codes(languages: &[&str], minutes: u32) -> Value {
    json!({"name": "login_code", "languages": languages, "category": "AUTHENTICATION", "components": [
        {"type": "BODY", "add_security_recommendation": true},
        {"type": "FOOTER", "code_expiration_minutes": minutes},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "ONE_TAP", "supported_apps": [
            {"package_name": "com.example.toko", "signature_hash": "K8a/AINcGX7"}
        ]}]}
    ]})
}

async fn upsert(platform: &Platform, body: &Value) -> Answer {
    platform.post(&format!("/v26.0/{WABA}/upsert_message_templates"), body).await
}

#[tokio::test]
async fn login_codes_are_created_and_replaced_in_many_languages() {
    let platform = Platform::start(quick()).await;
    let first = upsert(&platform, &codes(&["en_US", "id"], 15)).await.ok();
    let rows = first["data"].as_array().unwrap();
    let seen: Vec<_> = rows.iter().map(|row| (&row["language"], &row["status"])).collect();
    assert_eq!(seen, [(&json!("en_US"), &json!("APPROVED")), (&json!("id"), &json!("APPROVED"))]);
    let again = upsert(&platform, &codes(&["id", "fr"], 7)).await.ok();
    assert_eq!(again["data"][0]["id"], rows[1]["id"], "what was there is replaced");
    let read = platform.get(&format!("/{}", rows[1]["id"].as_str().unwrap())).await.ok();
    assert_eq!(read["components"][1]["text"], "Kode ini kedaluwarsa dalam 7 menit.");
    // Once more as a JSON string, as some clients write it.
    upsert(&platform, &json!(codes(&["id"], 8).to_string())).await.ok();
    let mut labelled = codes(&["id"], 7);
    labelled["components"][2]["buttons"][0]["text"] = json!("Salin");
    let refused = upsert(&platform, &labelled).await;
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("Unexpected key \"text\""), "{}", refused.body);
    let mut utility = codes(&["id"], 7);
    utility["category"] = json!("UTILITY");
    let refused = upsert(&platform, &utility).await;
    assert_eq!(refused.body["error"]["message"], "(#100) Param category must be one of {AUTHENTICATION}");
    assert_eq!(upsert(&platform, &codes(&["xx"], 7)).await.code(), "100/2388049");
    assert_eq!(upsert(&platform, &codes(&[], 7)).await.code(), "100");
    assert_eq!(upsert(&platform, &codes(&["id"], 91)).await.code(), "100");
    platform.create(WABA, "order_update").await;
    let mut other = codes(&["en"], 7);
    other["name"] = json!("order_update");
    assert_eq!(upsert(&platform, &other).await.body["error"]["error_user_title"], "Template Category Doesn't Match");
}

#[tokio::test]
async fn the_texts_of_login_codes_are_previewed() {
    let platform = Platform::start(quick()).await;
    let preview = async |query: &str| platform.get(&format!("/{WABA}/message_template_previews?{query}")).await;
    let query = "category=AUTHENTICATION&languages=en_US,es_ES&add_security_recommendation=true\
                 &code_expiration_minutes=10&button_types=OTP";
    assert_eq!(
        preview(query).await.ok(),
        json!({"data": [
            {
                "body": "*{{1}}* is your verification code. For your security, do not share this code.",
                "buttons": [{"autofill_text": "Autofill", "text": "Copy code"}],
                "footer": "This code expires in 10 minutes.",
                "language": "en_US"
            },
            {
                "body": "Tu código de verificación es *{{1}}*. Por tu seguridad, no lo compartas.",
                "buttons": [{"autofill_text": "Autocompletar", "text": "Copiar código"}],
                "footer": "Este código caduca en 10 minutos.",
                "language": "es_ES"
            }
        ]})
    );
    let short = preview("category=authentication&languages=id").await.ok();
    assert_eq!(short["data"], json!([{"body": "*{{1}}* adalah kode verifikasi Anda.", "language": "id"}]));
    for wrong in [
        "languages=id",
        "category=UTILITY",
        "category=AUTHENTICATION&languages=xx",
        "category=AUTHENTICATION&code_expiration_minutes=91",
    ] {
        assert_eq!(preview(wrong).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn the_library_is_listed_and_its_templates_are_approved_at_once() {
    let mut options = quick();
    options.review = kabar_sandbox::Review::Manual;
    let platform = Platform::start(options).await;
    let names = async |query: &str| {
        let page = platform.get(&format!("/v26.0/message_template_library?{query}")).await.ok();
        page["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("").await.len(), 8);
    assert_eq!(names("language=id&topic=PAYMENTS").await, ["bill_is_due"]);
    assert_eq!(names("language=id&industry=e_commerce").await, ["parcel_is_coming", "how_was_it"]);
    assert_eq!(names("search=tagihan").await, ["bill_is_due"]);
    assert_eq!(names("usecase=DELIVERY_UPDATE&language=%5B%22en_US%22%5D").await, ["parcel_is_coming"]);
    let path = format!("/{WABA}/message_templates");
    let parcel = json!({
        "name": "my_parcel", "language": "id", "category": "utility", "library_template_name": "parcel_is_coming",
        "library_template_button_inputs": "[{'type': 'URL', 'url': {'base_url': 'https://a.test/{{1}}', \
                                           'url_suffix_example': 'https://a.test/KB-1'}}]",
        "library_template_body_inputs": {"add_track_package_link": true}
    });
    let created = platform.post(&path, &parcel).await.ok();
    assert_eq!(created["status"], "APPROVED");
    let fields = "library_template_name,components";
    let read = platform.get(&format!("/{}?fields={fields}", created["id"].as_str().unwrap())).await.ok();
    assert_eq!(read["library_template_name"], "parcel_is_coming");
    assert_eq!(read["components"][1]["buttons"][0]["url"], "https://a.test/{{1}}");
    let code = json!({"name": "my_code", "language": "id", "category": "AUTHENTICATION",
        "library_template_name": "login_code", "library_template_body_inputs": {"code_expiration_minutes": 9}});
    assert_eq!(platform.post(&path, &code).await.ok()["status"], "APPROVED");
    for (key, value) in [
        ("library_template_name", json!("unheard_of")),
        ("language", json!("fr")),
        ("category", json!("MARKETING")),
        ("library_template_button_inputs", json!([])),
        ("components", json!([])),
    ] {
        let mut wrong = parcel.clone();
        wrong["name"] = json!("wrong");
        wrong[key] = value;
        assert_eq!(platform.post(&path, &wrong).await.code(), "100", "{key}");
    }
}

#[tokio::test]
async fn good_templates_are_copied_to_another_account() {
    let platform = Platform::start(quick()).await;
    let good = platform.create("1001", "good").await;
    platform.create("1001", "reject_me").await;
    let red = platform.create("1001", "red").await;
    let score = json!({"score": "YELLOW"});
    platform.post(&format!("/_sandbox/templates/{red}/quality"), &score).await.ok();
    let taken = platform.create("1001", "taken").await;
    platform.create(WABA, "taken").await;
    let other = platform.create("1001", "other").await;
    let mut english = simple_template("other");
    english["language"] = json!("en");
    english["category"] = json!("MARKETING");
    platform.post(&format!("/{WABA}/message_templates"), &english).await.ok();
    let path = format!("/{WABA}/migrate_message_templates?source_waba_id=1001");
    let answer = platform.call("POST", &path, None).await.ok();
    let failed = json!({taken: "Content in this language already exists", other: "Incorrect category"});
    assert_eq!(answer["failed_templates"], failed);
    let migrated = answer["migrated_templates"].as_array().unwrap();
    assert_eq!(migrated.len(), 1);
    let copy = platform.get(&format!("/{}", migrated[0].as_str().unwrap())).await.ok();
    assert_eq!((&copy["name"], &copy["status"]), (&json!("good"), &json!("APPROVED")));
    assert_ne!(copy["id"], json!(good));
    let number = platform.number(WABA).await;
    platform.send(&number, "good", "6281200000001").await.ok();
    let second = platform.call("POST", &format!("{path}&page_number=1"), None).await.ok();
    assert_eq!(second["migrated_templates"], json!([]));
    for wrong in ["", "?source_waba_id=4711", &format!("?source_waba_id={WABA}"), "?source_waba_id=1001&page_number=x"]
    {
        let answer = platform.call("POST", &format!("/{WABA}/migrate_message_templates{wrong}"), None).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn an_account_has_a_namespace() {
    let platform = Platform::start(quick()).await;
    let read = platform.get(&format!("/{WABA}?fields=message_template_namespace")).await.ok();
    assert!(read["message_template_namespace"].as_str().unwrap().contains('_'), "{read}");
    assert_eq!(read["id"], WABA);
}
