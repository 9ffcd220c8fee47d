//! `GET /get_task_status`, `GET /list_current_tasks`, `GET /get_use_cases`.

use cipherdeck::use_cases::Output;
use serde_json::Value;

use super::harness::{Deck, ECHO, LOCKED, refused, text_of};

const KEYS: [&str; 12] = [
    "attempts",
    "created",
    "details",
    "finished",
    "position",
    "progress",
    "queue_length",
    "started",
    "status",
    "task_id",
    "uid",
    "worker",
];

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn a_task_is_seen_in_every_state_with_the_words_of_the_contract() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let (first, second) = (deck.task(&uid).await, deck.task(&uid).await);
    let status = deck.status(&second, &uid).await;
    assert_eq!(keys(&status), KEYS);
    assert_eq!(text_of(&status, "details"), "Task is queued, position 2 of 2");
    assert_eq!((status["position"].as_u64(), status["queue_length"].as_u64()), (Some(2), Some(2)));
    assert_eq!((text_of(&status, "task_id"), text_of(&status, "uid")), (second.clone(), uid.clone()));
    assert!(status["progress"].is_null() && status["worker"].is_null() && status["started"].is_null());

    let claim = deck.claim().await;
    deck.beat(&claim, 0.5).await;
    let status = deck.status(&first, &uid).await;
    assert_eq!(
        (text_of(&status, "status").as_str(), text_of(&status, "details").as_str()),
        ("started", "Task is in progress, 50 %")
    );
    assert_eq!((status["progress"].as_f64(), status["attempts"].as_u64()), (Some(0.5), Some(1)));
    assert_eq!(text_of(&status, "worker"), "host:1:test/0");
    assert!(status["position"].is_null() && status["finished"].is_null());
    assert_eq!(deck.status(&second, &uid).await["position"], 1);

    deck.succeed(&claim, &Output::One(vec![1])).await;
    let status = deck.status(&first, &uid).await;
    assert_eq!(
        (text_of(&status, "status").as_str(), text_of(&status, "details").as_str()),
        ("success", "Task successfully completed")
    );
    assert!(status["progress"].is_null());
    let finished = text_of(&status, "finished");
    assert!(finished.len() == "2026-11-22T14:44:44.123Z".len() && finished.ends_with('Z'), "{finished}");

    deck.get(&format!("/get_task_result?task_name={ECHO}&task_id={first}&uid={uid}")).await.bytes().await.unwrap();
    let status = deck.status(&first, &uid).await;
    assert_eq!(text_of(&status, "status"), "completed");
    assert_eq!(text_of(&status, "details"), format!("Task completed on {finished}. The result is stored."));

    deck.fail(&deck.claim().await).await;
    let status = deck.status(&second, &uid).await;
    assert_eq!(
        (text_of(&status, "status").as_str(), text_of(&status, "details").as_str()),
        ("failure", "Task failed: time_limit")
    );
    assert!(!status.to_string().contains("secret detail"));
}

#[tokio::test]
async fn ids_that_are_foreign_missing_or_malformed_are_unknown_and_answered_alike() {
    let deck = Deck::start();
    let (mine, other) = (deck.uid().await, deck.uid().await);
    let task = deck.task(&mine).await;
    let nobody = "936da01f-9abd-4d9d-80c7-02af85c822a8";
    let foreign = deck.status(&task, &other).await;
    assert_eq!(keys(&foreign), KEYS);
    let bare = |mut value: Value| {
        value["task_id"] = Value::Null;
        value["uid"] = Value::Null;
        value
    };
    for (task, uid) in [
        (nobody, mine.as_str()),
        (task.as_str(), nobody),
        (task.as_str(), "*"),
        (task.as_str(), ""),
        ("*", mine.as_str()),
        ("..%2F..%2Fetc%2Fpasswd", mine.as_str()),
        ("%00%0A%1B", mine.as_str()),
        (&task.to_uppercase(), mine.as_str()),
        (&task.replace('-', ""), mine.as_str()),
    ] {
        let answer = deck.status(task, uid).await;
        assert_eq!(bare(answer.clone()), bare(foreign.clone()), "{task} {uid}");
        assert_eq!(
            (text_of(&answer, "status").as_str(), text_of(&answer, "details").as_str()),
            ("unknown", "Task may not exist")
        );
    }
    let empty = deck.status("", &mine).await;
    assert_eq!(
        (text_of(&empty, "status").as_str(), text_of(&empty, "details").as_str()),
        ("unknown", "Task ID is None or Empty")
    );
    let missing = deck.json("/get_task_status").await;
    assert_eq!((text_of(&missing, "details").as_str(), keys(&missing)), ("Task ID is None or Empty", KEYS.to_vec()));
}

#[tokio::test]
async fn the_list_shows_a_uid_its_current_tasks_and_never_another_uids() {
    let deck = Deck::start();
    let (mine, other) = (deck.uid().await, deck.uid().await);
    let (running, queued) = (deck.task(&mine).await, deck.task(&mine).await);
    let foreign = deck.task(&other).await;
    let claim = deck.claim().await;
    assert_eq!(claim.task.id.to_string(), running);
    let list = deck.json(&format!("/list_current_tasks?uid={mine}")).await;
    let ids: Vec<String> = list.as_array().unwrap().iter().map(|it| text_of(it, "task_id")).collect();
    assert_eq!(ids, [running.clone(), queued.clone()]);
    assert_eq!(keys(&list[0]), ["details", "status", "task_id", "worker"]);
    assert_eq!(text_of(&list[0], "worker"), "host:1:test/0");
    assert!(text_of(&list[1], "details").starts_with("Task is queued, position "));
    let all = deck.json("/list_current_tasks").await;
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert!(all.to_string().contains(&foreign) && !all.to_string().contains(&mine), "ids yes, uids no");
    for nobody in ["", "*", "936da01f-9abd-4d9d-80c7-02af85c822a8", "%25"] {
        assert_eq!(deck.json(&format!("/list_current_tasks?uid={nobody}")).await, Value::Array(vec![]), "{nobody}");
    }
    deck.succeed(&claim, &Output::One(vec![])).await;
    assert_eq!(deck.json(&format!("/list_current_tasks?uid={mine}")).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn outside_dev_nobody_is_anonymous_whatever_the_settings_say() {
    let deck = Deck::with(|settings| settings.env = cipherdeck::config::Environment::Prod);
    assert!(!deck.state.settings.auth.required);
    for path in ["/list_current_tasks", "/list_current_tasks?uid=x", "/logs?lines=5", "/metrics", "/get_use_cases"] {
        refused(deck.get(path).await, 401, "unauthorized").await;
    }
    assert_eq!(deck.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn use_cases_are_listed_sorted_and_every_listed_one_exists() {
    let deck = Deck::start();
    let answer = deck.json("/get_use_cases").await;
    let names: Vec<&str> = answer["Use-cases"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(names, ["ad_targeting", ECHO, LOCKED, "sleep_quality", "weight_stats"]);
    assert_eq!(answer.as_object().unwrap().keys().next().map(String::as_str), Some("Use-cases"));
    for (name, details) in names.iter().zip(answer["details"].as_array().unwrap()) {
        assert_eq!(details["name"], *name);
        for key in ["description", "input", "output"] {
            assert!(!text_of(details, key).is_empty(), "{name} {key}");
        }
        assert!(details["max_input_bytes"].as_u64().unwrap() > 0 && details["needs_key"].is_boolean());
        assert!(
            details["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .all(|it| it["name"].is_string() && it["value"].is_string())
        );
        assert!(deck.state.use_cases.get(name).is_some());
    }
}
