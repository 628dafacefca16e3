//! The assistant: chat, stored conversations and summaries.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use yilin_domain::audit::AuditAction::{Delete, Execute, Read};
use yilin_domain::error::{ChatRefused, Error};
use yilin_domain::port::{Part, PortError};
use yilin_domain::usecase::{MedicalSummary, SummarySource};

use crate::audit::Disclosure;
use crate::auth::{AnyRole, Caller};
use crate::chat::{self, ChatAnswer, ChatBody};
use crate::context::RequestContext;
use crate::error::{ApiError, Language};
use crate::input::{Paging, Query};
use crate::list;
use crate::reply::{Answer, Describes, List, Nothing, One, Reply, done, success_about};
use crate::route::{Output, Record, Route, delete, get, post, tagged};
use crate::service::Service;
use crate::view::TurnView;

pub(crate) fn routes() -> Vec<Route> {
    tagged("assistant", [
        post(chat::PATH, "createChatCompletion", complete)
            .summary("Ask the assistant")
            .details(
                "OpenAI's chat completions: its official clients work with this service as their base URL and the \
                user's token as their API key. The model is the installation's, whatever the request names.",
            )
            .errors([
                ChatRefused::TooManyAtOnce { retry_after: Duration::from_secs(2) },
                ChatRefused::TooManyToday { retry_after: Duration::from_secs(3600) },
            ])
            .errors([
                ApiError::unavailable(Part::LanguageModel),
                ApiError::failed(Part::LanguageModel),
            ])
            .audited(Execute, "conversation", Record::Caller),
        get("/api/ai/getMedicalSum", "getMedicalSum", medical_summary)
            .summary("A summary for the next visit")
            .details(
                "What the caller has told the assistant since the last summary, together with the caller's own \
                medical records; at most 1,000 characters, without line breaks. One that a model has written begins with \
                     `AI生成：`.",
            )
            .audited(Read, "summary", Record::Caller),
        get("/api/ai/conversation", "getConversation", conversation)
            .summary("One's own conversation with the assistant")
            .audited(Read, "conversation", Record::Caller),
        delete("/api/ai/conversation", "deleteConversation", forget_conversation)
            .summary("Forget one's own conversation with the assistant, and the summary of it")
            .audited(Delete, "conversation", Record::Caller),
    ])
}

async fn complete(
    service: web::Data<Service>,
    request: HttpRequest,
    caller: Caller<AnyRole>,
    body: ChatBody,
) -> Answer<ChatAnswer> {
    let chat = &service.use_cases.chat;
    let language = Language::of(request.headers());
    let emergency = chat.is_emergency(&body);
    let notice = emergency.then(|| language.emergency_notice().to_owned());
    let stream = body.streams();
    let begun = chat.begin(&caller.actor, Box::new(body), notice.clone()).await;
    // In an emergency the notice must be shown even if the assistant fails.
    let urgent = |error: ApiError| if emergency { ApiError::Urgent(Box::new(error)) } else { error };
    let mut exchange = begun.map_err(|error| urgent(error.into()))?;
    if stream {
        let context = RequestContext::of(&request);
        let request_id = context.map(|context| context.request_id().to_owned()).unwrap_or_default();
        return Ok(Reply::of(chat::events(exchange, notice, language, request_id)));
    }
    let nothing =
        || PortError::Failed { part: Part::LanguageModel, source: "the model returned nothing".into() };
    let answer = exchange.next().await.unwrap_or_else(|| Err(Error::Port(nothing())));
    let answer = answer.map_err(|error| urgent(error.into()))?.json;
    exchange.finish().await.map_err(|error| urgent(error.into()))?;
    let answer = notice.map_or(answer.clone(), |notice| chat::whole_with_notice(&answer, &notice));
    Ok(Reply::of(
        HttpResponse::Ok()
            .content_type(header::ContentType::json())
            .insert_header(chat::GENERATED_HEADER)
            .body(answer),
    ))
}

/// A summary and its source.
struct Summary;

impl Describes for Summary {
    fn describe(output: &mut Output) {
        One::<String>::describe(output);
        output.header("x-yilin-summary", "`generated` by a model, or a `digest` of the facts");
        output.header("x-yilin-generated", "`true` if a model has written it");
    }
}

async fn medical_summary(service: web::Data<Service>, caller: Caller<AnyRole>) -> Answer<Summary> {
    let MedicalSummary { text, source } = service.use_cases.summaries.medical(&caller.actor).await?;
    let headers: &[_] = match source {
        SummarySource::Generated => &[("x-yilin-summary", "generated"), chat::GENERATED_HEADER],
        SummarySource::Digest => &[("x-yilin-summary", "digest")],
    };
    let summary = success_about(text, Disclosure::nothing());
    Ok(headers.iter().fold(summary, |summary, (name, value)| summary.header(name, value)).described_as())
}

async fn conversation(
    service: web::Data<Service>,
    caller: Caller<AnyRole>,
    Query(paging): Query<Paging>,
) -> Answer<List<TurnView>> {
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

async fn forget_conversation(service: web::Data<Service>, caller: Caller<AnyRole>) -> Answer<Nothing> {
    service.use_cases.chat.clear(&caller.actor).await?;
    Ok(done())
}
