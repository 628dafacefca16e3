//! Requests as structs: one declaration describes the fields and parses them, and all invalid fields are
//! reported at once.

use std::collections::BTreeMap;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};
use url::form_urlencoded;
use utoipa::openapi::schema::Object;
use yilin_domain::idempotency::{Claim, IdempotencyKey};
use yilin_domain::validation::{FieldProblem, Invalid, Validation};

use super::body::read_object;
use super::field::{Field, FieldContext, Given};
use crate::context::RequestContext;
use crate::error::ApiError;
use crate::route::Audit;
use crate::service::Service;

/// The fields of a request, parsed from one of its parts.
pub trait FromFields: Sized {
    /// The name of its schema, for a body.
    const NAME: &'static str;

    /// Parses every field; notes the problem of each.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;

    /// The description of each field.
    fn describe() -> Vec<FieldDescription>;
}

/// The description of a field.
pub struct FieldDescription {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub text: String,
    /// Whether it must be given.
    pub required: bool,
    /// The schema of its values.
    pub schema: Object,
    /// An example for this request, if the type's own would not work.
    pub example: Option<Value>,
}

impl FieldDescription {
    /// A field of type `T`; `lines` is its doc comment.
    pub fn of<T: Field>(name: &'static str, lines: &[&str], example: Option<Value>) -> Self {
        let text: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
        Self { name, text: text.join(" "), required: T::REQUIRED, schema: T::schema(), example }
    }
}

