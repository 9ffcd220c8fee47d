//! A good request to each endpoint.

use reqwest::{Client, Method, Response, multipart::Form};
use serde_json::{Value, json};

use super::table::Row;
use crate::http::harness::{ECHO, file};

/// Whom and what a request is about.
#[derive(Clone)]
pub(super) struct Ids {
    pub(super) uid: String,
    /// A task that waits.
    pub(super) waiting: String,
    /// A task that has its result.
    pub(super) ended: String,
    pub(super) worker: String,
}

/// A request.
pub(super) struct Call {
    pub(super) method: Method,
    /// With its query.
    pub(super) path: String,
    pub(super) body: Body,
}

pub(super) enum Body {
    None,
    /// Fields of a form.
    Fields(Vec<(&'static str, String)>),
    /// The same with an input.
    Input(Vec<(&'static str, String)>),
    Json(Value),
}

impl Call {
    pub(super) fn get(path: &str) -> Self {
        Self { method: Method::GET, path: path.to_owned(), body: Body::None }
    }

    /// What a row is about; `None` if nobody has said how it is asked.
    pub(super) fn to(row: &Row, ids: &Ids) -> Option<Self> {
        let Ids { uid, waiting, ended, worker } = ids;
        let name = row.name();
        let (path, body) = match (row.method.as_str(), name.as_str()) {
            ("POST", "/add_key") => (name, Body::Fields(vec![("task_name", ECHO.to_owned())])),
            ("POST", "/delete_key") => (name, Body::Fields(vec![("uid", uid.clone())])),
            ("POST", "/start_task") => (name, Body::Input(vec![("uid", uid.clone()), ("task_name", ECHO.to_owned())])),
            ("POST", "/cancel_task") => (name, Body::Fields(vec![("task_id", waiting.clone()), ("uid", uid.clone())])),
            ("GET", "/get_key_status" | "/list_current_tasks?uid") => (format!("{}?uid={uid}", row.path), Body::None),
            ("GET", "/get_task_status") => (format!("{name}?task_id={waiting}&uid={uid}"), Body::None),
            ("GET", "/get_task_result") => (format!("{name}?task_name={ECHO}&task_id={ended}&uid={uid}"), Body::None),
            ("GET", "/operator/tasks/{id}") => (format!("/operator/tasks/{waiting}"), Body::None),
            ("GET", path) if !path.contains('{') => (name, Body::None),
            ("POST", "/operator/history") => {
                (name, Body::Json(json!({"runs": [{"task_id": ended, "end_to_end_s": 1.0}]})))
            }
            ("POST", "/operator/log_level") => (name, Body::Json(json!({"level": "info"}))),
            ("POST", path) if path.starts_with("/operator/") => operator(path, ids, worker)?,
            _ => return None,
        };
        Some(Self { method: row.method.parse().unwrap(), path, body })
    }

    pub(super) async fn send(self, http: &Client, url: &str, token: Option<&str>) -> Response {
        let mut request = http.request(self.method, format!("{url}{}", self.path));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let form = |fields: Vec<(&'static str, String)>| {
            fields.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value))
        };
        let request = match self.body {
            Body::None => request,
            Body::Fields(fields) => request.multipart(form(fields)),
            Body::Input(fields) => request.multipart(form(fields).part("encrypted_input", file(b"GOOD"))),
            Body::Json(body) => request.json(&body),
        };
        request.send().await.unwrap()
    }
}

/// What operators change. Ended tasks are queued again and deleted, waiting ones cancelled and moved.
fn operator(path: &str, ids: &Ids, worker: &str) -> Option<(String, Body)> {
    let (place, action) = path.rsplit_once('/')?;
    let task = if matches!(action, "requeue" | "delete") { &ids.ended } else { &ids.waiting };
    let body = match (place, action) {
        ("/operator/tasks", "priority") => json!({"ids": [task], "by": 1}),
        ("/operator/tasks", _) => json!({"ids": [task]}),
        (_, "priority") => json!({"priority": 3}),
        _ => json!({}),
    };
    let path = path.replace("{id}", task).replace("{use_case}", ECHO).replace("{name}", &worker.replace('/', "%2F"));
    Some((path, Body::Json(body)))
}
