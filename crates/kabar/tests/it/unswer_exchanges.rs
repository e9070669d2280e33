//! Templates in the Unswer dialect, whole answers: the examples of the vendor's page, and every documented error.

use kabar_testkit::http::Exchange;
use kabar_testkit::program::Program;
use kabar_testkit::unswer::Unswer;
use serde_json::{Value, json};

use crate::KABAR;
use crate::shop::open;

/// The page's own example.
const EXAMPLE: &str = r#"{
"name": "greeting_message",
"category": "UTILITY",
"language": "id",
"components": [
{
"type": "BODY",
"text": "Halo {{1}}, selamat datang di {{2}}.",
"example": {
"body_text": [
["John Doe", "Unswer"]
]
}
}
]
}"#;

#[tokio::test]
async fn the_pages_example_is_created_listed_read_and_deleted() {
    // Decided on by nobody, so that it is pending in each answer.
    let dev = Program::dev(KABAR).review("manual").start().await;
    let unswer = Unswer::new(&dev);

    let created = unswer.call("POST", &unswer.app, EXAMPLE).await;
    insta::assert_snapshot!("created", created.snapshot());
    let id = created.json()["data"]["id"].as_str().unwrap().to_owned();

    let listed = unswer.list("limit=2").await;
    let cursors = listed.json()["meta"]["cursors"].clone();
    let [before, after] = ["before", "after"].map(|cursor| cursors[cursor].as_str().unwrap());
    insta::assert_snapshot!("listed", listed.snapshot().replace(before, "[before]").replace(after, "[after]"));
    assert_eq!(listed.json()["data"][0]["id"], id.as_str());

    insta::assert_snapshot!("details", unswer.get(&id).await.snapshot());
    insta::assert_snapshot!("deleted", unswer.delete(&id).await.snapshot());

    let gone = unswer.get(&id).await;
    insta::assert_snapshot!("gone", gone.snapshot());
    assert_eq!(unswer.delete(&id).await.body, gone.body);
    let names: Vec<Value> = unswer.walk(50).await.into_iter().map(|item| item["name"].clone()).collect();
    assert!(!names.contains(&json!("greeting_message")), "{names:?}");
}

#[tokio::test]
async fn both_paths_lead_to_the_same_templates() {
    let shop = open().await;
    let unswer = shop.unswer();
    let longer = Unswer { base: format!("{}/api/v1/templates", shop.dev.ready.gateway_url), ..unswer.clone() };
    let sample = id_of(&unswer, "hello_world").await;
    assert_eq!(unswer.get(&sample).await.body, longer.get(&sample).await.body);
    let id = longer.created(&Unswer::plain("dua_jalan")).await;
    assert_eq!(unswer.get(&id).await.status, 200);
    assert_eq!(longer.list("limit=50").await.status, 200);
    assert_eq!(longer.delete(&id).await.status, 200);
    assert_eq!(unswer.get(&id).await.status, 404);
}

#[tokio::test]
async fn a_list_has_ten_items_unless_asked_for_more_and_goes_both_ways() {
    let shop = open().await;
    let unswer = shop.unswer();
    let first = unswer.list("").await.json();
    assert_eq!(first["data"].as_array().unwrap().len(), 10, "the shop has more than that");
    let after = first["meta"]["cursors"]["after"].as_str().unwrap();
    let second = unswer.list(&format!("after={after}")).await.json();
    let before = second["meta"]["cursors"]["before"].as_str().unwrap();
    let back = unswer.list(&format!("before={before}&limit=3")).await.json();
    // Other tests create and delete while this one looks, so only what is surely old is compared.
    let ids = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert!(ids(&first).iter().all(|id| !ids(&second).contains(id)), "the pages do not overlap");
    assert!(ids(&back).iter().all(|id| !ids(&second).contains(id)), "before is the other way");
    assert_eq!(ids(&back).len(), 3);
}

