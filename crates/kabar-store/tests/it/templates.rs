//! Templates, and walks through them.

use std::collections::BTreeSet;

use kabar_domain::template::{Category, Status};
use kabar_store::template::{ComingCategory, PutTemplate, StatusNote, StoredTemplate, TemplatePage, Told, Walk};
use kabar_store::{Error, Store};

use crate::make::{app, app_id, at, template};
use crate::place::Place;

on_every_engine!(
    everything_of_a_template_is_kept,
    facts_are_replaced_and_the_rest_stays,
    a_template_made_anew_elsewhere_keeps_its_code,
    a_name_moves_from_one_template_to_another,
    apps_do_not_see_each_others_templates,
    numbers_are_never_used_twice,
    a_walk_meets_each_template_once_while_others_come_and_go,
    walks_go_both_ways,
    pages_at_the_ends_know_it,
);

async fn with_app(place: &Place) -> Store {
    let store = place.open().await;
    store.create_app(app("one")).await.unwrap();
    store.create_app(app("two")).await.unwrap();
    store
}

/// A template with nothing left empty.
fn full() -> PutTemplate {
    let mut full = template("one", 1, "order_update");
    full.facts.category = Category::Authentication;
    full.facts.status = Status::Paused;
    full.facts.components = r#"[{"type":"BODY","text":"Kode: {{1}}"}]"#.to_owned();
    full.facts.sub_category = Some("FORM".to_owned());
    full.facts.ttl = Some(600);
    full.facts.parameter_format = Some("POSITIONAL".to_owned());
    full.facts.link_tracking_opted_out = true;
    full.facts.quality = "GREEN".to_owned();
    full.facts.quality_at = Some(at(7));
    full.facts.rejected_reason = "INVALID_FORMAT".to_owned();
    full.facts.sample = true;
    full.facts.note = StatusNote { title: Some("FIRST_PAUSE".to_owned()), text: Some("for three hours".to_owned()) };
    full.facts.disabled_at = Some(at(8));
    full.facts.previous_category = Some(Category::Utility);
    full.facts.coming = Some(ComingCategory { category: Category::Marketing, at: Some(at(9)) });
    full.asked = Some(Category::Utility);
    full.told = Told { status_at: Some(at(1)), quality_at: Some(at(2)), category_at: Some(at(3)) };
    full
}

async fn everything_of_a_template_is_kept(place: Place) {
    let store = with_app(&place).await;
    assert!(matches!(store.put_template(template("none", 1, "a")).await, Err(Error::NoSuchApp(_))));
    let put = full();
    let stored = store.put_template(put.clone()).await.unwrap();
    let expected = StoredTemplate {
        seq: stored.seq,
        app: put.app.clone(),
        waba: put.waba,
        id: put.id.clone(),
        code: put.code,
        facts: put.facts,
        asked: Category::Utility,
        told: put.told,
        created_at: put.at,
        updated_at: put.at,
    };
    assert_eq!(stored, expected);
    assert_eq!(store.template(&put.app, &put.id).await.unwrap().unwrap(), expected);
    store.close().await;
    assert_eq!(place.open().await.templates().await.unwrap(), [expected]);
}

async fn facts_are_replaced_and_the_rest_stays(place: Place) {
    let store = with_app(&place).await;
    let first = store.put_template(template("one", 1, "a")).await.unwrap();
    let mut same = template("one", 1, "a");
    same.at = at(5);
    same.code = template("one", 99, "other").code;
    assert_eq!(store.put_template(same.clone()).await.unwrap(), first, "nothing changed, so no time moved");

    same.facts.status = Status::Approved;
    let second = store.put_template(same.clone()).await.unwrap();
    assert_eq!(second, StoredTemplate { facts: same.facts, updated_at: at(5), ..first });
}

async fn a_template_made_anew_elsewhere_keeps_its_code(place: Place) {
    let store = with_app(&place).await;
    let old = store.put_template(template("one", 1, "a")).await.unwrap();
    let mut anew = template("one", 2, "a");
    anew.at = at(9);
    let new = store.put_template(anew.clone()).await.unwrap();
    assert_eq!(new, StoredTemplate { id: anew.id, updated_at: at(9), ..old.clone() });
    assert_eq!(store.template(&old.app, &old.id).await.unwrap(), None);
    let mut other_language = template("one", 3, "a");
    other_language.facts.language = "en_US".to_owned();
    store.put_template(other_language).await.unwrap();
    assert_eq!(store.templates().await.unwrap().len(), 2);
}

async fn a_name_moves_from_one_template_to_another(place: Place) {
    let store = with_app(&place).await;
    let first = store.put_template(template("one", 1, "a")).await.unwrap();
    store.put_template(template("one", 2, "b")).await.unwrap();
    let renamed = store.put_template(template("one", 1, "b")).await.unwrap();
    assert_eq!((renamed.seq, renamed.code.clone()), (first.seq, first.code));
    assert_eq!(store.templates().await.unwrap(), [renamed]);
}

