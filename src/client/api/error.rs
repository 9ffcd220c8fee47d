//! What a request can end in besides its answer.

use std::time::Duration;

use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use serde::Deserialize;

use crate::text::sanitise;

/// The labels that the client acts on. Labels are the closed part of the contract, sentences are free.
pub mod labels {
    /// 404: the server does not have this uid (any more).
    pub const UNKNOWN_UID: &str = "unknown_uid";
    /// 409: the uid has no evaluation key and this use case needs one.
    pub const KEY_REQUIRED: &str = "key_required";
    /// 409: the uid has its key already.
    pub const KEY_EXISTS: &str = "key_exists";
    /// 409: the input was made for another version of the ad catalogue.
    pub const CATALOGUE_CHANGED: &str = "catalogue_changed";
}

/// An error answer of the server: `{"detail", "label", "request_id"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// From the contract's closed set; `unexpected` if the answer had none.
    pub label: String,
    /// The server's sentence, made harmless.
    pub detail: String,
    /// For the operator.
    pub request_id: Option<String>,
    /// How long to wait before trying again, if the server said so.
    pub retry_after: Option<Duration>,
}

/// Why a request brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The URL cannot be used.
    #[error("{0}")]
    Url(String),
    /// The certificates of authorities cannot be read.
    #[error("{path} cannot be used as certificates of authorities: {reason}")]
    Authorities {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The token cannot be one.
    #[error("the token is not one: it has no spaces and no line breaks, and begins with cdt_")]
    Token,
    /// Nobody listens there.
    #[error("no server answers at {server} ({problem})")]
    Unreachable {
        /// Its URL.
        server: String,
        /// What the system says.
        problem: String,
    },
    /// Nobody who is trusted vouches for it.
    #[error("the certificate of {server} is not trusted ({problem})")]
    Untrusted {
        /// Its URL.
        server: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The connection was lost or went silent.
    #[error("the connection to {server} was lost ({problem})")]
    Lost {
        /// Its URL.
        server: String,
        /// What happened.
        problem: String,
    },
    /// What answers there speaks something else.
    #[error("what {server} answers is no HTTP ({problem})")]
    NoHttp {
        /// Its URL.
        server: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The server said no.
    #[error("the server refused: {}", .0.detail)]
    Refused(Refusal),
    /// Its listener is for clients only.
    #[error("{server} has no endpoints for operators; they may have a listener of their own there")]
    NoOperators {
        /// Its URL.
        server: String,
    },
    /// An answer that is not the contract's.
    #[error("{server} did not answer as a cipherdeck server does: {problem}")]
    Unexpected {
        /// Its URL.
        server: String,
        /// What is wrong with the answer.
        problem: String,
    },
}

#[derive(Deserialize)]
struct ErrorBody {
    detail: String,
    label: String,
    request_id: Option<String>,
}

impl Refusal {
    /// Reads an error answer; a body without our fields (a proxy's page) gets a sentence of our own.
    pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let retry_after = headers
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let (label, detail, request_id) = match serde_json::from_slice::<ErrorBody>(body) {
            Ok(body) => {
                (sanitise(&body.label, 64), sanitise(&body.detail, 500), body.request_id.map(|id| sanitise(&id, 64)))
            }
            Err(_) => ("unexpected".to_owned(), format!("HTTP {status} without a description"), None),
        };
        Self { status: status.as_u16(), label, detail, request_id, retry_after }
    }

    /// Is it worth trying again: busy now, not wrong?
    pub fn is_temporary(&self) -> bool {
        matches!(self.status, 429 | 503)
    }
}

impl ApiError {
    /// Classifies what the HTTP library reports. The URL is dropped: its query may hold a uid.
    pub(super) fn transport(server: &str, error: reqwest::Error) -> Self {
        let server = server.to_owned();
        let (connect, timeout) = (error.is_connect(), error.is_timeout());
        let error = error.without_url();
        let problem = if timeout { "it does not answer in time".to_owned() } else { root_cause(&error) };
        if let Some(rustls::Error::InvalidCertificate(_)) = cause(&error) {
            return Self::Untrusted { server, problem };
        }
        if cause(&error).is_some_and(hyper::Error::is_parse) {
            return Self::NoHttp { server, problem };
        }
        if connect { Self::Unreachable { server, problem } } else { Self::Lost { server, problem } }
    }

    /// The word for programs.
    pub fn label(&self) -> &str {
        match self {
            Self::Url(_) => "invalid_url",
            Self::Token => "invalid_token",
            Self::Authorities { .. } => "invalid_authorities",
            Self::Untrusted { .. } => "untrusted",
            Self::Unreachable { .. } => "unreachable",
            Self::Lost { .. } => "connection_lost",
            Self::Refused(refusal) => &refusal.label,
            Self::NoOperators { .. } => "not_found",
            Self::NoHttp { .. } | Self::Unexpected { .. } => "unexpected",
        }
    }

    /// The HTTP status, when the server refused.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::NoOperators { .. } => Some(404),
            _ => None,
        }
    }

    /// What to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreachable { .. } => {
                Some("is it running? start it with `cipherdeck serve`, or name another one with --url".to_owned())
            }
            Self::NoHttp { server, .. } if server.starts_with("http://") => {
                Some("it may speak TLS: try https://".to_owned())
            }
            Self::NoOperators { .. } => {
                Some("name that one: the setting operator.listen of the server says where it is".to_owned())
            }
            Self::Lost { .. } => Some("run the command again; nothing is computed twice for it".to_owned()),
            Self::NoHttp { .. } | Self::Unexpected { .. } => Some("is it a cipherdeck server? name another one with --url".to_owned()),
            Self::Refused(refusal) => match refusal.label.as_str() {
                "rate_limited" | "queue_full" => Some("the server is busy; try again in a while".to_owned()),
                "store_unavailable" => {
                    Some("the server does not reach what it keeps its tasks in; try again in a while".to_owned())
                }
                "draining" => Some(
                    "the server is draining: it finishes or gives back what runs, takes nothing new, and stops; try again \
                     when it is back, or ask another one"
                        .to_owned(),
                ),
                "no_worker" => {
                    Some("the server takes tasks and nobody computes them; tell its operator".to_owned())
                }
                "storage_full" => Some("the server's disk is full; tell its operator".to_owned()),
                "too_large" => Some("send fewer values at once".to_owned()),
                "unknown_use_case" => Some("this server does not offer it; see GET /get_use_cases".to_owned()),
                "wrong_parameters" => {
                    Some("client and server are of different versions; use the same on both sides".to_owned())
                }
                "unauthorized" => Some(
                    "give a valid token with --token or CIPHERDECK_TOKEN; `cipherdeck token add` on the server makes one"
                        .to_owned(),
                ),
                "forbidden" => Some("use a token with a higher role".to_owned()),
                _ => None,
            },
            Self::Untrusted { .. } => Some(
                "if you know the server, name a file with its authority's certificate with --ca (CIPHERDECK_CA)".to_owned(),
            ),
            Self::Url(_) | Self::Token | Self::Authorities { .. } => None,
        }
    }
}

