//! How many requests a second an address and a client may make: token buckets, refilled all the time, of which only so
//! many are kept. One that nobody has used for so long that it is full again is forgotten, and beyond [`KEPT`] the one
//! that was used longest ago: whoever comes from very many addresses makes this no larger.

use std::{hash::Hash, num::NonZeroU32, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::Extensions,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use moka::{policy::EvictionPolicy, sync::Cache};

use super::{
    auth::Caller,
    error::{ApiError, ApiResult},
    label::Label,
    params::Params,
    peer::{Network, Peer},
    state::App,
};
use crate::{
    config::{Fairness, Limits},
    task::Uid,
};

/// Buckets kept of each kind, about 200 bytes each.
const KEPT: u64 = 50_000;

type Bucket<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// One kind of bucket.
struct Buckets<K, C: Clock = DefaultClock> {
    quota: Quota,
    clock: C,
    kept: Cache<K, Arc<Bucket<C>>>,
}

impl<K, C> Buckets<K, C>
where
    K: Hash + Eq + Send + Sync + 'static,
    C: Clock + Clone + Send + Sync + 'static,
{
    /// `rate` requests a second, `burst` at once; `None`, where `rate` is 0: any number.
    fn new(rate: u32, burst: u32, clock: C, kept: u64) -> Option<Self> {
        let rate = NonZeroU32::new(rate)?;
        let quota = Quota::per_second(rate).allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN));
        let full_again = Duration::from_secs(u64::from(burst.div_ceil(rate.get())) + 1);
        let kept =
            Cache::builder().max_capacity(kept).eviction_policy(EvictionPolicy::lru()).time_to_idle(full_again).build();
        Some(Self { quota, clock, kept })
    }

    /// Takes one token out; where there is none, says in how long there will be.
    fn take(&self, key: K) -> Result<(), Duration> {
        let fresh = || Arc::new(RateLimiter::direct_with_clock(self.quota, self.clock.clone()));
        let bucket = self.kept.get_with(key, fresh);
        bucket.check().map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

/// What counts as one client.
#[derive(PartialEq, Eq, Hash)]
enum Client {
    Token(String),
    Uid(Uid),
}

/// The rates of this server's settings.
pub(super) struct Rates {
    clients: Option<Buckets<Client>>,
    addresses: Option<Buckets<Network>>,
}

impl Rates {
    pub(super) fn new(limits: &Limits) -> Self {
        let clock = DefaultClock::default;
        Self {
            clients: Buckets::new(limits.requests_per_client, limits.requests_per_client_burst, clock(), KEPT),
            addresses: Buckets::new(limits.requests_per_address, limits.requests_per_address_burst, clock(), KEPT),
        }
    }

    fn address(&self, peer: Peer) -> ApiResult<()> {
        let Some(buckets) = &self.addresses else { return Ok(()) };
        buckets.take(peer.network()).map_err(|wait| too_many("address", wait))
    }

    fn client(&self, client: Client) -> ApiResult<()> {
        let Some(buckets) = &self.clients else { return Ok(()) };
        buckets.take(client).map_err(|wait| too_many("client", wait))
    }
}

fn too_many(whose: &str, wait: Duration) -> ApiError {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let detail = format!("This {whose} makes more requests a second than the server takes; try again in {seconds} s.");
    ApiError::new(Label::RateLimited, detail).retry_after(wait)
}

/// Middleware: refuses what an address asks too often. Whether the server lives is always answered, and whether it is
/// ready, to this machine: health checks share their address with everything else that runs here.
pub(super) async fn by_address(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(&peer) = request.extensions().get::<Peer>() else { return next.run(request).await };
    let path = request.uri().path();
    let probe = path == "/healthz" || (path == "/readyz" && peer.is_loopback());
    if !probe && let Err(refusal) = app.rates.address(peer) {
        return refusal.into_response();
    }
    next.run(request).await
}

/// Middleware behind the one that finds out who asks: refuses what the bearer of a token asks too often.
pub(super) async fn by_token(State(app): State<App>, request: Request, next: Next) -> Response {
    let token = request.extensions().get::<Caller>().and_then(|caller| token(&app, caller));
    if let Some(name) = token
        && let Err(refusal) = app.rates.client(Client::Token(name.to_owned()))
    {
        return refusal.into_response();
    }
    next.run(request).await
}

/// Where the client is a uid: refuses what the one that the request names asks too often. Does `params` name one? Then
/// this request has been counted.
pub(super) fn by_uid(app: &App, extensions: &Extensions, params: &Params) -> ApiResult<bool> {
    let counted_already = extensions.get::<Caller>().is_some_and(|caller| token(app, caller).is_some());
    let uid = params.get("uid").and_then(|text| text.parse().ok());
    match uid {
        Some(uid) if !counted_already => app.rates.client(Client::Uid(uid)).map(|()| true),
        _ => Ok(counted_already),
    }
}

/// The name of the token, where that is the client.
fn token<'a>(app: &App, caller: &'a Caller) -> Option<&'a str> {
    match app.settings.limits.client {
        Fairness::Token => caller.token_name(),
        Fairness::Uid => None,
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn buckets(rate: u32, burst: u32, kept: u64) -> (Buckets<u64, FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Buckets::new(rate, burst, clock.clone(), kept).unwrap(), clock)
    }

    #[test]
    fn a_burst_passes_then_one_request_for_each_token_that_has_come_back() {
        let (buckets, clock) = buckets(2, 3, 100);
        for _ in 0..3 {
            buckets.take(1).unwrap();
        }
        assert_eq!(buckets.take(1).unwrap_err(), Duration::from_millis(500));
        buckets.take(2).unwrap();
        clock.advance(Duration::from_millis(499));
        assert_eq!(buckets.take(1).unwrap_err(), Duration::from_millis(1));
        clock.advance(Duration::from_millis(1));
        buckets.take(1).unwrap();
        assert!(buckets.take(1).is_err());
        clock.advance(Duration::from_mins(1));
        for _ in 0..3 {
            buckets.take(1).unwrap();
        }
        assert!(buckets.take(1).is_err(), "no more than the burst is saved up");
    }

    #[test]
    fn very_many_addresses_do_not_make_it_large_and_the_newest_are_known() {
        let (buckets, _) = buckets(1, 1, 100);
        for key in 0..10_000 {
            buckets.take(key).unwrap();
        }
        assert!(buckets.take(9_999).is_err());
        buckets.kept.run_pending_tasks();
        assert!(buckets.kept.entry_count() <= 100, "{}", buckets.kept.entry_count());
    }

    #[test]
    fn a_rate_of_zero_is_no_limit() {
        assert!(Buckets::<u64, _>::new(0, 5, FakeRelativeClock::default(), 10).is_none());
    }

    #[test]
    fn the_sentence_and_the_header_say_whole_seconds_rounded_up() {
        let refusal = too_many("address", Duration::from_millis(1_001));
        assert!(refusal.body("id").detail.contains("try again in 2 s"));
        assert_eq!(refusal.into_response().headers()["retry-after"], "2");
    }
}
