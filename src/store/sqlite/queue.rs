//! Enqueue, claim, finish, release.

use rusqlite::{OptionalExtension as _, params};

use super::{
    order::QueueKey,
    row::{Columns, Row},
    tx::Tx,
};
use crate::{
    store::{Claim, ClaimRequest, Enqueued, EventKind, FinishOutcome, NewTask, Outcome, Result, StoreError},
    task::{Run, RunOrigin, Status, Task, TaskId, Timestamp, Token},
};

impl Row {
    /// Puts the row into a terminal state at `tx.now`.
    pub(super) fn end(&mut self, tx: &Tx<'_>, status: Status) {
        let earlier = self.last_finished.map_or(i64::MIN, Timestamp::millis);
        // Later than the end before a requeue, also when the clock has stepped back: a fetch names its result by it.
        let finished = Timestamp::from_millis(tx.now.millis().max(earlier.saturating_add(1)));
        self.task.status = status;
        self.task.finished = Some(finished);
        self.task.expires = Some(finished.plus(tx.options.result_ttl));
    }
}

pub(super) fn enqueue(tx: &mut Tx<'_>, new: NewTask) -> Result<Enqueued> {
    if let Some(row) = tx.load(new.id)? {
        return Ok(Enqueued::Existing(row.task.id));
    }
    if !tx.uid_is_known(new.uid)? {
        return Err(StoreError::UnknownUid);
    }
    if let Some(existing) = same_key(tx, &new)? {
        return Ok(existing);
    }
    let waiting_of_client = tx.tally.waiting_of.get(&new.client).copied().unwrap_or(0);
    let limits =
        [(tx.tally.waiting, tx.options.waiting, false), (waiting_of_client, tx.options.waiting_per_client, true)];
    for (waiting, limit, per_client) in limits {
        if waiting >= limit {
            return Err(StoreError::QueueFull { waiting, limit, per_client });
        }
    }
    let priority = new.priority.clamp(-10, 10);
    let (vt, seq) = tx.new_place(&new.client, priority)?;
    tx.tally.groups.insert((new.use_case.clone(), new.capability.clone()));
    let task = Task {
        id: new.id,
        uid: new.uid,
        client: new.client,
        use_case: new.use_case,
        capability: new.capability,
        status: Status::Queued,
        priority,
        attempt: 0,
        cancelling: false,
        input: new.input,
        result: None,
        failure: None,
        worker: None,
        device: None,
        progress: None,
        received: new.received,
        created: tx.now,
        started: None,
        finished: None,
        fetched: None,
        expires: None,
    };
    let idempotency_key = new.idempotency_key;
    let (n, queued, token, ended_as, run, last_finished) = (0, tx.now, None, None, None, None);
    tx.insert(&Row { n, task, vt, seq, queued, token, ended_as, run, idempotency_key, last_finished })?;
    tx.events.push(EventKind::Task { id: new.id, status: Some(Status::Queued) });
    tx.touch(new.uid)?;
    Ok(Enqueued::New(new.id))
}

fn same_key(tx: &Tx<'_>, new: &NewTask) -> Result<Option<Enqueued>> {
    let Some(key) = &new.idempotency_key else { return Ok(None) };
    let mut statement = tx.conn.prepare_cached(
        "SELECT id, input_digest FROM task INDEXED BY task_idempotency
         WHERE uid = ?1 AND idempotency_key = ?2 AND idempotency_key IS NOT NULL",
    )?;
    let mut rows = statement.query(params![new.uid.expose(), key])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let c = &mut Columns { row, at: 0 };
    let (id, digest): (TaskId, String) = (c.parse()?, c.take()?);
    if digest == new.input.digest.to_string() {
        Ok(Some(Enqueued::Existing(id)))
    } else {
        Err(StoreError::IdempotencyConflict)
    }
}

pub(super) fn claim(tx: &mut Tx<'_>, request: ClaimRequest) -> Result<Option<Claim>> {
    let token = request.nonce;
    if let Some(row) = tx.load_where("token = ?1 AND token IS NOT NULL", &token.to_string())? {
        // A nonce whose task has ended already is no right to another one.
        let running = row.task.status == Status::Started;
        return Ok(running.then_some(Claim { task: row.task, token }));
    }
    let Some(before) = first(tx, &request)? else { return Ok(None) };
    let mut after = before.clone();
    after.task.status = Status::Started;
    after.task.attempt += 1;
    after.task.worker = Some(request.worker);
    after.task.device = Some(request.device);
    after.task.started = Some(tx.now);
    after.task.progress = Some(0.0);
    after.token = Some(token);
    after.ended_as = None;
    tx.update(&before, &after)?;
    tx.conn
        .prepare_cached(
            "INSERT INTO vclock (band, vt) VALUES (?1, ?2)
             ON CONFLICT (band) DO UPDATE SET vt = max(vt, excluded.vt)",
        )?
        .execute(params![-i64::from(before.task.priority), before.vt])?;
    tx.touch(before.task.uid)?;
    Ok(Some(Claim { task: after.task, token }))
}

