//! Looks whether what had its time is gone.

use std::time::Duration;

use cipherdeck::{
    client::api::Word,
    task::{TaskId, Uid},
};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{
    clients::{failed, is_refused},
    site::{Site, Visit},
};

/// Nothing is kept so much longer than it should be, also on a busy machine.
const GRACE: Duration = Duration::from_secs(30);

/// What must be gone.
#[derive(Clone, Copy)]
pub(super) enum Gone {
    /// A task with its result.
    Task(Uid, TaskId),
    /// A uid with its key.
    Uid(Uid),
}

/// Looks now and then until the churn is over.
pub(super) async fn watch(site: &Site) {
    let mut looks = interval(Duration::from_secs(2));
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !site.is_over() {
        looks.tick().await;
        note(site, look(site).await);
    }
}

/// Looks until everything is gone.
pub(super) async fn last(site: &Site) {
    let mut looks = interval(Duration::from_secs(1));
    while !site.doomed.lock().is_empty() {
        looks.tick().await;
        note(site, look(site).await);
    }
}

fn note(site: &Site, looked: Visit) {
    if let Err(problem) = looked {
        site.tally.problem(problem);
    }
}

/// At everything that is due.
async fn look(site: &Site) -> Visit {
    let now = Instant::now();
    let due: Vec<_> = site.doomed.lock().extract_if(.., |(_, due)| *due <= now).collect();
    let api = site.api();
    for (what, since) in due {
        let gone = match what {
            Gone::Task(uid, task) => {
                let status = api.task_status(uid, task, Duration::ZERO).await;
                status.map_err(|error| failed("a task that is due", &error))?.status == Word::Unknown
            }
            Gone::Uid(uid) => match api.key_status(uid).await {
                Ok(_) => false,
                Err(error) if is_refused(&error, "unknown_uid") => true,
                Err(error) => return Err(failed("a uid that is due", &error)),
            },
        };
        match (gone, what) {
            (true, Gone::Task(..)) => site.tally.tasks_expired.add(),
            (true, Gone::Uid(_)) => site.tally.uids_expired.add(),
            (false, _) if since.elapsed() > GRACE => return Err("something outlives its time".to_owned()),
            (false, what) => site.doomed.lock().push((what, since)),
        }
    }
    Ok(())
}
