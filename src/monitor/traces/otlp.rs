//! Traces over OTLP: protobuf over HTTP, with the one HTTP client and the one TLS of this program. They are collected in a
//! bounded queue and sent in batches by a thread of their own; what does not fit is dropped, so that a slow or dead
//! collector holds nothing up. Its failures are logged when they begin and when they end.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use opentelemetry::{
    Context, KeyValue, Value,
    propagation::{Extractor, TextMapPropagator as _},
    trace::{Span as _, SpanKind, Status, Tracer as _, TracerProvider as _},
};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{self, BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider},
};
use reqwest::{Url, redirect};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::{Field, Fields, Kind};
use crate::text::sanitise;

/// Between two batches.
const DELAY: Duration = Duration::from_secs(1);
/// Spans that wait at most.
const QUEUE: usize = 4_096;
/// A batch is sent within this time or not at all.
const SEND: Duration = Duration::from_secs(3);
/// What is left at the end is sent within this time or not at all.
const CLOSE: Duration = Duration::from_secs(3);
/// No answer of a collector is longer.
const ANSWER: usize = 64 << 10;

/// Sends spans.
#[derive(Clone, Debug)]
pub(super) struct Exporter {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Exporter {
    pub(super) fn start(endpoint: &str, node: &str) -> Result<Self, String> {
        let url = address(endpoint)?;
        let runtime = Handle::try_current().map_err(|error| error.to_string())?;
        let client = Client { http: http(&url)?, runtime, failing: AtomicBool::new(false) };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(url.as_str())
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(SEND)
            .build()
            .map_err(|error| error.to_string())?;
        let batches = BatchConfigBuilder::default().with_scheduled_delay(DELAY).with_max_queue_size(QUEUE).build();
        let processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
        let resource = Resource::builder_empty().with_attributes([
            KeyValue::new("service.name", "cipherdeck"),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", Uuid::new_v4().to_string()),
            KeyValue::new("host.name", node.to_owned()),
        ]);
        let provider =
            SdkTracerProvider::builder().with_span_processor(processor).with_resource(resource.build()).build();
        let tracer = provider.tracer("cipherdeck");
        Ok(Self { provider, tracer })
    }

    pub(super) fn begin(&self, name: String, kind: Kind, parent: Option<&str>, fields: Fields) -> Span {
        let kind = match kind {
            Kind::Server => SpanKind::Server,
            Kind::Consumer => SpanKind::Consumer,
        };
        let parent = match parent {
            Some(parent) => TraceContextPropagator::new().extract_with_context(&Context::new(), &Parent(parent)),
            None => Context::new(),
        };
        let builder = self.tracer.span_builder(name).with_kind(kind).with_attributes(attributes(fields));
        Span(builder.start_with_context(&self.tracer, &parent))
    }

    pub(super) async fn close(&self) {
        let provider = self.provider.clone();
        let closed = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(CLOSE));
        if !matches!(tokio::time::timeout(CLOSE * 2, closed).await, Ok(Ok(Ok(())))) {
            tracing::warn!("the last traces were not delivered");
        }
    }
}

/// A base like `http://host:4318` gets OTLP's own path.
fn address(endpoint: &str) -> Result<Url, String> {
    let mut url = Url::parse(endpoint).map_err(|error| error.to_string())?;
    if !["http", "https"].contains(&url.scheme()) || url.host().is_none() {
        return Err("it must be like http://127.0.0.1:4318".to_owned());
    }
    if url.path() == "/" {
        url.set_path("/v1/traces");
    }
    Ok(url)
}

fn http(url: &Url) -> Result<reqwest::Client, String> {
    crate::tls::install();
    let mut builder = reqwest::Client::builder().timeout(SEND).redirect(redirect::Policy::none());
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    if host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()) {
        // A proxy set for the outside world cannot reach this machine's own loopback.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| error.without_url().to_string())
}

/// What goes on.
#[derive(Debug)]
pub(super) struct Span(trace::Span);

impl Span {
    pub(super) fn end(mut self, fields: Fields, failed: bool) {
        self.0.set_attributes(attributes(fields));
        if failed {
            self.0.set_status(Status::error(""));
        }
        self.0.end();
    }
}

fn attributes(fields: Fields) -> Vec<KeyValue> {
    let value = |field| match field {
        Field::Text(text) => Value::from(text),
        Field::Number(number) => Value::from(number),
    };
    fields.into_iter().map(|(name, field)| KeyValue::new(name, value(field))).collect()
}

/// The header of a request that is looked at. `tracestate` may be anything, and stays away.
struct Parent<'a>(&'a str);

impl Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

/// Our HTTP client. The batches' thread is none of the runtime's, so requests are made there.
#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    runtime: Handle,
    failing: AtomicBool,
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let sent = self.runtime.spawn(send(self.http.clone(), request)).await;
        let answer = sent.map_err(HttpError::from).and_then(|answer| answer);
        match &answer {
            Ok(answer) if answer.status().is_success() => {
                if self.failing.swap(false, Ordering::Relaxed) {
                    tracing::info!("traces are delivered again");
                }
            }
            Ok(answer) => self.fails(answer.status().as_str()),
            Err(error) => self.fails(&error.to_string()),
        }
        answer
    }
}

impl Client {
    fn fails(&self, why: &str) {
        if !self.failing.swap(true, Ordering::Relaxed) {
            let error = sanitise(why, 200);
            tracing::warn!(error, "traces cannot be delivered, and are dropped until the collector answers");
        }
    }
}

async fn send(http: reqwest::Client, request: reqwest::Request) -> Result<Response<Bytes>, HttpError> {
    let mut response = http.execute(request).await.map_err(reqwest::Error::without_url)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(reqwest::Error::without_url)? {
        if body.len() + chunk.len() > ANSWER {
            return Err("the collector's answer is too long".into());
        }
        body.extend_from_slice(&chunk);
    }
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = response.status();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_gets_the_path_of_otlp_and_what_is_no_collector_is_refused() {
        assert_eq!(
            address("http://collector:4318").map(String::from),
            Ok("http://collector:4318/v1/traces".to_owned())
        );
        assert_eq!(address("https://h/a/b").map(String::from), Ok("https://h/a/b".to_owned()));
        for bad in ["collector", "grpc://collector:4317", "http://", ""] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
