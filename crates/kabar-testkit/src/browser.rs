//! A real Chromium without a window, driven over `WebDriver` by Debian's `chromedriver`.
//!
//! Where there is none, tests that need it are left out and say so; with `KABAR_BROWSER=required` they fail. `./test`
//! installs it where it can. With `KABAR_SCREENSHOTS=FOLDER` the pictures that tests take are kept there.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::http::Http;
use crate::wait::{try_wait_until, wait_until};

/// Where `WebDriver` puts the id of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one page; it ends with this.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    address: String,
    session: String,
    http: Http,
}

/// How a page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// What its pictures are called.
    pub name: &'static str,
    /// Pixels from side to side.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Whether dark colours are preferred.
    pub dark: bool,
}

/// From a telephone and from a desk, in light and in dark colours.
pub const LOOKS: [Look; 4] = [
    Look { name: "desk-light", width: 1440, height: 900, dark: false },
    Look { name: "desk-dark", width: 1440, height: 900, dark: true },
    Look { name: "phone-light", width: 390, height: 844, dark: false },
    Look { name: "phone-dark", width: 390, height: 844, dark: true },
];

impl Browser {
    /// Opens a browser, with script or without; nothing where there is none.
    ///
    /// # Panics
    ///
    /// When it is required and missing, or does not start.
    pub async fn open(script: bool) -> Option<Self> {
        let started = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut driver) = started else {
            let required = std::env::var("KABAR_BROWSER").is_ok_and(|value| value == "required");
            assert!(!required, "there is no chromedriver, and KABAR_BROWSER=required");
            left_out();
            return None;
        };
        let output = driver.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            let port = line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned();
            Some(port)
        });
        let address = format!("127.0.0.1:{}", port.expect("chromedriver says its port"));
        // It goes on to write; what nobody reads would stop it in the end.
        std::thread::spawn(move || lines.for_each(drop));
        let mut browser = Self { driver, address, session: String::new(), http: Http::new() };
        let javascript = if script { 1 } else { 2 };
        let options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--accept-lang=en"],
            "prefs": { "profile.managed_default_content_settings.javascript": javascript }
        });
        let wanted = json!({"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}});
        let made = browser.call("POST", "/session", &json!({"capabilities": {"alwaysMatch": wanted}})).await;
        let id = made["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {made}"));
        browser.session = format!("/session/{id}");
        Some(browser)
    }

    /// Goes to an address.
    pub async fn go(&self, url: &str) {
        self.ask("POST", "/url", &json!({"url": url})).await;
    }

    /// Looks at pages so from now on.
    pub async fn look(&self, look: Look) {
        let Look { width, height, dark, .. } = look;
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics).await;
        let colours = json!({"name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" }});
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": [colours]})).await;
    }

    /// Waits until the first element of this selector says something that `wanted` accepts, and gives it.
    ///
    /// # Panics
    ///
    /// When it never does.
    pub async fn wait_text(&self, selector: &str, wanted: impl Fn(&str) -> bool) -> String {
        let wanted = &wanted;
        let seen = try_wait_until(|| async {
            let element = self.find(selector).await?;
            let text = self.try_ask("GET", &format!("/element/{element}/text"), &Value::Null).await.ok()?;
            text.as_str().filter(|text| wanted(text)).map(str::to_owned)
        });
        match seen.await {
            Some(text) => text,
            None => panic!("`{selector}` never says what was wanted; the page: {}", self.source().await),
        }
    }

    /// Waits for an element, and presses it.
    pub async fn click(&self, selector: &str) {
        let press = || async {
            let element = self.find(selector).await?;
            self.try_ask("POST", &format!("/element/{element}/click"), &json!({})).await.ok()
        };
        wait_until(&format!("`{selector}` to be pressed"), press).await;
    }

    /// Waits for an element, and types into it.
    pub async fn type_into(&self, selector: &str, text: &str) {
        let element = wait_until(&format!("`{selector}` to type into"), || self.find(selector)).await;
        self.ask("POST", &format!("/element/{element}/value"), &json!({"text": text})).await;
    }

    /// Whether there is such an element now.
    pub async fn has(&self, selector: &str) -> bool {
        self.find(selector).await.is_some()
    }

    /// What a script gives that runs in the page.
    pub async fn run(&self, script: &str) -> Value {
        self.ask("POST", "/execute/sync", &json!({"script": script, "args": []})).await
    }

    /// The page as it is now.
    pub async fn source(&self) -> String {
        self.ask("GET", "/source", &Value::Null).await.as_str().unwrap_or_default().to_owned()
    }

    /// What the browser has complained about since it was last asked: faults of scripts, and what the policy forbids.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.ask("POST", "/se/log", &json!({"type": "browser"})).await;
        let bad = log.as_array().into_iter().flatten().filter(|entry| entry["level"] == "SEVERE");
        bad.filter_map(|entry| entry["message"].as_str().map(str::to_owned)).collect()
    }

    /// Takes a picture of the whole page, if pictures are kept.
    ///
    /// # Panics
    ///
    /// When it can't be kept.
    pub async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("KABAR_SCREENSHOTS").map(PathBuf::from) else { return };
        let made = self.devtools("Page.captureScreenshot", &json!({"captureBeyondViewport": true})).await;
        let bytes = decoded(made["data"].as_str().expect("a picture"));
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        std::fs::write(folder.join(format!("{name}.png")), bytes).expect("a picture is kept");
    }

    async fn find(&self, selector: &str) -> Option<String> {
        let wanted = json!({"using": "css selector", "value": selector});
        let found = self.try_ask("POST", "/element", &wanted).await.ok()?;
        found[ELEMENT].as_str().map(str::to_owned)
    }

    async fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.ask("POST", "/goog/cdp/execute", &json!({"cmd": command, "params": parameters})).await
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.call(method, &format!("{}{path}", self.session), body).await
    }

    async fn try_ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        self.try_call(method, &format!("{}{path}", self.session), body).await
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        self.try_call(method, path, body).await.unwrap_or_else(|err| panic!("{method} {path}: {err}"))
    }

    async fn try_call(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let url = format!("http://{}{path}", self.address);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.http.exchange(method, &url, &[("content-type", "application/json")], body).await;
        if answer.status.is_success() { Ok(answer.json()["value"].clone()) } else { Err(answer.text()) }
    }
}

impl Drop for Browser {
    /// The driver ends its browser when it is asked to; killed, it would leave it behind.
    fn drop(&mut self) {
        if let Ok(mut stream) = TcpStream::connect(&self.address) {
            let (session, address) = (&self.session, &self.address);
            let request = format!("DELETE {session} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
            let mut answer = [0; 64];
            if stream.write_all(request.as_bytes()).is_ok() {
                drop(stream.read(&mut answer));
            }
        }
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

#[expect(clippy::print_stderr, reason = "who runs the tests should see that some were left out")]
fn left_out() {
    eprintln!("left out: there is no chromedriver; on Debian, install chromium and chromium-driver");
}

/// The bytes of a text in base64.
fn decoded(text: &str) -> Vec<u8> {
    let digits = text.bytes().filter_map(|letter| {
        Some(u32::from(match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        }))
    });
    let digits: Vec<u32> = digits.collect();
    let mut bytes = Vec::new();
    for four in digits.chunks(4) {
        let bits = four.iter().fold(0, |bits, digit| (bits << 6) | digit) << (6 * (4 - four.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn base64_is_read() {
        for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")] {
            assert_eq!(decoded(text), bytes.as_bytes());
        }
    }
}
