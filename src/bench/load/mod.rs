//! Many clients at once, each of which asks, waits for its answer, checks it, and asks again.
//!
//! - [`Mix`]: which use cases, how often each.
//! - `crew`: the clients' keys and uids. A few real keys are shared among many uids: a key takes seconds to make.
//! - `client`: one client's loop.
//! - [`Tally`]: what all of them saw.
//! - `audit`: what the server's own history says of the same tasks.

mod audit;
mod client;
mod crew;
mod latency;
mod mix;
mod tally;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;

pub use audit::Audit;
pub use latency::{Latencies, Percentiles};
pub use mix::{Mix, share};
pub use tally::{End, Fault, Now, Tally};

use super::{BenchError, questions::Oracle, run::check_server};
use crate::{client::api::Api, use_cases::ad_targeting::PublicCatalogue};

/// What to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Clients.
    pub clients: usize,
    /// Distinct keys among them.
    pub keys: usize,
    /// New tasks are started for so long.
    pub time: Duration,
    /// Which tasks.
    pub mix: Mix,
    /// Share of the tasks that are cancelled again, 0..=1.
    pub cancel: f64,
    /// After the end, tasks that are open get so long to end; then they are lost.
    pub patience: Duration,
}

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Keys are being made: so many of so many.
    Keys(usize, usize),
    /// Clients register and upload.
    Uids(usize, usize),
    /// Clients ask.
    Load,
    /// No new tasks; the open ones end.
    Rest,
}

/// Hears how it goes on.
pub trait Gauges: Send + Sync {
    /// A new stage, or the next step of one.
    fn stage(&self, stage: Stage);
    /// Several times a second while there is load.
    fn now(&self, now: &Now);
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// What the clients saw.
    pub tally: Tally,
    /// What the server's history says; `None` if the caller may not read it.
    pub audit: Option<Audit>,
    /// Seconds in which tasks were started.
    pub load_s: f64,
    /// Seconds until the last one had ended.
    pub total_s: f64,
    /// Seconds of making keys and registering.
    pub setup_s: f64,
    /// It was ended early.
    pub stopped: bool,
}

impl Outcome {
    /// Had each task its one right answer?
    pub fn is_sound(&self) -> bool {
        self.tally.is_sound() && self.audit.as_ref().is_none_or(Audit::is_sound)
    }
}

/// What all clients share.
pub(super) struct Ground {
    pub(super) api: Api,
    pub(super) oracle: Oracle,
    pub(super) catalogue: Option<Arc<PublicCatalogue>>,
    pub(super) plan: Plan,
    pub(super) tally: parking_lot::Mutex<Tally>,
    /// Cryptography of the clients at once: as many as there are cores.
    pub(super) cores: Semaphore,
    pub(super) end: Instant,
    pub(super) stop: CancellationToken,
}

/// Between two looks at the gauges.
const TICK: Duration = Duration::from_millis(250);

/// Puts load on a server. Cancelling `stop` ends it early: what is open is cancelled, and what was seen is answered.
/// What the server has kept for it is deleted.
///
/// # Errors
/// [`BenchError`] if it does not come to that.
pub async fn run(
    api: &Api,
    oracle: &Oracle,
    plan: &Plan,
    gauges: &dyn Gauges,
    stop: &CancellationToken,
) -> Result<Outcome, BenchError> {
    check_server(api, oracle, &plan.mix.kinds()).await?;
    let began = Instant::now();
    let catalogue = api.ads(None).await?.map(|fetched| Arc::new(fetched.catalogue));
    let crew = crew::assemble(api, plan, gauges, stop).await?;
    let setup_s = began.elapsed().as_secs_f64();
    gauges.stage(Stage::Load);
    let began = Instant::now();
    let ground = Arc::new(Ground {
        api: api.clone(),
        oracle: oracle.clone(),
        catalogue,
        plan: plan.clone(),
        tally: parking_lot::Mutex::default(),
        cores: Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)),
        end: began + plan.time,
        stop: stop.clone(),
    });
    let mut clients = JoinSet::new();
    for (number, member) in crew.iter().cloned().enumerate() {
        clients.spawn(client::work(Arc::clone(&ground), member, number as u64));
    }
    let load_s = watch(&ground, &mut clients, gauges, began).await;
    let total_s = began.elapsed().as_secs_f64();
    let tally = std::mem::take(&mut *ground.tally.lock());
    let audit = audit::look(api, &tally, total_s + setup_s).await;
    crew::dismiss(api, &crew).await;
    Ok(Outcome { tally, audit, load_s, total_s, setup_s, stopped: stop.is_cancelled() })
}

/// Until the last client has ended; the seconds in which tasks were started.
async fn watch(ground: &Ground, clients: &mut JoinSet<()>, gauges: &dyn Gauges, began: Instant) -> f64 {
    let mut ticks = tokio::time::interval(TICK);
    let mut load_s = None;
    loop {
        tokio::select! {
            ended = clients.join_next() => match ended {
                None => return load_s.unwrap_or_else(|| began.elapsed().as_secs_f64()),
                Some(Ok(())) => {}
                Some(Err(error)) => ground.tally.lock().fault(Fault::Lost, &format!("a client broke off: {error}")),
            },
            _ = ticks.tick() => {
                gauges.now(&ground.tally.lock().now());
                if load_s.is_none() && (Instant::now() >= ground.end || ground.stop.is_cancelled()) {
                    load_s = Some(began.elapsed().as_secs_f64());
                    gauges.stage(Stage::Rest);
                }
            }
        }
    }
}
