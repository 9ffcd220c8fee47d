//! Bodies of POST requests: multipart forms, whose files stream to disk while they are hashed, and urlencoded forms.
//!
//! Nothing is held in memory but one part of each stream: a file's limit is enforced while it arrives, text fields are
//! short, and what lies between fields (headers, preamble) is bounded too. The whole body has a deadline and a least speed.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    body::{Body, HttpBody as _},
    extract::{
        FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::{Extensions, HeaderMap, StatusCode, header},
};

use super::{
    error::{ApiError, ApiResult, Label},
    pace,
    params::{MAX_VALUE, Params},
    rates,
    read_ahead::{Budget, budgeted},
    state::App,
};
use crate::{blobs::Incoming, text::sanitise};

/// An urlencoded form is at most so long.
const MAX_FORM: usize = 16 << 10;

/// An upload waits so long for others to end.
const PLACE: Duration = Duration::from_secs(5);

/// More fields than any form has.
const MAX_FIELDS: usize = 16;

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
        Kind::Multipart => read_multipart(&who, request, spec, gate, &mut form).await?,
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

async fn read_multipart(
    who: &Who<'_>,
    request: Request,
    spec: &FormSpec,
    gate: &dyn FileGate,
    form: &mut Form,
) -> ApiResult<()> {
    let budget = Arc::new(Budget::default());
    let (parts, body) = request.into_parts();
    let body = Body::from_stream(budgeted(body, Arc::clone(&budget)));
    let multipart = Multipart::from_request(Request::from_parts(parts, body), &()).await;
    let mut multipart = multipart.map_err(|_| {
        ApiError::new(Label::BadRequest, "The Content-Type of a multipart form must name its boundary.")
    })?;
    let mut fields = 0;
    while let Some(field) = multipart.next_field().await.map_err(|error| damaged(&error, &budget))? {
        fields += 1;
        let name = field.name().unwrap_or_default().to_owned();
        if fields > MAX_FIELDS {
            return Err(ApiError::parameter("the form has too many fields"));
        }
        if let Some(&file) = spec.files.iter().find(|known| **known == name) {
            if form.files.contains_key(file) {
                return Err(ApiError::parameter(format!("`{file}` is given twice; give it once")));
            }
            who.count(&form.params)?;
            let limit = gate.admit(&form.params).await?;
            let incoming = read_file(who.app, field, file, limit, &budget).await?;
            form.files.insert(file, incoming);
        } else if spec.texts.contains(&name.as_str()) {
            let value = read_text(field, &name, &budget).await?;
            form.params.insert(&name, &value)?;
        } else {
            return Err(unknown_field(&name, spec));
        }
    }
    Ok(())
}

async fn read_file(app: &App, mut field: Field<'_>, name: &str, limit: u64, budget: &Budget) -> ApiResult<Incoming> {
    let _place = tokio::time::timeout(PLACE, app.uploads.acquire()).await.map_err(|_| busy())?;
    let mut writer = app.blobs.writer().await?;
    while let Some(chunk) = field.chunk().await.map_err(|error| damaged(&error, budget))? {
        budget.consume(chunk.len());
        if writer.len() + chunk.len() as u64 > limit {
            return Err(too_long(name, limit));
        }
        writer.write(chunk).await?;
    }
    Ok(writer.finish().await?)
}

fn busy() -> ApiError {
    ApiError::new(Label::RateLimited, "Too many uploads at once; try again in a moment.").retry_after(PLACE)
}

/// The file is longer than any valid one.
pub(super) fn too_long(name: &str, limit: u64) -> ApiError {
    ApiError::new(Label::TooLarge, format!("`{name}` is longer than {limit} bytes, the most that can be valid."))
}

async fn read_text(mut field: Field<'_>, name: &str, budget: &Budget) -> ApiResult<String> {
    let mut value = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| damaged(&error, budget))? {
        budget.consume(chunk.len());
        if value.len() + chunk.len() > MAX_VALUE {
            return Err(ApiError::new(Label::TooLarge, format!("`{name}` is longer than {MAX_VALUE} bytes.")));
        }
        value.extend_from_slice(&chunk);
    }
    String::from_utf8(value).map_err(|_| ApiError::parameter(format!("`{name}` is not UTF-8 text")))
}

fn damaged(error: &MultipartError, budget: &Budget) -> ApiError {
    if budget.is_exceeded() {
        return ApiError::new(Label::TooLarge, "The form's headers are too long.");
    }
    let detail = format!("The multipart body cannot be read: {}", error.body_text());
    ApiError::new(Label::BadRequest, detail)
}
