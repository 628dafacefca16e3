//! Files that are sent from a page: how far the upload is, and what can come between.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::hospital::Hospital;
use super::session::Browser;
use super::setup::{Scripts, Setup};

const PAGE: &str = "/console/import";
const FILE: &str = "input[type=file]";
const SUBMIT: &str = "form.form .actions button[type=submit]";
const STOP: &str = "[data-upload=stop]";

/// So slow that [`Files::long`] does not arrive.
const SLOW: Option<u32> = Some(16 * 1024);

/// Files to send.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        let head = "姓名,电话,角色\n";
        std::fs::write(files.list(), format!("{head}金秀兰,13800009001,患者\n")).unwrap();
        std::fs::write(files.long(), head.repeat(500_000)).unwrap();
        std::fs::write(files.too_large(), vec![b'x'; (20 << 20) + 1]).unwrap();
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn list(&self) -> PathBuf {
        self.path("list.csv")
    }

    /// Ten megabytes.
    fn long(&self) -> PathBuf {
        self.path("long.csv")
    }

    /// More than a list may have.
    fn too_large(&self) -> PathBuf {
        self.path("too-large.csv")
    }
}

async fn send(browser: &Browser, file: &Path) {
    browser.choose(FILE, file).await;
    browser.click(SUBMIT).await;
}

/// Sends the long file slowly, and returns when a part of it has arrived.
async fn begin(browser: &Browser, files: &Files) {
    browser.open(PAGE).await;
    browser.send_at_most(SLOW).await;
    send(browser, &files.long()).await;
    let part = "return document.querySelector('[data-upload=progress] progress').value";
    yilin_testkit::eventually("a part is sent", async || {
        (1..100).contains(&browser.evaluate::<u64>(part, vec![]).await)
    })
    .await;
    browser.sees("[data-upload=sending]").await;
}

#[tokio::test]
async fn the_progress_is_shown_and_the_upload_can_be_stopped() {
    let (hospital, files) = (Hospital::open().await, Files::new());
    let mut browser = hospital.browser(Setup::DESKTOP).await;
    browser.log_in().await;
    for (setup, sending, stopped) in [
        (Setup::DESKTOP, "正在上传", "已停止上传"),
        (Setup::PHONE.in_english(), "Sending the file", "was stopped"),
    ] {
        browser.set_up(setup).await;
        begin(&browser, &files).await;
        browser.reads("form.form [role=status]", sending).await;
        browser.reads("[data-upload=percent]", "%").await;
        // Pressing the button again changes nothing.
        browser.click(SUBMIT).await;
        browser.click(STOP).await;
        browser.reads("form.form [role=status]", stopped).await;
        assert!(!browser.is_seen(STOP).await);
        // Now another file.
        browser.send_at_most(None).await;
        send(&browser, &files.list()).await;
        browser.find("form.form[action^='/console/import/']").await;
    }
}

#[tokio::test]
async fn a_lost_connection_is_said_and_the_file_can_be_sent_again() {
    let (hospital, files) = (Hospital::open().await, Files::new());
    let browser = hospital.browser(Setup::DESKTOP).await;
    browser.log_in().await;
    begin(&browser, &files).await;
    let closed = hospital.close();
    browser.reads("form.form [role=status]", "连接中断").await;
    let _hospital = closed.open();
    browser.send_at_most(None).await;
    send(&browser, &files.list()).await;
    browser.find("form.form[action^='/console/import/']").await;
}

#[tokio::test]
async fn what_the_service_says_is_shown() {
    let (hospital, files) = (Hospital::open().await, Files::new());
    let mut browser = hospital.browser(Setup::DESKTOP).await;
    browser.log_in().await;
    for setup in [Setup::DESKTOP, Setup::PHONE.without_scripts()] {
        browser.set_up(setup).await;
        browser.open(PAGE).await;
        browser.click(SUBMIT).await;
        browser.reads(".summary", "请选择一个文件").await;
        send(&browser, &files.too_large()).await;
        browser.reads(".summary", "文件超过 20.0 MiB").await;
        if setup.scripts == Scripts::On {
            browser.find(".summary:focus").await;
        }
        // In the page that says so, another file can be chosen.
        send(&browser, &files.list()).await;
        browser.find("form.form[action^='/console/import/']").await;

        browser.open(PAGE).await;
        browser.forget_session().await;
        send(&browser, &files.list()).await;
        browser.reads("main", "登录已失效").await;
        browser.enter_password().await;
        browser.is_at(PAGE).await;
        browser.find(FILE).await;
    }
}