/// The first task in queue order that the worker is able to run.
fn first(tx: &Tx<'_>, request: &ClaimRequest) -> Result<Option<Row>> {
    if tx.tally.waiting == 0 {
        return Ok(None);
    }
    let paused = super::operator::paused(tx.conn)?;
    let mut head = tx.conn.prepare_cached(
        "SELECT band, vt, seq, id FROM task INDEXED BY task_claim
         WHERE status = 'queued' AND use_case = ?1 AND capability = ?2 ORDER BY band, vt, seq LIMIT 1",
    )?;
    let mut best: Option<(QueueKey, TaskId)> = None;
    for (use_case, capability) in &tx.tally.groups {
        if !request.capabilities.contains(capability) || paused.contains(use_case) {
            continue;
        }
        let mut rows = head.query([use_case, capability])?;
        if let Some(row) = rows.next()? {
            let c = &mut Columns { row, at: 0 };
            let key = QueueKey { band: c.take()?, vt: c.take()?, seq: c.take()? };
            let found = (key, c.parse()?);
            best = Some(best.map_or(found, |other| other.min(found)));
        }
    }
    best.map_or(Ok(None), |(_, id)| tx.load(id))
}

pub(super) fn finish(tx: &mut Tx<'_>, id: TaskId, token: Token, outcome: Outcome) -> Result<FinishOutcome> {
    let Some(before) = tx.load(id)?.filter(|row| row.token == Some(token)) else { return Ok(FinishOutcome::Stale) };
    if before.task.status != Status::Started {
        return Ok(before.ended_as.map_or(FinishOutcome::Stale, FinishOutcome::Applied));
    }
    let mut after = before.clone();
    match outcome {
        Outcome::Success { result, server, bootstraps } if !before.task.cancelling => {
            after.end(tx, Status::Success);
            after.task.result = Some(result);
            after.run = Some(super::history::append(tx, &run(&after, server.as_secs_f64(), bootstraps))?);
        }
        Outcome::Success { .. } | Outcome::Revoked => after.end(tx, Status::Revoked),
        Outcome::Failure(failure) => {
            after.end(tx, Status::Failure);
            after.task.failure = Some(failure);
        }
    }
    after.ended_as = Some(after.task.status);
    tx.update(&before, &after)?;
    Ok(FinishOutcome::Applied(after.task.status))
}

fn run(row: &Row, server_s: f64, bootstraps: u64) -> Run {
    let task = &row.task;
    Run {
        task: task.id,
        origin: RunOrigin::Task,
        use_case: task.use_case.clone(),
        device: task.device.clone().unwrap_or_default(),
        finished: task.finished.unwrap_or(task.created),
        upload_s: task.created.since(task.received).as_secs_f64(),
        queue_s: task.started.map_or(0.0, |started| started.since(row.queued).as_secs_f64()),
        server_s,
        end_to_end_s: None,
        bootstraps,
    }
}

pub(super) fn release(tx: &mut Tx<'_>, id: TaskId, token: Token) -> Result<bool> {
    let claimed = |row: &Row| row.task.status == Status::Started && row.token == Some(token);
    let Some(before) = tx.load(id)?.filter(claimed) else { return Ok(false) };
    let mut after = before.clone();
    after.token = None;
    if before.task.cancelling {
        after.end(tx, Status::Revoked);
    } else {
        after.task.status = Status::Queued;
        after.task.attempt = before.task.attempt.saturating_sub(1);
        after.task.started = None;
    }
    tx.update(&before, &after)?;
    Ok(true)
}

pub(super) fn fetched(tx: &mut Tx<'_>, id: TaskId, finished: Timestamp, last_byte: Timestamp) -> Result<()> {
    let this_result = |row: &Row| row.task.status == Status::Success && row.task.finished == Some(finished);
    let Some(before) = tx.load(id)?.filter(this_result) else { return Ok(()) };
    let mut after = before.clone();
    after.task.status = Status::Completed;
    after.task.fetched = Some(last_byte);
    tx.update(&before, &after)?;
    if let Some(run) = before.run {
        let end_to_end = last_byte.since(before.task.received).as_secs_f64();
        let updated = tx
            .conn
            .prepare_cached("UPDATE run SET end_to_end_s = ?2 WHERE n = ?1 AND end_to_end_s IS NULL")?
            .execute(params![run, end_to_end])?;
        tracing::trace!(updated, "end-to-end time filled in");
    }
    Ok(())
}

/// The stored record, for readers.
pub(super) fn task(conn: &rusqlite::Connection, id: TaskId) -> Result<Option<Row>> {
    let sql = format!("SELECT {} FROM task WHERE id = ?1", super::row::COLUMNS);
    let mut statement = conn.prepare_cached(&sql)?;
    let read = statement.query_row([id.to_string()], |row| Ok(Row::read(row))).optional()?;
    read.transpose()
}
