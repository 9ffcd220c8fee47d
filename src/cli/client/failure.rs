//! How a command can fail, and its exit code.

use serde_json::{Value, json};

use crate::client::{ClientError, api::ApiError};

const DECLINED: &str = "nothing was done";

/// Why a command did not do its work.
#[derive(Debug)]
pub(in crate::cli) enum Failure {
    /// The arguments make no sense: exit code 2.
    Usage(String),
    /// The person who was asked said no: exit code 1.
    Declined,
    /// Anything else: exit code 1, interrupted 130.
    Client(ClientError),
}

impl<E: Into<ClientError>> From<E> for Failure {
    fn from(error: E) -> Self {
        match error.into() {
            ClientError::Api(ApiError::Url(sentence)) => Self::Usage(sentence),
            ClientError::Api(error @ (ApiError::Token | ApiError::Authorities { .. })) => {
                Self::Usage(error.to_string())
            }
            error => Self::Client(error),
        }
    }
}

impl Failure {
    pub(in crate::cli) fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Client(ClientError::Interrupted { .. }) => 130,
            Self::Declined | Self::Client(_) => 1,
        }
    }

    /// For people: one line, and a second one with what to do.
    pub(super) fn lines(&self) -> String {
        match self {
            Self::Usage(sentence) => format!("error: {sentence}"),
            Self::Declined => DECLINED.to_owned(),
            Self::Client(error @ ClientError::Interrupted { .. }) => error.to_string(),
            Self::Client(error) => {
                let hint = error.hint().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
                format!("error: {error}{hint}")
            }
        }
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let (label, message, hint, status) = match self {
            Self::Usage(sentence) => ("usage", sentence.clone(), None, None),
            Self::Declined => ("declined", DECLINED.to_owned(), None, None),
            Self::Client(error) => (error.label(), error.to_string(), error.hint(), error.status()),
        };
        json!({"error": {"label": label, "message": message, "hint": hint, "status": status}})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_not_there_is_explained() {
        let failure = Failure::from(ApiError::Unreachable { server: "http://a".into(), problem: "refused".into() });
        assert_eq!(failure.code(), 1);
        assert_eq!(
            failure.lines(),
            "error: no server answers at http://a (refused)\n  hint: is it running? start it with `cipherdeck serve`, or \
             name another one with --url"
        );
        assert_eq!(failure.json()["error"]["label"], "unreachable");
    }

    #[test]
    fn an_interruption_is_one_line_and_130() {
        let failure = Failure::from(ClientError::Interrupted { cancelled: true });
        assert_eq!(failure.code(), 130);
        assert_eq!(failure.lines(), "interrupted; the task was cancelled on the server");
    }

    #[test]
    fn a_wrong_url_is_wrong_usage() {
        assert_eq!(Failure::from(crate::client::api::Api::new("nonsense").unwrap_err()).code(), 2);
    }
}
