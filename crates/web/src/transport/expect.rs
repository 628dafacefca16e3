//! Requests with `Expect: 100-continue`.

use std::cell::OnceCell;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::{Request, Response};
use actix_service::{Service, ServiceFactory};
use actix_web::body::BoxBody;
use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Ready, ready};

/// The application, built once per thread and shared by the services for requests with and without
/// `Expect: 100-continue`.
pub(super) struct Application<F: ServiceFactory<Request>> {
    factory: F,
    built: Rc<OnceCell<Rc<F::Service>>>,
}

impl<F: ServiceFactory<Request>> Application<F> {
    pub(super) fn new(factory: F) -> Self {
        Self { factory, built: Rc::default() }
    }

    /// The service for requests with `Expect: 100-continue`.
    pub(super) fn for_waiting(&self) -> Waiting<F::Service> {
        Waiting(self.built.clone())
    }
}

impl<F> ServiceFactory<Request> for Application<F>
where
    F: ServiceFactory<Request, Config = ()>,
    F::Future: 'static,
    F::Service: 'static,
{
    type Response = F::Response;
    type Error = F::Error;
    type Config = ();
    type Service = Rc<F::Service>;
    type InitError = F::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Service, F::InitError>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let (building, built) = (self.factory.new_service(()), self.built.clone());
        async move {
            let service = Rc::new(building.await?);
            Ok(built.get_or_init(|| service).clone())
        }
        .boxed_local()
    }
}

/// Passes requests with `Expect: 100-continue` to the application. The server itself would send `100 Continue` before
/// calling the application; here it is sent when the application starts to read the body (see `arrival`), so a
/// request that is rejected earlier only gets the final response, and its body is never sent.
pub(super) struct Waiting<S>(Rc<OnceCell<Rc<S>>>);

impl<S> ServiceFactory<Request> for Waiting<S>
where
    S: Service<Request, Response = Response<BoxBody>, Error = Response<BoxBody>> + 'static,
    S::Future: 'static,
{
    type Response = Request;
    type Error = Response<BoxBody>;
    type Config = ();
    type Service = Self;
    type InitError = ();
    type Future = Ready<Result<Self, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        ready(Ok(Self(self.0.clone())))
    }
}

impl<S> Service<Request> for Waiting<S>
where
    S: Service<Request, Response = Response<BoxBody>, Error = Response<BoxBody>> + 'static,
    S::Future: 'static,
{
    type Response = Request;
    /// The application's response, returned as the rejection that the server expects here.
    type Error = Response<BoxBody>;
    type Future = LocalBoxFuture<'static, Result<Request, Response<BoxBody>>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, request: Request) -> Self::Future {
        // Both services are built before the first connection is accepted.
        let Some(application) = self.0.get() else { return ready(Ok(request)).boxed_local() };
        application.call(request).map(|answered| Err(answered.unwrap_or_else(|error| error))).boxed_local()
    }
}
