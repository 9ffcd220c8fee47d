//! Who holds connections: so many in all, so many of one address. When all places are taken, the connection that has been
//! without a request for longest makes room for the next one, so that idle connections starve nobody; while every one of
//! them is at work, the next one waits.

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
    /// Connections without a request by the order in which they became idle.
    idle: BTreeMap<u64, CancellationToken>,
    next: u64,
    /// Somebody waits for a place, and nobody was idle.
    wanted: bool,
}

impl Places {
    pub(super) fn new(most: usize, most_of_one: usize) -> Arc<Self> {
        Arc::new(Self { free: Arc::new(Semaphore::new(most)), most_of_one, book: Mutex::default() })
    }

    /// A place for a new connection; `None` when its address holds too many. Waits while all places are at work.
    pub(super) async fn enter(self: &Arc<Self>, peer: Peer) -> Option<Arc<Share>> {
        let counted = Counted::new(self, peer.network())?;
        let permit = if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            permit
        } else {
            self.make_room();
            // The semaphore is never closed.
            Arc::clone(&self.free).acquire_owned().await.ok()?
        };
        let (leave, used) = (CancellationToken::new(), Mutex::new(Use { requests: 0, idle: None }));
        let share = Arc::new(Share { counted, _permit: permit, leave, used });
        share.rest(&mut share.used.lock());
        Some(share)
    }

    fn make_room(&self) {
        let mut book = self.book.lock();
        match book.idle.pop_first() {
            Some((_, leave)) => leave.cancel(),
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

struct Use {
    requests: usize,
    /// Without a request: its number among those, and since when.
    idle: Option<(u64, Instant)>,
}

impl Share {
    /// A request begins; it has ended when the answer is dropped.
    pub(super) fn work(self: &Arc<Self>) -> Work {
        let mut used = self.used.lock();
        used.requests += 1;
        if let Some((number, _)) = used.idle.take() {
            self.counted.places.book.lock().idle.remove(&number);
        }
        Work(Arc::clone(self))
    }

    /// Ends when the place is needed.
    pub(super) fn leave(&self) -> &CancellationToken {
        &self.leave
    }

    /// How long it has been without a request; `None` while there is one.
    pub(super) fn idle_for(&self) -> Option<Duration> {
        self.used.lock().idle.map(|(_, since)| since.elapsed())
    }

    fn rest(&self, used: &mut Use) {
        let mut book = self.counted.places.book.lock();
        let number = book.next;
        book.next += 1;
        if std::mem::take(&mut book.wanted) {
            self.leave.cancel();
        } else {
            book.idle.insert(number, self.leave.clone());
        }
        used.idle = Some((number, Instant::now()));
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
pub(super) struct Work(Arc<Share>);

impl Drop for Work {
    fn drop(&mut self) {
        let mut used = self.0.used.lock();
        used.requests -= 1;
        if used.requests == 0 {
            self.0.rest(&mut used);
        }
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
        assert!(!only.leave().is_cancelled() && only.idle_for().is_none());
        drop(more);
        assert!(only.leave().is_cancelled() && only.idle_for().is_some());
        drop(only);
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
