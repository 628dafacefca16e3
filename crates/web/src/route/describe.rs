//! Descriptions derived from handlers' signatures: extractors describe the input, response types the output.

use actix_web::{HttpRequest, web};
use utoipa::ToSchema;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Content, ContentBuilder, Ref, RefOr, Required, Response};
use yilin_domain::account::Role;
use yilin_domain::error::Error;
use yilin_domain::validation::{FieldProblem, Invalid};

use crate::error::{ApiError, ENVELOPE, ErrorForm};
use crate::input::{Body, FieldDescription, FromFields, IDEMPOTENCY_KEY, Keyed, Query};
use crate::service::Service;

/// The named schemas that a description refers to.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// The input of a route.
#[derive(Default)]
pub struct Input {
    /// The roles that may call it; `None` if no log-in is needed.
    pub roles: Option<&'static [Role]>,
    /// Whether the session cookie is accepted in place of the header.
    pub cookie: bool,
    /// Whether a session is used if present, but not required.
    pub optional_session: bool,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Its body.
    pub body: Option<RequestBody>,
    /// The named schemas that they refer to.
    pub schemas: Schemas,
    /// The errors of parsing it.
    pub errors: Vec<ApiError>,
    fields: Vec<&'static str>,
}

impl Input {
    /// Whether a parameter or body member has this name.
    pub fn has_field(&self, name: &str) -> bool {
        self.fields.contains(&name)
    }

    /// Adds an error of parsing it.
    pub fn error(&mut self, error: impl Into<ApiError>) {
        self.errors.push(error.into());
    }

    /// Adds a path parameter.
    pub fn path_parameter(&mut self, name: &'static str, text: &str) {
        self.fields.push(name);
        self.parameters.push(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .description(Some(text))
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .build(),
        );
    }

    /// Adds the header that lets a request be sent again.
    fn idempotency_key(&mut self) {
        let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
        self.parameters.push(
            ParameterBuilder::new()
                .name(IDEMPOTENCY_KEY)
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(
                    "Within 24 hours the same request with the same key gets the first answer again, with \
                     `Idempotency-Replayed: true`.",
                ))
                .schema(Some(text.pattern(Some("^[ -~]+$"))))
                .build(),
        );
        self.error(Error::KeyMismatch);
        self.error(Error::KeyInUse);
    }

    /// Adds the query parameters of these fields.
    pub(crate) fn query<T: FromFields>(&mut self) {
        let fields = T::describe();
        self.invalid(&fields);
        for FieldDescription { name, text, required, schema, example } in fields {
            let parameter = ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Query)
                .required(if required { Required::True } else { Required::False })
                .description(Some(text))
                .example(example)
                .schema(Some(schema));
            self.parameters.push(parameter.build());
        }
    }

    /// Adds a JSON body with these fields.
    pub(crate) fn json_body<T: FromFields>(&mut self, about: &str) {
        let fields = T::describe();
        self.invalid(&fields);
        for error in [ApiError::UnparsableBody, ApiError::BodyTooLarge, ApiError::RequestTimeout] {
            self.error(error);
        }
        let mut members = ObjectBuilder::new();
        let mut example = serde_json::Map::new();
        for FieldDescription { name, text, required, mut schema, example: own } in fields {
            if let Some(value) = own.or_else(|| schema.examples.first().cloned()) {
                example.insert(name.to_owned(), value);
            }
            if required {
                members = members.required(name);
            } else if let SchemaType::Type(of) = schema.schema_type {
                // `null` counts as absent.
                schema.schema_type = SchemaType::Array(vec![of, Type::Null]);
                schema.enum_values.iter_mut().for_each(|values| values.push(serde_json::Value::Null));
            }
            schema.description = match (text.is_empty(), schema.description.take()) {
                (true, about) => about,
                (false, None) => Some(text),
                (false, Some(about)) => Some(format!("{text} {about}")),
            };
            members = members.property(name, schema);
        }
        self.schemas.push((T::NAME.to_owned(), members.into()));
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(T::NAME)))
            .example(Some(example.into()))
            .build();
        self.body_of("application/json", content, about);
    }

    /// Sets the type and content of the body.
    pub fn body_of(&mut self, media_type: &str, content: Content, about: &str) {
        let body = RequestBodyBuilder::new().content(media_type, content).required(Some(Required::True));
        let body = body.description(Some(about).filter(|about| !about.is_empty()));
        self.body = Some(body.build());
    }

    /// Adds the errors of these fields.
    fn invalid(&mut self, fields: &[FieldDescription]) {
        self.fields.extend(fields.iter().map(|field| field.name));
        if let Some(field) = fields.iter().find(|field| field.required).or(fields.first()) {
            let problem = if field.required { FieldProblem::Missing } else { FieldProblem::TooMany };
            self.error(Invalid::one(field.name, problem));
        }
    }
}

