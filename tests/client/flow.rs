//! The flow without an evaluation key: what it asks for, and how it recovers.

use std::{path::Path, sync::Arc, time::Duration};

use cipherdeck::{
    client::{
        ClientError,
        api::Api,
        flow::{Answer, Job, Quiet, Report, Session},
        wallet::Wallet,
    },
    use_cases::ad_targeting::{Catalogue, FEATURES, Profile},
};
use tokio_util::sync::CancellationToken;

use super::mock::{Instead, Mock, catalogue};

pub(super) fn session(mock: &Mock, wallet: &Path, stop: &CancellationToken) -> Session {
    Session::new(Api::new(&mock.url).unwrap(), Wallet::at(wallet.to_owned()), Arc::new(Quiet), stop.clone())
}

fn profile() -> [bool; FEATURES] {
    let profile = Profile::new().gender("female").unwrap().language("French").unwrap().kids(true);
    *profile.interest("Art").unwrap().features()
}

pub(super) fn ads() -> Job {
    Job::AdTargeting(Box::new(profile()))
}

fn scores(catalogue: &Catalogue) -> Vec<u16> {
    let score =
        |weights: &[u8; FEATURES]| weights.iter().zip(profile()).map(|(w, has)| u16::from(*w) * u16::from(has)).sum();
    catalogue.weights().iter().map(score).collect()
}

async fn ask(mock: &Mock, wallet: &Path) -> Result<Report, ClientError> {
    session(mock, wallet, &CancellationToken::new()).run(ads()).await
}

fn assert_right(mock: &Mock, report: &Report) {
    let Answer::AdTargeting { scores: got, .. } = &report.answer else { panic!("scores of ads") };
    assert_eq!(*got, scores(&mock.catalogue()));
}

const ASK: [&str; 3] = ["start_task", "get_task_status", "get_task_result"];

fn sorted(mut calls: Vec<String>) -> Vec<String> {
    calls.sort();
    calls
}

#[tokio::test]
async fn the_first_ad_answer_needs_no_evaluation_key_and_five_requests() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    let wallet = dir.path().join("w");
    let report = ask(&mock, &wallet).await.unwrap();
    assert_right(&mock, &report);
    assert!(!wallet.join("server.key").exists());
    assert_eq!((report.sizes.key, report.timing.queue_s, report.timing.server_s), (0, 0.25, 0.75));
    assert!(report.timing.end_to_end_s < 5.0, "{:?}", report.timing);
    assert_eq!(
        sorted(mock.calls()),
        sorted([&ASK[..], &["add_key", "get_ads"]].concat().iter().map(ToString::to_string).collect())
    );

    let again = ask(&mock, &wallet).await.unwrap();
    assert_eq!(again.uid, report.uid);
    assert_eq!(mock.calls(), ASK);
}

#[tokio::test]
async fn a_server_that_forgot_the_uid_is_registered_with_again() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    let first = ask(&mock, dir.path()).await.unwrap();
    mock.forget_all();
    mock.calls();
    let second = ask(&mock, dir.path()).await.unwrap();
    assert_right(&mock, &second);
    assert_ne!(first.uid, second.uid);
    assert_eq!(mock.calls(), [&["start_task", "add_key"], &ASK[..]].concat());
}

#[tokio::test]
async fn a_changed_catalogue_is_fetched_once_and_the_profile_encrypted_for_it() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    ask(&mock, dir.path()).await.unwrap();
    mock.set_catalogue(catalogue(1));
    mock.calls();
    let report = ask(&mock, dir.path()).await.unwrap();
    assert_right(&mock, &report);
    assert_eq!(mock.calls(), [&["start_task", "get_ads"], &ASK[..]].concat());
    assert_ne!(scores(&catalogue(0)), scores(&catalogue(1)));
}

#[tokio::test]
async fn a_server_that_contradicts_itself_is_not_asked_for_ever() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    ask(&mock, dir.path()).await.unwrap();
    mock.calls();
    for _ in 0..2 {
        mock.instead("start_task", Instead::Refuse(409, "catalogue_changed", None));
    }
    let error = ask(&mock, dir.path()).await.unwrap_err();
    assert_eq!((error.label(), error.status()), ("catalogue_changed", Some(409)));
    assert_eq!(mock.calls(), ["start_task", "get_ads 304", "start_task"]);
}

#[tokio::test]
async fn a_busy_server_is_asked_again_as_it_says() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    for path in ["add_key", "get_ads", "start_task", "get_task_status", "get_task_result"] {
        mock.instead(path, Instead::Refuse(429, "rate_limited", Some("0")));
        mock.instead(path, Instead::Refuse(503, "store_unavailable", Some("0")));
    }
    let report = ask(&mock, dir.path()).await.unwrap();
    assert_right(&mock, &report);
    assert_eq!(mock.calls().len(), 15);
}

