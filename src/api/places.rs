//! Who holds connections: so many in all, so many of one address. When all places are taken, the connection that has been
//! without a request for longest makes room for the next one, so that idle connections starve nobody; while every one of
//! them is at work, the next one waits.
//!
//! A connection also rests while it has requests and it is its client's turn to take the answers: one of HTTP/2 that
//! allows no byte to be sent would hold its place for ever otherwise. It makes room only after [`TURN`].

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::peer::{Network, Peer};

/// A client that takes nothing of its answer for so long may have to go.
pub(super) const TURN: Duration = Duration::from_secs(5);

/// The connections of one listener.
pub(super) struct Places {
    free: Arc<Semaphore>,
    /// Of one address; 0: any number.
    most_of_one: usize,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    by_network: HashMap<Network, usize>,
    /// Connections that rest, by the order in which they began to.
    idle: BTreeMap<u64, Resting>,
    next: u64,
    /// Somebody waits for a place, and nobody was idle.
    wanted: bool,
}

struct Resting {
    leave: CancellationToken,
    /// With answers that its client does not take: since when.
    answering: Option<Instant>,
}

impl Places {
    pub(super) fn new(most: usize, most_of_one: usize) -> Arc<Self> {
        Arc::new(Self { free: Arc::new(Semaphore::new(most)), most_of_one, book: Mutex::default() })
    }

    /// A place for a new connection; `None` when its address holds too many. Waits while all places are at work.
    pub(super) async fn enter(self: &Arc<Self>, peer: Peer) -> Option<Arc<Share>> {
        let counted = Counted::new(self, peer.network())?;
        let permit =
            if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() { permit } else { self.freed().await? };
        let (leave, used) = (CancellationToken::new(), Mutex::new(Use::default()));
        let share = Arc::new(Share { counted, _permit: permit, leave, used });
        share.rest(&mut share.used.lock());
        Some(share)
    }

    /// A place that somebody has left. Whoever rests is asked to make room now, and who does not take an answer later.
    async fn freed(&self) -> Option<OwnedSemaphorePermit> {
        let mut place = std::pin::pin!(Arc::clone(&self.free).acquire_owned());
        loop {
            self.make_room();
            // The semaphore is never closed.
            if let Ok(permit) = tokio::time::timeout(TURN, place.as_mut()).await {
                return permit.ok();
            }
        }
    }

    fn make_room(&self) {
        let mut book = self.book.lock();
        let may_go = |resting: &Resting| resting.answering.is_none_or(|since| since.elapsed() >= TURN);
        let first = book.idle.iter().find(|(_, resting)| may_go(resting)).map(|(number, _)| *number);
        match first.and_then(|number| book.idle.remove(&number)) {
            Some(resting) => resting.leave.cancel(),
            None => book.wanted = true,
        }
    }
}

/// One of the connections of an address.
struct Counted {
    places: Arc<Places>,
    network: Network,
}

impl Counted {
    fn new(places: &Arc<Places>, network: Network) -> Option<Self> {
        let mut book = places.book.lock();
        let count = book.by_network.entry(network).or_default();
        if places.most_of_one > 0 && *count >= places.most_of_one {
            return None;
        }
        *count += 1;
        drop(book);
        Some(Self { places: Arc::clone(places), network })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut book = self.places.book.lock();
        if let Some(count) = book.by_network.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                book.by_network.remove(&self.network);
            }
        }
    }
}

/// A connection's place.
pub(super) struct Share {
    counted: Counted,
    _permit: OwnedSemaphorePermit,
    /// Cancelled when somebody else needs the place more.
    leave: CancellationToken,
    used: Mutex<Use>,
}

#[derive(Default)]
struct Use {
    requests: usize,
    /// Those whose answer waits for the client to take it.
    offered: usize,
    /// It rests: its number among those that do, and since when.
    idle: Option<(u64, Instant)>,
}

/// How a connection rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Idle {
    pub(super) since: Duration,
    /// Its client does not take its answers.
    pub(super) answering: bool,
}

impl Idle {
    /// May it go now for somebody else?
    pub(super) fn may_leave(self) -> bool {
        !self.answering || self.since >= TURN
    }
}

impl Share {
    /// A request begins; it has ended when the answer is dropped.
    pub(super) fn work(self: &Arc<Self>) -> Work {
        let mut used = self.used.lock();
        used.requests += 1;
        self.settle(&mut used);
        Work { share: Arc::clone(self), offered: false }
    }

    /// Ends when the place is needed.
    pub(super) fn leave(&self) -> &CancellationToken {
        &self.leave
    }

    /// How it rests; `None` while the server works for it.
    pub(super) fn idle(&self) -> Option<Idle> {
        let used = self.used.lock();
        used.idle.map(|(_, since)| Idle { since: since.elapsed(), answering: used.requests > 0 })
    }

