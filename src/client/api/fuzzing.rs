//! Answers of a server that may be anybody's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a fuzz target fails by panicking")]

use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderValue, RETRY_AFTER},
};

use super::{Refusal, TaskResult, UseCases, error::ApiError, types::TaskStatus};
use crate::fuzzing::{Script, assert_harmless};

/// The first two bytes are the status, then comes `Retry-After` with its length, then the body.
pub(crate) fn answer(mut script: Script<'_>) {
    let status = StatusCode::from_u16(100 + script.u16() % 900).unwrap_or(StatusCode::OK);
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&script.text()) {
        headers.insert(RETRY_AFTER, value);
    }
    let body = script.rest();
    let refusal = Refusal::read(status, &headers, body);
    assert_harmless(&refusal.label, 65);
    assert_harmless(&refusal.detail, 501);
    assert_harmless(refusal.request_id.as_deref().unwrap_or_default(), 65);
    let error = ApiError::Refused(refusal);
    assert_harmless(&error.to_string(), 600);
    assert_harmless(error.hint().as_deref().unwrap_or_default(), 600);

    match TaskResult::read(body) {
        Ok(TaskResult::NotReady(status)) => shown(&status),
        Ok(TaskResult::Named(documents)) => assert!(!documents.is_empty()),
        Ok(TaskResult::One(_)) => panic!("JSON is no single document"),
        Err(problem) => assert_harmless(&problem, 400),
    }
    if let Ok(status) = serde_json::from_slice::<TaskStatus>(body) {
        shown(&status);
    }
    let _ = serde_json::from_slice::<UseCases>(body);
}

fn shown(status: &TaskStatus) {
    assert_harmless(&status.details, 501);
    assert_harmless(status.failure_label(), 501);
    assert!(status.queue_s().is_none_or(|seconds| seconds >= 0.0));
    assert!(status.server_s().is_none_or(|seconds| seconds >= 0.0));
}