#[tokio::test]
async fn patience_with_a_busy_server_ends() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    for _ in 0..100 {
        mock.instead("start_task", Instead::Refuse(429, "queue_full", Some("0")));
    }
    let error = ask(&mock, dir.path()).await.unwrap_err();
    assert_eq!((error.label(), error.status()), ("queue_full", Some(429)));
    let tries = mock.calls().iter().filter(|call| *call == "start_task").count();
    assert!((2..=10).contains(&tries), "{tries}");
    assert!(error.hint().unwrap().contains("try again"));
}

#[tokio::test]
async fn a_server_that_asks_for_an_hour_is_left_to_the_person() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    mock.instead("start_task", Instead::Refuse(429, "queue_full", Some("3600")));
    assert_eq!(ask(&mock, dir.path()).await.unwrap_err().label(), "queue_full");
    assert_eq!(mock.calls().iter().filter(|call| *call == "start_task").count(), 1);
}

#[tokio::test]
async fn a_lost_answer_to_start_task_does_not_start_a_second_task() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    mock.instead("start_task", Instead::Lose);
    assert_right(&mock, &ask(&mock, dir.path()).await.unwrap());
    assert_eq!(mock.calls().iter().filter(|call| *call == "start_task").count(), 2);
    assert_eq!(mock.tasks(), ["success"]);
}

#[tokio::test]
async fn a_server_that_restarts_while_the_task_runs_is_waited_for() {
    let (mut mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    mock.hold();
    let asking = {
        let session = session(&mock, dir.path(), &CancellationToken::new());
        tokio::spawn(async move { session.run(ads()).await })
    };
    mock.called("get_task_status").await;
    mock.kill();
    mock.release();
    mock.run();
    let report = tokio::time::timeout(Duration::from_mins(1), asking).await.unwrap().unwrap().unwrap();
    assert_right(&mock, &report);
    assert_eq!(mock.tasks(), ["success"]);
}

#[tokio::test]
async fn an_interruption_cancels_the_task_on_the_server() {
    let (mock, dir, stop) = (Mock::start(), tempfile::tempdir().unwrap(), CancellationToken::new());
    mock.hold();
    let session = session(&mock, dir.path(), &stop);
    let asking = tokio::spawn(async move { session.run(ads()).await });
    mock.called("get_task_status").await;
    stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(30), asking).await.unwrap().unwrap();
    assert!(matches!(ended, Err(ClientError::Interrupted { cancelled: true })), "{ended:?}");
    assert_eq!(mock.tasks(), ["revoked"]);
}

#[tokio::test]
async fn an_interruption_before_the_task_starts_asks_for_nothing() {
    let (mock, dir, stop) = (Mock::start(), tempfile::tempdir().unwrap(), CancellationToken::new());
    stop.cancel();
    let ended = session(&mock, dir.path(), &stop).run(ads()).await;
    assert!(matches!(ended, Err(ClientError::Interrupted { cancelled: false })), "{ended:?}");
    assert!(mock.tasks().is_empty());
}

#[tokio::test]
async fn a_failed_task_is_reported_with_its_label() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    mock.fail_next("time_limit");
    let error = ask(&mock, dir.path()).await.unwrap_err();
    assert_eq!(error.label(), "time_limit");
    assert!(error.to_string().contains("Task failed: time_limit") && error.hint().is_some());
}

#[tokio::test]
async fn a_task_that_the_server_lost_is_reported() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    mock.hold();
    let session = session(&mock, dir.path(), &CancellationToken::new());
    let asking = tokio::spawn(async move { session.run(ads()).await });
    mock.called("get_task_status").await;
    mock.forget_all();
    let ended = tokio::time::timeout(Duration::from_secs(30), asking).await.unwrap().unwrap();
    assert!(matches!(ended, Err(ClientError::TaskUnknown)), "{ended:?}");
}

#[tokio::test]
async fn two_commands_at_once_register_one_uid() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    let (a, b) = tokio::join!(ask(&mock, dir.path()), ask(&mock, dir.path()));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_right(&mock, &a);
    assert_right(&mock, &b);
    assert_eq!(a.uid, b.uid);
    assert_eq!(mock.uids().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_reported_at_once() {
    let (mut mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    let gone = Api::new("http://127.0.0.1:1").unwrap();
    mock.kill();
    let session = Session::new(gone, Wallet::at(dir.path().into()), Arc::new(Quiet), CancellationToken::new());
    let error = session.run(ads()).await.unwrap_err();
    assert_eq!(error.label(), "unreachable");
    assert!(error.hint().unwrap().contains("cipherdeck serve"));
}