/// Declares a part of a request: a struct whose field types implement [`Field`]. A field has its Rust name
/// unless another follows its type; `#[example(…)]` sets its example.
#[macro_export]
macro_rules! request {
    (
        $(#[doc = $about:literal])*
        $vis:vis struct $name:ident {
            $(
                $(#[doc = $line:literal])*
                $(#[example($example:expr)])?
                $field:ident: $type:ty $(= $wire:literal)?
            ),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        $vis struct $name {
            $($(#[doc = $line])* $vis $field: $type,)*
        }

        impl $crate::input::FromFields for $name {
            const NAME: &'static str = stringify!($name);

            fn read(fields: &mut $crate::input::Fields<'_>) -> Option<Self> {
                $(let $field = fields.take::<$type>($crate::request!(@name $field $($wire)?));)*
                Some(Self { $($field: $field?,)* })
            }

            fn describe() -> Vec<$crate::input::FieldDescription> {
                vec![$($crate::input::FieldDescription::of::<$type>(
                    $crate::request!(@name $field $($wire)?),
                    &[$($line),*],
                    $crate::request!(@example $($example)?),
                )),*]
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $wire:literal) => { $wire };
    (@example) => { None };
    (@example $example:expr) => { Some($crate::serde_json::json!($example)) };
}
pub use request;

/// Two declarations for one part, such as a filter and a page.
impl<A: FromFields, B: FromFields> FromFields for (A, B) {
    const NAME: &'static str = A::NAME;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let (first, second) = (A::read(fields), B::read(fields));
        first.zip(second)
    }

    fn describe() -> Vec<FieldDescription> {
        A::describe().into_iter().chain(B::describe()).collect()
    }
}

/// The fields of one part of a request during parsing.
pub struct Fields<'a> {
    source: Source<'a>,
    service: &'a Service,
    context: &'a RequestContext,
    validation: &'a mut Validation,
    known: Vec<&'static str>,
}

#[derive(Clone, Copy)]
enum Source<'a> {
    Query(&'a [Parameter]),
    /// Like a query, but its values are not stored in the audit log.
    Form(&'a [Parameter]),
    Body(&'a Map<String, Value>),
}

/// A query parameter; without a value if it has no `=`.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) value: Option<String>,
}

pub(super) fn parameters(query: &str) -> Vec<Parameter> {
    let decoded = |pair: &str| {
        form_urlencoded::parse(pair.as_bytes()).next().map(|(name, value)| {
            let value = pair.contains('=').then(|| value.into_owned());
            Parameter { name: name.into_owned(), value }
        })
    };
    query.split('&').filter_map(decoded).collect()
}

impl Fields<'_> {
    /// Parses a field, or notes its problem. Passes values to the audit log as the handler will see them.
    pub fn take<T: Field>(&mut self, name: &'static str) -> Option<T> {
        self.known.push(name);
        let given = match self.given(name) {
            Ok(given) => given,
            Err(problem) => return self.validation.check(name, Err(problem)),
        };
        let audit = self.context.route().map(|route| &route.audit);
        if matches!(self.source, Source::Query(_))
            && let Given::Query(value) = given
            && !value.is_empty()
            && audit.is_some_and(Audit::is_search)
        {
            self.context.searched(name, value);
        }
        let has = |name: &str| !matches!(self.given(name), Ok(Given::Absent));
        let new_password = |text: &str| self.service.use_cases.accounts.new_password(text);
        let field_context = FieldContext {
            zone: self.service.options.zone,
            today: self.service.hospital_time().today(),
            role: self.context.actor().map(|actor| actor.role),
            new_password: &new_password,
            has: &has,
        };
        let value = T::read(given, &field_context);
        if audit.is_some_and(|audit| audit.is_identified_by(name))
            && let Ok(value) = &value
            && let Some(id) = value.record_id()
        {
            self.context.concerns(&id);
        }
        self.validation.check(name, value)
    }

    /// Keeps a value that was read by a rule of more than one field, or notes what is wrong with it.
    pub fn check<T>(&mut self, name: &'static str, value: Result<T, FieldProblem>) -> Option<T> {
        self.validation.check(name, value)
    }

    fn given(&self, name: &str) -> Result<Given<'_>, FieldProblem> {
        match self.source {
            Source::Body(members) => Ok(match members.get(name) {
                None | Some(Value::Null) => Given::Absent,
                Some(value) => Given::Json(value),
            }),
            Source::Query(parameters) | Source::Form(parameters) => {
                let mut same = parameters.iter().filter(|parameter| parameter.name == name);
                match (same.next(), same.next()) {
                    (None, _) => Ok(Given::Absent),
                    (Some(Parameter { value, .. }), None) => {
                        Ok(value.as_deref().map_or(Given::Bare, Given::Query))
                    }
                    // Parsers disagree about which of them counts.
                    (Some(_), Some(_)) => Err(FieldProblem::TooMany),
                }
            }
        }
    }

    /// Unknown parameters are ignored, except known ones with different capitalisation: ignoring
    /// `?dryrun=true` would run a real import.
    fn refuse_misspelled(&mut self) {
        let Source::Query(parameters) = self.source else { return };
        for Parameter { name, .. } in parameters {
            let similar = self.known.iter().find(|known| name.eq_ignore_ascii_case(known) && name != **known);
            if let Some(known) = similar {
                self.validation.reject(known, FieldProblem::Misspelled);
            }
        }
    }
}

/// Parses one part of a request.
fn read<T: FromFields>(
    source: Source<'_>,
    service: &Service,
    context: &RequestContext,
    validation: &mut Validation,
) -> Option<T> {
    let mut fields = Fields { source, service, context, validation, known: Vec::new() };
    let read = T::read(&mut fields);
    fields.refuse_misspelled();
    read
}

fn read_query<T: FromFields>(
    request: &HttpRequest,
    service: &Service,
    context: &RequestContext,
    validation: &mut Validation,
) -> Option<T> {
    let parameters = parameters(request.query_string());
    read(Source::Query(&parameters), service, context, validation)
}

/// The service and context that every extractor needs. No route is reached without them: see `crate::route`.
fn environment(request: &HttpRequest) -> Result<(Service, RequestContext), ApiError> {
    let service = Service::of(request).cloned();
    service.zip(RequestContext::of(request)).ok_or_else(|| ApiError::internal("the request has no context"))
}

/// The fields of a form.
pub(super) fn read_form<T: FromFields>(
    request: &HttpRequest,
    parameters: &[Parameter],
) -> Result<T, ApiError> {
    let (service, context) = environment(request)?;
    let mut validation = Validation::default();
    let fields = read(Source::Form(parameters), &service, &context, &mut validation);
    Ok(validation.finish(fields)?)
}

/// Parses one value of a request's path, and notes the record that it identifies.
pub fn read_segment<T: Field>(request: &HttpRequest, name: &'static str) -> Result<T, ApiError> {
    let (service, context) = environment(request)?;
    let value = request.match_info().get(name).map(str::to_owned);
    let parameters = [Parameter { name: name.to_owned(), value }];
    let mut validation = Validation::default();
    let source = Source::Form(&parameters);
    let known = Vec::new();
    let mut fields =
        Fields { source, service: &service, context: &context, validation: &mut validation, known };
    let value = fields.take(name);
    Ok(validation.finish(value)?)
}

/// The query parameters. An empty one counts as absent; unknown ones are ignored.
pub struct Query<T>(pub T);

impl<T: FromFields> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(environment(request).and_then(|(service, context)| {
            let mut validation = Validation::default();
            let query = read_query(request, &service, &context, &mut validation);
            Ok(Self(validation.finish(query)?))
        }))
    }
}

/// The members of the JSON object in the body. Unknown ones are ignored, `null` and the empty string count as
/// absent, and an empty body is an object without members. The Content-Type is ignored.
pub struct Body<T>(pub T);

impl<T: FromFields + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let input = Input::<NoFields, T>::from_request(request, payload);
        Box::pin(async move { Ok(Self(input.await?.body)) })
    }
}

/// No fields.
pub struct NoFields;

impl FromFields for NoFields {
    const NAME: &'static str = "NoFields";

    fn read(_: &mut Fields<'_>) -> Option<Self> {
        Some(Self)
    }

    fn describe() -> Vec<FieldDescription> {
        Vec::new()
    }
}

/// Query string and body together, so that invalid fields of both are reported at once.
pub struct Input<Q, B> {
    /// The query parameters.
    pub query: Q,
    /// The members of the body.
    pub body: B,
}

impl<Q: FromFields + 'static, B: FromFields + 'static> FromRequest for Input<Q, B> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let validation = Validation::default();
            let (input, _) = read_input(&request, payload, validation).await?;
            Ok(input)
        })
    }
}

