//! `kabar verify`: both ledgers, side by side.

use kabar_testkit::dev::Dev;
use kabar_testkit::http::Http;
use kabar_testkit::oca::Oca;
use kabar_testkit::program::{Output, Program};
use serde_json::Value;

use crate::KABAR;

fn verify(dev: &Dev, args: &[&str]) -> Output {
    let data = dev.data().to_str().unwrap();
    Program::run(KABAR, ["verify", "--data", data].iter().chain(args).copied())
}

fn json(output: &str) -> Value {
    serde_json::from_str(output).unwrap_or_else(|err| panic!("no JSON: {err}\n{output}"))
}

#[tokio::test]
async fn a_gateway_is_verified_against_the_sandbox_that_it_used() {
    let dev = Program::dev(KABAR).rate_limit(0).start().await;
    let oca = Oca::new(&dev);
    let code = dev.ready.code("pesanan_dikirim");
    let mut msgids = Vec::new();
    for to in ["+6281381475210", "+6281381475211", "+6281299131030"] {
        msgids.push(oca.accepted(&Oca::message(code, to, &[Oca::body(&["Budi", "INV-1"])])).await);
    }
    for (msgid, status) in msgids.iter().zip(["read", "read", "rejected"]) {
        oca.wait_for_status(msgid, status).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let known = file("known", msgids.join("\n"));
    let sandbox = dev.ready.sandbox_url.as_str();
    let text = verify(&dev, &["--sandbox", sandbox, "--msgids", &known]).ok();
    assert!(text.contains("accepted              3  2 read, 1 rejected"), "{text}");
    let report = json(&verify(&dev, &["--sandbox", sandbox, "--json"]).ok());
    for (name, count) in [("accepted", 3), ("sent_once", 2), ("ended", 3), ("lost", 0), ("doubled", 0)] {
        assert_eq!(report[name], count, "{name} in {report}");
    }

    // A client was given a msgid that nobody knows.
    let unknown = file("unknown", "01a2003d-fa41-72de-a2e8-62472b00f8be\n".to_owned());
    let failed = verify(&dev, &["--sandbox", sandbox, "--msgids", &unknown, "--json"]);
    assert_eq!((failed.code, json(&failed.output)["lost"].as_u64()), (Some(1), Some(1)));

    // The witness saw one message twice, and another not at all.
    let ledger = Http::new().get(&format!("{sandbox}/_sandbox/ledger/messages")).await;
    let first = ledger.lines().find(|line| line.contains(&msgids[0])).unwrap();
    let doctored = file("ledger", format!("{first}\n{first}\n"));
    let failed = verify(&dev, &["--ledger", &doctored, "--json"]);
    let report = json(&failed.output);
    assert_eq!((failed.code, &report["lost"], &report["doubled"]), (Some(1), &1.into(), &1.into()));
    assert_eq!(report["doubled_msgids"][0]["msgid"], msgids[0].as_str());
    assert_eq!(report["lost_msgids"][0]["msgid"], msgids[1].as_str());
    assert!(failed.log.contains("1 lost, 1 doubled"), "{}", failed.log);
}
