//! The operator endpoints, as a typed client.

mod types;

use bytes::Bytes;
use reqwest::{Method, RequestBuilder, Url};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub use types::{
    Acted, ActedOnMany, AuditEntry, AuditPage, Benched, Comparison, Counts, Failure, Figures, History, LogLevel,
    LogLine, Node, QueueChanged, Run, ShownTask, Slot, Task, TaskPage, WorkerChanged, Workers,
};

use super::{Api, ApiError, LARGE_ANSWER, Result};
use crate::task::TaskId;

/// Ids of one request for many tasks.
pub const MANY: usize = 10_000;

/// An answer as the server gave it, for programs, and as read, for people.
#[derive(Debug, Clone)]
pub struct Said<T> {
    /// The JSON.
    pub json: Value,
    /// The same, read.
    pub value: T,
}

/// What is done to tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskAction {
    /// Stop.
    Cancel,
    /// Queue again.
    Requeue,
    /// Remove.
    Delete,
    /// Set the priority.
    Priority(i8),
    /// Move the priority.
    Raise(i8),
}

impl TaskAction {
    /// The word in the path.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Requeue => "requeue",
            Self::Delete => "delete",
            Self::Priority(_) | Self::Raise(_) => "priority",
        }
    }

    fn body(self) -> Value {
        match self {
            Self::Cancel | Self::Requeue | Self::Delete => json!({}),
            Self::Priority(to) => json!({"priority": to}),
            Self::Raise(by) => json!({"by": by}),
        }
    }
}

/// Query parameters.
pub type Parameters = [(&'static str, String)];

/// The operator endpoints of one server.
#[derive(Debug, Clone, Copy)]
pub struct Operators<'a>(&'a Api);

impl Api {
    /// The same server for operators.
    pub const fn operators(&self) -> Operators<'_> {
        Operators(self)
    }
}

impl Operators<'_> {
    /// Each part of the path is one segment, whatever is in it.
    fn request(self, method: Method, path: &[&str]) -> Result<RequestBuilder> {
        let mut url: Url = self.0.base.clone();
        let problem = || ApiError::Url(format!("`{}` cannot have paths", self.0.server()));
        url.path_segments_mut().map_err(|()| problem())?.pop_if_empty().push("operator").extend(path);
        Ok(self.0.authorised(self.0.http.request(method, url)))
    }

    async fn bytes(self, request: RequestBuilder) -> Result<Bytes> {
        let response = self.0.send(request).await?;
        self.0.body(response, LARGE_ANSWER, &mut |_| ()).await
    }

    async fn said<T: DeserializeOwned>(self, request: RequestBuilder) -> Result<Said<T>> {
        let body = self.bytes(request).await?;
        let json: Value = serde_json::from_slice(&body).map_err(|error| self.0.unexpected(&error.to_string()))?;
        let value = T::deserialize(&json).map_err(|error| self.0.unexpected(&error.to_string()))?;
        Ok(Said { json, value })
    }

    async fn post<T: DeserializeOwned>(self, path: &[&str], body: &Value) -> Result<Said<T>> {
        let said = self.said(self.request(Method::POST, path)?.json(body)).await;
        self.here(path, said)
    }

    async fn get<T: DeserializeOwned>(self, path: &[&str], parameters: &Parameters) -> Result<Said<T>> {
        let said = self.said(self.request(Method::GET, path)?.query(parameters)).await;
        self.here(path, said)
    }

    /// A path that names no object is missing only where operators have another listener.
    fn here<T>(self, path: &[&str], said: Result<T>) -> Result<T> {
        match said {
            Err(ApiError::Refused(refusal)) if refusal.label == "not_found" && path.len() == 1 => {
                Err(ApiError::NoOperators { server: self.0.server().to_owned() })
            }
            said => said,
        }
    }

    /// One page of tasks.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn tasks(self, parameters: &Parameters) -> Result<Said<TaskPage>> {
        self.get(&["tasks"], parameters).await
    }

    /// One task.
    ///
    /// # Errors
    /// [`ApiError`]; 404 `not_found`.
    pub async fn task(self, id: &str) -> Result<Said<ShownTask>> {
        self.get(&["tasks", id], &[]).await
    }

    /// Does something to one task.
    ///
    /// # Errors
    /// [`ApiError`]. That its status does not allow it is no error.
    pub async fn act(self, action: TaskAction, id: &str) -> Result<Said<Acted>> {
        self.post(&["tasks", id, action.word()], &action.body()).await
    }

    /// Does something to at most [`MANY`] tasks.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn act_on_many(self, action: TaskAction, ids: &[String]) -> Result<Said<ActedOnMany>> {
        let mut body = action.body();
        if let Some(fields) = body.as_object_mut() {
            fields.insert("ids".to_owned(), json!(ids));
        }
        self.post(&["tasks", action.word()], &body).await
    }

    /// Pauses or resumes a use case.
    ///
    /// # Errors
    /// [`ApiError`]; 404 `unknown_use_case`.
    pub async fn set_paused(self, use_case: &str, paused: bool) -> Result<Said<QueueChanged>> {
        self.post(&["queues", use_case, if paused { "pause" } else { "resume" }], &json!({})).await
    }

    /// Nodes and workers.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn workers(self) -> Result<Said<Workers>> {
        self.get(&["workers"], &[]).await
    }

    /// Drains a worker or a node, or lets it claim again.
    ///
    /// # Errors
    /// [`ApiError`]; 404 `not_found`.
    pub async fn set_draining(self, worker: &str, draining: bool) -> Result<Said<WorkerChanged>> {
        self.post(&["workers", worker, if draining { "drain" } else { "undrain" }], &json!({})).await
    }

    /// The run history.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn history(self, parameters: &Parameters) -> Result<Said<History>> {
        self.get(&["history"], parameters).await
    }

    /// The run history as CSV.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn history_csv(self, parameters: &Parameters) -> Result<Bytes> {
        let request = self.request(Method::GET, &["history"])?.query(parameters).query(&[("format", "csv")]);
        self.here(&["history"], self.bytes(request).await)
    }

    /// Enters end-to-end times that the bench command has measured, in seconds.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn record_bench(self, timed: &[(TaskId, f64)]) -> Result<Said<Benched>> {
        let run = |(task, seconds): &(TaskId, f64)| json!({"task_id": task, "end_to_end_s": seconds});
        self.post(&["history"], &json!({"runs": timed.iter().map(run).collect::<Vec<_>>()})).await
    }

    /// Which lines the log has.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn log_level(self) -> Result<Said<LogLevel>> {
        self.get(&["log_level"], &[]).await
    }

    /// Changes which lines the log has.
    ///
    /// # Errors
    /// [`ApiError`]; 422 `invalid_parameter` when it is no filter.
    pub async fn set_log_level(self, level: &str) -> Result<Said<LogLevel>> {
        self.post(&["log_level"], &json!({"level": level})).await
    }

    /// One page of the audit log.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn audit(self, parameters: &Parameters) -> Result<Said<AuditPage>> {
        self.get(&["audit"], parameters).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_slash_is_one_segment_and_the_token_goes_along() {
        let api = Api::new("http://h/deck/").unwrap().with_token("cdt_abc").unwrap();
        let request = api.operators().request(Method::POST, &["workers", "host:1:a/0", "drain"]).unwrap();
        let request = request.build().unwrap();
        assert_eq!(request.url().as_str(), "http://h/deck/operator/workers/host:1:a%2F0/drain");
        assert_eq!(request.headers()["authorization"], "Bearer cdt_abc");
        assert!(!format!("{request:?}").contains("cdt_abc"), "the token is marked as sensitive");
    }
}
