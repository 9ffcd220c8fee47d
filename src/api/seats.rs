//! Files that are uploaded at once: so many in all, because each holds up to two parts of a stream in memory, and so many
//! of one client, so that none can keep the others out.

use std::sync::Arc;

use axum::http::Extensions;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    auth::Caller,
    kept::Kept,
    peer::{Network, Peer},
};
use crate::config::Limits;

/// Who uploads: the bearer of a token, or else an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Uploader {
    Token(String),
    Address(Network),
}

impl Uploader {
    /// Of a request; `None` where nothing is known of it.
    pub(super) fn of(request: &Extensions) -> Option<Self> {
        let token = request.get::<Caller>().and_then(Caller::token_name);
        let address = || request.get::<Peer>().map(|peer| Self::Address(peer.network()));
        token.map(|name| Self::Token(name.to_owned())).or_else(address)
    }
}

/// Places for uploads.
pub(super) struct Seats {
    all: Arc<Semaphore>,
    /// Of one uploader; 0: any number.
    most_of_one: usize,
    /// Of those who have one, or wait for one.
    taken: Kept<Uploader, Semaphore>,
}

/// A place; given back when dropped.
pub(super) struct Seat {
    _of_all: OwnedSemaphorePermit,
    _of_own: Option<OwnedSemaphorePermit>,
}

impl Seats {
    pub(super) fn new(limits: &Limits) -> Self {
        let all = Arc::new(Semaphore::new(limits.uploads));
        Self { all, most_of_one: limits.uploads_per_client, taken: Kept::default() }
    }

    /// Waits for a place among its own, then for one among all. `None` never comes: semaphores are not closed.
    pub(super) async fn take(&self, who: Option<Uploader>) -> Option<Seat> {
        let own = match who {
            Some(who) if self.most_of_one > 0 => {
                Some(self.taken.of(who, || Semaphore::new(self.most_of_one)).acquire_owned().await.ok()?)
            }
            _ => None,
        };
        Some(Seat { _of_all: Arc::clone(&self.all).acquire_owned().await.ok()?, _of_own: own })
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn seats(uploads: usize, uploads_per_client: usize) -> Seats {
        let limits = crate::config::load(crate::config::Overrides::default()).unwrap().limits;
        Seats::new(&Limits { uploads, uploads_per_client, ..limits })
    }

    fn token(name: &str) -> Uploader {
        Uploader::Token(name.to_owned())
    }

    impl Seats {
        fn take_as(&self, who: Uploader) -> impl Future<Output = Option<Seat>> {
            self.take(Some(who))
        }
    }

    #[tokio::test]
    async fn one_client_takes_its_share_and_leaves_the_rest_to_others() {
        let seats = seats(3, 2);
        let own = [seats.take_as(token("a")).await.unwrap(), seats.take_as(token("a")).await.unwrap()];
        assert!(seats.take_as(token("a")).now_or_never().is_none());
        let other = seats.take_as(token("b")).now_or_never().flatten().expect("there is room for another");
        assert!(seats.take_as(token("c")).now_or_never().is_none(), "all are taken");
        drop(own);
        assert!(seats.take_as(token("a")).now_or_never().flatten().is_some());
        drop(other);
        drop(seats.take_as(token("d")).await);
    }

    #[tokio::test]
    async fn without_a_share_only_all_count() {
        let seats = seats(2, 0);
        let held = [seats.take_as(token("a")).await.unwrap(), seats.take(None).await.unwrap()];
        assert!(seats.take_as(token("b")).now_or_never().is_none());
        drop(held);
    }
}
