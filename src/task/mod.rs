//! Tasks as facts: identifiers, status and its allowed transitions, the record itself. Pure: no I/O, no async.

mod blob_ref;
mod id;
mod record;
mod run;
mod status;
mod time;

pub use blob_ref::{BlobRef, Digest};
pub use id::{ClientId, IdError, TaskId, Token, Uid, WorkerName};
pub use record::{FailureLabel, Task, TaskFailure};
pub use run::{Run, RunOrigin};
pub use status::{Status, StatusError};
pub use time::{Clock, Timestamp};
