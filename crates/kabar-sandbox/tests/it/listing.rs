//! Walking an account's templates.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::harness::{Platform, WABA, quick, simple_template};

fn names(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|template| template["name"].as_str().unwrap()).collect()
}

/// The path and query of a link.
fn local(link: &Value) -> String {
    link.as_str().unwrap().strip_prefix("http://graph.test").unwrap().to_owned()
}

async fn platform_with(n_templates: usize) -> Platform {
    let platform = Platform::start(quick()).await;
    for index in 1..=n_templates {
        platform.create(WABA, &format!("t_{index:03}")).await;
    }
    platform
}

#[tokio::test]
async fn pages_are_linked_in_both_directions() {
    let platform = platform_with(6).await;
    let first = platform.get(&format!("/v26.0/{WABA}/message_templates?fields=name&limit=3")).await.ok();
    assert_eq!(names(&first), ["t_006", "t_005", "t_004"]);
    assert_eq!(first["data"][0].as_object().unwrap().len(), 2, "name and id");
    assert!(first["paging"].get("previous").is_none());
    let second = platform.get(&local(&first["paging"]["next"])).await.ok();
    assert_eq!(names(&second), ["t_003", "t_002", "t_001"]);
    let third = platform.get(&local(&second["paging"]["next"])).await.ok();
    assert_eq!(names(&third), ["hello_world"]);
    assert!(third["paging"].get("next").is_none());
    let back = platform.get(&local(&third["paging"]["previous"])).await.ok();
    assert_eq!(names(&back), names(&second));
    let front = platform.get(&local(&back["paging"]["previous"])).await.ok();
    assert_eq!(names(&front), names(&first));
    assert!(front["paging"].get("previous").is_none());
    let beyond = third["paging"]["cursors"]["after"].as_str().unwrap();
    let beyond = platform.get(&format!("/{WABA}/message_templates?after={beyond}")).await.ok();
    assert_eq!(beyond, json!({"data": []}));
    for query in ["after=nonsense", "limit=0", "limit=x", "fields=nonsense"] {
        assert_eq!(platform.get(&format!("/{WABA}/message_templates?{query}")).await.code(), "100", "{query}");
    }
}

#[tokio::test]
async fn the_default_page_has_25() {
    let platform = platform_with(30).await;
    let page = platform.get(&format!("/{WABA}/message_templates")).await.ok();
    assert_eq!(names(&page).len(), 25);
}

#[tokio::test]
async fn a_walk_meets_each_once_while_others_come_and_go() {
    let platform = platform_with(40).await;
    let mut met: Vec<String> = Vec::new();
    let mut path = format!("/v26.0/{WABA}/message_templates?fields=name&limit=7");
    let mut step = 0;
    loop {
        let page = platform.get(&path).await.ok();
        met.extend(names(&page).into_iter().map(str::to_owned));
        let Some(next) = page["paging"].get("next") else { break };
        path = local(next);
        step += 1;
        platform.create(WABA, &format!("new_{step}")).await;
        // One that was met, one that is the cursor itself, and one that is still to come.
        let met_last = met.last().unwrap().clone();
        for name in [met[step].clone(), met_last, format!("t_{step:03}")] {
            platform.call("DELETE", &format!("/{WABA}/message_templates?name={name}"), None).await;
        }
    }
    let distinct: HashSet<_> = met.iter().collect();
    assert_eq!(distinct.len(), met.len(), "none is met twice: {met:?}");
    assert!(met.iter().all(|name| !name.starts_with("new_")), "what is new stands before the walk: {met:?}");
    for index in (step + 1)..=40 {
        assert!(distinct.contains(&format!("t_{index:03}")), "t_{index:03} is met");
    }
}

