//! The assistant: chat, the conversation with it, and the summary of it.

use actix_web::http::header;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use yilin_domain::error::Error;
use yilin_domain::port::{Part, PortError};
use yilin_domain::usecase::{MedicalSummary, SummarySource};

use super::Answer;
use crate::audit::Disclosure;
use crate::auth::{AnyRole, Caller};
use crate::chat::{self, ChatBody};
use crate::envelope::{Envelope, done, success_about};
use crate::error::{ApiError, Language};
use crate::input::{Paging, Query};
use crate::list::{self, ListView};
use crate::middleware::RequestId;
use crate::request_schema::{ChatCompletionBody, Nothing, PageParameters, ServerSentEvent};
use crate::service::Service;
use crate::view::TurnView;

/// Ask the assistant
///
/// OpenAI's chat completions: its official clients work with this service as their base URL and the
/// user's token as their API key. The model is the installation's, whatever the request names.
#[utoipa::path(post, path = "/api/v1/chat/completions", tag = "assistant", operation_id = "createChatCompletion",
    request_body = ChatCompletionBody,
    responses((status = 200, description = "A chat completion, or its parts as server-sent events",
        content((serde_json::Value = "application/json"), (ServerSentEvent = "text/event-stream")))))]
pub(crate) async fn complete(
    service: web::Data<Service>,
    request: HttpRequest,
    caller: Caller<AnyRole>,
    body: ChatBody,
) -> Answer {
    let chat = &service.use_cases.chat;
    let language = Language::of(request.headers());
    let emergency = chat.is_emergency(&body);
    let notice = emergency.then(|| language.emergency_notice().to_owned());
    let stream = body.streams();
    let begun = chat.begin(&caller.actor, Box::new(body), notice.clone()).await;
    // Whoever is in danger must read it also if the assistant has nothing to say.
    let urgent = |error: ApiError| if emergency { ApiError::Urgent(Box::new(error)) } else { error };
    let mut exchange = begun.map_err(|error| urgent(error.into()))?;
    if stream {
        let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        return Ok(chat::events(exchange, notice, language, request_id));
    }
    let nothing = || PortError::Failed { part: Part::LanguageModel, source: "the model sent nothing".into() };
    let answer = exchange.next().await.unwrap_or_else(|| Err(Error::Port(nothing())));
    let answer = answer.map_err(|error| urgent(error.into()))?.json;
    exchange.finish().await.map_err(|error| urgent(error.into()))?;
    let answer = notice.map_or(answer.clone(), |notice| chat::whole_with_notice(&answer, &notice));
    Ok(HttpResponse::Ok()
        .content_type(header::ContentType::json())
        .insert_header(chat::GENERATED_HEADER)
        .body(answer))
}

/// A summary for the next visit
///
/// What the caller has told the assistant since the last summary, together with the caller's own medical
/// records; at most 1,000 characters, without line breaks. The header `x-yilin-summary` says whether a
/// model has written it (`generated`; it begins with `AI生成：`, and `x-yilin-generated` is `true`) or it is a
/// `digest` of the facts.
#[utoipa::path(get, path = "/api/ai/getMedicalSum", tag = "assistant", operation_id = "getMedicalSum",
    responses((status = 200, description = "The summary; empty when there is nothing", body = Envelope<String>,
        headers(("x-yilin-summary" = String, description = "generated or digest"),
            ("x-yilin-generated" = String, description = "true if a model has written it")))))]
pub(crate) async fn medical_summary(service: web::Data<Service>, caller: Caller<AnyRole>) -> Answer {
    let MedicalSummary { text, source } = service.use_cases.summaries.medical(&caller.actor).await?;
    let headers: &[_] = match source {
        SummarySource::Generated => &[("x-yilin-summary", "generated"), chat::GENERATED_HEADER],
        SummarySource::Digest => &[("x-yilin-summary", "digest")],
    };
    let mut response = success_about(text, Disclosure::nothing());
    for (name, value) in headers {
        let (name, value) = (header::HeaderName::from_static(name), header::HeaderValue::from_static(value));
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

/// One's own conversation with the assistant
#[utoipa::path(get, path = "/api/ai/conversation", tag = "assistant", operation_id = "getConversation",
    params(PageParameters),
    responses((status = 200, description = "What was said, newest first", body = Envelope<ListView<TurnView>>)))]
pub(crate) async fn conversation(
    service: web::Data<Service>,
    caller: Caller<AnyRole>,
    mut query: Query,
) -> Answer {
    let paging = query.paging();
    let paging = query.finish(Some(paging))?;
    let (chat, zone) = (&service.use_cases.chat, service.options.zone);
    match paging {
        Paging::Page(page) => {
            let turns = chat.page(&caller.actor, page).await?;
            Ok(list::page(&turns, page, |turn| TurnView::new(turn, zone)))
        }
        Paging::Complete => {
            list::complete(chat.all(&caller.actor), move |turn| TurnView::new(turn, zone)).await
        }
    }
}

/// Forget one's own conversation with the assistant, and the summary of it
#[utoipa::path(delete, path = "/api/ai/conversation", tag = "assistant", operation_id = "deleteConversation",
    responses((status = 200, description = "It is forgotten", body = Envelope<Nothing>)))]
pub(crate) async fn forget_conversation(service: web::Data<Service>, caller: Caller<AnyRole>) -> Answer {
    service.use_cases.chat.clear(&caller.actor).await?;
    Ok(done())
}
