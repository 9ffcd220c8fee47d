//! Who may do what: every endpoint, each role, when tokens are required and when they are not.

use cipherdeck::{
    config::Fairness,
    operator::{Role, tokens},
};
use reqwest::multipart::Form;

use super::world::{Guarded, announce, ask, audited, endpoints};
use crate::http::harness::{Deck, ECHO, ok, refused, start_form, text_of};

#[tokio::test]
async fn every_operator_endpoint_answers_each_role_as_the_table_says() {
    let guarded = Guarded::start();
    let Guarded { deck, client, viewer, operator } = &guarded;
    let uid = ok(ask_add_key(deck, Some(operator)).await).await;
    let uid = text_of(&uid, "uid");
    let (_, worker) = announce(deck).await;
    let form = start_form(&uid, ECHO, b"GOOD");
    let task = deck.http.post(format!("{}/start_task", deck.url)).multipart(form).bearer_auth(client);
    let task = text_of(&ok(task.send().await.unwrap()).await, "task_id");
    let described = deck.json("/openapi.json").await;
    let described = described["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with("/operator/"));
    let described: usize = described.map(|(_, methods)| methods.as_object().unwrap().len()).sum();
    let all = endpoints(&task, &worker);
    assert_eq!(all.len(), described, "a new endpoint belongs in the table");
    for (method, path, body) in all {
        let to = async |token: Option<&str>| ask(deck, method, &path, token, body.clone()).await;
        let nobody = to(None).await;
        assert_eq!(nobody.headers()["www-authenticate"], "Bearer realm=\"cipherdeck\"", "{path}");
        refused(nobody, 401, "unauthorized").await;
        refused(to(Some("cdt_wrong")).await, 401, "unauthorized").await;
        refused(to(Some(client)).await, 403, "forbidden").await;
        let looked = to(Some(viewer)).await;
        if method == "GET" {
            assert_eq!(looked.status(), 200, "{path}");
        } else {
            refused(looked, 403, "forbidden").await;
        }
        let done = to(Some(operator)).await;
        assert_eq!(done.status(), 200, "{path}: {}", done.text().await.unwrap());
    }
    let rows = audited(deck).await;
    let by = |name: &str, result: &str| rows.iter().filter(|row| row[0] == name && row[3] == result).count();
    assert_eq!((by("carl", "denied"), by("vera", "denied")), (14, 14), "a refused attempt is in the log too");
    assert_eq!(rows.iter().filter(|row| row[0] == "olga").count(), 14);
    assert_eq!(rows.len(), 42, "who looks, and who is nobody, is not");
}

async fn ask_add_key(deck: &Deck, token: Option<&str>) -> reqwest::Response {
    let mut request = deck.http.post(format!("{}/add_key", deck.url));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.multipart(Form::new().text("task_name", ECHO)).send().await.unwrap()
}

#[tokio::test]
async fn whatever_is_wrong_with_a_request_who_is_no_operator_hears_that_it_may_not() {
    let guarded = Guarded::start();
    let send = async |token: &str, kind: &str, body: Vec<u8>| {
        let request = guarded.deck.http.post(format!("{}/operator/log_level", guarded.deck.url)).bearer_auth(token);
        request.header("content-type", kind).body(body).send().await.unwrap()
    };
    for (kind, body) in [
        ("application/json", b"[]".to_vec()),
        ("text/plain", b"{}".to_vec()),
        ("application/json", vec![b' '; 1 << 17]),
    ] {
        refused(send(&guarded.client, kind, body.clone()).await, 403, "forbidden").await;
        let status = send(&guarded.operator, kind, body).await.status().as_u16();
        assert!([415, 422].contains(&status), "{status}");
    }
    let rows = audited(&guarded.deck).await;
    let denied = rows.iter().filter(|row| row[0] == "carl" && row[3] == "denied");
    assert_eq!(denied.map(|row| row[2].as_str()).collect::<Vec<_>>(), ["/operator/log_level"; 3]);
}

#[tokio::test]
async fn without_a_token_only_health_and_the_description_answer() {
    let guarded = Guarded::start();
    let deck = &guarded.deck;
    for open in ["/healthz", "/readyz", "/robots.txt", "/docs/", "/docs/swagger-ui.css", "/openapi.json"] {
        assert_eq!(ask(deck, "GET", open, None, None).await.status(), 200, "{open}");
    }
    for closed in [
        "/get_use_cases",
        "/get_ads",
        "/get_task_status?task_id=x",
        "/get_task_result",
        "/get_key_status",
        "/list_current_tasks",
        "/logs",
        "/metrics",
        "/no/such",
        "/operator/no",
        "/docsx",
        "/",
    ] {
        refused(ask(deck, "GET", closed, None, None).await, 401, "unauthorized").await;
    }
    for closed in ["/add_key", "/start_task", "/cancel_task", "/delete_key"] {
        refused(ask(deck, "POST", closed, None, None).await, 401, "unauthorized").await;
    }
    assert_eq!(deck.tasks().await, 0);
}

#[tokio::test]
async fn a_client_runs_its_tasks_and_sees_nobody_elses() {
    let guarded = Guarded::start();
    let Guarded { deck, client, viewer, .. } = &guarded;
    let uid = text_of(&ok(ask_add_key(deck, Some(client)).await).await, "uid");
    for path in ["/get_use_cases", "/get_ads", &format!("/get_key_status?uid={uid}"), "/list_current_tasks?uid=x"] {
        assert_eq!(ask(deck, "GET", path, Some(client), None).await.status(), 200, "{path}");
    }
    for path in ["/list_current_tasks", "/logs", "/metrics", "/operator/tasks"] {
        refused(ask(deck, "GET", path, Some(client), None).await, 403, "forbidden").await;
        assert_eq!(ask(deck, "GET", path, Some(viewer), None).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn a_token_is_the_client_of_its_tasks_where_the_settings_say_so() {
    let guarded = Guarded::with_logs(
        |settings| settings.limits.client = Fairness::Token,
        cipherdeck::monitor::logs::LogRing::new(10),
    );
    let Guarded { deck, client, .. } = &guarded;
    let uid = text_of(&ok(ask_add_key(deck, Some(client)).await).await, "uid");
    let submit = deck.http.post(format!("{}/start_task", deck.url)).bearer_auth(client);
    ok(submit.multipart(start_form(&uid, ECHO, b"GOOD")).send().await.unwrap()).await;
    assert_eq!(deck.claim().await.task.client.0, "carl");
}

#[tokio::test]
async fn a_revoked_token_is_refused_and_a_new_one_accepted_without_a_restart() {
    let guarded = Guarded::start();
    let Guarded { deck, viewer, .. } = &guarded;
    let look = async |token: &str| ask(deck, "GET", "/operator/tasks", Some(token), None).await;
    assert_eq!(look(viewer).await.status(), 200);
    tokens::revoke(&deck.state.settings.auth.tokens, "vera").unwrap();
    refused(look(viewer).await, 401, "unauthorized").await;
    let again = tokens::add(&deck.state.settings.auth.tokens, "vera", Role::Viewer).unwrap();
    assert_eq!(look(again.expose()).await.status(), 200);
    refused(look(viewer).await, 401, "unauthorized").await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_file_that_is_open_to_others_or_broken_lets_nobody_in() {
    use std::os::unix::fs::PermissionsExt as _;
    let guarded = Guarded::start();
    let Guarded { deck, operator, .. } = &guarded;
    let file = deck.dir.path().join("tokens.json");
    let look = async || ask(deck, "GET", "/operator/tasks", Some(operator), None).await;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    refused(look().await, 401, "unauthorized").await;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(look().await.status(), 200);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"operator\"", "\"superuser\"")).unwrap();
    refused(look().await, 401, "unauthorized").await;
    std::fs::remove_file(&file).unwrap();
    refused(look().await, 401, "unauthorized").await;
}

#[tokio::test]
async fn in_dev_whoever_reaches_the_listener_is_operator_but_a_token_counts_where_it_is_shown() {
    let deck = Deck::start();
    let viewer = tokens::add(&deck.state.settings.auth.tokens, "vera", Role::Viewer).unwrap();
    assert_eq!(ask(&deck, "GET", "/operator/audit", None, None).await.status(), 200);
    let pause =
        async |token| ask(&deck, "POST", "/operator/queues/echo/pause", token, Some(serde_json::json!({}))).await;
    assert_eq!(pause(None).await.status(), 200);
    refused(pause(Some(viewer.expose())).await, 403, "forbidden").await;
    refused(pause(Some("cdt_wrong")).await, 401, "unauthorized").await;
    let rows = audited(&deck).await;
    assert_eq!(rows[0][..], ["anonymous", "pause", "echo", "done"]);
    assert_eq!(rows[1][..], ["vera", "pause", "echo", "denied"]);
    for (name, value) in [("authorization", "Basic Og=="), ("authorization", "Bearer"), ("authorization", "")] {
        let odd = deck.http.get(format!("{}/operator/tasks", deck.url)).header(name, value).send().await.unwrap();
        refused(odd, 401, "unauthorized").await;
    }
}
