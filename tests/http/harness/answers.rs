//! What is sent, and what comes back.

use std::time::Duration;

use reqwest::{
    Response, StatusCode,
    multipart::{Form, Part},
};
use serde_json::Value;

/// Nothing in these tests takes so long.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn file(bytes: &[u8]) -> Part {
    Part::bytes(bytes.to_vec()).file_name("upload.bin")
}

pub(crate) fn start_form(uid: &str, task_name: &str, input: &[u8]) -> Form {
    let form = Form::new().text("uid", uid.to_owned()).text("task_name", task_name.to_owned());
    form.part("encrypted_input", file(input))
}

/// The answer of a request that was granted.
pub(crate) async fn ok(response: Response) -> Value {
    let (status, body) = (response.status(), response.text().await.unwrap());
    assert_eq!(status, StatusCode::OK, "{body}");
    serde_json::from_str(&body).unwrap()
}

/// Asserts a refusal in the contract's shape, and gives its sentence.
pub(crate) async fn refused(response: Response, status: u16, label: &str) -> String {
    let (got, id) = (response.status(), response.headers()["x-request-id"].to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"));
    assert_eq!((got.as_u16(), text_of(&body, "label").as_str()), (status, label), "{body}");
    assert_eq!(text_of(&body, "request_id"), id);
    assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
    text_of(&body, "detail")
}

pub(crate) fn text_of(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("no text `{key}` in {value}")).to_owned()
}

/// Awaits something that surely happens.
pub(crate) async fn patiently<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it did not happen")
}
