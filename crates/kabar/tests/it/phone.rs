//! The page with the recipients' phones, in a real browser beside the real program.

use kabar_testkit::browser::{Browser, LOOKS};
use kabar_testkit::dev::Dev;
use kabar_testkit::http::Http;
use kabar_testkit::oca::Oca;
use kabar_testkit::program::Program;
use kabar_testkit::unswer::Unswer;
use kabar_testkit::wait::wait_until;
use serde_json::{Value, json};

use crate::KABAR;
use crate::callbacks::{Receiver, listen};

const BUDI: &str = "+6281234567890";
const SARI: &str = "+6281234567891";

/// The most that a page may weigh, in bytes.
const HEAVIEST: usize = 100_000;

async fn send(dev: &Dev, to: &str, texts: &[&str]) -> String {
    let code = dev.ready.code("pesanan_dikirim");
    Oca::new(dev).accepted(&Oca::message(code, to, &[Oca::body(texts)])).await
}

/// Sends the promotion, which has a picture above, a quick reply and a link.
async fn promote(dev: &Dev, to: &str) -> String {
    let payload = [
        json!({"position": "header", "parameters": [{"type": "image", "image": {"url": "https://toko.example/sepatu.png"}}]}),
        Oca::body(&["Budi", "*25%*"]),
        json!({"position": "button", "sub_types": "quick_reply", "index": 0, "parameters": [{"type": "payload", "payload": "STOP-1"}]}),
        json!({"position": "button", "sub_types": "url_dynamic", "index": 1, "parameters": [{"type": "text", "text": "lari"}]}),
    ];
    Oca::new(dev).accepted(&Oca::message(dev.ready.code("promo_akhir_pekan"), to, &payload)).await
}

/// What the sandbox says of the newest message on a phone.
async fn newest(dev: &Dev, number: &str) -> Value {
    let url = format!("{}/_sandbox/phones/{number}?limit=1", dev.ready.sandbox_url);
    serde_json::from_str::<Value>(&Http::new().get(&url).await).unwrap()["entries"][0].clone()
}

#[tokio::test]
async fn a_message_appears_on_the_phone_and_its_button_comes_back_to_the_app() {
    let Some(browser) = Browser::open(true).await else { return };
    let dev = Program::dev(KABAR).start().await;
    let receiver = Receiver::start();
    listen(&dev, &receiver).await;
    browser.look(LOOKS[0]).await;
    browser.go(&dev.ready.phone_url).await;
    browser.wait_text("main", |text| text.contains("No message yet")).await;
    browser.picture("phone-empty").await;

    // Nothing is reloaded from here on: what comes, comes by itself.
    browser.run("window.stayed = true").await;
    send(&dev, BUDI, &["*Budi*", "INV-2041"]).await;
    let body = ".thread .incoming:last-child .text";
    browser
        .wait_text(body, |text| text == "Halo Budi, pesanan Anda dengan nomor INV-2041 sudah kami kirim hari ini.")
        .await;
    assert!(browser.has(".thread .incoming .text strong").await, "what stands between stars is bold");
    browser.wait_text(".incoming:last-child .status", |text| text.trim() == "read").await;

    let promoted = promote(&dev, BUDI).await;
    browser.wait_text(body, |text| text.contains("semua sepatu diskon 25%")).await;
    browser.click(".incoming:last-child .buttons button.pressable").await;
    browser.wait_text(".outgoing .text", |text| text == "Berhenti").await;
    browser.wait_text(".outgoing .meta", |text| text.contains("webhook taken") && text.contains("STOP-1")).await;
    let replied = wait_until("the press to be told to the app", || async {
        receiver.calls().into_iter().map(|call| call.said).find(|said| said["data"]["reply"]["payload"] == "STOP-1")
    });
    let replied = replied.await;
    assert_eq!(replied["data"]["msgid"], promoted, "{replied}");

    browser.type_into("#text", "Terima kasih\u{e007}").await;
    browser.wait_text(".outgoing:last-child .text", |text| text == "Terima kasih").await;
    browser.wait_text(".outgoing:last-child .meta", |text| text.contains("webhook taken")).await;
    assert_eq!(browser.run("return window.stayed && document.getElementById('text').value").await, "");
    assert_eq!(browser.complaints().await, [""; 0]);

    send(&dev, "+6281299131026", &["Wati", "INV-2042"]).await;
    browser.wait_text("#phones", |text| text.contains("+6281299131026")).await;
    for look in LOOKS {
        browser.look(look).await;
        browser.go(&format!("{}/6281234567890", dev.ready.phone_url)).await;
        let too_wide = browser.run("return document.documentElement.scrollWidth > innerWidth").await;
        assert_eq!(too_wide, false, "{} has to be scrolled sideways", look.name);
        browser.picture(&format!("phone-{}", look.name)).await;
    }
    assert!(browser.source().await.len() < HEAVIEST);
}