#[tokio::test]
async fn a_query_that_is_wrong_is_400() {
    let shop = open().await;
    let unswer = shop.unswer();
    let answer = unswer.list("limit=51").await;
    insta::assert_snapshot!(answer.snapshot());
    let cursor = unswer.list("limit=1").await.json()["meta"]["cursors"]["after"].as_str().unwrap().to_owned();
    let both = format!("before={cursor}&after={cursor}");
    for query in ["limit=0", "limit=-1", "limit=ten", "limit=10&limit=20", "after=MAZDZD", "before=x", &both] {
        let again = unswer.list(query).await;
        assert_eq!((again.status, &again.body), (answer.status, &answer.body), "{query}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_is_400() {
    let shop = open().await;
    let unswer = shop.unswer();
    let answer = unswer.call("POST", &unswer.app, "{").await;
    insta::assert_snapshot!(answer.snapshot());
    for body in ["", "[]", "7", "\"text\"", "null"] {
        let again = unswer.call("POST", &unswer.app, body).await;
        assert_eq!((again.status, &again.body), (answer.status, &answer.body), "{body}");
    }
}

#[tokio::test]
async fn a_sample_template_cannot_be_deleted() {
    let shop = open().await;
    let unswer = shop.unswer();
    let sample = id_of(&unswer, "hello_world").await;
    insta::assert_snapshot!(unswer.delete(&sample).await.snapshot());
    assert_eq!(unswer.get(&sample).await.status, 200, "it is still there");
}

#[tokio::test]
async fn without_a_valid_token_everything_is_401() {
    let shop = open().await;
    let unswer = shop.unswer();
    let url = format!("{}/{}", unswer.base, unswer.app);
    let without = unswer.http.exchange("GET", &url, &[("content-type", "application/json")], "").await;
    insta::assert_snapshot!("no_token", without.snapshot());
    let stranger = Unswer { token: "not.a.token".to_owned(), ..unswer.clone() };
    insta::assert_snapshot!("wrong_token", stranger.list("").await.snapshot());
    for answer in [stranger.get("1").await, stranger.create(&json!({})).await, stranger.delete("1").await] {
        assert_eq!(answer.status, 401, "{}", answer.text());
    }
    // The page wants the word before the token.
    let bare = unswer.http.exchange("GET", &url, &[("authorization", &unswer.token)], "").await;
    assert_eq!(bare.status, 401);
}

#[tokio::test]
async fn another_apps_templates_are_403() {
    let shop = open().await;
    let unswer = shop.unswer();
    let sample = id_of(&unswer, "hello_world").await;
    let elsewhere = Unswer { app: "another".to_owned(), ..unswer.clone() };
    let answer = elsewhere.list("").await;
    insta::assert_snapshot!(answer.snapshot());
    let others = [
        elsewhere.get(&sample).await,
        elsewhere.create(&Unswer::plain("milik_siapa")).await,
        elsewhere.delete(&sample).await,
        elsewhere.list("limit=x").await,
    ];
    for other in others {
        assert_eq!((other.status, &other.body), (answer.status, &answer.body));
    }
    assert_eq!(unswer.get(&sample).await.status, 200, "it is still there");
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let shop = open().await;
    let unswer = shop.unswer();
    let answer = unswer.get("1519350671883350").await;
    insta::assert_snapshot!(answer.snapshot());
    let app = &unswer.app;
    let paths = [
        ("GET", format!("{app}/not-an-id")),
        ("DELETE", format!("{app}/1519350671883350")),
        ("GET", format!("{app}/1/2")),
        ("PUT", app.clone()),
        ("POST", format!("{app}/1519350671883350")),
    ];
    for (method, path) in paths {
        let again = unswer.call(method, &path, "{}").await;
        assert_eq!((again.status, &again.body), (answer.status, &answer.body), "{method} {path}");
    }
}

/// Wrong in many places, the page's own example of a fault among them.
fn wrong() -> Value {
    json!({
        "name": "Salam Pagi",
        "category": "INFO",
        "language": "xx",
        "ttl": 60,
        "components": [
            { "type": "HEADER", "format": "IMAGE" },
            { "type": "BODY", "text": "Halo {{1}}, nomor {{3}} sudah siap.", "example": { "body_text": [["Budi"]] } },
            {
                "type": "BUTTONS",
                "buttons": [
                    { "type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "nomor kami" },
                    { "type": "URL", "text": "Buka" }
                ]
            },
            { "type": "FOOTER" },
            { "type": "AUDIO" }
        ]
    })
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_told_at_once_in_indonesian() {
    let shop = open().await;
    let answer = shop.unswer().create(&wrong()).await;
    insta::assert_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_told_in_english_to_who_asks() {
    let shop = open().await;
    let unswer = Unswer { language: Some("en-GB,en;q=0.9".to_owned()), ..shop.unswer() };
    insta::assert_snapshot!(unswer.create(&wrong()).await.snapshot());
}

/// Seven mistakes of seven kinds, each in a place of its own.
fn seven_faults() -> Value {
    json!({
        "name": "promo_akhir_pekan", "category": "MARKETING", "language": "id_ID", "ttl": 300,
        "components": [
            { "type": "HEADER", "format": "TEXT", "text": "*Promo* akhir pekan" },
            {
                "type": "BODY", "text": "Halo {{1}}, ada potongan {{2}} untuk semua sepatu di toko kami, untuk {{3}}",
                "example": { "body_text": [["Budi", "25%", "pelanggan lama"]] }
            },
            { "type": "FOOTER", "text": "Sampai {{1}}" },
            {
                "type": "BUTTONS",
                "buttons": [
                    { "type": "URL", "text": "Belanja", "url": "https://toko.example/{{1}}" },
                    { "type": "PHONE_NUMBER", "text": "Telepon kami sekarang juga ya", "phone_number": "+622112345678" }
                ]
            }
        ]
    })
}

#[tokio::test]
async fn seven_faults_are_told_as_seven_in_both_languages() {
    let shop = open().await;
    let indonesian = shop.unswer().create(&seven_faults()).await;
    let english = Unswer { language: Some("en".to_owned()), ..shop.unswer() }.create(&seven_faults()).await;
    let [told, in_english] = [&indonesian, &english].map(|answer| {
        assert_eq!(answer.status, 422, "{}", answer.text());
        answer.json()["errors"].as_object().unwrap().clone()
    });
    assert_eq!(told.len(), 7, "{told:#?}");
    assert!(told.keys().eq(in_english.keys()), "the paths are the same: {in_english:#?}");
    assert!(told.iter().all(|(path, sentence)| in_english[path] != *sentence), "each sentence is in its language");
    insta::assert_snapshot!("seven_faults_in_indonesian", indonesian.snapshot());
    insta::assert_snapshot!("seven_faults_in_english", english.snapshot());
}

#[tokio::test]
async fn the_pages_own_fault_is_told_to_the_letter() {
    let shop = open().await;
    let mut template = Unswer::plain("telepon_kami");
    let button = json!({ "type": "PHONE_NUMBER", "text": "Telepon", "phone_number": true });
    template["components"].as_array_mut().unwrap().insert(0, json!({ "type": "BUTTONS", "buttons": [button] }));
    let errors = shop.unswer().create(&template).await.json()["errors"].clone();
    assert_eq!(errors["components.0.buttons.0.phone_number"], "Nomor telepon harus ber-tipe data number");
}

#[tokio::test]
async fn a_name_that_is_taken_is_422() {
    let shop = open().await;
    insta::assert_snapshot!(shop.unswer().create(&Unswer::plain("salam")).await.snapshot());
}

#[tokio::test]
async fn too_many_requests_are_429() {
    let dev = Program::dev(KABAR).rate_limit(1).start().await;
    let unswer = Unswer::new(&dev);
    let calls = [(); 8].map(|()| {
        let unswer = unswer.clone();
        async move { unswer.list("").await }
    });
    let answers = calls.into_iter().collect::<tokio::task::JoinSet<Exchange>>().join_all().await;
    let refused = answers.iter().find(|answer| answer.status == 429).expect("eight at once are more than one a second");
    insta::assert_snapshot!(refused.snapshot());
    assert!(answers.iter().any(|answer| answer.status == 200), "the first passes");
    assert_eq!(refused.number("x-ratelimit-remaining"), 0);
}

#[tokio::test]
async fn all_that_is_set_comes_back_in_the_details() {
    let shop = open().await;
    let unswer = shop.unswer();
    insta::assert_snapshot!(unswer.get(&id_of(&unswer, "kode_login").await).await.snapshot());
}

/// The id of a template by its name.
async fn id_of(unswer: &Unswer, name: &str) -> String {
    let items = unswer.walk(50).await;
    let found = items.iter().find(|item| item["name"] == name);
    found.and_then(|item| item["id"].as_str()).unwrap_or_else(|| panic!("there is no {name}")).to_owned()
}
