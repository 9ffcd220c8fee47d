//! `POST /cancel_task`.

use cipherdeck::{
    store::{BeatAnswer, Outcome},
    task::Status,
    use_cases::Output,
};
use futures::future::join;
use reqwest::multipart::Form;

use super::harness::{Deck, ECHO, ok, refused, text_of};

#[tokio::test]
async fn a_waiting_task_is_revoked_at_once_and_saying_it_again_says_the_same() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    let answer = deck.cancel(&task, &uid).await;
    assert_eq!(text_of(&answer, "status"), "revoked");
    assert_eq!(text_of(&answer, "details"), "Successfully cancelled the task");
    assert_eq!((text_of(&answer, "task_id"), text_of(&answer, "uid")), (task.clone(), uid.clone()));
    assert_eq!(deck.cancel(&task, &uid).await, answer);
    assert_eq!(text_of(&deck.status(&task, &uid).await, "details"), "Task was cancelled");
    assert_eq!(deck.state.store.counts().await.unwrap().queued, 0);
}

#[tokio::test]
async fn a_running_task_whose_worker_stops_within_the_second_is_answered_revoked() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    let claim = deck.claim().await;
    let (answer, ended) = join(deck.cancel(&task, &uid), async {
        while deck.beat(&claim, 0.1).await != BeatAnswer::Cancel {
            tokio::task::yield_now().await;
        }
        deck.finish(&claim, Outcome::Revoked).await
    })
    .await;
    assert_eq!((text_of(&answer, "status").as_str(), ended), ("revoked", Status::Revoked));
    assert_eq!(text_of(&answer, "details"), "Successfully cancelled the task");
}

#[tokio::test]
async fn a_running_task_whose_worker_takes_longer_shows_as_cancelling_and_gives_no_result() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    let claim = deck.claim().await;
    for _ in 0..2 {
        let answer = deck.cancel(&task, &uid).await;
        assert_eq!(text_of(&answer, "status"), "started");
        assert_eq!(text_of(&answer, "details"), "Successfully cancelled the task: it stops at the next step");
    }
    assert_eq!(text_of(&deck.status(&task, &uid).await, "details"), "Task is in progress, cancelling");
    assert_eq!(deck.succeed(&claim, &Output::One(b"late".to_vec())).await, Status::Revoked);
    let result = deck.json(&format!("/get_task_result?task_name={ECHO}&task_id={task}&uid={uid}")).await;
    assert_eq!(text_of(&result, "status"), "revoked");
}

#[tokio::test]
async fn what_has_ended_or_is_foreign_cannot_be_cancelled() {
    let deck = Deck::start();
    let (uid, other) = (deck.uid().await, deck.uid().await);
    let done = deck.finished(&uid, &Output::One(vec![7])).await;
    let answer = deck.cancel(&done, &uid).await;
    assert_eq!(text_of(&answer, "status"), "success");
    let expected = "Cannot cancel this task (status = `success`). Task successfully completed";
    assert_eq!(text_of(&answer, "details"), expected);

    let mine = deck.task(&uid).await;
    let mut foreign = deck.cancel(&mine, &other).await;
    assert_eq!(text_of(&foreign, "status"), "unknown");
    let expected = "Cannot cancel this task (status = `unknown`). Task may not exist";
    assert_eq!(text_of(&foreign, "details"), expected);
    let missing = "936da01f-9abd-4d9d-80c7-02af85c822a8";
    foreign["task_id"] = missing.into();
    assert_eq!(deck.cancel(missing, &other).await, foreign);
    assert_eq!(text_of(&deck.cancel("*", &uid).await, "status"), "unknown");
    assert_eq!(text_of(&deck.status(&mine, &uid).await, "status"), "queued", "nothing happened to it");
}

#[tokio::test]
async fn a_cancel_is_read_from_every_kind_of_form_and_contradictions_are_refused() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    let url = format!("{}/cancel_task?task_id={task}&uid={uid}", deck.url);
    let contradiction = deck.http.post(&url).form(&[("uid", "other")]).send().await.unwrap();
    refused(contradiction, 422, "invalid_parameter").await;
    assert_eq!(text_of(&deck.status(&task, &uid).await, "status"), "queued");
    assert_eq!(text_of(&ok(deck.http.post(&url).send().await.unwrap()).await, "status"), "revoked");
    let form = Form::new().text("task_id", task).text("uid", uid);
    assert_eq!(text_of(&ok(deck.post("/cancel_task", form).await).await, "status"), "revoked");
}
