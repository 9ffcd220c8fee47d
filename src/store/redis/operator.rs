//! Cancel, requeue, delete, priority, pause.

use super::{
    fault::damaged,
    link::{Link, args},
    queue::status,
    record, scripts,
};
use crate::{
    store::{CancelOutcome, DeleteOutcome, RequeueOutcome, Result},
    task::{TaskId, Uid},
};

pub(super) async fn cancel(link: &Link, id: TaskId, owner: Option<Uid>) -> Result<CancelOutcome> {
    let owner = owner.map(|uid| uid.expose()).unwrap_or_default();
    let (word, ended): (String, String) = link.run(&scripts::CANCEL, args![id, owner]).await?;
    match word.as_str() {
        "revoked" => Ok(CancelOutcome::Revoked),
        "requested" => Ok(CancelOutcome::Requested),
        "ended" => Ok(CancelOutcome::Ended(status(&ended)?)),
        "unknown" => Ok(CancelOutcome::Unknown),
        _ => Err(damaged("an answer to a cancel")),
    }
}

pub(super) async fn requeue(link: &Link, id: TaskId) -> Result<RequeueOutcome> {
    let (word, is, garbage): (String, String, Vec<String>) = link.run(&scripts::REQUEUE, args![id]).await?;
    match word.as_str() {
        "requeued" => Ok(RequeueOutcome::Requeued { garbage: record::blobs(&garbage)? }),
        "refused" => Ok(RequeueOutcome::Refused(status(&is)?)),
        "unknown" => Ok(RequeueOutcome::Unknown),
        _ => Err(damaged("an answer to a requeue")),
    }
}

pub(super) async fn delete(link: &Link, id: TaskId) -> Result<DeleteOutcome> {
    let (word, is, garbage): (String, String, Vec<String>) = link.run(&scripts::DELETE, args![id]).await?;
    match word.as_str() {
        "deleted" => Ok(DeleteOutcome::Deleted { garbage: record::blobs(&garbage)? }),
        "refused" => Ok(DeleteOutcome::Refused(status(&is)?)),
        "unknown" => Ok(DeleteOutcome::Unknown),
        _ => Err(damaged("an answer to a deletion")),
    }
}

pub(super) async fn set_priority(link: &Link, id: TaskId, priority: i8) -> Result<bool> {
    let (done,): (bool,) = link.repeat(&scripts::PRIORITY, args![id, priority]).await?;
    Ok(done)
}

pub(super) async fn set_paused(link: &Link, use_case: &str, paused: bool) -> Result<()> {
    link.repeat(&scripts::PAUSE, args![use_case, u8::from(paused)]).await
}

pub(super) async fn paused(link: &Link) -> Result<Vec<String>> {
    let (names,): (Vec<String>,) = link.repeat(&scripts::PAUSED, Vec::new()).await?;
    Ok(names)
}
