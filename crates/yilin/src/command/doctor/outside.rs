//! The doctor's view of the servers that the service needs, or sends to.

use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use yilin_domain::port::Clock as _;
use yilin_domain::webhook::WebhookBacklog;

use super::report::Report;
use crate::guard;
use crate::parts::Parts;
use crate::settings::Settings;

/// How long another server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long events may wait for their receiver before it is worth a look, as in the metric's advice.
const EVENTS_MAY_WAIT: Duration = Duration::from_secs(600);

/// The Kubo node that keeps the files.
pub(super) async fn node(opened: &Parts, report: &mut Report) {
    let Some(kubo) = &opened.kubo else { return };
    match guard::check_node(kubo).await {
        Ok(()) => report.fine("Kubo 节点 / Kubo node", ""),
        Err(error) => report.failure("Kubo 节点 / Kubo node", &error),
    }
}

/// The language model's server: only whether it answers and takes the key. Nothing is asked of the model.
pub(super) async fn model(settings: &Settings, report: &mut Report) {
    let Some(llm) = &settings.llm else {
        report.fine("大模型 / language model", "-");
        return;
    };
    let url = format!("{}/models", llm.base_url.as_str().trim_end_matches('/'));
    let asked = |client: Client| match &llm.api_key {
        Some(key) => client.get(url).bearer_auth(key.reveal()),
        None => client.get(url),
    };
    match status_of(asked).await {
        Ok(401 | 403) => report.error(
            "大模型服务拒绝密钥 / the language model's server refuses the key",
            "检查 YILIN_LLM_API_KEY / look at YILIN_LLM_API_KEY",
        ),
        Ok(status) if status < 500 => report.fine("大模型服务 / language model", &llm.model),
        Ok(status) => report.warning(
            &format!("大模型服务出错（{status}） / the language model's server has a trouble of its own ({status})"),
            "稍后再试，或查看该服务的日志 / try again later, or look into its log",
        ),
        Err(error) => report.warning(
            &format!("无法连接大模型服务 / the language model's server cannot be reached: {}", error.without_url()),
            "检查 YILIN_LLM_BASE_URL 和网络；在此期间对话返回 503，摘要为要点 / look at YILIN_LLM_BASE_URL and the network; meanwhile \
             chat answers 503 and summaries are digests",
        ),
    }
}

/// The receiver of webhooks: whether it answers, and what waits for it. No event is sent.
pub(super) async fn webhooks(settings: &Settings, opened: &Parts, report: &mut Report) {
    let Some(webhook) = &settings.webhook else {
        report.fine("Webhook 接收方 / receiver of webhooks", "-");
        return;
    };
    // What gateways say in place of a server that is not there. Any other answer is the receiver's own.
    let is_absent = |status| matches!(status, 502..=504);
    let advice = "检查 YILIN_WEBHOOK_URL、网络和接收方；在此期间事件保留 3 天 / look at YILIN_WEBHOOK_URL, the network and the receiver; \
                  meanwhile events are kept for 3 days";
    // The URL is not shown: it may contain a secret.
    match status_of(|client| client.head(webhook.url.clone())).await {
        Ok(status) if is_absent(status) => report.warning(
            &format!(
                "Webhook 接收方不可用（{status}） / the receiver of webhooks is not available ({status})"
            ),
            advice,
        ),
        Ok(_) => report.fine("Webhook 接收方 / receiver of webhooks", ""),
        Err(error) => report.warning(
            &format!(
                "无法连接 Webhook 接收方 / the receiver of webhooks cannot be reached: {}",
                error.without_url()
            ),
            advice,
        ),
    }
    match opened.storage.webhooks().backlog().await {
        Ok(backlog) => tell_backlog(opened, backlog, report),
        Err(error) => report.failure("待发送的事件 / events to be sent", &error),
    }
}

fn tell_backlog(opened: &Parts, backlog: WebhookBacklog, report: &mut Report) {
    let WebhookBacklog { waiting, since, given_up } = backlog;
    let age = since.and_then(|since| (opened.clock.now() - since).to_std().ok()).unwrap_or_default();
    if age > EVENTS_MAY_WAIT {
        let minutes = age.as_secs() / 60;
        report.warning(
            &format!("{waiting} 个事件待发送，最早的已等待 {minutes} 分钟 / {waiting} events wait to be sent, the oldest for {minutes} min"),
            "确认服务在运行，并查看接收方的日志 / make sure that the service runs, and look into the receiver's log",
        );
    }
    if given_up > 0 {
        report.warning(
            &format!("已放弃 {given_up} 个事件 / {given_up} events were given up"),
            "yilin webhooks list 说明原因，yilin webhooks retry all 重新发送 / `yilin webhooks list` says why, `yilin webhooks retry all` \
             sends them again",
        );
    }
}

/// The status that a server answers a request with.
async fn status_of(request: impl FnOnce(Client) -> RequestBuilder) -> Result<u16, reqwest::Error> {
    let client = Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).no_proxy();
    let answer = request(client.build()?).send().await?;
    Ok(answer.status().as_u16())
}
