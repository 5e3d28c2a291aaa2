//! A Chromium without a window, for the tests of what mails look like. It is asked by the DevTools protocol over two pipes:
//! each message is JSON and ends in a zero octet.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// One tab.
pub struct Browser {
    child: Child,
    asks: File,
    answers: BufReader<File>,
    session: String,
    frame: String,
    asked: u64,
    _folder: tempfile::TempDir,
}

/// Where Chromium is; Debian's name and others.
pub fn program() -> Option<PathBuf> {
    let paths = Command::new("sh").args(["-c", "command -v chromium chromium-browser google-chrome"]).output().unwrap();
    String::from_utf8_lossy(&paths.stdout).lines().next().map(PathBuf::from)
}

impl Browser {
    pub fn start(program: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (asks, answers) = (folder.path().join("asks"), folder.path().join("answers"));
        assert!(Command::new("mkfifo").args([&asks, &answers]).status().unwrap().success());
        // Chromium reads descriptor 3 and writes descriptor 4.
        let child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<asks 4>answers", "sh"])
            .arg(program)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
            .args(["--hide-scrollbars", "--disable-extensions", "--disable-background-networking", "--disable-sync"])
            .args(["--force-color-profile=srgb", "--font-render-hinting=none", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let asks = File::options().write(true).open(&asks).unwrap();
        let answers = BufReader::new(File::open(&answers).unwrap());
        let (session, frame) = (String::new(), String::new());
        let mut browser = Self { child, asks, answers, session, frame, asked: 0, _folder: folder };
        let tab = browser.ask("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = browser.ask("Target.attachToTarget", json!({ "targetId": tab, "flatten": true }));
        browser.session = attached["sessionId"].as_str().unwrap().to_owned();
        let frames = browser.ask("Page.getFrameTree", json!({}));
        browser.frame = frames["frameTree"]["frame"]["id"].as_str().unwrap().to_owned();
        browser
    }

    /// Ask for something and wait for the answer; what is told in between is passed over.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let mut message = json!({ "id": self.asked, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.asks.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut line = Vec::new();
            assert!(self.answers.read_until(0, &mut line).unwrap() > 0, "Chromium went away at {method}");
            line.pop();
            let answer: Value = serde_json::from_slice(&line).unwrap();
            if answer["id"] == self.asked {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
        }
    }

    /// A window of this width, by day or by night. A phone has two dots to a pixel.
    pub fn window(&mut self, width: u32, is_dark: bool) {
        let dots = if width < 700 { 2 } else { 1 };
        let size = json!({ "width": width, "height": 800, "deviceScaleFactor": dots, "mobile": false });
        self.ask("Emulation.setDeviceMetricsOverride", size);
        let scheme = if is_dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.ask("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// Show this page in place of the one before.
    pub fn show(&mut self, html: &str) {
        let frame = self.frame.clone();
        self.ask("Page.setDocumentContent", json!({ "frameId": frame, "html": html }));
    }

    /// What an expression, or the promise that it makes, comes to.
    pub fn value(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.ask("Runtime.evaluate", params);
        assert!(answer["exceptionDetails"].is_null(), "{}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// A picture of the whole page, as `webp` or `png`.
    pub fn picture(&mut self, format: &str) -> Vec<u8> {
        let height = self.value("Math.ceil(document.documentElement.getBoundingClientRect().height)");
        let width = self.value("innerWidth");
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
        let mut params = json!({ "format": format, "clip": clip, "captureBeyondViewport": true });
        if format == "webp" {
            params["quality"] = json!(35);
        }
        let answer = self.ask("Page.captureScreenshot", params);
        data_encoding::BASE64.decode(answer["data"].as_str().unwrap().as_bytes()).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
