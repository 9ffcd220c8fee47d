//! What lies where. Every key begins with `{cipherdeck}:1:`, one hash tag, so that all of them lie on one node of a Redis
//! cluster, and the version of this layout; below it is left out. Members of sorted sets have a fixed width, so that
//! they sort as text; numbers in brackets are hexadecimal. Times are Unix milliseconds by the clock of Redis.
//!
//! | key | type | holds |
//! |---|---|---|
//! | `task:<id>` | hash | a task's record: `v` version of its form, `n` its number, `uid`, `client`, `use_case`, `needs` (see `capabilities`), `status`, `priority`, `place` in the queue, `attempt`, `cancelling`, `key` (mark of its idempotency key), `input_len`, `input_digest`, `upload_ms`, `created`, `queued`, `started`, `finished`, `fetched`, `expires`, `worker`, `device`, `token` of the claim, `progress`, `told` (progress that was an event), `result_len`, `result_digest`, `run` (row of the history), `ended_as`, `failure`, `failure_detail`, `last_finished` (before a requeue) |
//! | `queue:<use case>` | sorted set | waiting tasks, first to run first: `band:[virtual time]:[order of queueing]:id`; the band is 10 - priority |
//! | `queue:<use case>\|<number>` | sorted set | the same of tasks that need that capability |
//! | `groups` | set | what stands behind `queue:` where anything waits |
//! | `capabilities`, `capability_numbers` | hashes | what a worker must have that is more than a use case, by number, and its number |
//! | `created` | sorted set | every task: `n:id` |
//! | `begun`, `state:started` | sorted sets | every task that was started, and those that run: `started:n:id` |
//! | `ended`, `state:success`, `state:completed`, `state:failure`, `state:revoked` | sorted sets | ended tasks: `finished:n:id` |
//! | `expires` | sorted set | ended tasks: `expires:id` |
//! | `lease` | sorted set | running tasks, scored by when their worker counts as lost |
//! | `tokens` | hash | tokens of claims, and their tasks |
//! | `retried` | sorted set | waiting tasks whose worker was lost: `attempt:id` |
//! | `client:<name>` | sorted set | `band:[virtual time]` of a client's waiting and running tasks |
//! | `waiting` | hash | number of waiting tasks by client |
//! | `vclock` | hash | greatest virtual time claimed, by band |
//! | `paused` | set | use cases |
//! | `uid:<uid>` | hash | `v`, `tag`, `client`, `created`, `last_used`, `running` (tasks), `key_name`, `key_len`, `key_digest`, `deleting` |
//! | `uid:<uid>:tasks` | hash | ids, or the mark of an idempotency key and the id under it |
//! | `tags` | sorted set | `tag:uid` |
//! | `uids:<client>` | set | uids of a client; those that a program made which did not know this key are missing |
//! | `keyless`, `deleting` | sets | uids without a key; uids whose deletion waits for running tasks |
//! | `idle:keyed`, `idle:keyless` | sorted sets | uids without tasks, scored by their last use |
//! | `refs` | hash | number of tasks that refer to a blob that is not named after them |
//! | `key_refs`, `key_blobs` | hashes | number of uids that refer to a key's blob; the blob of a key, by `len:digest` |
//! | `events` | stream | changes: `<number>-<when the numbers began>` |
//! | `runs`, `runs:finished`, `runs:end_to_end` | stream, sorted set, hash | the run history; its rows by time; the times that fetches filled in |
//! | `audit` | stream | the audit log |
//! | `nodes`, `nodes:seen`, `draining:<node>` | hash, sorted set, set | reports of nodes as JSON; when they came; slots that are to claim nothing more |
//! | `meta` | hash | `id` of this store, and the last of each number: `n`, `seq`, `event`, `run`, `audit`, `capability`; `life`: when events began |
//!
//! What goes without saying is not written: attempt 0, priority 0, a capability that is the use case's name, and the
//! usual names of blobs, `inputs/<id>` and `results/<id>/<token>`. A record then fits into a listpack (at most 128
//! values of at most 64 bytes, Redis' defaults), and a waiting task into 1,000 bytes of memory with all its indexes.
//!
//! A program leaves alone records whose `v` it does not know, so that two versions of it run side by side during an
//! upgrade; a change that even this does not allow gets another number behind the hash tag.

/// The greatest version of a record that this program reads; `FORMAT` in `lua/lib.lua` is the same.
pub(super) const FORMAT: u32 = 1;

/// What every key of the store of this name begins with.
pub(super) fn prefix(name: &str) -> String {
    format!("{{{name}}}:1:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_program_agree_on_the_version_of_a_record() {
        assert!(include_str!("lua/lib.lua").contains(&format!("\nlocal FORMAT = {FORMAT} ")));
    }

    #[test]
    fn all_keys_share_one_hash_tag_with_the_version_of_the_layout() {
        assert_eq!(prefix("cipherdeck"), "{cipherdeck}:1:");
    }
}
