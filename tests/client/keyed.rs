//! The flow with an evaluation key: made once, uploaded once, and again when the server has lost it.

use std::{path::Path, sync::LazyLock};

use cipherdeck::client::{
    ClientError,
    flow::{Answer, Job, Report},
    wallet::Wallet,
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{
    flow::{ads, session},
    mock::{Instead, Mock},
};

/// A wallet with both keys; making them takes seconds, so the tests copy them.
static KEYS: LazyLock<TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let wallet = Wallet::at(dir.path().to_owned());
    let lock = wallet.lock(|| ()).unwrap();
    let secret = wallet.ensure_secret_key(&lock).unwrap();
    wallet.ensure_server_key(&lock, &secret).unwrap();
    dir
});

fn wallet() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in ["client.key", "server.key", "keys.json"] {
        std::fs::copy(KEYS.path().join(name), dir.path().join(name)).unwrap();
    }
    dir
}

async fn weigh(mock: &Mock, wallet: &Path) -> Result<Report, ClientError> {
    session(mock, wallet, &CancellationToken::new()).run(Job::WeightStats(vec![16_383])).await
}

fn assert_right(report: &Report) {
    let Answer::WeightStats(statistics) = &report.answer else { panic!("statistics") };
    assert_eq!((statistics.min, statistics.avg, statistics.max), (16_383, 16_383, 16_383));
}

const ASK: [&str; 3] = ["start_task", "get_task_status", "get_task_result"];

#[tokio::test]
async fn the_evaluation_key_is_uploaded_once() {
    let (mock, dir) = (Mock::start(), wallet());
    let first = weigh(&mock, dir.path()).await.unwrap();
    assert_right(&first);
    assert_eq!(mock.calls(), [&["add_key+key"], &ASK[..]].concat());
    assert!(first.sizes.key > 1 << 20);
    let second = weigh(&mock, dir.path()).await.unwrap();
    assert_right(&second);
    assert_eq!((second.uid, second.sizes.key), (first.uid, 0));
    assert_eq!(mock.calls(), ASK);
}

#[tokio::test]
async fn a_uid_that_began_without_a_key_gets_one_attached() {
    let (mock, dir) = (Mock::start(), wallet());
    let keyless = session(&mock, dir.path(), &CancellationToken::new()).run(ads()).await.unwrap();
    mock.calls();
    let keyed = weigh(&mock, dir.path()).await.unwrap();
    assert_right(&keyed);
    assert_eq!(keyed.uid, keyless.uid);
    assert_eq!(mock.calls(), [&["add_key+uid+key"], &ASK[..]].concat());
}

#[tokio::test]
async fn a_server_that_forgot_the_key_gets_it_again() {
    let (mock, dir) = (Mock::start(), wallet());
    weigh(&mock, dir.path()).await.unwrap();
    mock.calls();
    mock.forget_all();
    assert_right(&weigh(&mock, dir.path()).await.unwrap());
    assert_eq!(mock.calls(), [&["start_task", "add_key+key"], &ASK[..]].concat());
    mock.lose_keys();
    assert_right(&weigh(&mock, dir.path()).await.unwrap());
    assert_eq!(mock.calls(), [&["start_task", "add_key+uid+key"], &ASK[..]].concat());
    mock.fail_next("key_missing");
    assert_right(&weigh(&mock, dir.path()).await.unwrap());
    assert_eq!(mock.calls(), [&["start_task", "get_task_status", "add_key+key"], &ASK[..]].concat());
}

#[tokio::test]
async fn a_uid_whose_key_this_wallet_does_not_know_is_not_trusted() {
    let (mock, dir) = (Mock::start(), wallet());
    let keyless = session(&mock, dir.path(), &CancellationToken::new()).run(ads()).await.unwrap();
    mock.calls();
    mock.instead("add_key", Instead::Refuse(409, "key_exists", None));
    let keyed = weigh(&mock, dir.path()).await.unwrap();
    assert_right(&keyed);
    assert_ne!(keyed.uid, keyless.uid);
    assert_eq!(mock.calls(), [&["add_key+uid+key", "add_key+key"], &ASK[..]].concat());
}

#[tokio::test]
async fn another_secret_key_never_uses_the_old_evaluation_key() {
    let (mock, dir) = (Mock::start(), wallet());
    let first = weigh(&mock, dir.path()).await.unwrap();
    std::fs::remove_file(dir.path().join("client.key")).unwrap();
    let second = weigh(&mock, dir.path()).await.unwrap();
    assert_right(&second);
    assert_ne!(first.uid, second.uid);
    assert!(second.timing.keygen_s > 0.0 && second.sizes.key > 1 << 20);
}

#[tokio::test]
async fn two_commands_at_once_upload_one_key() {
    let (mock, dir) = (Mock::start(), wallet());
    let (a, b) = tokio::join!(weigh(&mock, dir.path()), weigh(&mock, dir.path()));
    assert_eq!(a.unwrap().uid, b.unwrap().uid);
    assert_eq!(mock.calls().iter().filter(|call| *call == "add_key+key").count(), 1);
}