/// Describes what an extractor takes from a request.
pub trait Describe {
    /// Adds it to the input of a route.
    fn describe(input: &mut Input);
}

/// The output of a route.
pub struct Output {
    /// The successful responses, by status.
    pub responses: Vec<(u16, Response)>,
    /// The form of its errors.
    pub errors: &'static ErrorForm,
    /// The named schemas that the responses refer to.
    pub schemas: Schemas,
}

impl Output {
    /// No successful responses yet, and errors in this form.
    pub fn with_errors(errors: &'static ErrorForm) -> Self {
        Self { responses: Vec::new(), errors, schemas: Schemas::new() }
    }

    /// Adds a successful response with this content.
    pub fn response(&mut self, status: u16, media_type: &str, content: Content) {
        match self.responses.iter_mut().find(|(known, _)| *known == status) {
            Some((_, response)) => {
                response.content.insert(media_type.to_owned(), RefOr::T(content));
            }
            None => self.responses.push((status, success_response(media_type, content))),
        }
    }

    /// Adds a header to successful responses.
    pub fn header(&mut self, name: &str, about: &str) {
        for (_, response) in &mut self.responses {
            let header = HeaderBuilder::new().description(Some(about)).build();
            response.headers.insert(name.to_owned(), RefOr::T(header));
        }
    }
}

impl Default for Output {
    fn default() -> Self {
        Self::with_errors(&ENVELOPE)
    }
}

fn success_response(media_type: &str, content: Content) -> Response {
    ResponseBuilder::new().description("Success").content(media_type, content).build()
}

/// Describes the response of a handler.
pub trait DescribeAnswer {
    /// The output of its routes.
    fn describe() -> Output;
}

/// A reference to a type's schema, which is added to the named ones together with all it refers to.
pub fn reference<T: ToSchema>(schemas: &mut Schemas) -> Ref {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
    Ref::from_schema_name(T::name())
}

impl<A: DescribeAnswer> DescribeAnswer for Result<A, ApiError> {
    fn describe() -> Output {
        A::describe()
    }
}

impl Describe for web::Data<Service> {
    fn describe(_: &mut Input) {}
}

impl Describe for HttpRequest {
    fn describe(_: &mut Input) {}
}

impl<T: FromFields> Describe for Query<T> {
    fn describe(input: &mut Input) {
        input.query::<T>();
    }
}

impl<T: FromFields> Describe for Body<T> {
    fn describe(input: &mut Input) {
        input.json_body::<T>("");
    }
}

impl<Q: FromFields, B: FromFields> Describe for crate::input::Input<Q, B> {
    fn describe(input: &mut Input) {
        input.query::<Q>();
        input.json_body::<B>("");
    }
}

impl<Q: FromFields, B: FromFields> Describe for Keyed<Q, B> {
    fn describe(input: &mut Input) {
        input.query::<Q>();
        input.json_body::<B>("");
        input.idempotency_key();
    }
}

macro_rules! describe_tuple {
    ($($param:ident)*) => {
        impl<$($param: Describe),*> Describe for ($($param,)*) {
            fn describe(_input: &mut Input) {
                $($param::describe(_input);)*
            }
        }
    };
}

describe_tuple! {}
describe_tuple! { A }
describe_tuple! { A B }
describe_tuple! { A B C }
describe_tuple! { A B C D }
describe_tuple! { A B C D E }
