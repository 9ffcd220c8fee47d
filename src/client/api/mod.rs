//! Typed HTTP client. One [`Api`] keeps one pool of connections to one server.

mod connect;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
pub mod operator;
mod types;
mod upload;

use std::{path::PathBuf, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode, Url,
    header::{AUTHORIZATION, ETAG, HeaderValue, IF_NONE_MATCH},
    multipart::Form,
};

pub use error::{ApiError, Refusal, labels};
pub use types::{KeyStatus, TaskResult, TaskStatus, UseCases, Word};
pub use upload::{Progress, Upload};

use crate::{
    task::{TaskId, Uid},
    text::sanitise,
    use_cases::ad_targeting::PublicCatalogue,
};

/// The longest that one long poll waits.
pub const LONG_POLL: Duration = Duration::from_secs(30);
/// Answers of a few fields.
const SMALL_ANSWER: usize = 1 << 20;
/// Results and catalogues.
const LARGE_ANSWER: usize = 64 << 20;

/// Result of a request.
pub type Result<T> = std::result::Result<T, ApiError>;

/// One server, as a client sees it. Clones share the connections.
#[derive(Clone, Debug)]
pub struct Api {
    http: reqwest::Client,
    base: Url,
    /// Certificates of authorities that are trusted besides the system's.
    authorities: Option<PathBuf>,
    /// What goes into `Authorization`.
    token: Option<HeaderValue>,
}

/// A catalogue as the server sent it.
#[derive(Debug, Clone)]
pub struct FetchedCatalogue {
    /// The JSON document, for the cache.
    pub json: Bytes,
    /// The same, read.
    pub catalogue: PublicCatalogue,
}

impl Api {
    /// With a token for servers that want one.
    ///
    /// # Errors
    /// [`ApiError::Token`] when the text cannot be one.
    pub fn with_token(mut self, token: &str) -> Result<Self> {
        let plain = !token.is_empty() && token.bytes().all(|c| c.is_ascii_graphic());
        let value = HeaderValue::from_str(&format!("Bearer {token}")).ok().filter(|_| plain);
        let mut value = value.ok_or(ApiError::Token)?;
        value.set_sensitive(true);
        self.token = Some(value);
        Ok(self)
    }

    /// The server's URL in its one spelling: the wallet's name for it.
    pub fn server(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", self.base.path().trim_end_matches('/')));
        self.authorised(self.http.request(method, url))
    }