async fn apps_do_not_see_each_others_templates(place: Place) {
    let store = with_app(&place).await;
    let one = store.put_template(template("one", 1, "a")).await.unwrap();
    let two = store.put_template(template("two", 1, "a")).await.unwrap();
    assert_eq!(
        store.template_page(&app_id("one"), Walk::FromStart, 10).await.unwrap().items,
        std::slice::from_ref(&one)
    );
    assert!(!store.remove_template(&app_id("two"), &template("two", 5, "a").id, None).await.unwrap());
    assert!(store.remove_template(&two.app, &two.id, None).await.unwrap());
    assert_eq!(store.template(&two.app, &two.id).await.unwrap(), None);
    assert_eq!(store.template(&one.app, &one.id).await.unwrap().unwrap(), one);
}

async fn numbers_are_never_used_twice(place: Place) {
    let store = with_app(&place).await;
    let first = store.put_template(template("one", 1, "a")).await.unwrap();
    assert!(store.remove_template(&first.app, &first.id, None).await.unwrap());
    let second = store.put_template(template("one", 2, "a")).await.unwrap();
    assert!(second.seq > first.seq);
}

async fn a_walk_meets_each_template_once_while_others_come_and_go(place: Place) {
    let store = with_app(&place).await;
    let mut expected = BTreeSet::new();
    for n in 0..137 {
        store.put_template(template("one", n, &format!("stays_{n}"))).await.unwrap();
        expected.insert(n.to_string());
        store.put_template(template("one", 1000 + n, &format!("goes_{n}"))).await.unwrap();
    }
    let mut met = Vec::new();
    let mut walk = Walk::FromStart;
    let mut n_pages = 0;
    loop {
        let page = store.template_page(&app_id("one"), walk, 10).await.unwrap();
        met.extend(page.items.iter().map(|item| item.id.to_string()).filter(|id| expected.contains(id)));
        let last = page.items.last().unwrap();
        walk = Walk::After(last.seq);
        if !page.has_after {
            break;
        }
        // What was just met goes, what comes later goes, and something new comes.
        store.remove_template(&app_id("one"), &template("one", 1000 + n_pages, "").id, None).await.unwrap();
        store.remove_template(&app_id("one"), &template("one", 1136 - n_pages, "").id, None).await.unwrap();
        store.put_template(template("one", 2000 + n_pages, &format!("comes_{n_pages}"))).await.unwrap();
        n_pages += 1;
    }
    assert_eq!(met.len(), 137);
    assert_eq!(met.into_iter().collect::<BTreeSet<_>>(), expected);
}

fn seqs(page: &TemplatePage) -> Vec<i64> {
    page.items.iter().map(|item| item.seq).collect()
}

async fn walks_go_both_ways(place: Place) {
    let store = with_app(&place).await;
    for n in 0..25 {
        store.put_template(template("one", n, &format!("t{n}"))).await.unwrap();
    }
    let one = app_id("one");
    let first = store.template_page(&one, Walk::FromStart, 10).await.unwrap();
    let second = store.template_page(&one, Walk::After(first.items[9].seq), 10).await.unwrap();
    let third = store.template_page(&one, Walk::After(second.items[9].seq), 10).await.unwrap();
    assert_eq!([&first, &second, &third].map(|page| page.has_after), [true, true, false]);
    let all: Vec<i64> = [&first, &second, &third].into_iter().flat_map(seqs).collect();
    assert_eq!(all.len(), 25);
    assert!(all.is_sorted_by(|a, b| a > b), "newest first");

    assert_eq!(store.template_page(&one, Walk::Before(third.items[0].seq), 10).await.unwrap(), second);
    assert_eq!(store.template_page(&one, Walk::Before(second.items[0].seq), 10).await.unwrap(), first);
}

async fn pages_at_the_ends_know_it(place: Place) {
    let store = with_app(&place).await;
    let one = app_id("one");
    let end = async |walk| {
        let page = store.template_page(&one, walk, 10).await.unwrap();
        (page.items.len(), page.has_after)
    };
    for walk in [Walk::FromStart, Walk::After(5), Walk::Before(5)] {
        assert_eq!(end(walk).await, (0, false));
    }
    let stored = store.put_template(template("one", 1, "a")).await.unwrap();
    assert_eq!(end(Walk::FromStart).await, (1, false));
    assert_eq!(end(Walk::After(stored.seq)).await, (0, false));
    assert_eq!(end(Walk::Before(stored.seq)).await, (0, true));
    store.put_template(template("one", 2, "b")).await.unwrap();
    store.remove_template(&one, &stored.id, None).await.unwrap();
    assert_eq!(end(Walk::Before(stored.seq)).await, (1, false), "a place stays a place when its template goes");
}
