//! The HTTP contract: one file per resource, and what surrounds them.
//!
//! Parameters of GET come from the query; POST reads multipart forms, urlencoded forms or the query. Uids are bearer
//! secrets: they appear in answers to their owners and nowhere else. Everything that fails answers
//! [`ErrorBody`] with a [`Label`].

mod ads;
mod auth;
mod conn;
mod error;
mod guard;
mod health;
mod host;
mod keys;
mod linger;
mod logs;
mod metrics;
mod openapi;
mod operator;
mod params;
mod serve;
mod state;
mod tasks;
mod upload;
mod use_cases;
mod wait;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware, routing};
use bytes::Bytes;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use error::{ErrorBody, Label};
pub use serve::serve;
pub use state::ApiState;

use crate::config::Role;

/// Every endpoint, ready to be served; of a server that only computes, those that say how it is.
pub fn router(state: Arc<ApiState>) -> Router {
    let app = state::App::new(state);
    let endpoints = if app.settings.server.role == Role::Worker { of_a_worker() } else { endpoints() };
    let (router, description) = endpoints.split_for_parts();
    // A description that cannot be written is a bug that the tests of /openapi.json see.
    let json = description.to_json().map(Bytes::from).unwrap_or_default();
    app.openapi.get_or_init(|| json);
    router
        .route("/docs/", routing::get(openapi::docs_index))
        .route("/docs/{*file}", routing::get(openapi::docs_file))
        .fallback(guard::no_page)
        .method_not_allowed_fallback(guard::wrong_method)
        .layer(DefaultBodyLimit::disable()) // `upload` has limits of its own for each field
        .layer(middleware::from_fn(guard::small_gets))
        .layer(middleware::from_fn_with_state(app.clone(), auth::check))
        .layer(middleware::from_fn_with_state(app.clone(), host::check))
        .layer(middleware::from_fn(linger::linger))
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), guard::surround))
        .with_state(app)
}

/// The endpoints of a server that takes no requests of clients or operators.
fn of_a_worker() -> OpenApiRouter<state::App> {
    OpenApiRouter::with_openapi(openapi::Api::openapi())
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::robots))
        .routes(routes!(metrics::metrics))
}

/// The endpoints with their description.
fn endpoints() -> OpenApiRouter<state::App> {
    let mut endpoints = OpenApiRouter::with_openapi(openapi::Api::openapi())
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
        .routes(routes!(logs::logs))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::robots))
        .routes(routes!(metrics::metrics))
        .routes(routes!(openapi::openapi_json))
        .routes(routes!(openapi::docs))
        .merge(operator::endpoints());
    openapi::finish(endpoints.get_openapi_mut());
    endpoints
}
