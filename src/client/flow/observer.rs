//! What the flow tells whoever watches.

use std::sync::Arc;

/// The steps that a person may have to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Drawing the secret key, computing the evaluation key.
    KeyGeneration,
    /// Sending the evaluation key.
    KeyUpload,
    /// Encrypting the input.
    Encryption,
    /// Sending the input.
    InputUpload,
    /// In the server's queue.
    Queue,
    /// Being computed.
    Computation,
    /// Fetching the result or the catalogue.
    Download,
    /// Decrypting the result.
    Decryption,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A phase begins.
    Begin(Phase),
    /// A phase is over.
    End(Phase),
    /// Bytes of an upload that have been handed to the network.
    Sent {
        /// Which upload.
        phase: Phase,
        /// So far.
        sent: u64,
        /// In all.
        total: u64,
    },
    /// Bytes of a download that have arrived.
    Received(u64),
    /// The task waits.
    Queued {
        /// 1-based.
        position: Option<u64>,
        /// Tasks that wait.
        length: Option<u64>,
    },
    /// The task runs.
    Progress(f32),
    /// Something a person wants to know while waiting.
    Notice(String),
}

/// Hears events, on any thread.
pub trait Observer: Send + Sync {
    /// It happened.
    fn event(&self, event: &Event);

    /// Is it worth asking the server for progress several times a second?
    fn wants_progress(&self) -> bool {
        false
    }
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Observer for Quiet {
    fn event(&self, _event: &Event) {}
}

/// A phase that has begun; dropping it ends it, also when the work fails.
pub(super) struct Running {
    observer: Arc<dyn Observer>,
    phase: Phase,
}

impl Running {
    pub(super) fn new(observer: Arc<dyn Observer>, phase: Phase) -> Self {
        observer.event(&Event::Begin(phase));
        Self { observer, phase }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.observer.event(&Event::End(self.phase));
    }
}
