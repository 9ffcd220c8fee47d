//! At the finest level of everything, libraries included, no secret reaches a log line.

use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::multipart::{Form, Part};

use super::session::Session;

/// How bytes may look in a line: hexadecimal, base64 (wherever its groups begin), numbers.
fn disguises(bytes: &[u8]) -> Vec<String> {
    let mut hex = String::new();
    for byte in bytes {
        write!(hex, "{byte:02x}").unwrap();
    }
    let base64 = (0..3).map(|skip| BASE64_STANDARD.encode(&bytes[skip..])[..20].to_owned());
    let numbers = bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    base64.chain([hex.to_uppercase(), hex, numbers, bytes.escape_ascii().to_string()]).collect()
}

#[tokio::test]
async fn no_uid_no_token_and_no_key_is_in_any_line_at_the_finest_level() {
    const IDEMPOTENCY: &str = "order-4711-of-somebody";
    let session = Session::guarded(&[("CIPHERDECK__LOG__LEVEL", "trace")]);
    session.ads();
    let answer = session.client(&["weight-stats", "68.0", "65.0"]);
    let uid = answer["uid"].as_str().unwrap().to_owned();
    let (client, operator) = session.tokens.clone().unwrap();
    let tasks = session.tasks().await;
    assert_eq!(tasks.len(), 2);
    // The same by hand, and wrongly.
    for path in [
        format!("/get_task_result?task_name=weight_stats&task_id={}&uid={uid}", tasks[0]),
        format!("/get_key_status/{uid}?token={operator}&uid={uid}"),
        format!("/get_key_status?uid={uid}&uid={uid}"),
        format!("/operator/tasks?uid={uid}"),
    ] {
        session.get(&path).await;
    }
    let form = Form::new()
        .text("uid", uid.clone())
        .text("task_name", "weight_stats")
        .part("encrypted_input", Part::bytes(b"no input".to_vec()).file_name("input"));
    let url = format!("{}/start_task", session.server.url);
    let refused = session.http.post(url).bearer_auth(&client).header("idempotency-key", IDEMPOTENCY).multipart(form);
    assert_eq!(refused.send().await.unwrap().status(), 422);
    let wrong = format!("{}-wrong", &client[..client.len() - 6]);
    let refused = session.http.get(format!("{}/metrics", session.server.url)).bearer_auth(&wrong).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    session.client(&["forget"]);

    let [public, secret] = ["server.key", "client.key"].map(|name| std::fs::read(session.wallet().join(name)).unwrap());
    session.server.says("uid deleted");
    let (stderr, page) = (session.server.log(), session.text("/logs?lines=1000").await);
    let lines = stderr.lines().count();
    assert!(stderr.contains("TRACE") && lines > 40, "the finest level is on, and not {lines} lines:\n{stderr}");
    let mut secrets = vec![uid.clone(), uid[..18].to_owned(), client, operator, wrong, IDEMPOTENCY.to_owned()];
    for key in [&public, &secret] {
        let middle = key.len() / 2;
        for window in [&key[..24], &key[middle..middle + 24], &key[key.len() - 24..]] {
            secrets.extend(disguises(window).into_iter().filter(|text| text.len() >= 20));
        }
    }
    for (place, text) in [("stderr", &stderr), ("/logs", &page)] {
        for secret in &secrets {
            let found = text.lines().find(|line| line.contains(secret.as_str()));
            assert!(found.is_none(), "{place} has {secret}: {found:?}");
        }
    }
}
