//! The answers of the contract, read leniently: a missing key is `null`, a new one is ignored.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::{Deserialize, Deserializer};

use crate::{
    task::{TaskId, Timestamp, Uid},
    text::sanitise,
};

/// Answer of `/add_key`.
#[derive(Deserialize)]
pub(super) struct Registered {
    pub(super) uid: Uid,
}

/// Answer of `/start_task`.
#[derive(Deserialize)]
pub(super) struct Submitted {
    pub(super) task_id: TaskId,
}

/// Answer of `/get_use_cases`, as far as the client uses it.
#[derive(Debug, Clone, Deserialize)]
pub struct UseCases {
    /// Their names, sorted.
    #[serde(rename = "Use-cases")]
    pub names: Vec<String>,
}

/// Answer of `/get_key_status`, as far as the client uses it.
#[derive(Debug, Clone, Deserialize)]
pub struct KeyStatus {
    /// When it is removed unless it is used.
    #[serde(default)]
    pub expires: Option<Timestamp>,
}

/// Status words on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// Waiting.
    Queued,
    /// Older servers: about to start.
    Reserved,
    /// Being computed.
    Started,
    /// The result is ready.
    Success,
    /// The result is ready and has been fetched before.
    Completed,
    /// Ended without a result.
    Failure,
    /// Cancelled.
    Revoked,
    /// The server does not have it, or it is not ours.
    #[serde(other)]
    Unknown,
}

impl Word {
    /// Will nothing change any more?
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Reserved | Self::Started)
    }
}

/// Where a task stands.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TaskStatus {
    /// The word.
    pub status: Word,
    /// The server's sentence, made harmless.
    #[serde(default, deserialize_with = "harmless")]
    pub details: String,
    /// 1-based place in the queue while it waits.
    #[serde(default)]
    pub position: Option<u64>,
    /// Tasks that wait in all.
    #[serde(default)]
    pub queue_length: Option<u64>,
    /// Share done, 0..=1, while it runs.
    #[serde(default)]
    pub progress: Option<f32>,
    /// When it was enqueued.
    #[serde(default)]
    pub created: Option<Timestamp>,
    /// When a worker last took it.
    #[serde(default)]
    pub started: Option<Timestamp>,
    /// When it ended.
    #[serde(default)]
    pub finished: Option<Timestamp>,
}

fn harmless<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(sanitise(&Option::<String>::deserialize(deserializer)?.unwrap_or_default(), 500))
}

impl TaskStatus {
    /// The label of a failure: `details` begin `Task failed: <label>`.
    pub fn failure_label(&self) -> &str {
        let rest = self.details.strip_prefix("Task failed: ").unwrap_or_default();
        rest.split(|c: char| !(c.is_ascii_lowercase() || c == '_')).next().unwrap_or_default()
    }

    /// Seconds between enqueue and (last) claim.
    pub fn queue_s(&self) -> Option<f64> {
        Some(self.started?.since(self.created?).as_secs_f64())
    }

    /// Seconds of computation.
    pub fn server_s(&self) -> Option<f64> {
        Some(self.finished?.since(self.started?).as_secs_f64())
    }
}

/// Answer of `/get_task_result`.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskResult {
    /// One `CDR1` document.
    One(Bytes),
    /// Several by name.
    Named(BTreeMap<String, Vec<u8>>),
    /// None (yet).
    NotReady(TaskStatus),
}

/// What a status holds; every other key of a JSON result is an encrypted output.
const STATUS_KEYS: [&str; 13] = [
    "task_id",
    "uid",
    "status",
    "details",
    "worker",
    "position",
    "queue_length",
    "progress",
    "attempts",
    "created",
    "started",
    "finished",
    "task_name",
];

impl TaskResult {
    /// Reads the JSON forms: named documents in base64 beside `status`, or a status alone.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn read(json: &[u8]) -> Result<Self, String> {
        // The text may quote what it could not read.
        let unread = |error: serde_json::Error| sanitise(&error.to_string(), 300);
        let fields: BTreeMap<String, serde_json::Value> = serde_json::from_slice(json).map_err(unread)?;
        let mut named = BTreeMap::new();
        for (name, value) in fields.into_iter().filter(|(name, _)| !STATUS_KEYS.contains(&name.as_str())) {
            if let serde_json::Value::String(text) = value {
                let document = STANDARD
                    .decode(text)
                    .map_err(|_| format!("the value of `{}` is not base64", sanitise(&name, 40)))?;
                named.insert(name, document);
            }
        }
        if named.is_empty() {
            return serde_json::from_slice(json).map(Self::NotReady).map_err(unread);
        }
        Ok(Self::Named(named))
    }

    /// Bytes of the encrypted documents.
    pub fn len(&self) -> u64 {
        match self {
            Self::One(document) => document.len() as u64,
            Self::Named(documents) => documents.values().map(|it| it.len() as u64).sum(),
            Self::NotReady(_) => 0,
        }
    }

    /// Is there nothing in it?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

pub(super) fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(';').next().is_some_and(|kind| kind.trim() == "application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_without_its_optional_keys_is_read() {
        let status: TaskStatus =
            serde_json::from_str(r#"{"task_id": null, "status": "unknown", "details": "Task may not exist"}"#).unwrap();
        assert_eq!((status.status, status.position), (Word::Unknown, None));
        assert!(status.status.is_over());
    }

    #[test]
    fn times_give_the_seconds_in_queue_and_on_the_server() {
        let status: TaskStatus = serde_json::from_str(
            r#"{"status": "success", "details": "Task successfully completed", "created": "2026-11-22T14:44:44.000Z",
                "started": "2026-11-22T14:44:45.500Z", "finished": "2026-11-22T14:44:47.750Z", "attempts": 1}"#,
        )
        .unwrap();
        assert_eq!((status.queue_s(), status.server_s()), (Some(1.5), Some(2.25)));
    }

    #[test]
    fn the_failure_label_is_the_first_word_after_the_colon() {
        for (details, label) in [
            ("Task failed: key_missing", "key_missing"),
            ("Task failed: time_limit (3,600 s)", "time_limit"),
            ("Task is queued", ""),
        ] {
            let status: TaskStatus =
                serde_json::from_value(serde_json::json!({"status": "failure", "details": details})).unwrap();
            assert_eq!(status.failure_label(), label);
        }
    }

    #[test]
    fn json_results_are_documents_or_a_status() {
        let named = TaskResult::read(br#"{"status": "success", "avg": "AAE=", "min": "Ag==", "max": "Aw=="}"#).unwrap();
        let TaskResult::Named(documents) = &named else { panic!("{named:?}") };
        assert_eq!(documents["avg"], [0, 1]);
        assert_eq!(named.len(), 4);
        let waiting =
            TaskResult::read(br#"{"status": "queued", "details": "Task is queued, position 1 of 1"}"#).unwrap();
        assert!(matches!(waiting, TaskResult::NotReady(status) if status.status == Word::Queued));
        assert!(TaskResult::read(br#"{"status": "success", "avg": "?"}"#).is_err());
        assert!(TaskResult::read(b"{}").is_err());
    }
}
