//! A gateway as in production, with a sandbox in the upstream's place: two processes on addresses that stay, either of
//! which may end at any moment and be started again on what it left.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::Http;
use crate::ledger::Ledger;
use crate::oca::Oca;
use crate::process::EndedEarly;
use crate::program::{Output, Program, temporary};
use crate::sandbox::Sandbox;
use crate::serve::{Serve, ServeBuilder};
use crate::unswer::Unswer;
use crate::wait::wait_until;

/// The app.
pub const APP: &str = "toko";
/// Its sender.
pub const SENDER: &str = "106540352242922";
const WABA: &str = "102290129340398";
/// A template for order updates, with two values.
pub const UTILITY: &str = "pesanan_dikirim";
/// A template for login codes, with one value.
pub const LOGIN_CODE: &str = "kode_masuk";
/// A template for advertising, with two values.
pub const MARKETING: &str = "promo_toko";

/// A template for advertising with a picture above its text, and no values beside it.
pub const PICTURE: &str = "promo_bergambar";

/// How often a start is tried whose address is still taken.
const MOST_TRIES: usize = 200;

/// How a stand is put up.
#[derive(Debug, Clone)]
pub struct Options {
    /// From what the sandbox's chances are drawn.
    pub seed: u64,
    /// How long a doubt waits, in seconds.
    pub patience: u64,
    /// How long a call may take, in seconds.
    pub call_timeout: u64,
    /// How many messages a second the sender may send.
    pub throughput: u32,
}

impl Options {
    /// A sender that was upgraded, calls that may take ten seconds, and doubts that wait for one.
    pub const fn new(seed: u64) -> Self {
        Self { seed, patience: 1, call_timeout: 10, throughput: 1000 }
    }
}

/// The two of them.
#[derive(Debug)]
pub struct Stand {
    /// A caller of the app.
    pub oca: Oca,
    /// Who looks after its templates.
    pub unswer: Unswer,
    /// The code of each template, by its name.
    pub codes: BTreeMap<String, String>,
    /// The sandbox, unless it has ended.
    pub sandbox: Option<Sandbox>,
    /// The gateway, unless it has ended.
    pub gateway: Option<Serve>,
    /// Where the sandbox answers.
    pub sandbox_url: String,
    binary: PathBuf,
    options: Options,
    gateway_address: String,
    folder: TempDir,
}

impl Stand {
    /// Puts up a stand with four approved templates. `binary` is the program.
    ///
    /// # Panics
    ///
    /// When anything of it does not work.
    pub async fn raise(binary: impl AsRef<Path>, options: Options) -> Self {
        let folder = temporary();
        let binary = binary.as_ref().to_owned();
        let http = Http::new();
        let caller = |base: &str| Oca { http: http.clone(), base: base.to_owned(), token: String::new() };
        let manager = |base: &str| Unswer {
            http: http.clone(),
            base: format!("{base}/templates"),
            token: String::new(),
            app: APP.to_owned(),
            language: None,
        };
        let mut stand = Self {
            oca: caller(""),
            unswer: manager(""),
            codes: BTreeMap::new(),
            sandbox: None,
            gateway: None,
            sandbox_url: "http://127.0.0.1:0".to_owned(),
            binary,
            options,
            gateway_address: "127.0.0.1:0".to_owned(),
            folder,
        };
        stand.set_clock(Duration::ZERO, false);
        stand.start_sandbox().await;
        stand.write_config();
        // The first start finds a free address, and from then on it is told to the sandbox.
        let gateway = stand.builder().start().await;
        let url = gateway.url.clone();
        stand.gateway_address = url.trim_start_matches("http://").to_owned();
        drop(gateway);
        stand.start_gateway().await;
        let config = stand.config();
        let issue = ["token", "issue", "--app", APP, "--config", config.to_str().unwrap_or_default()];
        let token = Program::run(&stand.binary, issue).ok().trim().to_owned();
        stand.oca = Oca { token: token.clone(), ..caller(&url) };
        stand.unswer = Unswer { token, ..manager(&url) };
        wait_until("the token to count", async || (stand.unswer.list("").await.status == 200).then_some(())).await;
        for template in templates() {
            let id = stand.unswer.created(&template).await;
            let details = stand.unswer.wait_for_status(&id, "APPROVED").await;
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let (name, code) = (text(&details["name"]), text(&details["$extras"]["template_code_id"]));
            let code = code.unwrap_or_else(|| panic!("a template without a code: {details}"));
            stand.codes.insert(name.unwrap_or_default(), code);
        }
        stand
    }

