//! Renews the leases of everything that runs and says what this node does, once a second, on an OS thread of its own:
//! kernels saturate the cores and must not delay it. A process that could not renew for a whole lease stops its tasks
//! by its own monotonic clock.

use std::{
    sync::{Arc, Weak, mpsc},
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use super::{
    KeyCache,
    pulse::Pulse,
    roster::Roster,
    running::{Running, StopReason},
};
use crate::store::Store;

/// Between two beats.
const BEAT: Duration = Duration::from_secs(1);

/// What a beat is about.
#[derive(Clone)]
pub(super) struct Body {
    pub(super) store: Arc<dyn Store>,
    pub(super) running: Running,
    pub(super) roster: Arc<Roster>,
    pub(super) keys: KeyCache,
    /// Says that this node lives.
    pub(super) pulse: Pulse,
    /// A claim that has not been renewed for so long belongs to nobody: its worker is lost.
    pub(super) lease: Duration,
}

/// The beating thread; it ends when this is dropped.
pub(super) struct Heart {
    alive: Arc<mpsc::SyncSender<()>>,
    /// This node has left: it announces nothing any more.
    left: Arc<Mutex<bool>>,
}

impl Heart {
    pub(super) fn start(body: Body) -> std::io::Result<Self> {
        let (alive, ended) = mpsc::sync_channel(1);
        let runtime = tokio::runtime::Handle::current();
        let left = Arc::new(Mutex::new(false));
        let gone = Arc::clone(&left);
        std::thread::Builder::new().name("heartbeat".to_owned()).spawn(move || {
            let (mut last_good, mut next) = (Instant::now(), Instant::now() + BEAT);
            announce(&body, &runtime, &gone);
            // A beat comes when it is due, however long the one before took: it is the guaranteed way of a cancel.
            while ended.recv_timeout(next.saturating_duration_since(Instant::now()))
                != Err(mpsc::RecvTimeoutError::Disconnected)
            {
                next = Instant::now() + BEAT;
                body.pulse.beat();
                // A store that does not answer is asked for the leases only: they do not wait for a report as well.
                if renew(&body, &runtime, &mut last_good) {
                    announce(&body, &runtime, &gone);
                }
            }
        })?;
        Ok(Self { alive: Arc::new(alive), left })
    }

    /// What makes it beat at once, as long as it lives.
    pub(super) fn nudge(&self) -> Nudge {
        Nudge(Arc::downgrade(&self.alive))
    }

    /// This node goes, in good order.
    pub(super) async fn leave(&self, body: &Body) {
        *self.left.lock().await = true;
        if let Err(error) = body.store.leave(body.roster.node().clone()).await {
            tracing::debug!(%error, "the store did not hear that this node leaves; it will notice");
        }
    }
}

/// Makes a [`Heart`] beat at once.
pub(super) struct Nudge(Weak<mpsc::SyncSender<()>>);

impl Nudge {
    pub(super) fn beat(&self) {
        if let Some(alive) = self.0.upgrade() {
            // Full: it is about to beat.
            let _ = alive.try_send(());
        }
    }
}

/// Renews the leases, and hears what has to stop. `false`: the store does not answer.
fn renew(body: &Body, runtime: &tokio::runtime::Handle, last_good: &mut Instant) -> bool {
    let (beats, asked) = (body.running.beats(), Instant::now());
    if beats.is_empty() {
        *last_good = asked;
        return true;
    }
    // Before anything is asked: a process that was stopped for so long has lost its claims, whoever has them now.
    give_up_when_late(body, *last_good);
    let answers = runtime.block_on(body.store.heartbeat(beats.clone()));
    match &answers {
        Ok(answers) => {
            // They were renewed after the question at the earliest.
            *last_good = asked;
            body.running.answer(&beats, answers);
        }
        Err(error) => tracing::warn!(%error, "heartbeat failed"),
    }
    give_up_when_late(body, *last_good);
    answers.is_ok()
}

/// By this process's own monotonic clock.
fn give_up_when_late(body: &Body, last_good: Instant) {
    if last_good.elapsed() > body.lease {
        tracing::error!("no heartbeat for a whole lease: running tasks are stopped");
        body.running.stop_all(StopReason::Lost);
    }
}

/// Says what this node does, and hears which of its slots are to claim nothing more.
fn announce(body: &Body, runtime: &tokio::runtime::Handle, left: &Mutex<bool>) {
    // Held meanwhile, so that nothing is announced after the node has left.
    let left = left.blocking_lock();
    if *left {
        return;
    }
    loop {
        let report = body.roster.report(&body.running, &body.keys);
        match runtime.block_on(body.store.announce(report)) {
            // Everybody sees at once that the slots have heard.
            Ok(draining) if body.roster.drain(&draining) => {}
            Ok(_) => return,
            Err(error) => return tracing::debug!(%error, "this node could not announce itself"),
        }
    }
}
