//! Fifty at a time send the same submission, again and again.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use cipherdeck::{
    client::api::{Api, Upload},
    task::{TaskId, Uid},
    use_cases::ad_targeting,
};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::{
    place::Place,
    round::{Attack, withstands},
};
use crate::support::keys::CLIENT;

const AT_ONCE: usize = 50;

/// Submissions of one input under one key, one of each client; the tasks that they gave.
async fn burst(clients: &[Api], uid: Uid, input: Upload) -> BTreeSet<TaskId> {
    let once = TaskId::random().to_string();
    let submissions = clients
        .iter()
        .map(async |api| api.start_task(uid, "ad_targeting", input.clone(), &once).await.expect("it is accepted"));
    futures::future::join_all(submissions).await.into_iter().collect()
}

#[test]
fn fifty_submissions_with_one_key_are_one_task_each_time_and_nobody_waits_for_them() {
    let place = Place::open(&[("WORKER__COUNT", "0")]);
    let url = place.server.url.clone();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (uid, input) = runtime.block_on(async {
        let api = Api::new(&url).unwrap();
        let catalogue = api.ads(None).await.unwrap().unwrap().catalogue;
        let input = ad_targeting::encrypt(&CLIENT, &[false; ad_targeting::FEATURES], &catalogue).unwrap();
        (api.add_key(None, Some("ad_targeting"), None).await.unwrap(), Upload::new(input))
    });
    let (bursts, tasks) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(BTreeSet::new())));
    let attack = |attack: &Attack| {
        let begun = Arc::new(Semaphore::new(0));
        let clients: Vec<Api> = (0..AT_ONCE).map(|_| Api::new(&url).unwrap()).collect();
        let (told, input) = (Arc::clone(&begun), input.clone());
        let (bursts, tasks) = (Arc::clone(&bursts), Arc::clone(&tasks));
        let stop = attack.stop.clone();
        attack.send_to_the_end(async move {
            while !stop.is_cancelled() {
                let given = burst(&clients, uid, input.clone()).await;
                assert_eq!(given.len(), 1, "one key, one task");
                tasks.lock().extend(given);
                bursts.fetch_add(1, Ordering::Relaxed);
                told.add_permits(1);
            }
        });
        drop(attack.wait(begun.acquire_many(1)).expect("it is open"));
    };
    withstands(&place, "50 submissions with one key", attack, |_| ());
    let (bursts, tasks) = (bursts.load(Ordering::Relaxed), tasks.lock().len());
    eprintln!("{bursts} times 50 submissions: {tasks} tasks");
    assert_eq!((bursts, place.blobs()), (tasks, tasks), "a task and its input for each key");
}
