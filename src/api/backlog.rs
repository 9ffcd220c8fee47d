//! How long the queue is, in time: what waits, how long tasks take, and how many workers share them. Measured at most once
//! a second, however many are refused.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::state::App;
use crate::{
    store::{Node, RunFilter},
    task::RunOrigin,
};

/// A measurement is used for so long.
const FRESH: Duration = Duration::from_secs(1);
/// The newest runs, whose mean counts.
const RUNS: usize = 50;
/// Nobody is told to stay away for longer.
const LONGEST: Duration = Duration::from_mins(10);

/// The last measurement.
#[derive(Default)]
pub(super) struct Backlog(Mutex<Option<(Instant, Measured)>>);

#[derive(Debug, Clone, Copy)]
struct Measured {
    /// Tasks waiting in all.
    waiting: u64,
    /// Seconds from the end of one task to the end of the next, while all workers are at work.
    each_s: f64,
}

impl Backlog {
    /// How long until a queue that is full has room again, of which `waiting` are counted against the limit: those of one
    /// client, or all. `None`: nothing was measured.
    pub(super) async fn room(&self, app: &App, waiting: u64, per_client: bool) -> Option<Duration> {
        let mut last = self.0.lock().await;
        let measured = match *last {
            Some((at, measured)) if at.elapsed() < FRESH => measured,
            _ => last.insert((Instant::now(), measure(app).await?)).1,
        };
        Some(room(measured, waiting, per_client))
    }
}

async fn measure(app: &App) -> Option<Measured> {
    let filter = RunFilter { origin: Some(RunOrigin::Task), limit: RUNS, ..RunFilter::default() };
    let runs = app.store.runs(filter).await.ok()?;
    let waiting = app.store.waiting().await.ok()?.values().sum();
    let nodes = app.store.nodes().await.ok()?;
    let workers: usize = nodes.iter().map(Node::claiming).sum();
    let mean = runs.iter().map(|run| run.server_s).sum::<f64>() / runs.len() as f64;
    (!runs.is_empty()).then(|| Measured { waiting, each_s: mean / workers.max(1) as f64 })
}

/// The queue is fair: before the next task of a client with `own` waiting ones, about `all / own` tasks have their turn.
/// Where all together fill the queue, those who are refused come back spread over the time in which a hundredth of it is
/// done, not all of them for the next place.
fn room(measured: Measured, waiting: u64, per_client: bool) -> Duration {
    let tasks = if per_client { measured.waiting.max(waiting).div_ceil(waiting.max(1)) } else { waiting.div_ceil(100) };
    let seconds = tasks.max(1) as f64 * measured.each_s;
    Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST).clamp(Duration::from_secs(1), LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_comes_with_the_next_turn_of_the_client_or_with_a_hundredth_of_the_queue() {
        let seconds =
            |waiting, each_s, own, per_client| room(Measured { waiting, each_s }, own, per_client).as_secs_f64();
        // Alone, the client's next task is the next one; among four equal clients every fourth is its own.
        assert_eq!((seconds(1_000, 2.5, 1_000, true), seconds(4_000, 2.5, 1_000, true)), (2.5, 10.0));
        assert_eq!((seconds(100, 2.0, 100, false), seconds(20_000, 0.5, 20_000, false)), (2.0, 100.0));
        // Within bounds.
        assert_eq!((seconds(1_000_000, 60.0, 1_000_000, false), seconds(1, 1e-6, 1, true)), (600.0, 1.0));
        assert_eq!((seconds(1, f64::INFINITY, 1, true), seconds(0, 2.0, 0, true)), (600.0, 2.0));
    }
}
