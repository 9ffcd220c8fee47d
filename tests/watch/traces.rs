//! Traces reach a collector, and a dead one is no hindrance.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use axum::{Router, extract::State, routing::post};
use bytes::Bytes;
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::any_value::Value as Any,
    trace::v1::{Span, span::SpanKind},
};
use prost::Message as _;
use tokio::sync::mpsc;

use super::session::Session;
use crate::http::harness::patiently;

/// A collector on a port of its own; what it receives.
async fn collector() -> (String, mpsc::UnboundedReceiver<ExportTraceServiceRequest>) {
    async fn take(State(to): State<mpsc::UnboundedSender<ExportTraceServiceRequest>>, body: Bytes) -> Vec<u8> {
        // Nobody may listen any more.
        let _ = to.send(ExportTraceServiceRequest::decode(body).expect("protobuf"));
        ExportTraceServiceResponse::default().encode_to_vec()
    }
    let (to, received) = mpsc::unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/v1/traces", post(take)).with_state(to);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, received)
}

fn spans(request: ExportTraceServiceRequest) -> Vec<Span> {
    let scopes = request.resource_spans.into_iter().flat_map(|resource| {
        let attributes = resource.resource.unwrap_or_default().attributes;
        let name = attributes.iter().find(|it| it.key == "service.name").and_then(|it| it.value.clone()?.value);
        assert_eq!(name, Some(Any::StringValue("cipherdeck".to_owned())));
        resource.scope_spans
    });
    scopes.flat_map(|scope| scope.spans).collect()
}

fn said(span: &Span, key: &str) -> Option<String> {
    match span.attributes.iter().find(|it| it.key == key)?.value.clone()?.value? {
        Any::StringValue(text) => Some(text),
        Any::IntValue(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Waits for a span.
async fn until(
    received: &mut mpsc::UnboundedReceiver<ExportTraceServiceRequest>,
    fits: impl Fn(&Span) -> bool,
) -> Span {
    patiently(async {
        loop {
            let request = received.recv().await.expect("the collector lives");
            if let Some(span) = spans(request).into_iter().find(&fits) {
                return span;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_collector_receives_requests_under_their_parents_and_tasks() {
    let (url, mut received) = collector().await;
    let session = Session::start(&[("CIPHERDECK__OTLP__ENDPOINT", &url)]);
    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let asked = session.http.get(format!("{}/get_key_status?uid=nobody", session.server.url));
    let asked = asked.header("traceparent", format!("00-{trace}-{parent}-01")).header("tracestate", "a=b");
    let id = asked.send().await.unwrap().headers()["x-request-id"].to_str().unwrap().to_owned();
    let span = until(&mut received, |span| said(span, "cipherdeck.request_id").as_deref() == Some(&id)).await;
    assert_eq!((span.name.as_str(), span.kind), ("GET /get_key_status", SpanKind::Server as i32));
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!((hex(&span.trace_id).as_str(), hex(&span.parent_span_id).as_str()), (trace, parent));
    assert_eq!(span.trace_state, "", "what else a client says stays away");
    assert_eq!(said(&span, "http.route").as_deref(), Some("/get_key_status"));
    assert_eq!(said(&span, "http.response.status_code").as_deref(), Some("404"));
    assert!(span.end_time_unix_nano >= span.start_time_unix_nano);

    let answer = session.ads();
    let task = session.tasks().await.pop().unwrap();
    let span = until(&mut received, |span| said(span, "cipherdeck.task_id").as_deref() == Some(&task)).await;
    assert_eq!((span.name.as_str(), span.kind), ("task ad_targeting", SpanKind::Consumer as i32));
    assert_eq!(said(&span, "cipherdeck.outcome").as_deref(), Some("success"));
    assert!(!format!("{span:?}").contains(answer["uid"].as_str().unwrap()));

    // What has not been sent yet is sent at the end.
    let last = session.get("/healthz").await.headers()["x-request-id"].to_str().unwrap().to_owned();
    session.server.signal("TERM");
    until(&mut received, |span| said(span, "cipherdeck.request_id").as_deref() == Some(&last)).await;
    assert!(session.server.ended().success());
}

/// `endpoint` never takes a trace: requests are as quick as ever, the log says so once, and the end is not held up.
async fn is_no_hindrance(endpoint: &str) {
    let session = Session::start(&[("CIPHERDECK__OTLP__ENDPOINT", endpoint)]);
    let began = Instant::now();
    // More than the queue holds.
    for _ in 0..5_000 / 50 {
        futures::future::join_all((0..50).map(|_| session.get("/healthz"))).await;
    }
    assert!(began.elapsed() < Duration::from_secs(60), "5,000 requests took {:?}", began.elapsed());
    session.server.says("traces cannot be delivered");
    assert_eq!(session.get("/readyz").await.status(), 200);
    session.server.signal("TERM");
    let asked = Instant::now();
    session.server.says("the last traces were not delivered");
    assert!(asked.elapsed() < Duration::from_secs(20), "the end took {:?}", asked.elapsed());
    let log = session.server.log();
    assert_eq!(log.matches("traces cannot be delivered").count(), 1, "{log}");
    assert!(log.lines().count() < 40, "{log}");
    session.server.ended();
}

#[tokio::test]
async fn a_collector_that_never_answers_is_no_hindrance() {
    // Connections are made, by the system, and nobody ever reads them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    is_no_hindrance(&format!("http://{}", silent.local_addr().unwrap())).await;
}

#[tokio::test]
async fn an_endpoint_that_is_no_url_stops_the_start_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let said = crate::support::process::fails_to_start(dir.path(), &[("CIPHERDECK__OTLP__ENDPOINT", "collector")]);
    assert!(said.contains("otlp.endpoint"), "{said}");
}
