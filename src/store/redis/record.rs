//! Hashes of Redis as records.

use std::{collections::HashMap, str::FromStr};

use super::{fault::damaged, layout::FORMAT};
use crate::{
    store::{Result, StoreError},
    task::{BlobRef, ClientId, Status, Task, TaskFailure, TaskId, Timestamp, WorkerName},
};

/// A hash.
pub(super) struct Fields(pub(super) HashMap<String, String>);

impl Fields {
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    pub(super) fn parse<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        self.0.get(name).map(|text| text.parse().map_err(|_| damaged(name))).transpose()
    }

    pub(super) fn must<T: FromStr>(&self, name: &str) -> Result<T> {
        self.parse(name)?.ok_or_else(|| damaged(name))
    }

    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>> {
        Ok(self.parse(name)?.map(Timestamp::from_millis))
    }

    pub(super) fn must_time(&self, name: &str) -> Result<Timestamp> {
        self.must(name).map(Timestamp::from_millis)
    }

    /// A blob's name, length and digest: all of them or none.
    pub(super) fn blob(&self, what: &str) -> Result<Option<BlobRef>> {
        self.text(&format!("{what}_name")).map(|name| self.blob_named(what, name)).transpose()
    }

    fn blob_named(&self, what: &str, name: String) -> Result<BlobRef> {
        Ok(BlobRef { name, len: self.must(&format!("{what}_len"))?, digest: self.must(&format!("{what}_digest"))? })
    }

    /// Was it written by a program whose records this one does not know?
    fn is_newer(&self) -> bool {
        self.0.get("v").and_then(|version| version.parse::<u32>().ok()).is_none_or(|version| version > FORMAT)
    }
}

/// A task's hash; an empty one is no task. What `lua/enqueue.lua` does not write goes without saying.
pub(super) fn task(id: TaskId, hash: HashMap<String, String>) -> Result<Option<Task>> {
    if hash.is_empty() {
        return Ok(None);
    }
    let fields = Fields(hash);
    if fields.is_newer() {
        tracing::warn!(task = %id, "a newer program wrote its record; this one leaves it alone");
        return Err(StoreError::Damaged(format!("a newer program wrote the record of task {id}")));
    }
    let status: Status = fields.must("status")?;
    let failure = fields.parse("failure")?.map(|label| {
        let detail = fields.text("failure_detail").unwrap_or_default();
        TaskFailure { label, detail }
    });
    let progress = fields.parse("progress")?.filter(|_| status == Status::Started);
    let use_case: String = fields.must("use_case")?;
    let input = fields.text("input_name").unwrap_or_else(|| format!("inputs/{id}"));
    let result = fields.text("result_name").or_else(|| Some(format!("results/{id}/{}", fields.text("token")?)));
    let result = result.filter(|_| fields.0.contains_key("result_digest"));
    let created = fields.must_time("created")?;
    Ok(Some(Task {
        id,
        uid: fields.must("uid")?,
        client: ClientId(fields.must("client")?),
        capability: fields.text("needs").unwrap_or_else(|| use_case.clone()),
        use_case,
        status,
        priority: fields.parse("priority")?.unwrap_or(0),
        attempt: fields.parse("attempt")?.unwrap_or(0),
        cancelling: fields.parse("cancelling")? == Some(1),
        input: fields.blob_named("input", input)?,
        result: result.map(|name| fields.blob_named("result", name)).transpose()?,
        failure,
        worker: fields.text("worker").map(WorkerName),
        device: fields.text("device"),
        progress,
        received: Timestamp::from_millis(created.millis().saturating_sub(fields.must("upload_ms")?)),
        created,
        started: fields.time("started")?,
        finished: fields.time("finished")?,
        fetched: fields.time("fetched")?,
        expires: fields.time("expires")?,
    }))
}

/// A task that must be there.
pub(super) fn must_be_task(id: &str, hash: HashMap<String, String>) -> Result<Task> {
    let id: TaskId = id.parse().map_err(|_| damaged("a task's id"))?;
    task(id, hash)?.ok_or_else(|| damaged("an index names a task that does not exist"))
}

/// Blobs as a script lists them: name, length, digest, one behind the other.
pub(super) fn blobs(flat: &[String]) -> Result<Vec<BlobRef>> {
    let read = |part: &[String]| match part {
        [name, len, digest] => {
            let (len, digest) = (len.parse().ok(), digest.parse().ok());
            let (Some(len), Some(digest)) = (len, digest) else { return Err(damaged("a blob reference")) };
            Ok(BlobRef { name: name.clone(), len, digest })
        }
        _ => Err(damaged("half a blob reference")),
    };
    flat.chunks(3).map(read).collect()
}
