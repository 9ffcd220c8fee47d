//! The mock's endpoints.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use axum::{
    Form, Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Multipart, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use cipherdeck::{
    fhe::{Context, ServerKey},
    use_cases::{Output, UseCase, ad_targeting::AdTargeting, weight_stats::WeightStats},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Instead, Server, Shared, Task};

pub(super) fn router(server: Shared) -> Router {
    Router::new()
        .route("/add_key", post(add_key))
        .route("/start_task", post(start_task))
        .route("/get_task_status", get(status))
        .route("/get_task_result", get(result))
        .route("/cancel_task", post(cancel))
        .route("/delete_key", post(delete_key))
        .route("/get_ads", get(ads))
        .layer(DefaultBodyLimit::max(64 << 20))
        .with_state(server)
}

fn error(status: u16, label: &str) -> Response {
    let body = json!({"detail": format!("a sentence about {label}"), "label": label, "request_id": "r-1"});
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

impl Server {
    fn called(&self, what: impl Into<String>) {
        self.calls.send_modify(|calls| calls.push(what.into()));
    }

    fn scripted(&self, path: &str) -> Option<Instead> {
        let mut inner = self.inner.lock();
        let index = inner.script.iter().position(|(for_path, _)| *for_path == path)?;
        inner.script.remove(index).map(|(_, what)| what)
    }

    /// Notes the call and answers it, or what the script has instead.
    fn answer(&self, path: &str, note: &str, answer: impl FnOnce() -> Response) -> Response {
        let scripted = self.scripted(path);
        let response = match scripted {
            None => answer(),
            Some(Instead::Refuse(status, label, retry_after)) => {
                let mut response = error(status, label);
                if let Some(seconds) = retry_after {
                    response.headers_mut().insert(header::RETRY_AFTER, seconds.parse().unwrap());
                }
                response
            }
            Some(Instead::Lose) => {
                answer();
                let broken = futures::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut"))]);
                Body::from_stream(broken).into_response()
            }
        };
        self.called(note);
        response
    }
}

async fn fields(mut form: Multipart) -> BTreeMap<String, Bytes> {
    let mut fields = BTreeMap::new();
    while let Some(field) = form.next_field().await.unwrap() {
        let name = field.name().unwrap().to_owned();
        fields.insert(name, field.bytes().await.unwrap());
    }
    fields
}

fn text(fields: &BTreeMap<String, Bytes>, name: &str) -> Option<String> {
    fields.get(name).map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
}

async fn add_key(State(server): State<Shared>, form: Multipart) -> Response {
    let fields = fields(form).await;
    let (uid, key) = (text(&fields, "uid"), fields.get("key").cloned());
    let note = match (&uid, &key) {
        (None, None) => "add_key",
        (None, Some(_)) => "add_key+key",
        (Some(_), _) => "add_key+uid+key",
    };
    server.answer("add_key", note, || {
        let mut inner = server.inner.lock();
        let uid = match uid {
            None if key.is_none() && text(&fields, "task_name").as_deref() != Some("ad_targeting") => {
                return error(422, "invalid_parameter");
            }
            None => Uuid::new_v4().to_string(),
            Some(uid) => match inner.uids.get(&uid) {
                None => return error(404, "unknown_uid"),
                Some(Some(_)) => return error(409, "key_exists"),
                Some(None) => uid,
            },
        };
        inner.uids.insert(uid.clone(), key);
        Json(json!({"uid": uid})).into_response()
    })
}

async fn start_task(State(server): State<Shared>, headers: HeaderMap, form: Multipart) -> Response {
    let fields = fields(form).await;
    let once = headers["idempotency-key"].to_str().unwrap().to_owned();
    let worker = Arc::clone(&server);
    tokio::task::spawn_blocking(move || worker.answer("start_task", "start_task", || worker.start(&fields, once)))
        .await
        .unwrap()
}

impl Server {
    fn start(&self, fields: &BTreeMap<String, Bytes>, once: String) -> Response {
        let (uid, name) = (text(fields, "uid").unwrap(), text(fields, "task_name").unwrap());
        let (catalogue, key, hold, fail) = {
            let mut inner = self.inner.lock();
            if let Some(task) = inner.idempotency.get(&once) {
                return Json(json!({"task_id": task})).into_response();
            }
            let Some(key) = inner.uids.get(&uid).cloned() else { return error(404, "unknown_uid") };
            (Arc::clone(&inner.catalogue), key, inner.hold, inner.fail.take())
        };
        let use_case: Box<dyn UseCase> = match name.as_str() {
            "ad_targeting" => Box::new(AdTargeting::new(catalogue)),
            "weight_stats" => Box::new(WeightStats),
            _ => return error(404, "unknown_use_case"),
        };
        if use_case.info().needs_key && key.is_none() {
            return error(409, "key_required");
        }
        let input = &fields["encrypted_input"];
        match use_case.check(input) {
            Ok(_) => {}
            Err(cipherdeck::use_cases::InputError::CatalogueChanged(_)) => return error(409, "catalogue_changed"),
            Err(_) => return error(422, "invalid_input"),
        }
        let key = key.filter(|_| use_case.info().needs_key).map(|key| ServerKey::from_compressed(&key).unwrap());
        let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap());
        let output = use_case.run(key.as_ref(), input, &Context::new(pool)).unwrap();
        let (status, details) = match fail {
            Some(label) => ("failure", format!("Task failed: {label}")),
            None if hold => ("started", "Task is in progress".to_owned()),
            None => ("success", "Task successfully completed".to_owned()),
        };
        let id = Uuid::new_v4().to_string();
        let mut inner = self.inner.lock();
        inner.tasks.insert(id.clone(), Task { uid, status, details, output: Some(output) });
        inner.idempotency.insert(once, id.clone());
        Json(json!({"task_id": id})).into_response()
    }

    fn status_of(&self, query: &BTreeMap<String, String>) -> Value {
        let mut inner = self.inner.lock();
        let hold = inner.hold;
        let Some(task) = inner.tasks.get_mut(&query["task_id"]).filter(|task| task.uid == query["uid"]) else {
            return json!({"status": "unknown", "details": "Task may not exist"});
        };
        if task.status == "started" && !hold {
            task.status = "success";
        }
        json!({
            "task_id": query["task_id"], "uid": query["uid"], "status": task.status, "details": task.details,
            "worker": null, "position": null, "queue_length": 0, "progress": 0.5, "attempts": 1,
            "created": "2026-11-22T14:44:44.000Z", "started": "2026-11-22T14:44:44.250Z",
            "finished": "2026-11-22T14:44:45.000Z",
        })
    }
}

