//! A process under test, which ends with the test in any case.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use yilin_storage::{Storage, StorageOptions};
use yilin_testkit::contract::ZONE;
use yilin_testkit::fakes::FakeRandom;
use yilin_testkit::form;

/// A command with a clean environment, so that a developer's settings do not affect the tests. Passwords are
/// hashed at the lowest cost.
pub(crate) fn yilin(folder: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yilin"));
    command.env_clear().current_dir(folder);
    command.env("YILIN_BIND", "127.0.0.1:0").env("YILIN_BCRYPT_COST", "4").env("YILIN_LOG", "warn");
    command.envs(settings.iter().copied());
    command
}

/// An instance's database, with timeouts longer than anything takes.
pub(crate) fn database(url: &str) -> Storage {
    let options = StorageOptions::new(url).with_timeouts(Duration::from_secs(300));
    Storage::open(&options, Arc::new(FakeRandom::new(1)), ZONE).unwrap()
}

/// Runs a command that ends by itself.
pub(crate) fn output(mut command: Command) -> Output {
    command.output().unwrap()
}

/// The error output and exit code of a failing command.
pub(crate) fn failure(command: Command) -> (String, Option<i32>) {
    let output = output(command);
    assert!(!output.status.success());
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    (String::from_utf8(output.stderr).unwrap(), output.status.code())
}

/// The service in a separate process.
pub(crate) struct Instance {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// The lines it printed when it was ready.
    pub(crate) lines: Vec<String>,
    url: String,
    client: Client,
}

impl Instance {
    /// Starts the service in this folder and waits until it is ready.
    pub(crate) fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        Self::launch(folder, settings).ready()
    }

    /// Starts the service by this command and waits until it is ready.
    pub(crate) fn of(command: Command) -> Self {
        Starting::of(command).ready()
    }

    /// Starts the service without waiting.
    pub(crate) fn launch(folder: &Path, settings: &[(&str, &str)]) -> Starting {
        Starting::of(yilin(folder, settings))
    }

    /// Sends a GET request; the token may be empty.
    pub(crate) async fn get(&self, path: &str, token: &str) -> Response {
        let request = self.client.get(format!("{}{path}", self.url)).header("authorization", token);
        request.send().await.unwrap()
    }

    /// A request with this token, not sent yet.
    pub(crate) fn request(&self, method: reqwest::Method, path: &str, token: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url)).header("authorization", token)
    }

    /// Sends a POST request without credentials.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.url)).json(body);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// A request that imports this CSV.
    pub(crate) fn import(&self, token: &str, csv: &str) -> RequestBuilder {
        self.send_file("/api/user/uploadUserMessage", token, csv.as_bytes())
    }

    /// The payload of a route.
    pub(crate) async fn payload(&self, path: &str, token: &str) -> Value {
        let answer: Value = self.get(path, token).await.json().await.unwrap();
        assert_eq!(answer["code"], 200, "{path}: {answer}");
        answer["data"][0].clone()
    }

    /// Logs in the admin; returns the token.
    pub(crate) async fn log_in(&self, password: &str) -> String {
        let body = json!({ "username": "admin", "password": password });
        let answer = self.post("/api/user/adminLogin", &body).await;
        answer["data"][0]["token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// The address it listens on.
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// Memory in KiB, from a field of Linux's `/proc/PID/status`.
    pub(crate) fn memory_kib(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let value = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        value.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
    }

    /// Number of open files and connections.
    pub(crate) fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// Uploads a file; returns its URL.
    pub(crate) async fn upload(&self, token: &str, content: &[u8]) -> String {
        let answer: Value = self.try_upload(token, content).await.json().await.unwrap();
        answer["data"][0].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// Uploads a file; returns the response.
    pub(crate) async fn try_upload(&self, token: &str, content: &[u8]) -> Response {
        self.send_file("/api/upload", token, content).send().await.unwrap()
    }

    fn send_file(&self, path: &str, token: &str, content: &[u8]) -> RequestBuilder {
        let request = self.client.post(format!("{}{path}", self.url)).header("authorization", token);
        request.header("content-type", form::CONTENT_TYPE).body(form::with_file(content))
    }

    /// The content of the file at this URL, which may be of an earlier instance.
    pub(crate) async fn file(&self, url: &str) -> Vec<u8> {
        let path = &url[url.find("/ipfs/").unwrap()..];
        let response = self.get(path, "").await;
        assert_eq!(response.status(), 200, "{path}");
        response.bytes().await.unwrap().to_vec()
    }

    /// Asks the process to stop, like a supervisor.
    pub(crate) fn ask_to_stop(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Stops the process like a supervisor, and waits for its exit.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.ask_to_stop();
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "nothing but the three lines is printed");
        status
    }

    /// Waits until the process exits by itself.
    pub(crate) fn wait(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Stops the process, and returns its standard error, which must be piped.
    pub(crate) fn stop_and_read(mut self) -> String {
        self.child.kill().unwrap();
        let mut told = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        told
    }

    /// Kills the process like a power failure.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait());
        drop(ended);
    }
}

/// A service that is starting.
pub(crate) struct Starting {
    child: Child,
}

impl Starting {
    fn of(mut command: Command) -> Self {
        Self { child: command.stdout(Stdio::piped()).spawn().unwrap() }
    }

    /// Waits until it is ready.
    pub(crate) fn ready(mut self) -> Instance {
        let mut stdout = BufReader::new(self.child.stdout.take().unwrap());
        let lines: Vec<_> = (0..3)
            .map(|_| {
                let mut line = String::new();
                assert!(stdout.read_line(&mut line).unwrap() > 0, "the process exited before it was ready");
                line.trim_end().to_owned()
            })
            .collect();
        let url = lines[0].split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned();
        Instance { child: self.child, stdout, lines, url, client: Client::new() }
    }
}
