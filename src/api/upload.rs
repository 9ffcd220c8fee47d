//! Bodies of POST requests: multipart forms, whose files stream to disk while they are hashed, and urlencoded forms.
//!
//! Nothing is held in memory but one part of each stream, and files that are no longer than that: a file's limit is enforced while it arrives, text fields are
//! short, and what lies between fields (headers, preamble) is bounded too. The whole body has a deadline and a least speed.

mod multipart;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    body::HttpBody as _,
    extract::Request,
    http::{Extensions, HeaderMap, StatusCode, header},
};

use super::{
    error::{ApiError, ApiResult},
    label::Label,
    pace,
    params::Params,
    rates,
    state::App,
};
use crate::{blobs::Incoming, text::sanitise};

/// An urlencoded form is at most so long.
const MAX_FORM: usize = 16 << 10;

/// Which fields a form may have.
pub(super) struct FormSpec {
    /// Text fields.
    pub(super) texts: &'static [&'static str],
    /// Files; only multipart forms have them.
    pub(super) files: &'static [&'static str],
}

/// Decides whether a file may be uploaded, before it is read.
#[async_trait]
pub(super) trait FileGate: Send + Sync {
    /// How many bytes the file may have, given the parameters that came before it.
    async fn admit(&self, seen: &Params) -> ApiResult<u64>;
}

/// For forms without files.
pub(super) struct NoFiles;

#[async_trait]
impl FileGate for NoFiles {
    async fn admit(&self, _: &Params) -> ApiResult<u64> {
        Ok(0)
    }
}

/// A form as it arrived. Dropped, its files are removed.
pub(super) struct Form {
    /// Text fields of query and body.
    pub(super) params: Params,
    files: BTreeMap<&'static str, Incoming>,
}

impl Form {
    /// Takes a file out.
    pub(super) fn file(&mut self, name: &str) -> Option<Incoming> {
        self.files.remove(name)
    }
}

/// Reads query and body of a POST.
pub(super) async fn read(app: &App, request: Request, spec: &FormSpec, gate: &dyn FileGate) -> ApiResult<Form> {
    let server = &app.settings.server;
    let (request, verdict) = if request.body().is_end_stream() {
        (request, pace::Verdict::default())
    } else {
        let (parts, body) = request.into_parts();
        let (body, verdict) = pace::watched(body, server);
        (Request::from_parts(parts, body), verdict)
    };
    let limit = Duration::from_secs(server.upload_timeout_s);
    let read = async {
        let read = read_untimed(app, request, spec, gate).await;
        if verdict.is_too_slow() { Err(pace::refusal(server)) } else { read }
    };
    tokio::time::timeout(limit, read).await.unwrap_or_else(|_| {
        let detail = format!("The body did not arrive within {} s.", limit.as_secs());
        Err(ApiError::new(Label::BadRequest, detail).with_status(StatusCode::REQUEST_TIMEOUT))
    })
}

/// Reads a form without files.
pub(super) async fn read_params(app: &App, request: Request, texts: &'static [&'static str]) -> ApiResult<Params> {
    Ok(read(app, request, &FormSpec { texts, files: &[] }, &NoFiles).await?.params)
}

async fn read_untimed(app: &App, request: Request, spec: &FormSpec, gate: &dyn FileGate) -> ApiResult<Form> {
    let mut form = Form { params: Params::from_query(request.uri())?, files: BTreeMap::new() };
    let who = Who { app, extensions: request.extensions().clone(), counted: AtomicBool::new(false) };
    who.count(&form.params)?;
    match kind(request.headers())? {
        // A form without any field may come as no body at all.
        Kind::Multipart | Kind::None if request.body().is_end_stream() => {}
        Kind::Multipart => multipart::read(&who, request, spec, gate, &mut form).await?,
        Kind::UrlEncoded => read_urlencoded(request, spec, &mut form.params).await?,
        Kind::None => read_nothing(request).await?,
    }
    who.count(&form.params)?;
    Ok(form)
}

/// Who sends the form, as soon as it says so.
struct Who<'a> {
    app: &'a App,
    extensions: Extensions,
    /// As a request of its client.
    counted: AtomicBool,
}

impl Who<'_> {
    /// Counts the request once, as one of the client that the form names, before any file of it is read.
    fn count(&self, params: &Params) -> ApiResult<()> {
        if !self.counted.load(Ordering::Relaxed) {
            self.counted.store(rates::by_uid(self.app, &self.extensions, params)?, Ordering::Relaxed);
        }
        Ok(())
    }
}

enum Kind {
    Multipart,
    UrlEncoded,
    None,
}

fn kind(headers: &HeaderMap) -> ApiResult<Kind> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(Kind::None) };
    let media = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media.as_str() {
        "multipart/form-data" => Ok(Kind::Multipart),
        "application/x-www-form-urlencoded" => Ok(Kind::UrlEncoded),
        other => Err(unsupported(&format!("not {}", sanitise(other, 60)))),
    }
}

fn unsupported(got: &str) -> ApiError {
    let detail = format!("Send multipart/form-data or application/x-www-form-urlencoded, {got}.");
    ApiError::new(Label::UnsupportedMedia, detail)
}

/// A body without a content type may only be an empty one.
async fn read_nothing(request: Request) -> ApiResult<()> {
    match axum::body::to_bytes(request.into_body(), MAX_FORM).await {
        Ok(body) if body.is_empty() => Ok(()),
        _ => Err(unsupported("with its Content-Type")),
    }
}

async fn read_urlencoded(request: Request, spec: &FormSpec, params: &mut Params) -> ApiResult<()> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let too_large = || ApiError::new(Label::TooLarge, format!("An urlencoded form has at most {MAX_FORM} bytes."));
    if length.is_some_and(|length: u64| length > MAX_FORM as u64) {
        return Err(too_large());
    }
    let body = axum::body::to_bytes(request.into_body(), MAX_FORM).await.map_err(|_| too_large())?;
    for (name, value) in form_urlencoded::parse(&body) {
        if spec.files.contains(&name.as_ref()) {
            return Err(ApiError::parameter(format!("`{name}` is a file: send it as multipart/form-data")));
        }
        if !spec.texts.contains(&name.as_ref()) {
            return Err(unknown_field(&name, spec));
        }
        params.insert(&name, &value)?;
    }
    Ok(())
}

fn unknown_field(name: &str, spec: &FormSpec) -> ApiError {
    let known: Vec<&str> = spec.texts.iter().chain(spec.files).copied().collect();
    let name = sanitise(name, 60);
    ApiError::parameter(format!("there is no field `{name}` here; known are {}", known.join(", ")))
}

/// The file is longer than any valid one.
pub(super) fn too_long(name: &str, limit: u64) -> ApiError {
    ApiError::new(Label::TooLarge, format!("`{name}` is longer than {limit} bytes, the most that can be valid."))
}