    /// Starts the gateway, which is known not to run, and waits until it listens.
    ///
    /// # Panics
    ///
    /// When it ends before.
    pub async fn start_gateway(&mut self) {
        for _ in 0..MOST_TRIES {
            match self.try_start_gateway(|builder| builder).await {
                Ok(()) => return,
                // An address may be taken for a moment by somebody's outgoing connection.
                Err(ended) if ended.log.contains("could not listen") => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(EndedEarly { status, log }) => panic!("the gateway ended before it was ready, {status}:\n{log}"),
            }
        }
        panic!("the address {} stays taken", self.gateway_address);
    }

    /// The same, for a gateway that is told more and may end before it listens.
    ///
    /// # Errors
    ///
    /// How it ended.
    pub async fn try_start_gateway(
        &mut self,
        tell: impl FnOnce(ServeBuilder) -> ServeBuilder,
    ) -> Result<(), EndedEarly> {
        self.gateway = None;
        let public_url = format!("http://{}", self.gateway_address);
        let builder = self.builder().listen(&self.gateway_address).env("KABAR_PUBLIC_URL", &public_url);
        self.gateway = Some(tell(builder).try_start().await?);
        Ok(())
    }

    /// Starts the sandbox, which is known not to run, and waits until it listens.
    pub async fn start_sandbox(&mut self) {
        let address = self.sandbox_url.trim_start_matches("http://").to_owned();
        // Its address, too, may be taken for a moment: then it is asked for again.
        for _ in 0..MOST_TRIES {
            if std::net::TcpListener::bind(&address).is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let builder = Program::sandbox(&self.binary).listen(&address).data(self.path("sandbox.jsonl"));
        let sandbox = builder.review("instant").app_secret("app-secret").seed(self.options.seed).start().await;
        self.sandbox_url.clone_from(&sandbox.url);
        self.sandbox = Some(sandbox);
    }

    /// Ends the gateway at once (SIGKILL).
    pub fn kill_gateway(&mut self) {
        if let Some(mut gateway) = self.gateway.take() {
            gateway.kill();
        }
    }

    /// Ends the sandbox at once (SIGKILL).
    pub fn kill_sandbox(&mut self) {
        if let Some(mut sandbox) = self.sandbox.take() {
            sandbox.kill();
        }
    }

    /// Sets the gateway's clock so much ahead of the machine's, or behind it.
    ///
    /// # Panics
    ///
    /// When the file can't be written.
    pub fn set_clock(&self, by: Duration, behind: bool) {
        let sign = if behind { "-" } else { "" };
        // Put in its place whole, as it may be read at any moment.
        let (file, new) = (self.path("clock"), self.path("clock.new"));
        let written =
            std::fs::write(&new, format!("{sign}{}", by.as_millis())).and_then(|()| std::fs::rename(new, file));
        written.unwrap_or_else(|err| panic!("the clock can't be set: {err}"));
    }

    /// The size of the largest file that the gateway writes.
    pub fn largest_file(&self) -> u64 {
        let files = std::fs::read_dir(self.path("data")).into_iter().flatten().flatten();
        files.filter_map(|file| file.metadata().ok()).map(|data| data.len()).max().unwrap_or_default()
    }

    /// What the sandbox saw.
    pub fn ledger(&self) -> Ledger {
        Ledger { http: self.oca.http.clone(), sandbox_url: self.sandbox_url.clone() }
    }

    /// Sets the sandbox's fault rules in place of those it has.
    ///
    /// # Panics
    ///
    /// When it refuses them.
    pub async fn set_faults(&self, rules: &Value) {
        let url = format!("{}/_sandbox/faults", self.sandbox_url);
        let http = &self.oca.http;
        assert_eq!(http.exchange("DELETE", &url, &[], "").await.status, 200);
        let answer = http.exchange("POST", &url, &[], rules.to_string()).await;
        assert_eq!(answer.status, 200, "the sandbox refuses fault rules: {}", answer.text());
    }

    /// A request to send by a template, with these values.
    pub fn request(&self, template: &str, to: &str, values: &[&str]) -> Value {
        let code = self.codes.get(template).unwrap_or_else(|| panic!("there is no template {template}"));
        Oca::message(code, to, &[Oca::body(values)])
    }

    /// A request to send a picture that is at this URL.
    pub fn picture(&self, to: &str, url: &str) -> Value {
        let code = self.codes.get(PICTURE).unwrap_or_else(|| panic!("there is no template {PICTURE}"));
        let image = json!({ "type": "image", "image": { "url": url } });
        Oca::message(code, to, &[json!({ "position": "header", "parameters": [image] })])
    }

    /// How many messages wait in all, for their turn, a release, an answer or evidence.
    ///
    /// # Errors
    ///
    /// When the gateway does not answer.
    pub async fn unsettled(&self) -> anyhow::Result<Unsettled> {
        let answer = self.oca.http.try_exchange("GET", &format!("{}/metrics", self.oca.base), &[], "").await?;
        let text = answer.text();
        let gauge = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} among the metrics:\n{text}"))
        };
        Ok(Unsettled {
            waiting: gauge("kabar_messages_waiting"),
            held: gauge("kabar_messages_held"),
            being_sent: gauge("kabar_messages_being_sent"),
            in_doubt: gauge("kabar_messages_in_doubt"),
        })
    }

    /// Waits until the gateway has nothing left to do, and the sandbox nothing left to tell.
    ///
    /// # Panics
    ///
    /// When that does not come about within `patience`.
    pub async fn settle(&self, patience: Duration) {
        let waiting = async {
            loop {
                let unsettled = self.unsettled().await.ok();
                if unsettled == Some(Unsettled::default()) && self.n_untold().await == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(patience, waiting).await.is_err() {
            let (unsettled, untold) = (self.unsettled().await, self.n_untold().await);
            panic!("not settled after {} s: {unsettled:?}, {untold} updates not told", patience.as_secs());
        }
    }

    /// How many updates the sandbox's webhooks have not told yet.
    async fn n_untold(&self) -> u64 {
        let text = self.oca.http.get(&format!("{}/_sandbox", self.sandbox_url)).await;
        let index: Value = serde_json::from_str(&text).unwrap_or_default();
        index["counts"]["updates_not_yet_told"].as_u64().unwrap_or(u64::MAX)
    }

    /// Compares both ledgers, and looks for the msgids that clients were given.
    pub fn verify(&self, msgids: impl IntoIterator<Item = impl AsRef<str>>) -> Output {
        let file = self.path("msgids");
        let lines: Vec<String> = msgids.into_iter().map(|msgid| msgid.as_ref().to_owned()).collect();
        std::fs::write(&file, lines.join("\n")).unwrap_or_else(|err| panic!("{}: {err}", file.display()));
        let (config, file) = (self.config(), file.into_os_string());
        let args = ["verify", "--json", "--sandbox", &self.sandbox_url].map(Into::into);
        Program::run(
            &self.binary,
            args.into_iter().chain(["--config".into(), config.into_os_string(), "--msgids".into(), file]),
        )
    }

    fn builder(&self) -> ServeBuilder {
        Program::serve(&self.binary, &self.config())
            .env("KABAR_CLOCK_OFFSET_FILE", self.path("clock").to_str().unwrap_or_default())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The gateway's configuration file.
    pub fn config(&self) -> PathBuf {
        self.path("kabar.toml")
    }

    fn write_config(&self) {
        let Options { patience, call_timeout, throughput, .. } = self.options;
        let text = format!(
            r#"[server]
rate_limit = 0
[store]
url = "sqlite:{folder}/data/kabar.db"
[upstream]
url = "{upstream}"
access_token = "graph-token"
app_secret = "app-secret"
verify_token = "verify"
timeout_seconds = {call_timeout}
[doubt]
authentication_seconds = {patience}
utility_seconds = {patience}
marketing_seconds = {patience}
[media]
allow = ["127.0.0.0/8"]
[log]
filter = "warn,kabar=info"
[[senders]]
app = "{APP}"
phone_number_id = "{SENDER}"
waba_id = "{WABA}"
throughput = {throughput}
"#,
            folder = self.folder.path().display(),
            upstream = self.sandbox_url,
        );
        std::fs::write(self.config(), text).unwrap_or_else(|err| panic!("the configuration can't be written: {err}"));
    }
}

/// Messages that have not ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unsettled {
    /// For their turn.
    pub waiting: u64,
    /// Until something is put right.
    pub held: u64,
    /// For an answer.
    pub being_sent: u64,
    /// For evidence.
    pub in_doubt: u64,
}

fn templates() -> [Value; 4] {
    let of_values = |name: &str, category: &str, text: &str| {
        json!({
            "name": name, "category": category, "language": "id",
            "components": [{ "type": "BODY", "text": text, "example": { "body_text": [["Budi", "INV-2041"]] } }]
        })
    };
    [
        of_values(UTILITY, "UTILITY", "Halo {{1}}, pesanan Anda dengan nomor {{2}} sudah kami kirim hari ini."),
        of_values(MARKETING, "MARKETING", "Halo {{1}}, tunjukkan kupon {{2}} di toko kami dan dapatkan sepatu baru."),
        json!({
            "name": LOGIN_CODE, "category": "AUTHENTICATION", "language": "id",
            "components": [
                { "type": "BODY", "add_security_recommendation": true },
                { "type": "FOOTER", "code_expiration_minutes": 5 },
                { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE", "text": "Salin kode" }] }
            ]
        }),
        json!({
            "name": PICTURE, "category": "MARKETING", "language": "id",
            "components": [
                { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::aW1hZ2UvcG5n:contoh"] } },
                { "type": "BODY", "text": "Sepatu baru sudah datang di toko kami, lihat gambarnya." }
            ]
        }),
    ]
}
