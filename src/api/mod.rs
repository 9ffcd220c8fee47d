//! The HTTP contract: one file per resource, and what surrounds them.
//!
//! Parameters of GET come from the query; POST reads multipart forms, urlencoded forms or the query. Uids are bearer
//! secrets: they appear in answers to their owners and nowhere else. Everything that fails answers
//! [`ErrorBody`] with a [`Label`].

mod ads;
mod auth;
mod backlog;
mod conn;
mod error;
mod executor;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod guard;
mod health;
mod held;
mod host;
mod kept;
mod key_checks;
mod keys;
mod label;
mod linger;
mod logs;
mod metrics;
mod openapi;
mod operator;
mod pace;
mod params;
mod peer;
mod places;
mod rates;
mod read_ahead;
mod rest;
mod seats;
mod serve;
mod state;
mod tasks;
mod tls;
mod upload;
mod use_cases;
mod wait;

use std::sync::Arc;

use axum::{Extension, Router, extract::DefaultBodyLimit, middleware, routing};
use bytes::Bytes;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use error::ErrorBody;
pub use executor::Executor;
pub use label::Label;
pub use serve::serve;
pub use state::ApiState;
pub use tls::{Certificates, TlsError};

use crate::config::Role;

/// What the listeners serve.
pub struct Routers {
    /// On `server.listen`.
    pub main: Router,
    /// On `operator.listen`, if there is one.
    pub operators: Option<Router>,
}

/// The endpoints of each listener, ready to be served.
pub fn routers(state: Arc<ApiState>) -> Routers {
    let app = state::App::new(state);
    if app.settings.server.role == Role::Worker {
        return Routers { main: served(&app, worker_endpoints()), operators: None };
    }
    let clients = || common_endpoints().merge(client_endpoints());
    if app.settings.operator.listen.is_none() {
        return Routers { main: served(&app, clients().merge(operator_endpoints())), operators: None };
    }
    let operators = served(&app, common_endpoints().merge(operator_endpoints()));
    Routers { main: served(&app, clients()), operators: Some(operators) }
}

/// Every endpoint that `server.listen` serves.
pub fn router(state: Arc<ApiState>) -> Router {
    routers(state).main
}

fn served(app: &state::App, endpoints: OpenApiRouter<state::App>) -> Router {
    let described = OpenApiRouter::with_openapi(openapi::Api::openapi());
    let mut endpoints = described.merge(endpoints);
    openapi::finish(endpoints.get_openapi_mut());
    let (router, description) = endpoints.split_for_parts();
    // A description that cannot be written is a bug that the tests of /openapi.json see.
    let description = openapi::Description(description.to_json().map(Bytes::from).unwrap_or_default());
    router
        .layer(Extension(description))
        .route("/docs/", routing::get(openapi::docs_index))
        .route("/docs/{*file}", routing::get(openapi::docs_file))
        .fallback(guard::no_page)
        .method_not_allowed_fallback(guard::wrong_method)
        .layer(DefaultBodyLimit::disable()) // `upload` has limits of its own for each field
        .layer(middleware::from_fn(guard::small_gets))
        .layer(middleware::from_fn_with_state(app.clone(), rates::by_token))
        .layer(middleware::from_fn_with_state(app.clone(), auth::check))
        .layer(middleware::from_fn_with_state(app.clone(), host::check))
        .layer(middleware::from_fn_with_state(app.clone(), rates::by_address))
        .layer(middleware::from_fn(linger::linger))
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), executor::hand_over))
        .layer(middleware::from_fn_with_state(app.clone(), guard::surround))
        .with_state(app.clone())
}

/// Whether the server lives and can take work, and what it answers to.
fn common_endpoints() -> OpenApiRouter<state::App> {
    OpenApiRouter::new()
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::robots))
        .routes(routes!(openapi::openapi_json))
        .routes(routes!(openapi::docs))
}

/// What clients use.
fn client_endpoints() -> OpenApiRouter<state::App> {
    OpenApiRouter::new()
        .routes(routes!(keys::add_key))
        .routes(routes!(keys::get_key_status))
        .routes(routes!(keys::delete_key))
        .routes(routes!(use_cases::get_use_cases))
        .routes(routes!(ads::get_ads))
        .routes(routes!(tasks::start_task))
        .routes(routes!(tasks::get_task_status))
        .routes(routes!(tasks::get_task_result))
        .routes(routes!(tasks::cancel_task))
        .routes(routes!(tasks::list_current_tasks))
}

/// What operators use.
fn operator_endpoints() -> OpenApiRouter<state::App> {
    OpenApiRouter::new().routes(routes!(logs::logs)).routes(routes!(metrics::metrics)).merge(operator::endpoints())
}

/// How a server is that takes no requests of clients or operators.
fn worker_endpoints() -> OpenApiRouter<state::App> {
    OpenApiRouter::new()
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(metrics::metrics))
}
