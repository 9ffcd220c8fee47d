//! Live events: one reader of the event stream per process, on a connection of its own, tells all readers here.
//!
//! Entries are numbered without gaps (`<number>-<life>`), so that a missing one is noticed, whether the log was cut while
//! this process was away or Redis came back without its last writes; readers then hear [`EventKind::Missed`]. The life
//! says when the numbers began: they begin anew when somebody empties Redis while everybody is connected.

use std::{collections::HashMap, sync::Arc, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, FromRedisValue as _, RedisResult,
    aio::MultiplexedConnection,
    streams::{StreamRangeReply, StreamReadReply},
};
use tokio::sync::{broadcast, watch};

use super::tuning::Tuning;
use crate::{
    store::{Event, EventKind, Events},
    task::WorkerName,
};

/// One blocking read; a connection that is silent for longer is dead.
const BLOCK: Duration = Duration::from_secs(2);
/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(200);
/// Entries taken at once.
const BATCH: usize = 500;

/// The name of an entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Place {
    number: u64,
    life: u64,
}

impl Place {
    fn read(id: &str) -> Self {
        let parse = |text: &str| text.parse().unwrap_or(0);
        id.split_once('-')
            .map_or_else(Self::default, |(number, life)| Self { number: parse(number), life: parse(life) })
    }

    fn follows(self, other: Self) -> bool {
        self.number == other.number + 1 && (self.life == other.life || other.number == 0)
    }
}

/// How far the reader is.
#[derive(Debug, Clone, Copy, Default)]
struct Reach {
    connected: bool,
    number: u64,
}

/// Where readers subscribe.
#[derive(Debug, Clone)]
pub(super) struct Feed {
    sender: broadcast::Sender<Event>,
    reach: Arc<watch::Sender<Reach>>,
}

impl Feed {
    pub(super) fn new(backlog: usize) -> Self {
        let sender = broadcast::Sender::new(backlog.max(1));
        Self { sender, reach: Arc::new(watch::Sender::new(Reach::default())) }
    }

    pub(super) fn events(&self) -> Events {
        self.sender.subscribe()
    }

    /// Returns when this event has been told here, when no events come at present, or after `patience`.
    pub(super) async fn heard(&self, number: u64, patience: Duration) {
        let mut reach = self.reach.subscribe();
        let told = reach.wait_for(|reach| !reach.connected || reach.number >= number);
        if tokio::time::timeout(patience, told).await.is_err() {
            tracing::debug!(number, "an event is late");
        }
    }
}

/// The reader of the stream.
pub(super) struct Reader {
    client: Client,
    config: AsyncConnectionConfig,
    prefix: String,
    feed: Feed,
    /// The Redis process that was read last.
    process: Option<String>,
    place: Place,
    seq: u64,
}