/// Query string and body of a request that may carry a key, so that it can be sent again.
pub struct Keyed<Q, B> {
    /// The query parameters.
    pub query: Q,
    /// The members of the body.
    pub body: B,
    /// Absent without a key.
    pub claim: Option<Claim>,
}

impl<Q: FromFields + 'static, B: FromFields + 'static> FromRequest for Keyed<Q, B> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let mut validation = Validation::default();
            let key = read_key(&request, &mut validation);
            let (Input { query, body }, members) = read_input(&request, payload, validation).await?;
            let (_, context) = environment(&request)?;
            let claim = key.zip(context.actor()).zip(context.route()).map(|((key, actor), route)| {
                Claim::new(actor.uuid, route.operation, &key, &content(request.query_string(), &members))
            });
            Ok(Self { query, body, claim })
        })
    }
}

/// Reads query and body, and reports the bad fields of both together with those that are noted already.
async fn read_input<Q: FromFields, B: FromFields>(
    request: &HttpRequest,
    payload: Payload,
    mut validation: Validation,
) -> Result<(Input<Q, B>, Map<String, Value>), ApiError> {
    let (service, context) = environment(request)?;
    let query = read_query(request, &service, &context, &mut validation);
    let members = match read_object(request, payload, context.route()).await {
        // Problems of the query are reported together with a body of the wrong type.
        Err(ApiError::Domain(yilin_domain::error::Error::Invalid(Invalid(errors)))) => {
            for error in errors {
                validation.reject(error.field, error.problem);
            }
            return Err(validation
                .finish(None::<()>)
                .err()
                .map_or_else(|| ApiError::internal("a refused body has no reason"), ApiError::from));
        }
        read => read?,
    };
    let body = read(Source::Body(&members), &service, &context, &mut validation);
    let (query, body) = validation.finish(query.zip(body))?;
    Ok((Input { query, body }, members))
}

/// The name of the header that holds a key.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

fn read_key(request: &HttpRequest, validation: &mut Validation) -> Option<IdempotencyKey> {
    let mut values = request.headers().get_all(IDEMPOTENCY_KEY);
    let key = match (values.next()?, values.next()) {
        (_, Some(_)) => Err(FieldProblem::TooMany),
        (value, None) => {
            value.to_str().map_err(|_| FieldProblem::NotPrintable).and_then(IdempotencyKey::parse)
        }
    };
    validation.check(IDEMPOTENCY_KEY, key)
}

/// What a request says, in a form in which the order of its parameters and members and white space between
/// them make no difference.
fn content(query: &str, members: &Map<String, Value>) -> Vec<u8> {
    let mut parameters: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    parameters.sort_unstable();
    let body: BTreeMap<&str, Value> = members.iter().map(|(name, value)| (&**name, sorted(value))).collect();
    // Texts and numbers always are JSON.
    serde_json::to_vec(&(parameters, body)).unwrap_or_default()
}

/// The same value with the members of its objects in order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(sorted).collect(),
        Value::Object(members) => {
            let members: BTreeMap<&String, &Value> = members.iter().collect();
            Value::Object(members.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect())
        }
        other => other.clone(),
    }
}