    fn authorised(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, token.clone()),
            None => request,
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let response = request.send().await.map_err(|error| self.transport(error))?;
        if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
            return Ok(response);
        }
        Err(self.refusal(response).await)
    }

    async fn refusal(&self, response: Response) -> ApiError {
        let (status, headers) = (response.status(), response.headers().clone());
        match self.body(response, SMALL_ANSWER, &mut |_| ()).await {
            Ok(body) => ApiError::Refused(Refusal::read(status, &headers, &body)),
            Err(_) => ApiError::Refused(Refusal::read(status, &headers, &[])),
        }
    }

    fn transport(&self, error: reqwest::Error) -> ApiError {
        ApiError::transport(self.server(), error)
    }

    async fn body(&self, mut response: Response, cap: usize, got: &mut (dyn FnMut(u64) + Send)) -> Result<Bytes> {
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.transport(error))? {
            if body.len() + chunk.len() > cap {
                return Err(self.unexpected(&format!("an answer of more than {} MiB", cap >> 20)));
            }
            body.extend_from_slice(&chunk);
            got(body.len() as u64);
        }
        Ok(body.freeze())
    }

    async fn json<T: serde::de::DeserializeOwned>(&self, request: RequestBuilder) -> Result<T> {
        let response = self.send(request).await?;
        let body = self.body(response, SMALL_ANSWER, &mut |_| ()).await?;
        serde_json::from_slice(&body).map_err(|error| self.unexpected(&error.to_string()))
    }

    fn unexpected(&self, problem: &str) -> ApiError {
        ApiError::Unexpected { server: self.server().to_owned(), problem: sanitise(problem, 300) }
    }

    /// Does the server live?
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn alive(&self) -> Result<()> {
        self.send(self.request(Method::GET, "healthz")).await.map(drop)
    }

    /// Does the server take work?
    ///
    /// # Errors
    /// [`ApiError`]; [`ApiError::Refused`] says why not.
    pub async fn ready(&self) -> Result<()> {
        self.send(self.request(Method::GET, "readyz")).await.map(drop)
    }

    /// What the server computes.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn use_cases(&self) -> Result<UseCases> {
        self.json(self.request(Method::GET, "get_use_cases")).await
    }

    /// Registers a uid: with an evaluation key, or for `task_name` alone when that needs none. With `uid` the key is
    /// attached to that uid, which is answered again.
    ///
    /// # Errors
    /// [`ApiError`]; `key_exists` when `uid` has a key already.
    pub async fn add_key(&self, uid: Option<Uid>, task_name: Option<&str>, key: Option<Upload>) -> Result<Uid> {
        let mut form = Form::new();
        if let Some(uid) = uid {
            form = form.text("uid", uid.expose());
        }
        if let Some(name) = task_name {
            form = form.text("task_name", name.to_owned());
        }
        if let Some(key) = key {
            form = form.part("key", key.part("server.key"));
        }
        let answer: types::Registered = self.json(self.request(Method::POST, "add_key").multipart(form)).await?;
        Ok(answer.uid)
    }

    /// Submits an encrypted input. Sent twice with the same `idempotency_key`, it starts one task.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn start_task(&self, uid: Uid, task_name: &str, input: Upload, idempotency_key: &str) -> Result<TaskId> {
        let form = Form::new()
            .text("uid", uid.expose())
            .text("task_name", task_name.to_owned())
            .part("encrypted_input", input.part("input.cdk"));
        let request =
            self.request(Method::POST, "start_task").header("Idempotency-Key", idempotency_key).multipart(form);
        let answer: types::Submitted = self.json(request).await?;
        Ok(answer.task_id)
    }

    /// Where a task stands; the server answers when there is news, at the latest after `wait`.
    ///
    /// # Errors
    /// [`ApiError`]. An unknown task is no error: its status is [`Word::Unknown`].
    pub async fn task_status(&self, uid: Uid, task: TaskId, wait: Duration) -> Result<TaskStatus> {
        let query = [("task_id", task.to_string()), ("uid", uid.expose()), ("wait", wait.as_secs().to_string())];
        self.json(self.request(Method::GET, "get_task_status").query(&query)).await
    }

    /// The result, or the status when there is none. `got` hears how many bytes have arrived.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn task_result(
        &self,
        uid: Uid,
        task: TaskId,
        task_name: &str,
        wait: Duration,
        got: &mut (dyn FnMut(u64) + Send),
    ) -> Result<TaskResult> {
        let query = [
            ("task_name", task_name.to_owned()),
            ("task_id", task.to_string()),
            ("uid", uid.expose()),
            ("wait", wait.as_secs().to_string()),
        ];
        let response = self.send(self.request(Method::GET, "get_task_result").query(&query)).await?;
        let json = types::is_json(response.headers());
        let body = self.body(response, LARGE_ANSWER, got).await?;
        if json {
            TaskResult::read(&body).map_err(|problem| self.unexpected(&problem))
        } else {
            Ok(TaskResult::One(body))
        }
    }

    /// Asks the server to stop a task.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn cancel_task(&self, uid: Uid, task: TaskId) -> Result<TaskStatus> {
        let form = [("task_id", task.to_string()), ("uid", uid.expose())];
        self.json(self.request(Method::POST, "cancel_task").form(&form)).await
    }

    /// The public ad catalogue; `None` if it still has the version `known`.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn ads(&self, known: Option<&str>) -> Result<Option<FetchedCatalogue>> {
        let mut request = self.request(Method::GET, "get_ads");
        if let Some(version) = known {
            request = request.header(IF_NONE_MATCH, format!("\"{version}\""));
        }
        let response = self.send(request).await?;
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        let tag = response.headers().get(ETAG).cloned();
        let json = self.body(response, LARGE_ANSWER, &mut |_| ()).await?;
        let catalogue: PublicCatalogue =
            serde_json::from_slice(&json).map_err(|error| self.unexpected(&error.to_string()))?;
        let agrees = tag.as_ref().and_then(|tag| tag.to_str().ok()).is_none_or(|tag| tag.contains(&catalogue.version));
        if !agrees {
            return Err(self.unexpected("an ETag that is not the catalogue's version"));
        }
        Ok(Some(FetchedCatalogue { json, catalogue }))
    }

    /// Age and expiry of a uid's key.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn key_status(&self, uid: Uid) -> Result<KeyStatus> {
        self.json(self.request(Method::GET, "get_key_status").query(&[("uid", uid.expose())])).await
    }

    /// Deletes a uid with its key, tasks and results.
    ///
    /// # Errors
    /// [`ApiError`]; `unknown_uid` when there is nothing (any more).
    pub async fn delete_key(&self, uid: Uid) -> Result<()> {
        let form = [("uid", uid.expose())];
        self.send(self.request(Method::POST, "delete_key").form(&form)).await.map(drop)
    }
}
