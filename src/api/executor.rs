//! Where handlers run: on a runtime of their own, whose threads give way.
//!
//! Connections stay on the runtime of whoever listens, and so do `/healthz` and `/readyz`: an orchestrator that asks whether
//! the server lives must not hear that it does not because others ask for much. Without this, fifty submissions at once
//! make `/healthz` ten times slower; `tests/siege` compares.

use std::io;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tokio::runtime::{Builder, Runtime};
use tokio_util::task::AbortOnDropHandle;

use super::{error::ApiError, label::Label, state::App};
use crate::priority::Priority;

/// What is answered beside the handlers.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// Runs handlers. Dropped, it leaves those that still run.
#[derive(Debug)]
pub struct Executor(Option<Runtime>);

impl Executor {
    /// Starts one thread for each core.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn start() -> io::Result<Self> {
        let mut threads = Builder::new_multi_thread();
        threads.thread_name("handler").on_thread_start(|| Priority::Handlers.take()).enable_all();
        Ok(Self(Some(threads.build()?)))
    }

    /// Runs handlers where the connections are, for whoever watches that one thread.
    pub const fn in_place() -> Self {
        Self(None)
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        // Not waited for: that is forbidden where async code runs.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Middleware: hands the request over. Whoever goes away meanwhile ends it, as everywhere.
pub(super) async fn hand_over(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let Some(runtime) = app.executor.0.as_ref().filter(|_| !path.is_some_and(|path| PROBES.contains(&path))) else {
        return next.run(request).await;
    };
    let answer = AbortOnDropHandle::new(runtime.spawn(next.run(request)));
    answer.await.unwrap_or_else(|_| ApiError::new(Label::Draining, "The server is stopping.").into_response())
}
