//! The suite of [`LanguageModel`].

use yilin_domain::port::{LanguageModel, Speaker, Utterance};

/// Every case, one after another, on a model that works.
pub async fn suite(model: &dyn LanguageModel) {
    let said = |speaker, text: &str| Utterance { speaker, text: text.to_owned() };
    let conversation = [
        said(Speaker::System, "你是社区医院的助手"),
        said(Speaker::User, "我头痛"),
        said(Speaker::Assistant, "多久了？"),
        said(Speaker::User, "三天"),
    ];
    for length in [2, 4] {
        let reply = model.reply(&conversation[..length]).await.expect("the model answers");
        assert!(!reply.trim().is_empty(), "it says something");
    }
}
