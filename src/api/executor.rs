//! Where handlers run: on threads of their own, which give way and are few.
//!
//! Connections stay on the runtime of whoever listens, and so do `/healthz` and `/readyz`: an orchestrator that asks whether
//! the server lives must not hear that it does not because others ask for much. That needs both: a thread that gives way
//! still keeps a core until its turn ends, so with fifty files written at once there would be fifty turns to wait for.
//! `tests/siege` compares.

use std::{io, num::NonZero, thread};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use super::{error::ApiError, state::App};
use crate::priority::Priority;

/// What is answered beside the handlers.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// So many files at once wherever there are fewer cores.
const FILES: usize = 4;

/// Runs handlers. Dropped, it cuts off those that still run.
#[derive(Debug)]
pub struct Executor(Option<Threads>);

#[derive(Debug)]
struct Threads {
    handlers: Runtime,
    /// Of this one only the blocking threads are used.
    checks: Runtime,
}

impl Executor {
    /// Starts one thread for each core, and later as many again (at least four, since disks are slow) for files; besides those,
    /// so many that check keys, which takes long enough to keep all others from theirs.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn start(key_checks: usize) -> io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let give_way = || Priority::Handlers.take();
        let mut handlers = Builder::new_multi_thread();
        handlers.thread_name("handler").on_thread_start(give_way).max_blocking_threads(cores.max(FILES)).enable_all();
        let mut checks = Builder::new_current_thread();
        checks.thread_name("key-check").on_thread_start(give_way).max_blocking_threads(key_checks.max(1));
        Ok(Self(Some(Threads { handlers: handlers.build()?, checks: checks.build()? })))
    }

    /// Runs everything where the connections are, for whoever watches that one thread.
    pub const fn in_place() -> Self {
        Self(None)
    }

    /// Checks a key.
    pub(super) fn check<T: Send + 'static>(&self, key: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
        match &self.0 {
            Some(threads) => threads.checks.spawn_blocking(key),
            None => tokio::task::spawn_blocking(key),
        }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        // Not waited for: that is forbidden where async code runs.
        if let Some(threads) = self.0.take() {
            threads.handlers.shutdown_background();
            threads.checks.shutdown_background();
        }
    }
}

/// Middleware, within what names and measures the request: hands it over. Whoever goes away meanwhile ends it, as everywhere.
pub(super) async fn hand_over(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let Some(threads) = app.executor.0.as_ref().filter(|_| !path.is_some_and(|path| PROBES.contains(&path))) else {
        return next.run(request).await;
    };
    let answer = AbortOnDropHandle::new(threads.handlers.spawn(next.run(request).in_current_span()));
    answer.await.unwrap_or_else(|error| ApiError::internal(&error.to_string()).into_response())
}
