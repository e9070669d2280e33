//! Exchanges in the Unswer dialect.

use http::{Method, StatusCode};
use kabar_store::directory::Scope;
use serde_json::json;

use crate::tests::desk::{Answer, Desk, code};

fn outcome(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    assert_eq!(body["statusCode"], answer.status.as_u16(), "{}", answer.text);
    (answer.status.as_u16(), body["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn templates_are_walked_both_ways_under_both_paths() {
    let desk = Desk::open().await;
    for base in ["/templates/demo", "/api/v1/templates/demo"] {
        let mut names = Vec::new();
        let mut path = format!("{base}?limit=2&unknown=1");
        let last = loop {
            let page = desk.demo(Method::GET, &path, "").await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.text);
            let body = page.json();
            names.extend(body["data"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()));
            match body["meta"]["cursors"]["after"].as_str() {
                Some(after) => path = format!("{base}?limit=2&after={after}"),
                None => break body,
            }
        };
        assert_eq!(names, ["hello_world", "ditahan", "masuk", "promo", "pesanan"]);
        let before = last["meta"]["cursors"]["before"].as_str().unwrap();
        let back = desk.demo(Method::GET, &format!("{base}?limit=2&before={before}"), "").await.json();
        let names: Vec<&str> =
            back["data"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["masuk", "promo"]);
    }
}

#[tokio::test]
async fn wrong_questions_are_bad_requests() {
    let desk = Desk::open().await;
    for query in ["limit=0", "limit=51", "limit=x", "after=x", "before=x", "before=AQ&after=AQ", "limit=1&limit=2"] {
        let answer = desk.demo(Method::GET, &format!("/templates/demo?{query}"), "").await;
        assert_eq!(outcome(&answer), (400, "BAD_REQUEST".to_owned()), "{query}");
        assert_eq!(answer.json()["message"], "The request body does not contain valid data.");
    }
}

#[tokio::test]
async fn one_template_is_told_with_its_code() {
    let desk = Desk::open().await;
    let answer = desk.demo(Method::GET, "/templates/demo/101", "").await;
    assert_eq!(answer.status, StatusCode::OK);
    let body = answer.json();
    assert_eq!(body["data"]["$extras"]["template_code_id"], code("pesanan"));
    assert_eq!(body["data"]["components"][0]["text"], "Halo {{1}}, pesanan {{2}}.");
    for unknown in ["999", "x", "101/components", "%ff"] {
        let answer = desk.demo(Method::GET, &format!("/templates/demo/{unknown}"), "").await;
        assert_eq!(outcome(&answer), (404, "NOT_FOUND".to_owned()), "{unknown}");
        assert_eq!(answer.json()["message"], "The endpoint you are looking for seems to be not found.");
    }
}

#[tokio::test]
async fn only_the_apps_own_token_for_templates_opens_it() {
    let desk = Desk::open().await;
    let bearer = |jwt: String| Some(format!("Bearer {jwt}"));
    let cases = [
        (bearer(desk.jwt()), "demo", 200),
        (bearer(desk.jwt_for(Scope::Templates)), "demo", 200),
        (None, "demo", 401),
        (Some(String::new()), "demo", 401),
        (Some(desk.jwt()), "demo", 401),
        (bearer("x".to_owned()), "demo", 401),
        (bearer(desk.jwt_expired()), "demo", 401),
        (bearer(desk.jwt_revoked()), "demo", 401),
        (bearer(desk.jwt_unknown()), "demo", 401),
        (bearer(desk.jwt_for(Scope::Send)), "demo", 403),
        (bearer(desk.jwt_of_another()), "demo", 403),
        (bearer(desk.jwt()), "nobody", 403),
    ];
    for (authorization, app, expected) in cases {
        let headers: Vec<(&str, &str)> = authorization.iter().map(|value| ("authorization", value.as_str())).collect();
        let answer = desk.call(Method::GET, &format!("/templates/{app}"), &headers, "").await;
        let code = match expected {
            200 => "OK",
            401 => "UNAUTHORIZED",
            _ => "FORBIDDEN",
        };
        assert_eq!(outcome(&answer), (expected, code.to_owned()), "{authorization:?} {app}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_told_by_path_in_both_languages() {
    let desk = Desk::open().await;
    let body = json!({
        "name": "Salah Nama", "category": "UTILITY", "language": "id",
        "components": [{ "type": "BODY", "text": "Halo" }, { "type": "BUTTONS", "buttons": [
            { "type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "nol" }
        ] }]
    })
    .to_string();
    let indonesian = desk.demo(Method::POST, "/templates/demo", &body).await;
    insta::assert_snapshot!(indonesian.text, @r#"{"statusCode":422,"code":"UNPROCESSABLE_ENTITY","message":"Data cannot be processed as it is invalid.","errors":{"name":"Nama harus dalam format snake_case: huruf kecil, angka, dan garis bawah","components.1.buttons.0.phone_number":"Nomor telepon harus ber-tipe data number"}}"#);
    let bearer = format!("Bearer {}", desk.jwt());
    let headers = [("authorization", bearer.as_str()), ("accept-language", "en")];
    let english = desk.call(Method::POST, "/templates/demo", &headers, &body).await;
    insta::assert_snapshot!(english.text, @r#"{"statusCode":422,"code":"UNPROCESSABLE_ENTITY","message":"Data cannot be processed as it is invalid.","errors":{"name":"Name must be in snake_case: lower-case letters, digits and underscores","components.1.buttons.0.phone_number":"Phone number must be of type number"}}"#);
    for body in ["", "{", "[]", "null", "\"x\""] {
        let answer = desk.demo(Method::POST, "/templates/demo", body).await;
        assert_eq!(outcome(&answer), (400, "BAD_REQUEST".to_owned()), "{body}");
    }
}

#[tokio::test]
async fn a_template_that_exists_is_refused_before_the_upstream_is_asked() {
    let desk = Desk::open().await;
    let body = json!({
        "name": "pesanan", "category": "UTILITY", "language": "id", "components": [{ "type": "BODY", "text": "Halo" }]
    });
    let answer = desk.demo(Method::POST, "/templates/demo", &body.to_string()).await;
    assert_eq!(outcome(&answer), (422, "UNPROCESSABLE_ENTITY".to_owned()));
    assert_eq!(answer.json()["errors"]["name"], "Template dengan nama pesanan dan bahasa id sudah ada");
}

#[tokio::test]
async fn an_upstream_that_does_not_answer_is_worth_another_try() {
    let desk = Desk::open().await;
    let body = json!({
        "name": "baru", "category": "UTILITY", "language": "id", "components": [{ "type": "BODY", "text": "Halo" }]
    });
    for answer in [
        desk.demo(Method::POST, "/templates/demo", &body.to_string()).await,
        desk.demo(Method::DELETE, "/templates/demo/101", "").await,
    ] {
        assert_eq!(outcome(&answer), (500, "INTERNAL_SERVER_ERROR".to_owned()));
        assert!(answer.json()["message"].as_str().unwrap().contains("try again"), "{}", answer.text);
    }
    let bearer = format!("Bearer {}", desk.jwt_of_another());
    let answer = desk.call(Method::POST, "/templates/other", &[("authorization", &bearer)], &body.to_string()).await;
    assert_eq!(outcome(&answer), (500, "INTERNAL_SERVER_ERROR".to_owned()));
}

#[tokio::test]
async fn a_sample_stays_and_what_is_not_there_can_not_go() {
    let desk = Desk::open().await;
    let sample = desk.demo(Method::DELETE, "/templates/demo/105", "").await;
    assert_eq!(
        sample.text,
        r#"{"statusCode":400,"code":"BAD_REQUEST","message":"Template contoh tidak bisa diedit atau dihapus."}"#
    );
    for unknown in ["999", "x"] {
        let answer = desk.demo(Method::DELETE, &format!("/templates/demo/{unknown}"), "").await;
        assert_eq!(outcome(&answer), (404, "NOT_FOUND".to_owned()));
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_in_the_dialect() {
    let desk = Desk::open().await;
    for (method, path) in [
        (Method::PUT, "/templates/demo"),
        (Method::PATCH, "/templates/demo"),
        (Method::POST, "/templates/demo/101"),
        (Method::GET, "/templates/demo/101/archive"),
        (Method::POST, "/templates/demo/101/destroy"),
        (Method::GET, "/templates"),
        (Method::GET, "/templates/"),
        (Method::GET, "/templates/demo/101/more"),
        (Method::GET, "/api/v1/templates/"),
        (Method::DELETE, "/api/v1/templates/demo"),
    ] {
        let answer = desk.demo(method.clone(), path, "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
        assert_eq!(outcome(&answer), (404, "NOT_FOUND".to_owned()), "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_edit_is_told_at_once_and_a_sample_is_left_alone() {
    let desk = Desk::open().await;
    let body = r#"{"name":"lain","category":"MARKETING","components":[{"type":"BODY","text":"Halo {{2}} di sana"}]}"#;
    let bearer = format!("Bearer {}", desk.jwt());
    let headers = [("authorization", bearer.as_str()), ("accept-language", "en")];
    for method in [Method::PATCH, Method::PUT] {
        let answer = desk.call(method, "/templates/demo/101", &headers, body).await;
        insta::assert_snapshot!("edit_faults", answer.text);
    }
    let fine = r#"{"message_send_ttl_seconds":60}"#;
    assert_eq!(outcome(&desk.demo(Method::PATCH, "/templates/demo/105", fine).await).0, 400, "hello_world is a sample");
    assert_eq!(outcome(&desk.demo(Method::PATCH, "/templates/demo/999", fine).await).0, 404);
    for broken in ["", "[]", "{"] {
        assert_eq!(outcome(&desk.demo(Method::PUT, "/templates/demo/101", broken).await).0, 400, "{broken:?}");
    }
    let answer = desk.demo(Method::PATCH, "/templates/demo/101", fine).await;
    assert_eq!(outcome(&answer), (500, "INTERNAL_SERVER_ERROR".to_owned()), "nobody answers at the upstream");
}

#[tokio::test]
async fn all_languages_are_deleted_only_by_name() {
    let desk = Desk::open().await;
    for query in ["all_languages=true", "all_languages=true&name=", "all_languages=true&name=promo"] {
        let answer = desk.demo(Method::DELETE, &format!("/templates/demo/101?{query}"), "").await;
        assert_eq!(outcome(&answer).0, 400, "{query}");
        assert!(answer.text.contains("name the template once more"), "{}", answer.text);
    }
    let odd = desk.demo(Method::DELETE, "/templates/demo/101?all_languages=yes&name=pesanan", "").await;
    assert_eq!(odd.json()["message"], "The request body does not contain valid data.");
    let unknown = desk.demo(Method::DELETE, "/templates/demo/999?all_languages=true&name=pesanan", "").await;
    assert_eq!(outcome(&unknown).0, 404);
    let unreachable = desk.demo(Method::DELETE, "/templates/demo/101?all_languages=true&name=pesanan", "").await;
    assert_eq!(outcome(&unreachable).0, 500, "nobody answers at the upstream");
    assert_eq!(desk.demo(Method::GET, "/templates/demo/101", "").await.status, StatusCode::OK, "it is still there");
}

#[tokio::test]
async fn a_template_that_is_not_there_cannot_be_moved() {
    let desk = Desk::open().await;
    for verb in ["archive", "unarchive", "unpause", "accept-category"] {
        let path = format!("/templates/demo/999/{verb}");
        assert_eq!(outcome(&desk.demo(Method::POST, &path, "").await).0, 404, "{verb}");
        let stranger = format!("Bearer {}", desk.jwt_of_another());
        let answer = desk.call(Method::POST, &path, &[("authorization", &stranger)], "").await;
        assert_eq!(outcome(&answer).0, 403, "{verb}");
    }
    let accepted = desk.demo(Method::POST, "/templates/demo/101/accept-category", "").await;
    insta::assert_snapshot!(accepted.text, @r#"{"statusCode":200,"code":"OK","message":"The request has been successfully processed.","data":{"id":"101","status":"APPROVED","category":"UTILITY"}}"#);
}
