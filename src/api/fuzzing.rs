//! Requests to the real router, over a real store and real blobs in a directory of their own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a fuzz target fails by panicking")]

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header},
    response::Response,
};
use bytes::Bytes;
use futures::stream;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tower::Service as _;

use super::{ApiState, Executor, router};
use crate::{
    blobs::BlobStore,
    config::{Overrides, load},
    fuzzing::assert_harmless,
    monitor::{Telemetry, logs::LogRing},
    operator::Desk,
    store::{NewTask, StoreOptions, sqlite::SqliteStore},
    task::{BlobRef, Clock, Digest, TaskId, Timestamp, Uid},
    use_cases::Registry,
    vault::KeyVault,
};

/// A profile for the catalogue below.
const INPUT: &[u8] = include_bytes!("../../tests/vectors/ad_targeting.input");
const ADS: &str = include_str!("../../tests/vectors/ad_targeting.csv");

/// No answer is longer.
const MOST: usize = 16 << 20;
/// A long poll is left after this.
const POLL: Duration = Duration::from_millis(20);
/// Everything else is answered within this, also on a machine with much else to do.
const ANSWER: Duration = Duration::from_mins(1);

struct World {
    runtime: Runtime,
    router: Router,
    /// A uid without a key, and a waiting task of it.
    uid: Uid,
    task: TaskId,
    _dir: tempfile::TempDir,
}

thread_local! {
    static WORLD: World = World::new();
}

impl World {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("ads.csv"), ADS).unwrap();
        let overrides = Overrides { data_dir: Some(dir.path().to_owned()), ..Overrides::default() };
        let settings = load(overrides).unwrap();
        let (uid, task) = (Uid::random(), TaskId::random());
        let router = runtime.block_on(async {
            let store = SqliteStore::open(dir.path(), StoreOptions::from_settings(&settings)).unwrap();
            let blobs = BlobStore::local(&dir.path().join("blobs")).unwrap();
            let vault = KeyVault::new(store.clone(), blobs.clone());
            let use_cases = Registry::standard(&dir.path().join("ads.csv")).unwrap();
            let names = use_cases.names().into_iter().map(str::to_owned).collect();
            let state = ApiState {
                desk: Desk::new(store.clone(), vault.clone(), names),
                store,
                blobs,
                vault,
                use_cases,
                settings: Arc::new(settings),
                logs: LogRing::new(10),
                workers: None,
                telemetry: Telemetry::default(),
                clock: Clock::system(),
                executor: Executor::in_place(),
                draining: CancellationToken::new(),
            };
            enqueue(&state, uid, task).await;
            router(Arc::new(state))
        });
        Self { runtime, router, uid, task, _dir: dir }
    }

    /// The answer, whole; none if it is a long poll.
    fn answer(&self, request: Request<Body>, may_wait: bool) -> Option<(Response, Bytes)> {
        let mut router = self.router.clone();
        let answer = async {
            let (parts, body) = router.call(request).await.unwrap_or_else(|never| match never {}).into_parts();
            let body = axum::body::to_bytes(body, MOST).await.expect("a body that ends");
            (Response::from_parts(parts, Body::empty()), body)
        };
        let limit = if may_wait { POLL } else { ANSWER };
        let answer = self.runtime.block_on(async { tokio::time::timeout(limit, answer).await.ok() });
        assert!(may_wait || answer.is_some(), "no answer");
        answer
    }
}

async fn enqueue(state: &ApiState, uid: Uid, id: TaskId) {
    let client = crate::task::ClientId(uid.tag());
    state.store.add_uid(uid, client.clone(), None).await.unwrap();
    let input = BlobRef { name: format!("inputs/{id}"), len: 3, digest: Digest::of(b"abc") };
    let use_case = "ad_targeting".to_owned();
    let capability = state.use_cases.get(&use_case).unwrap().capability();
    let received = Timestamp::now();
    let new = NewTask { id, uid, client, use_case, capability, input, idempotency_key: None, priority: 0, received };
    state.store.enqueue(new).await.unwrap();
}

/// A request as text: a line with method and target, lines with headers, an empty line, the body. `{uid}`, `{task}`
/// and `{input}` stand for what there is; a header `x-chunk` says in how large pieces the body comes.
pub(crate) fn request(bytes: &[u8]) {
    WORLD.with(|world| {
        let text = replaced(bytes, b"{uid}", world.uid.expose().as_bytes());
        let text = replaced(&text, b"{task}", world.task.to_string().as_bytes());
        let text = replaced(&text, b"{input}", INPUT);
        if let Some(request) = parsed(&text) {
            let may_wait = request.uri().query().is_some_and(|query| query.contains("wai") || query.contains('%'))
                || text.windows(3).any(|part| part == b"wai");
            if let Some((response, body)) = world.answer(request, may_wait) {
                check(&response, &body);
            }
        }
    });
}

/// The same query for everything that takes one.
pub(crate) fn query(text: &str) {
    WORLD.with(|world| {
        for path in ["/operator/tasks", "/operator/history", "/operator/audit", "/logs", "/get_task_status"] {
            let Ok(uri) = format!("{path}?{text}").parse::<Uri>() else { continue };
            let request = Request::get(uri).body(Body::empty()).unwrap();
            if let Some((response, body)) = world.answer(request, text.contains("wai") || text.contains('%')) {
                check(&response, &body);
            }
        }
    });
}

/// Nothing makes the server fail, and what it says is harmless.
fn check(response: &Response, body: &[u8]) {
    let status = response.status();
    let refused_for_now = matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE);
    assert!(!status.is_server_error() || refused_for_now, "{status}: {}", String::from_utf8_lossy(body));
    assert_eq!(response.headers().get("x-content-type-options").map(HeaderValue::as_bytes), Some(&b"nosniff"[..]));
    assert!(response.headers().contains_key("x-request-id"));
    if status.is_client_error() || status.is_server_error() {
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
        if body.is_empty() {
            return; // of a HEAD
        }
        let body: serde_json::Value = serde_json::from_slice(body).expect("every refusal is JSON");
        for name in ["detail", "label", "request_id"] {
            let text = body.get(name).and_then(serde_json::Value::as_str).unwrap_or_else(|| panic!("{name} in {body}"));
            assert_harmless(text, 501);
            assert!(!text.is_empty());
        }
    }
}

fn parsed(text: &[u8]) -> Option<Request<Body>> {
    let (head, body) = text
        .windows(2)
        .position(|pair| pair == b"\n\n")
        .map_or((text, &[][..]), |end| (&text[..end], &text[end + 2..]));
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (method, target) = first.split_once(' ')?;
    let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).ok()?).uri(target);
    let mut chunk = body.len().max(1);
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = (HeaderName::from_bytes(&line[..colon]).ok()?, line[colon + 1..].trim_ascii());
        if name == "x-chunk" {
            chunk = usize::from(*value.first()?).max(1);
        } else {
            request = request.header(name, HeaderValue::from_bytes(value).ok()?);
        }
    }
    let pieces: Vec<Result<Bytes, std::io::Error>> =
        body.chunks(chunk).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let body = if pieces.is_empty() { Body::empty() } else { Body::from_stream(stream::iter(pieces)) };
    request.body(body).ok()
}

fn replaced(text: &[u8], name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.windows(name.len()).position(|part| part == name) {
        result.extend_from_slice(&rest[..at]);
        result.extend_from_slice(value);
        rest = &rest[at + name.len()..];
    }
    result.extend_from_slice(rest);
    result
}