    /// Whatever changed, it rests from now on, or works.
    fn settle(&self, used: &mut Use) {
        if let Some((number, _)) = used.idle.take() {
            self.counted.places.book.lock().idle.remove(&number);
        }
        if used.requests == used.offered {
            self.rest(used);
        }
    }

    fn rest(&self, used: &mut Use) {
        let now = Instant::now();
        let mut book = self.counted.places.book.lock();
        let number = book.next;
        book.next += 1;
        let answering = (used.requests > 0).then_some(now);
        if answering.is_none() && std::mem::take(&mut book.wanted) {
            self.leave.cancel();
        } else {
            book.idle.insert(number, Resting { leave: self.leave.clone(), answering });
        }
        used.idle = Some((number, now));
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if let Some((number, _)) = self.used.get_mut().idle {
            self.counted.places.book.lock().idle.remove(&number);
        }
    }
}

/// A request on a connection.
pub(super) struct Work {
    share: Arc<Share>,
    offered: bool,
}

impl Work {
    /// Is there something of the answer that the client has to take before anything goes on?
    pub(super) fn offers(&mut self, offers: bool) {
        if self.offered == offers {
            return;
        }
        self.offered = offers;
        let mut used = self.share.used.lock();
        if offers {
            used.offered += 1;
        } else {
            used.offered -= 1;
        }
        self.share.settle(&mut used);
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let mut used = self.share.used.lock();
        used.requests -= 1;
        used.offered -= usize::from(self.offered);
        self.share.settle(&mut used);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn peer(last: u8) -> Peer {
        Peer([192, 0, 2, last].into())
    }

    #[tokio::test]
    async fn the_connection_that_rests_longest_makes_room_and_a_busy_one_does_not() {
        let places = Places::new(3, 0);
        let busy = places.enter(peer(1)).await.unwrap();
        let _work = busy.work();
        let (old, young) = (places.enter(peer(2)).await.unwrap(), places.enter(peer(3)).await.unwrap());
        // It has worked since: now it rests for less long than the other.
        drop(old.work());
        let mut next = Box::pin(places.enter(peer(4)));
        assert!(next.as_mut().now_or_never().is_none());
        assert_eq!([&busy, &old, &young].map(|share| share.leave().is_cancelled()), [false, false, true]);
        drop(young);
        assert!(next.await.is_some());
    }

    #[tokio::test]
    async fn while_all_work_the_next_one_waits_for_the_first_that_rests() {
        let places = Places::new(1, 0);
        let only = places.enter(peer(1)).await.unwrap();
        let (work, more) = (only.work(), only.work());
        let mut next = Box::pin(places.enter(peer(2)));
        assert!(next.as_mut().now_or_never().is_none());
        drop(work);
        assert!(!only.leave().is_cancelled() && only.idle().is_none());
        drop(more);
        assert!(only.leave().is_cancelled() && only.idle().is_some());
        drop(only);
        assert!(next.await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_does_not_take_its_answer_makes_room_after_a_while_and_whoever_takes_it_does_not() {
        let places = Places::new(2, 0);
        let (stuck, taking) = (places.enter(peer(1)).await.unwrap(), places.enter(peer(2)).await.unwrap());
        let (mut answer, mut other) = (stuck.work(), taking.work());
        answer.offers(true);
        let mut next = Box::pin(places.enter(peer(3)));
        assert!(next.as_mut().now_or_never().is_none());
        assert!(!stuck.leave().is_cancelled() && !stuck.idle().unwrap().may_leave());
        tokio::time::advance(TURN).await;
        other.offers(true);
        assert!(next.as_mut().now_or_never().is_none());
        assert_eq!([&stuck, &taking].map(|share| share.leave().is_cancelled()), [true, false]);
        assert!(stuck.idle().unwrap().may_leave() && !taking.idle().unwrap().may_leave());
        // The client takes something after all: it is at work again, and rests anew.
        other.offers(false);
        assert!(taking.idle().is_none());
        drop(other);
        assert_eq!(taking.idle(), Some(Idle { since: Duration::ZERO, answering: false }));
        drop((answer, stuck));
        assert!(next.await.is_some());
    }

    #[tokio::test]
    async fn one_address_holds_so_many_and_no_trace_of_it_stays() {
        let places = Places::new(100, 2);
        let held = [places.enter(peer(1)).await.unwrap(), places.enter(peer(1)).await.unwrap()];
        assert!(places.enter(peer(1)).await.is_none());
        let other = places.enter(peer(2)).await.unwrap();
        drop(held);
        assert!(places.enter(peer(1)).await.is_some());
        drop(other);
        let book = places.book.lock();
        assert!(book.by_network.is_empty() && book.idle.is_empty());
    }
}