#[tokio::test]
async fn without_script_everything_works_by_forms_and_reloading() {
    let Some(browser) = Browser::open(false).await else { return };
    let dev = Program::dev(KABAR).start().await;
    promote(&dev, BUDI).await;
    wait_until("the message on the phone", || async { (newest(&dev, BUDI).await["status"] == "read").then_some(()) })
        .await;
    browser.go(&dev.ready.phone_url).await;
    browser.wait_text(".incoming .text", |text| text.contains("semua sepatu")).await;
    browser.click(".incoming .buttons button.pressable").await;
    browser.wait_text(".outgoing .text", |text| text == "Berhenti").await;
    browser.type_into("#text", "Siapa ini?").await;
    browser.click("form.say button").await;
    browser.wait_text(".outgoing:last-child .text", |text| text == "Siapa ini?").await;
    browser.click("#habit-off").await;
    browser.wait_text("#habit-off[aria-pressed=true]", |text| text == "Off").await;
    browser.click("#marketing-stopped").await;
    browser.wait_text("#marketing-stopped[aria-pressed=true]", |text| text == "Stopped").await;
    browser.wait_text(".outgoing:last-child .text", |text| text == "Stops marketing messages").await;
    browser.click(".links a[lang=id]").await;
    browser.wait_text("h1", |text| text == "Ponsel di sandbox").await;
    browser.wait_text(".outgoing:last-child .text", |text| text == "Berhenti menerima promosi").await;
}

#[tokio::test]
async fn what_meta_and_the_recipients_would_do_is_done_on_the_page() {
    let Some(browser) = Browser::open(true).await else { return };
    let dev = Program::dev(KABAR).start().await;
    browser.look(LOOKS[0]).await;
    // A phone that is off gets nothing until it is said so.
    browser.go(&format!("{}/{SARI}", dev.ready.phone_url)).await;
    browser.click("#habit-off").await;
    browser.wait_text("#habit-off[aria-pressed=true]", |_| true).await;
    send(&dev, SARI, &["Sari", "INV-1"]).await;
    browser.wait_text(".incoming.sent .status", |text| text.contains("not arrived")).await;
    browser.click("#marketing-stopped").await;
    browser.wait_text("#marketing-stopped[aria-pressed=true]", |text| text == "Stopped").await;
    browser.click("#marketing-wanted").await;
    browser.wait_text("#marketing-wanted[aria-pressed=true]", |text| text == "Wanted").await;
    browser.picture("phone-off").await;
    browser.click(".incoming button[value=deliver]").await;
    browser.wait_text(".incoming.delivered .status", |text| text.contains("delivered")).await;
    browser.click(".incoming button[value=read]").await;
    browser.wait_text(".incoming.read .status", |text| text.contains("read")).await;
    let doomed = send(&dev, SARI, &["Sari", "INV-2"]).await;
    browser.click(".incoming:last-child.sent button[value=fail]").await;
    browser.wait_text(".incoming.failed .status", |text| text.contains("131026")).await;
    Oca::new(&dev).wait_for_status(&doomed, "failed").await;

    // Whoever decides reviews by hand finds new templates waiting.
    browser.click("#review-manual").await;
    browser.wait_text("#review-manual[aria-pressed=true]", |_| true).await;
    let template = json!({"name": "sambutan", "language": "id", "category": "UTILITY", "components": [{"type": "BODY", "text": "Selamat datang."}]});
    let unswer = Unswer::new(&dev);
    let id = unswer.created(&template).await;
    browser.wait_text("#pending li", |text| text.contains("sambutan") && text.contains("PENDING")).await;
    browser.picture("phone-review").await;
    browser.click("#pending select option[value=SCAM], #pending select option:nth-child(6)").await;
    browser.click("#pending button.bad").await;
    wait_until("the gateway to know that it was rejected", || async {
        (unswer.details(&id).await["status"] == "REJECTED").then_some(())
    })
    .await;

    // Faults and limits are switched, and are off again at the second press.
    browser.click("#trouble-3").await;
    browser.wait_text("#trouble-3[aria-checked=true]", |_| true).await;
    browser.click("#trouble-3").await;
    browser.wait_text("#trouble-3[aria-checked=false]", |_| true).await;
    browser.click("#trouble-5").await;
    browser.wait_text("#trouble-5[aria-checked=true]", |_| true).await;
    browser.click("#limit").await;
    browser.wait_text("#limit[aria-checked=true]", |_| true).await;
    browser.click("#own summary").await;
    browser.run("document.getElementById('rule').value = '{\"fault\":\"clsoe\"}'").await;
    browser.click("form.own button").await;
    browser.wait_text("#notice", |text| text.contains("nothing was added")).await;
    assert!(browser.has("#own[open]").await, "what was opened stays open");
}
