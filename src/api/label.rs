//! The closed set of labels that refusals carry, and the HTTP status of each.

use axum::http::StatusCode;

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $status:ident;)*) => {
        /// What went wrong, for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Label { $($(#[$doc])* $name,)* }

        impl Label {
            /// Every label.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word on the wire.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The status that it usually comes with. `bad_request` also comes with 405 and 408.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }
        }
    };
}

labels! {
    /// The request is not HTTP as this server speaks it: a damaged body, a wrong method (405), a late body (408).
    BadRequest = "bad_request", BAD_REQUEST;
    /// No token where one is needed, or one that is not valid (any more). Not among the contract's first labels: they
    /// had no tokens, and a client that lacks one must be able to tell that from `forbidden`, which a new token of the
    /// same role would not change. Comes with `WWW-Authenticate: Bearer`.
    Unauthorized = "unauthorized", UNAUTHORIZED;
    /// The Host or Origin is foreign.
    ForbiddenOrigin = "forbidden_origin", FORBIDDEN;
    /// The caller's role does not allow it.
    Forbidden = "forbidden", FORBIDDEN;
    /// No such uid.
    UnknownUid = "unknown_uid", NOT_FOUND;
    /// No such use case.
    UnknownUseCase = "unknown_use_case", NOT_FOUND;
    /// No such page.
    NotFound = "not_found", NOT_FOUND;
    /// The use case computes with a key, and the uid has none.
    KeyRequired = "key_required", CONFLICT;
    /// The uid has a key already.
    KeyExists = "key_exists", CONFLICT;
    /// The idempotency key was used with another input.
    IdempotencyConflict = "idempotency_conflict", CONFLICT;
    /// The input was made for another version of the ad catalogue.
    CatalogueChanged = "catalogue_changed", CONFLICT;
    /// The body or a field is too long.
    TooLarge = "too_large", PAYLOAD_TOO_LARGE;
    /// The body's content type is none that is read.
    UnsupportedMedia = "unsupported_media", UNSUPPORTED_MEDIA_TYPE;
    /// A field is missing, unknown, contradictory or out of range.
    InvalidParameter = "invalid_parameter", UNPROCESSABLE_ENTITY;
    /// Not an evaluation key.
    InvalidKey = "invalid_key", UNPROCESSABLE_ENTITY;
    /// Made with other parameters than the server's.
    WrongParameters = "wrong_parameters", UNPROCESSABLE_ENTITY;
    /// Not an input of the use case.
    InvalidInput = "invalid_input", UNPROCESSABLE_ENTITY;
    /// An input of another use case.
    WrongUseCase = "wrong_use_case", UNPROCESSABLE_ENTITY;
    /// Too many tasks wait.
    QueueFull = "queue_full", TOO_MANY_REQUESTS;
    /// Too many of something else.
    RateLimited = "rate_limited", TOO_MANY_REQUESTS;
    /// Storage cannot be reached, or not in time.
    StoreUnavailable = "store_unavailable", SERVICE_UNAVAILABLE;
    /// The server is stopping and takes no new work.
    Draining = "draining", SERVICE_UNAVAILABLE;
    /// No worker is alive: tasks would wait.
    NoWorker = "no_worker", SERVICE_UNAVAILABLE;
    /// The disk is full, or nearly.
    StorageFull = "storage_full", INSUFFICIENT_STORAGE;
    /// A stored result is gone.
    BlobMissing = "blob_missing", INTERNAL_SERVER_ERROR;
    /// A stored result is damaged.
    BlobCorrupt = "blob_corrupt", INTERNAL_SERVER_ERROR;
    /// A bug in the server. The log has more under the request id.
    Internal = "internal", INTERNAL_SERVER_ERROR;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_distinct_words_and_every_one_is_an_error() {
        let mut words: Vec<_> = Label::ALL.iter().map(|label| label.word()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Label::ALL.len());
        assert!(Label::ALL.iter().all(|label| label.status().is_client_error() || label.status().is_server_error()));
    }
}
