//! The assistant, from the operator's point of view.

use reqwest::{Client, Response};
use serde_json::{Value, json};
use yilin_testkit::openai::{STREAM_HEAD, StandIn, Step, piece};

use crate::instance::{Instance, failure, yilin};

async fn ask(instance: &Instance, token: &str, question: &str, stream: bool) -> Response {
    let url = format!("http://{}/api/v1/chat/completions", instance.address());
    let body = json!({"model": "x", "stream": stream, "messages": [{"role": "user", "content": question}]});
    Client::new().post(url).bearer_auth(token).json(&body).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_uses_the_configured_model_and_stores_the_conversation() {
    let (folder, model) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    std::fs::create_dir(folder.path().join("prompts")).unwrap();
    std::fs::write(folder.path().join("prompts/summary.txt"), "用一句话概括").unwrap();
    let url = model.base_url();
    let settings = [
        ("YILIN_LLM_BASE_URL", url.as_str()),
        ("YILIN_LLM_API_KEY", "sk-hospital"),
        ("YILIN_LLM_MODEL", "glm-4-flash"),
        ("YILIN_LLM_PROMPTS", "prompts"),
        // The environment variables of other clients are ignored.
        ("OPENAI_BASE_URL", "http://127.0.0.1:9"),
        ("OPENAI_API_KEY", "sk-developer"),
        ("HTTP_PROXY", "http://127.0.0.1:9"),
    ];
    let instance = Instance::start(folder.path(), &settings);
    let token = instance.log_in("admin").await;
    let whole: Value = ask(&instance, &token, "头痛", false).await.json().await.unwrap();
    assert_eq!(whole["choices"][0]["message"]["content"], "多喝水，注意休息。");
    let streamed = ask(&instance, &token, "三天了", true).await.text().await.unwrap();
    assert!(streamed.ends_with("data: [DONE]\n\n"), "{streamed}");
    model.script([vec![Step::Send([STREAM_HEAD, &piece("多喝")].concat().into_bytes()), Step::Reset]]);
    let broken = ask(&instance, &token, "还有点发烧", true).await.text().await.unwrap();
    assert!(broken.contains("多喝") && broken.contains("\"error\""), "{broken}");
    assert!(!broken.contains("[DONE]"), "{broken}");
    instance.kill();

    model.script([]);
    let instance = Instance::start(folder.path(), &settings);
    assert_eq!(instance.payload("/api/ai/conversation", &token).await["total"], 6);
    assert_eq!(instance.payload("/api/ai/getMedicalSum", &token).await, "AI生成：多喝水，注意休息。");
    let received = model.received();
    assert_eq!(received.len(), 4);
    for request in &received {
        assert!(request.head.contains("sk-hospital"), "{}", request.head);
        assert_eq!(request.body["model"], "glm-4-flash");
    }
    assert_eq!(received[3].body["messages"][0]["content"], "用一句话概括");
}

#[tokio::test(flavor = "multi_thread")]
async fn digests_work_without_a_model() {
    let (folder, model) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let url = model.base_url();
    let instance = Instance::start(folder.path(), &[("YILIN_LLM_BASE_URL", &url)]);
    let token = instance.log_in("admin").await;
    assert_eq!(ask(&instance, &token, "头痛三天", false).await.status(), 200);
    instance.kill();

    let instance = Instance::start(folder.path(), &[]);
    let refused = ask(&instance, &token, "还在痛", false).await;
    assert_eq!(refused.status(), 503);
    assert!(refused.json::<Value>().await.unwrap()["error"]["message"].is_string());
    let digest = instance.get("/api/ai/getMedicalSum", &token).await;
    assert_eq!(digest.headers()["x-yilin-summary"], "digest");
    let digest: Value = digest.json().await.unwrap();
    assert!(digest["data"][0].as_str().unwrap().contains("头痛三天"), "{digest}");
}

#[tokio::test]
async fn unreadable_prompts_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let (message, code) = failure(yilin(folder.path(), &[("YILIN_LLM_PROMPTS", "nowhere")]));
    assert_eq!(code, Some(2));
    assert!(message.contains("nowhere") && message.contains("YILIN_LLM_PROMPTS"), "{message}");
}
