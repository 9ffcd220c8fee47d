//! The clients' keys and uids.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::{Gauges, Plan, Stage};
use crate::{
    bench::{BenchError, questions::Kind},
    client::{
        ClientError,
        api::{Api, ApiError, Upload},
    },
    fhe::ClientKeys,
    task::Uid,
};

/// Requests at once.
const AT_ONCE: usize = 4;
/// So often a busy server is asked again, and so long it is left alone at most.
const TRIES: u32 = 60;
const LONGEST: Duration = Duration::from_secs(10);

/// One client.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) keys: Arc<ClientKeys>,
    pub(super) uid: Uid,
}

/// A secret key, and the evaluation key if one is needed.
type Pair = (Arc<ClientKeys>, Option<Bytes>);

/// Makes the keys and registers every client.
pub(super) async fn assemble(
    api: &Api,
    plan: &Plan,
    gauges: &dyn Gauges,
    stop: &CancellationToken,
) -> Result<Vec<Member>, BenchError> {
    let (mut pairs, count) = (Vec::new(), plan.keys.clamp(1, plan.clients.max(1)));
    for made in 0..count {
        gauges.stage(Stage::Keys(made, count));
        pairs.push(unless(stop, pair(plan.mix.needs_key())).await??);
    }
    gauges.stage(Stage::Uids(0, plan.clients));
    let mut members = Vec::with_capacity(plan.clients);
    let new = pairs.iter().cycle().take(plan.clients).map(|(keys, evaluation)| async move {
        let uid = register(api, evaluation.as_ref()).await?;
        Ok::<_, ClientError>(Member { keys: Arc::clone(keys), uid })
    });
    let mut new = futures::stream::iter(new).buffer_unordered(AT_ONCE);
    let failure = loop {
        match unless(stop, new.next()).await {
            Ok(None) => return Ok(members),
            Ok(Some(Ok(member))) => members.push(member),
            Ok(Some(Err(error))) => break error.into(),
            Err(error) => break error,
        }
        gauges.stage(Stage::Uids(members.len(), plan.clients));
    };
    dismiss(api, &members).await;
    Err(failure)
}

async fn unless<T>(stop: &CancellationToken, work: impl Future<Output = T>) -> Result<T, BenchError> {
    tokio::select! {
        biased;
        () = stop.cancelled() => Err(BenchError::Interrupted),
        done = work => Ok(done),
    }
}

async fn pair(needs_key: bool) -> Result<Pair, BenchError> {
    let made = tokio::task::spawn_blocking(move || {
        let keys = ClientKeys::generate();
        let evaluation = needs_key.then(|| Bytes::from(keys.compressed_server_key()));
        (Arc::new(keys), evaluation)
    });
    made.await.map_err(|error| ClientError::Internal(error.to_string()).into())
}

/// A new uid, with patience for a server that checks other keys.
async fn register(api: &Api, evaluation: Option<&Bytes>) -> Result<Uid, ClientError> {
    let mut tries = 0;
    loop {
        let name = evaluation.is_none().then(|| Kind::Ads.name());
        match api.add_key(None, name, evaluation.cloned().map(Upload::new)).await {
            Ok(uid) => return Ok(uid),
            Err(ApiError::Refused(refusal)) if refusal.is_temporary() && tries < TRIES => {
                tries += 1;
                tokio::time::sleep(refusal.retry_after.unwrap_or(Duration::from_millis(200)).min(LONGEST)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Deletes what the server keeps of them.
pub(super) async fn dismiss(api: &Api, members: &[Member]) {
    let gone = futures::stream::iter(members).map(|member| api.delete_key(member.uid)).buffer_unordered(AT_ONCE);
    let failures = gone.filter(|answer| std::future::ready(answer.is_err())).count().await;
    if failures > 0 {
        tracing::warn!(failures, "some of the benchmark's uids are left on the server until they expire");
    }
}
