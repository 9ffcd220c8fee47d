//! Errors on the wire: `{"detail", "label", "request_id"}` with a closed set of labels.
//!
//! Handlers answer an [`ApiError`]; the outermost middleware (`guard`) writes the body, because it knows the request id.
//! The sentences are free, the labels are part of the contract.

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::label::Label;
use crate::{blobs::BlobError, operator::Denied, store::StoreError, text::sanitise, vault::VaultError};

/// Every error's body.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// A sentence for people: what is wrong and what is expected.
    pub detail: String,
    /// A word for programs, from a closed set.
    pub label: &'static str,
    /// Names this request in the server's log.
    pub request_id: String,
}

/// An answer that refuses.
#[derive(Debug, Clone)]
pub(super) struct ApiError {
    label: Label,
    status: StatusCode,
    detail: String,
    retry_after: Option<Duration>,
}

/// Result of a handler.
pub(super) type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// With the label's own status. The detail is sanitised here, because it may quote the client.
    pub(super) fn new(label: Label, detail: impl AsRef<str>) -> Self {
        let detail = sanitise(detail.as_ref(), 500);
        Self { label, status: label.status(), detail, retry_after: None }
    }

    /// A field that is missing, unknown, contradictory or out of range.
    pub(super) fn parameter(detail: impl AsRef<str>) -> Self {
        Self::new(Label::InvalidParameter, detail)
    }

    /// The uid is not known here; malformed ones are answered alike.
    pub(super) fn unknown_uid() -> Self {
        Self::new(Label::UnknownUid, "There is no such uid here. POST /add_key gives you one.")
    }

    /// A bug: `what` goes to the log, not to the client.
    pub(super) fn internal(what: &str) -> Self {
        tracing::error!(what, "a request failed inside the server");
        Self::new(Label::Internal, "The server failed on this request. Its log says more under the request id.")
    }

    /// Its label.
    pub(super) const fn label(&self) -> Label {
        self.label
    }

    /// Another status than the label's own.
    #[must_use]
    pub(super) const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// When to try again.
    #[must_use]
    pub(super) const fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// The body for this request.
    pub(super) fn body(&self, request_id: &str) -> ErrorBody {
        ErrorBody { detail: self.detail.clone(), label: self.label.word(), request_id: request_id.to_owned() }
    }

    /// For an answer that some library gave without our shape.
    pub(super) fn from_status(status: StatusCode) -> Self {
        let (label, detail) = match status {
            StatusCode::NOT_FOUND => (Label::NotFound, "There is nothing here. /docs lists what there is."),
            StatusCode::PAYLOAD_TOO_LARGE => (Label::TooLarge, "The request is too long."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => (Label::UnsupportedMedia, "This content type is not read here."),
            status if status.is_server_error() => {
                return Self::internal("an answer without a body").with_status(status);
            }
            _ => (Label::BadRequest, "The request cannot be understood."),
        };
        Self::new(label, detail).with_status(status)
    }
}

impl IntoResponse for ApiError {
    /// Without a body: `guard` writes it.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(after) = self.retry_after.or_else(|| temporary(self.status)) {
            // Rounded up: whoever comes a moment too early is refused again.
            let seconds = after.as_millis().div_ceil(1000).clamp(1, u128::from(u32::MAX)) as u64;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.label == Label::Unauthorized {
            let scheme = HeaderValue::from_static("Bearer realm=\"cipherdeck\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let retry = error.retry_after();
        let answer = match &error {
            StoreError::UnknownUid => Self::unknown_uid(),
            StoreError::QueueFull { .. } => Self::new(Label::QueueFull, format!("{error}; try again later")),
            StoreError::IdempotencyConflict => Self::new(
                Label::IdempotencyConflict,
                "This Idempotency-Key was used with another input. Use a fresh key for a new input.",
            ),
            StoreError::TooManyUids { .. } => {
                Self::new(Label::RateLimited, "Too many uids without a key exist; try again later.")
                    .retry_after(Duration::from_mins(1))
            }
            StoreError::TooManyUidsOfClient { limit } => Self::new(
                Label::RateLimited,
                format!(
                    "This client has {limit} uids already; delete one with POST /delete_key, or wait until unused ones \
                     expire."
                ),
            )
            .retry_after(Duration::from_mins(1)),
            StoreError::StorageFull => storage_full(),
            StoreError::Unavailable(_) | StoreError::CannotOpen(_) | StoreError::Damaged(_) => {
                tracing::error!(%error, "the store failed");
                Self::new(Label::StoreUnavailable, "The task store is unavailable; try again in a moment.")
            }
            StoreError::BadCursor => Self::parameter("`cursor` is none that a page of this list has given"),
        };
        match retry {
            Some(after) => answer.retry_after(after),
            None => answer,
        }
    }
}

impl From<BlobError> for ApiError {
    fn from(error: BlobError) -> Self {
        if matches!(error, BlobError::StorageFull) {
            return storage_full();
        }
        tracing::error!(%error, "blob storage failed");
        match error {
            BlobError::Missing(_) => Self::new(Label::BlobMissing, "What is stored for this is gone."),
            BlobError::Corrupt(_) => Self::new(Label::BlobCorrupt, "What is stored for this is damaged."),
            BlobError::StorageFull | BlobError::Io(_) => {
                Self::new(Label::StoreUnavailable, "Storage is unavailable; try again in a moment.")
                    .retry_after(Duration::from_secs(2))
            }
        }
    }
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        Self::new(Label::Forbidden, denied.to_string())
    }
}

impl From<VaultError> for ApiError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Store(error) => error.into(),
            VaultError::Blob(error) => error.into(),
            VaultError::Interrupted(what) => Self::internal(&what),
        }
    }
}

/// Whoever is refused for a while is always told for how long, also where nothing was measured.
fn temporary(status: StatusCode) -> Option<Duration> {
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Some(Duration::from_secs(5)),
        StatusCode::INSUFFICIENT_STORAGE => Some(Duration::from_mins(1)),
        _ => None,
    }
}

fn storage_full() -> ApiError {
    tracing::error!("the disk is full");
    ApiError::new(Label::StorageFull, "The server has no space left. Nothing was stored.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storage_error_shows_no_path_to_clients() {
        let error = ApiError::from(BlobError::Io("/srv/data/keys/abc: denied".to_owned()));
        let shown = serde_json::to_string(&error.body("id")).unwrap();
        assert!(!shown.contains("/srv") && shown.contains("store_unavailable"), "{shown}");
    }

    #[test]
    fn text_of_clients_in_a_detail_is_one_harmless_line() {
        let error = ApiError::parameter("no \"a\r\n\u{1b}[2J\u{202e}b\"");
        assert_eq!(error.body("id").detail, "no \"a [2Jb\"");
    }

    #[test]
    fn whoever_is_refused_for_a_while_hears_for_how_long() {
        for &label in Label::ALL {
            let response = ApiError::new(label, "x").into_response();
            let temporary = matches!(label.status().as_u16(), 429 | 503 | 507);
            assert_eq!(response.headers().contains_key("retry-after"), temporary, "{}", label.word());
        }
        let response = ApiError::new(Label::QueueFull, "x").retry_after(Duration::from_millis(1_001)).into_response();
        assert_eq!(response.headers()["retry-after"], "2");
    }
}