impl Reader {
    pub(super) fn new(client: Client, tuning: &Tuning, feed: Feed) -> Self {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(tuning.connect))
            .set_response_timeout(Some(BLOCK + Duration::from_secs(3)));
        Self { client, config, prefix: tuning.prefix(), feed, process: None, place: Place::default(), seq: 0 }
    }

    /// Connects and finds its place; from then on nothing is missed.
    pub(super) async fn connect(&mut self) -> RedisResult<MultiplexedConnection> {
        let mut conn = self.client.get_multiplexed_async_connection_with_config(&self.config).await?;
        let info: String = redis::cmd("INFO").arg("server").query_async(&mut conn).await?;
        let process = info.lines().find_map(|line| line.strip_prefix("run_id:")).unwrap_or_default().trim().to_owned();
        let last = self.last(&mut conn).await?;
        match &self.process {
            None => self.place = last,
            // Redis started anew, perhaps without its last writes.
            Some(before) if *before != process => self.begin_at(last),
            Some(_) => self.check(last),
        }
        self.process = Some(process);
        self.reached(true);
        Ok(conn)
    }

    /// The last entry of the log.
    async fn last(&self, conn: &mut MultiplexedConnection) -> RedisResult<Place> {
        let mut last = redis::cmd("XREVRANGE");
        last.arg(format!("{}events", self.prefix)).arg("+").arg("-").arg("COUNT").arg(1);
        let last: StreamRangeReply = last.query_async(conn).await?;
        Ok(last.ids.first().map_or_else(Place::default, |entry| Place::read(&entry.id)))
    }

    /// Is the log still the one that was read?
    fn check(&mut self, last: Place) {
        if last.number < self.place.number || (last.life != self.place.life && self.place.number > 0) {
            tracing::warn!("redis was emptied or lost its last writes; everything is read again");
            self.begin_at(last);
        }
    }

    /// Goes on behind an entry, though others were not read.
    fn begin_at(&mut self, place: Place) {
        self.place = place;
        self.publish(EventKind::Missed);
    }

    fn reached(&self, connected: bool) {
        self.feed.reach.send_replace(Reach { connected, number: self.place.number });
    }

    /// Reads until aborted, connecting again as often as needed.
    pub(super) async fn run(mut self, conn: MultiplexedConnection) {
        let mut conn = Some(conn);
        loop {
            let read = match &mut conn {
                Some(conn) => self.read(conn).await,
                None => self.connect().await.map(|fresh| conn = Some(fresh)),
            };
            if let Err(error) = read {
                if conn.take().is_some() {
                    tracing::warn!(%error, "events of redis stopped; connecting again");
                }
                self.reached(false);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn read(&mut self, conn: &mut MultiplexedConnection) -> RedisResult<()> {
        let mut read = redis::cmd("XREAD");
        read.arg("COUNT").arg(BATCH).arg("BLOCK").arg(BLOCK.as_millis() as u64);
        let behind = format!("{}-{}", self.place.number, self.place.life);
        read.arg("STREAMS").arg(format!("{}events", self.prefix)).arg(behind);
        let reply: Option<StreamReadReply> = read.query_async(conn).await?;
        let Some(reply) = reply else {
            // Nothing happened, or what happened has smaller numbers.
            let last = self.last(conn).await?;
            self.check(last);
            self.reached(true);
            return Ok(());
        };
        for entry in reply.keys.into_iter().flat_map(|key| key.ids) {
            let place = Place::read(&entry.id);
            if !place.follows(self.place) {
                self.publish(EventKind::Missed);
            }
            self.place = place;
            let text = |(name, value)| Some((name, String::from_redis_value(value).ok()?));
            // An event of a newer program says nothing to this one.
            if let Some(kind) = kind(&entry.map.into_iter().filter_map(text).collect()) {
                self.publish(kind);
            }
        }
        self.reached(true);
        Ok(())
    }

    fn publish(&mut self, kind: EventKind) {
        self.seq += 1;
        // An error only says that nobody listens.
        let _ = self.feed.sender.send(Event { seq: self.seq, kind });
    }
}

fn kind(fields: &HashMap<String, String>) -> Option<EventKind> {
    let get = |name: &str| fields.get(name).map(String::as_str);
    let id = || get("id")?.parse().ok();
    Some(match get("k")? {
        "task" => match get("status")? {
            "" => EventKind::Task { id: id()?, status: None },
            status => EventKind::Task { id: id()?, status: Some(status.parse().ok()?) },
        },
        "progress" => EventKind::Progress { id: id()?, progress: get("progress")?.parse().ok()? },
        "cancel" => EventKind::CancelRequested { id: id()? },
        "priority" => EventKind::Priority { id: id()? },
        "paused" => EventKind::Paused { use_case: get("use_case")?.to_owned(), paused: get("paused")? == "1" },
        "draining" => {
            EventKind::Draining { worker: WorkerName(get("worker")?.to_owned()), draining: get("draining")? == "1" }
        }
        _ => return None,
    })
}