/// The cause of this kind, if there is one.
fn cause<T: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(here) = cause {
        if let Some(found) = here.downcast_ref() {
            return Some(found);
        }
        // An error of the system may be a box around another one, which its own source leaves out.
        let inner = here.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = inner.map_or_else(|| here.source(), |inner| Some(inner));
    }
    None
}

fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &(dyn std::error::Error + 'static) = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    sanitise(&cause.to_string(), 200)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn an_error_answer_keeps_label_sentence_and_waiting_time() {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("7"));
        let body = br#"{"detail": "1,000 tasks wait\u001b[2J", "label": "queue_full", "request_id": "r1"}"#;
        let refusal = Refusal::read(StatusCode::TOO_MANY_REQUESTS, &headers, body);
        assert_eq!(refusal.label, "queue_full");
        assert_eq!(refusal.detail, "1,000 tasks wait [2J");
        assert_eq!(refusal.retry_after, Some(Duration::from_secs(7)));
        assert!(refusal.is_temporary());
    }

    #[test]
    fn an_error_page_of_something_else_is_described_not_shown() {
        let refusal = Refusal::read(StatusCode::BAD_GATEWAY, &HeaderMap::new(), b"<html>nginx</html>");
        assert_eq!((refusal.label.as_str(), refusal.status), ("unexpected", 502));
        assert!(!refusal.detail.contains("nginx") && !refusal.is_temporary());
    }

    #[test]
    fn the_hint_tells_a_draining_server_from_a_busy_one() {
        let hint = |label: &str| {
            let body = format!(r#"{{"detail": "x", "label": "{label}", "request_id": "r"}}"#);
            let refusal = Refusal::read(StatusCode::SERVICE_UNAVAILABLE, &HeaderMap::new(), body.as_bytes());
            ApiError::Refused(refusal).hint().unwrap()
        };
        assert!(hint("draining").contains("draining") && !hint("draining").contains("busy"));
        assert!(hint("queue_full").contains("busy"));
        assert!(hint("no_worker").contains("nobody computes"));
    }
}
