//! Files over time and across ends of the process: checked again, renewed, and uploaded once more at worst.

use std::time::Duration;

use kabar_testkit::sandbox::Sandbox;

use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A gateway whose clock can be set, and which can be started again, before an upstream that goes on meanwhile.
struct Pair {
    folder: tempfile::TempDir,
    sandbox: Sandbox,
}

impl Pair {
    async fn new() -> Self {
        let sandbox = Program::sandbox(KABAR).review("instant").start().await;
        Self { folder: tempfile::tempdir().unwrap(), sandbox }
    }

    fn builder(&self) -> DevBuilder {
        let clock = self.folder.path().join("clock");
        Program::dev(KABAR)
            .rate_limit(0)
            .data(self.folder.path().join("data"))
            .sandbox_url(&self.sandbox.url)
            .arg("--media")
            .arg("upload")
            .env("KABAR_CLOCK_OFFSET_FILE", clock.to_str().unwrap())
    }

    /// Starts the gateway with its clock so much ahead.
    async fn start(&self, ahead: Duration) -> Dev {
        std::fs::write(self.folder.path().join("clock"), ahead.as_millis().to_string()).unwrap();
        self.builder().start().await
    }
}

#[tokio::test]
async fn a_file_is_kept_checked_and_renewed() {
    let (pair, origin) = (Pair::new().await, Origin::start().await);
    let ledger = Ledger::of(&pair.sandbox);
    let page = Page { etag: Some("\"one\""), ..picture(b"one") };
    let url = origin.put("/a.png", page.clone());
    let dev = pair.start(Duration::ZERO).await;
    let first = sent(&dev, &promotion(&dev, "+6281381478000", &url)).await;
    assert!(first.get("id").is_some(), "{first}");
    drop(dev);

    let dev = pair.start(HOUR / 2).await;
    assert_eq!(sent(&dev, &promotion(&dev, "+6281381478001", &url)).await, first, "known after a start");
    assert_eq!(origin.asked("/a.png"), 1);
    drop(dev);

    let dev = pair.start(2 * HOUR).await;
    assert_eq!(sent(&dev, &promotion(&dev, "+6281381478002", &url)).await, first);
    assert_eq!(origin.asked("/a.png"), 2, "its server is asked whether it has another one");
    assert_eq!(origin.last_header("/a.png", header::IF_NONE_MATCH).as_deref(), Some("\"one\""));
    assert_eq!(sent(&dev, &promotion(&dev, "+6281381478003", &url)).await, first);
    assert_eq!(origin.asked("/a.png"), 2, "and then not for a while");
    drop(dev);

    // Another server writes the mark anew, and has the same file.
    origin.put("/a.png", Page { etag: Some("\"two\""), ..page.clone() });
    let dev = pair.start(4 * HOUR).await;
    assert_eq!(sent(&dev, &promotion(&dev, "+6281381478004", &url)).await, first);
    drop(dev);

    // It is down: what is known goes on.
    origin.put("/a.png", failing(StatusCode::BAD_GATEWAY));
    let dev = pair.start(6 * HOUR).await;
    assert_eq!(sent(&dev, &promotion(&dev, "+6281381478005", &url)).await, first);
    drop(dev);

    origin.put("/a.png", picture(b"another"));
    let dev = pair.start(8 * HOUR).await;
    let second = sent(&dev, &promotion(&dev, "+6281381478006", &url)).await;
    assert!(second != first && second.get("id").is_some(), "{second}");
    drop(dev);

    let dev = pair.start(26 * DAY).await;
    let third = sent(&dev, &promotion(&dev, "+6281381478007", &url)).await;
    assert!(third != second && third.get("id").is_some(), "renewed before the upstream forgets it: {third}");
    assert_eq!(origin.last_header("/a.png", header::IF_NONE_MATCH), None, "the whole file is needed");
    let files = ledger.files().await;
    assert_eq!(files.iter().map(|file| file.messages).collect::<Vec<_>>(), [6, 1, 1]);

    // What is no longer there is no longer sent.
    origin.put("/a.png", failing(StatusCode::GONE));
    drop(dev);
    let dev = pair.start(26 * DAY + 2 * HOUR).await;
    let oca = Oca::new(&dev);
    let msgid = oca.accepted(&promotion(&dev, "+6281381478008", &url)).await;
    assert_eq!(oca.wait_for_status(&msgid, "rejected").await.json()["additional_info"]["code"], 900_005);
}

#[tokio::test]
async fn an_end_between_the_upload_and_its_note_costs_another_upload_and_no_message() {
    for (point, n_files) in [("media.uploaded", 2), ("media.before-commit", 2), ("media.after-commit", 1)] {
        let (pair, origin) = (Pair::new().await, Origin::start().await);
        let ledger = Ledger::of(&pair.sandbox);
        let url = origin.put("/a.png", picture(b"a"));
        let mut dev = pair.builder().env("KABAR_KILL_AT", point).start().await;
        let oca = Oca::new(&dev);
        let mut msgids = Vec::new();
        for n in 0..20 {
            let body = promotion(&dev, &format!("+62813814790{n:02}"), &url).to_string();
            let push = format!("{}/api/v2/push/message", dev.ready.gateway_url);
            let headers = [("authorization", dev.ready.token.as_str())];
            // The gateway may end at any moment.
            let Ok(answer) = oca.http.try_exchange("POST", &push, &headers, body).await else { break };
            msgids.push(answer.json()["msgid"].as_str().unwrap().to_owned());
        }
        let ended = tokio::time::timeout(Duration::from_secs(60), dev.wait()).await.unwrap();
        assert!(ended.code().is_none(), "{point}: it ended otherwise, {ended}");
        assert!(!msgids.is_empty());
        assert_eq!(ledger.messages().await.len(), 0, "{point}: nothing has left without its file");
        drop(dev);

        let dev = pair.builder().start().await;
        for msgid in &msgids {
            let found = arrived(&ledger, msgid).await;
            assert!(shown(&found).get("id").is_some(), "{point}");
            assert_eq!(ledger.by_msgid(msgid).await.len(), 1, "{point}");
        }
        assert_eq!(ledger.files().await.len(), n_files, "{point}");
        drop(dev);
    }
}

#[tokio::test]
async fn a_message_that_waits_for_a_file_when_the_gateway_stops_goes_on_after_the_next_start() {
    let (pair, origin) = (Pair::new().await, Origin::start().await);
    let ledger = Ledger::of(&pair.sandbox);
    let url = origin.put("/slow.png", picture(b"slow"));
    let mut dev = pair.start(Duration::ZERO).await;
    let msgid = Oca::new(&dev).accepted(&promotion(&dev, "+6281381478100", &url)).await;
    wait_until("the message to be held", async || {
        (told(&dev, &msgid).await["waits_for"] == json!({ "what": "media" })).then_some(())
    })
    .await;
    dev.terminate();
    assert!(dev.wait().await.success(), "a fetch that hangs does not keep it from stopping");
    drop(dev);
    origin.desk.open.send_replace(true);
    let _dev = pair.start(Duration::ZERO).await;
    assert!(shown(&arrived(&ledger, &msgid).await).get("id").is_some());
    assert_eq!(origin.asked("/slow.png"), 2);
}
