//! The connection that operations share, and how a script is run on it.

use std::sync::{
    LazyLock,
    atomic::{AtomicBool, Ordering},
};

use parking_lot::RwLock;
use redis::{
    Client, FromRedisValue, Script, Value,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::runtime::Handle;
use tokio_util::context::TokioContext;

use super::{
    fault::{Fault, damaged},
    feed::Feed,
    tuning::Tuning,
};
use crate::store::{Result, StoreError, StoreOptions};

/// Arguments of a script, as text.
macro_rules! args {
    ($($arg:expr),* $(,)?) => { vec![$($arg.to_string()),*] };
}
pub(super) use args;

/// Everything an operation needs.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) options: StoreOptions,
    pub(super) tuning: Tuning,
    pub(super) feed: Feed,
    client: Client,
    manager: RwLock<ConnectionManager>,
    prefix: String,
    closed: AtomicBool,
    /// Of whoever opened the store. What drives a connection runs where it was begun, and heartbeats use it, so whoever finds
    /// it broken does not begin the next one on a runtime of its own.
    runtime: Handle,
}

impl Link {
    pub(super) fn new(client: Client, options: StoreOptions, tuning: Tuning, feed: Feed) -> Result<Self> {
        let manager = RwLock::new(connect(&client, &tuning)?);
        let (prefix, closed) = (tuning.prefix(), AtomicBool::new(false));
        Ok(Self { options, tuning, feed, client, manager, prefix, closed, runtime: Handle::current() })
    }

    /// Runs a script once. Where the connection breaks, nothing is known about its effect.
    pub(super) async fn run<T: FromRedisValue>(&self, script: &LazyLock<Script>, args: Vec<String>) -> Result<T> {
        let answer = self.once(script, &args).await.map_err(|fault| fault.error)?;
        self.read(answer).await
    }

    /// Runs a script whose answer is the same when it is repeated: once more after a broken connection.
    pub(super) async fn repeat<T: FromRedisValue>(&self, script: &LazyLock<Script>, args: Vec<String>) -> Result<T> {
        let answer = match self.once(script, &args).await {
            Err(Fault { broken: true, .. }) => self.once(script, &args).await,
            answer => answer,
        };
        self.read(answer.map_err(|fault| fault.error)?).await
    }

    /// Runs a script once and says what was wrong.
    pub(super) async fn once(&self, script: &Script, args: &[String]) -> std::result::Result<Value, Fault> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Fault { error: StoreError::Unavailable("the store is closed".to_owned()), broken: false });
        }
        let mut call = script.prepare_invoke();
        call.key(&self.prefix);
        let (options, tuning) = (&self.options, &self.tuning);
        call.arg(options.clock.held().map_or_else(String::new, |now| now.millis().to_string()));
        call.arg(options.result_ttl.as_millis().to_string());
        call.arg(options.attempts.max(1)).arg(tuning.lease.as_millis().to_string()).arg(tuning.events);
        call.arg(args);
        let mut manager = self.manager.read().clone();
        let answer = TokioContext::new(call.invoke_async(&mut manager), self.runtime.clone());
        if let Ok(answer) = tokio::time::timeout(tuning.patience, answer).await {
            return answer.map_err(Into::into);
        }
        // A peer that vanished without a word never breaks the connection: begin another.
        let _within = self.runtime.enter();
        if let Ok(fresh) = connect(&self.client, tuning) {
            *self.manager.write() = fresh;
        }
        Err(Fault::late())
    }

    /// Takes an answer apart: the number of the last event it told, then the rest. The readers of this process have
    /// heard of the change when this returns, unless events are late.
    pub(super) async fn read<T: FromRedisValue>(&self, answer: Value) -> Result<T> {
        let Value::Array(mut parts) = answer else { return Err(damaged("an answer of redis")) };
        if parts.is_empty() {
            return Err(damaged("an empty answer of redis"));
        }
        let event: u64 = redis::from_redis_value(parts.remove(0)).map_err(|_| damaged("the number of an event"))?;
        if event > 0 {
            self.feed.heard(event, self.tuning.echo).await;
        }
        let rest = if parts.is_empty() { Value::Nil } else { Value::Array(parts) };
        redis::from_redis_value(rest).map_err(|error| damaged(&format!("an answer of redis: {error}")))
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }
}

/// A connection that comes back by itself; made when it is first used.
fn connect(client: &Client, tuning: &Tuning) -> Result<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(tuning.connect))
        .set_response_timeout(None) // the patience of an operation includes connecting
        .set_min_delay(std::time::Duration::from_millis(20))
        .set_number_of_retries(1);
    ConnectionManager::new_lazy_with_config(client.clone(), config).map_err(|error| Fault::from(error).error)
}