type Parameters = Query<BTreeMap<String, String>>;

async fn status(State(server): State<Shared>, Query(query): Parameters) -> Response {
    server.answer("get_task_status", "get_task_status", || Json(server.status_of(&query)).into_response())
}

async fn result(State(server): State<Shared>, Query(query): Parameters) -> Response {
    server.answer("get_task_result", "get_task_result", || {
        let status = server.status_of(&query);
        if status["status"] != "success" {
            return Json(status).into_response();
        }
        let inner = server.inner.lock();
        match inner.tasks[&query["task_id"]].output.clone().unwrap() {
            Output::One(bytes) => ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response(),
            Output::Named(documents) => {
                let mut body = json!({"status": "success"});
                for (name, bytes) in documents {
                    body[name] = STANDARD.encode(bytes).into();
                }
                Json(body).into_response()
            }
        }
    })
}

async fn cancel(State(server): State<Shared>, Form(form): Form<BTreeMap<String, String>>) -> Response {
    server.answer("cancel_task", "cancel_task", || {
        let mut inner = server.inner.lock();
        let task = inner.tasks.get_mut(&form["task_id"]).filter(|task| task.uid == form["uid"]).unwrap();
        task.status = "revoked";
        Json(json!({"status": "revoked", "details": "Successfully cancelled the task"})).into_response()
    })
}

async fn delete_key(State(server): State<Shared>, Form(form): Form<BTreeMap<String, String>>) -> Response {
    server.answer("delete_key", "delete_key", || match server.inner.lock().uids.remove(&form["uid"]) {
        Some(_) => Json(json!({"status": "deleted"})).into_response(),
        None => error(404, "unknown_uid"),
    })
}

async fn ads(State(server): State<Shared>, headers: HeaderMap) -> Result<Response, Infallible> {
    let catalogue = Arc::clone(&server.inner.lock().catalogue);
    let tag = format!("\"{}\"", catalogue.version());
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.to_str().unwrap() == tag);
    let note = if known { "get_ads 304" } else { "get_ads" };
    Ok(server.answer("get_ads", note, || {
        if known {
            return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
        }
        let kind = "application/json".to_owned();
        ([(header::ETAG, tag), (header::CONTENT_TYPE, kind)], catalogue.public_json().clone()).into_response()
    }))
}
