//! What became of an operator's action.

use super::Role;
use crate::{store::Effect, task::Status};

/// What became of one action on one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is done, or was so already.
    Done,
    /// A running task: it stops at its next step.
    Stopping,
    /// The task's status does not allow it.
    Refused(Status),
    /// There is no such task, use case or worker.
    Gone,
    /// The store could not be asked; nothing is known about the effect. A sentence for the operator.
    Failed(String),
}

impl Answer {
    /// The word on the wire and in the audit log, from a closed set.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Done => Effect::Done.word(),
            Self::Stopping => Effect::Stopping.word(),
            Self::Refused(_) => "refused",
            Self::Gone => Effect::Gone.word(),
            Self::Failed(_) => "failed",
        }
    }
}

impl From<Effect> for Answer {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Done => Self::Done,
            Effect::Stopping => Self::Stopping,
            Effect::Refused(status) => Self::Refused(status),
            Effect::Gone => Self::Gone,
        }
    }
}

/// The actor's role does not allow changes. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {role} may not change anything here; this is for operators")]
pub struct Denied {
    /// The actor's role.
    pub role: Role,
}
