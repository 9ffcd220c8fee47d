//! Enqueue, claim, heartbeat, finish, release, fetch: what clients and workers do.

use std::collections::{BTreeMap, HashMap};

use super::{
    fault::damaged,
    link::{Link, args},
    record, scripts,
};
use crate::{
    store::{
        Beat, BeatAnswer, Claim, ClaimRequest, Counts, Enqueued, FinishOutcome, NewTask, Outcome, Position, Result,
        StoreError,
    },
    task::{Status, Task, TaskId, Timestamp, Token},
};

pub(super) async fn enqueue(link: &Link, new: NewTask) -> Result<Enqueued> {
    let options = &link.options;
    let mut args = args![
        new.id,
        0,
        new.uid.expose(),
        new.client.0,
        new.use_case,
        new.capability,
        new.priority,
        new.input.name,
        new.input.len,
        new.input.digest,
        new.idempotency_key.unwrap_or_default(),
        new.received.millis(),
        options.waiting,
        options.waiting_per_client,
    ];
    let answer = match link.once(&scripts::ENQUEUE, &args).await {
        Err(fault) if fault.broken => {
            // It may have been accepted: the second time says so, and that the input is referred to.
            if let Some(again) = args.get_mut(1) {
                "1".clone_into(again);
            }
            link.once(&scripts::ENQUEUE, &args).await
        }
        answer => answer,
    };
    let answer: Vec<String> = link.read(answer.map_err(|fault| fault.error)?).await?;
    let (word, rest) = answer.split_first().ok_or_else(|| damaged("an answer to enqueue"))?;
    let rest = rest.first().map(String::as_str).unwrap_or_default();
    let full = |limit, per_client| {
        let waiting = rest.parse().map_err(|_| damaged("a length"))?;
        Err(StoreError::QueueFull { waiting, limit, per_client })
    };
    match word.as_str() {
        "new" => Ok(Enqueued::New(new.id)),
        "existing" => Ok(Enqueued::Existing(rest.parse().map_err(|_| damaged("a task's id"))?)),
        "unknown_uid" => Err(StoreError::UnknownUid),
        "conflict" => Err(StoreError::IdempotencyConflict),
        "full" => full(options.waiting, false),
        "full_of_client" => full(options.waiting_per_client, true),
        _ => Err(damaged("an answer to enqueue")),
    }
}

pub(super) async fn claim(link: &Link, request: ClaimRequest) -> Result<Option<Claim>> {
    let token = request.nonce;
    let mut args = args![token, request.worker, request.device];
    args.extend(request.capabilities);
    let (id, hash): (Option<String>, HashMap<String, String>) = link.repeat(&scripts::CLAIM, args).await?;
    let Some(id) = id else { return Ok(None) };
    Ok(Some(Claim { task: record::must_be_task(&id, hash)?, token }))
}

pub(super) async fn heartbeat(link: &Link, beats: &[Beat]) -> Result<Vec<BeatAnswer>> {
    if beats.is_empty() {
        return Ok(Vec::new());
    }
    let mut args = Vec::with_capacity(beats.len() * 3);
    for beat in beats {
        let progress = if beat.progress.is_finite() { beat.progress.to_string() } else { String::new() };
        args.extend(args![beat.task, beat.token, progress]);
    }
    let (answers,): (Vec<String>,) = link.repeat(&scripts::HEARTBEAT, args).await?;
    let read = |word: String| match word.as_str() {
        "ok" => Ok(BeatAnswer::Ok),
        "cancel" => Ok(BeatAnswer::Cancel),
        "lost" => Ok(BeatAnswer::Lost),
        _ => Err(damaged("an answer to a heartbeat")),
    };
    answers.into_iter().map(read).collect()
}

pub(super) async fn finish(link: &Link, id: TaskId, token: Token, outcome: Outcome) -> Result<FinishOutcome> {
    let args = match outcome {
        Outcome::Success { result, server, bootstraps } => {
            let seconds = server.as_secs_f64();
            args![id, token, "success", result.name, result.len, result.digest, seconds, bootstraps]
        }
        Outcome::Failure(failure) => args![id, token, "failure", failure.label, failure.detail],
        Outcome::Revoked => args![id, token, "revoked"],
    };
    let (word,): (String,) = link.repeat(&scripts::FINISH, args).await?;
    match word.as_str() {
        "stale" => Ok(FinishOutcome::Stale),
        word => Ok(FinishOutcome::Applied(status(word)?)),
    }
}

pub(super) async fn release(link: &Link, id: TaskId, token: Token) -> Result<bool> {
    let (done,): (bool,) = link.run(&scripts::RELEASE, args![id, token]).await?;
    Ok(done)
}

pub(super) async fn fetched(link: &Link, id: TaskId, finished: Timestamp, last_byte: Timestamp) -> Result<()> {
    link.repeat(&scripts::FETCHED, args![id, finished.millis(), last_byte.millis()]).await
}

pub(super) async fn task(link: &Link, id: TaskId) -> Result<Option<Task>> {
    let (hash,): (HashMap<String, String>,) = link.repeat(&scripts::TASK, args![id]).await?;
    record::task(id, hash)
}

pub(super) async fn position(link: &Link, id: TaskId) -> Result<Option<Position>> {
    let (place, length): (u64, u64) = link.repeat(&scripts::POSITION, args![id]).await?;
    Ok((place > 0).then_some(Position { place, length }))
}

/// Tasks in each state, and those that wait of each use case.
pub(super) async fn counts(link: &Link) -> Result<(Counts, BTreeMap<String, u64>)> {
    let (lengths, groups): (Vec<u64>, Vec<(String, u64)>) = link.repeat(&scripts::COUNTS, Vec::new()).await?;
    let mut counts = Counts::default();
    for (status, length) in Status::ALL.into_iter().zip(lengths) {
        *counts.of_mut(status) = length;
    }
    let mut waiting = BTreeMap::new();
    for (use_case, length) in groups {
        *waiting.entry(use_case).or_default() += length;
    }
    Ok((counts, waiting))
}

pub(super) fn status(word: &str) -> Result<Status> {
    word.parse().map_err(|_| damaged("a status"))
}
