//! Multipart forms: files are hashed while they arrive; long ones stream to disk.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{
        FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
};

use super::{FileGate, Form, FormSpec, Who, too_long, unknown_field};
use crate::{
    api::{
        error::{ApiError, ApiResult},
        label::Label,
        params::MAX_VALUE,
        read_ahead::{Budget, budgeted},
        seats::Uploader,
    },
    blobs::Incoming,
};

/// An upload waits so long for others to end.
const PLACE: Duration = Duration::from_secs(5);

/// More fields than any form has.
const MAX_FIELDS: usize = 16;

/// Reads its fields, text ones into the parameters, files to disk.
pub(super) async fn read(
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
            let incoming = read_file(who, field, file, limit, &budget).await?;
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

async fn read_file(
    who: &Who<'_>,
    mut field: Field<'_>,
    name: &str,
    limit: u64,
    budget: &Budget,
) -> ApiResult<Incoming> {
    let app = who.app;
    let seat = app.uploads.take(Uploader::of(&who.extensions));
    let _seat = tokio::time::timeout(PLACE, seat).await.map_err(|_| busy())?;
    let mut writer = app.blobs.writer();
    while let Some(chunk) = field.chunk().await.map_err(|error| damaged(&error, budget))? {
        budget.consume(chunk.len());
        app.telemetry.metrics.http.uploaded(name, chunk.len() as u64);
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