#[tokio::test]
async fn filters_and_totals() {
    let platform = platform_with(3).await;
    let mut english = simple_template("t_001");
    english["language"] = json!("en_US");
    platform.post(&format!("/{WABA}/message_templates"), &english).await.ok();
    platform.create(WABA, "reject_1").await;
    let ask = async |query: &str| {
        let page = platform.get(&format!("/{WABA}/message_templates?fields=name,language&{query}")).await.ok();
        names(&page).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ask("name=t_00").await, ["t_001", "t_003", "t_002", "t_001"]);
    assert_eq!(ask("status=rejected").await, ["reject_1"]);
    assert_eq!(ask("language=en_US").await, ["t_001", "hello_world"]);
    assert_eq!(ask("language=%5B%22en_US%22%2C%22fr%22%5D&name=t_").await, ["t_001"]);
    assert_eq!(ask("status[0]=REJECTED&status[1]=PAUSED").await, ["reject_1"]);
    assert_eq!(ask("category=MARKETING").await, Vec::<String>::new());
    // Several in one text, as some clients write them.
    assert_eq!(ask("language=en_US,fr&name=t_").await, ["t_001"]);
    assert_eq!(ask("status=REJECTED,PAUSED").await, ["reject_1"]);
    let page = platform.get(&format!("/{WABA}/message_templates?limit=1&summary=total_count&name=t_0")).await.ok();
    assert_eq!(page["summary"], json!({"total_count": 4}));
    let filtered = platform.get(&local(&page["paging"]["next"])).await.ok();
    assert_eq!(names(&filtered), ["t_003"], "a link keeps the filter");
}

#[tokio::test]
async fn templates_are_found_by_text_score_and_time() {
    let platform = platform_with(2).await;
    let mut promo = simple_template("promo");
    promo["category"] = json!("MARKETING");
    promo["components"] = json!([
        {"type": "BODY", "text": "Sepatu Merah sudah datang."},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Nanti saja"}]}
    ]);
    let created = platform.post(&format!("/{WABA}/message_templates"), &promo).await.ok();
    let id = created["id"].as_str().unwrap();
    let score = json!({"score": "YELLOW"});
    platform.post(&format!("/_sandbox/templates/{id}/quality"), &score).await.ok();
    let notice = json!({"category": "UTILITY", "notice": true});
    platform.post(&format!("/_sandbox/templates/{id}/category"), &notice).await.ok();
    let read = platform.get(&format!("/{id}?fields=quality_score")).await.ok();
    let now = read["quality_score"]["date"].as_i64().unwrap();
    let ask = async |query: &str| {
        let page = platform.get(&format!("/{WABA}/message_templates?{query}")).await.ok();
        names(&page).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    for query in [
        "content=merah",
        "content=nanti",
        "name_or_content=prom",
        "name_or_content=MERAH",
        "quality_score=YELLOW",
        "quality_score=%5B%22RED%22%2C%22yellow%22%5D",
        "correct_category=UTILITY",
    ] {
        assert_eq!(ask(query).await, ["promo"], "{query}");
    }
    let all = ["promo", "t_002", "t_001", "hello_world"];
    let (since, until) = (format!("since={}", now - 60), format!("until={}", now + 60));
    for query in ["source=MANUAL", &since, &until, &format!("{since}&{until}")] {
        assert_eq!(ask(query).await, all, "{query}");
    }
    for query in ["source=AUTO_GENERATED", &format!("since={}", now + 60), &format!("until={}", now - 60)] {
        assert!(ask(query).await.is_empty(), "{query}");
    }
    assert_eq!(platform.get(&format!("/{WABA}/message_templates?since=yesterday")).await.code(), "100");
    let summary = "summary=total_count,message_template_count,message_template_limit,are_translations_complete";
    let page = platform.get(&format!("/{WABA}/message_templates?{summary}&content=merah")).await.ok();
    assert_eq!(
        page["summary"],
        json!({
            "total_count": 1,
            "message_template_count": 4,
            "message_template_limit": 6000,
            "are_translations_complete": false
        })
    );
}
