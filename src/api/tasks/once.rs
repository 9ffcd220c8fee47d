//! Submissions of one uid under one idempotency key take turns. What comes while the first is being stored shares its
//! outcome: of fifty at once, short inputs are written once, not fifty times to be removed forty-nine times. The store alone
//! decides about what comes later, about other servers, and when the first one's client goes away meanwhile.

use tokio::sync::Mutex;

use crate::{
    api::{error::ApiResult, kept::Kept},
    store::StoreError,
    task::{Digest, TaskId, Uid},
};

/// Those that are being stored.
#[derive(Default)]
pub(in crate::api) struct Turns(Kept<(Uid, String), Mutex<First>>);

/// What became of the first.
#[derive(Default)]
enum First {
    #[default]
    Unknown,
    Accepted {
        /// Of its input.
        digest: Digest,
        id: TaskId,
    },
    Failed,
}

impl Turns {
    /// Submits with `submit`, unless the same submission was accepted while this one waited for its turn.
    ///
    /// # Errors
    /// 409 `idempotency_conflict`: that one had another input. Those of `submit`; the others then try for themselves, at once.
    pub(in crate::api) async fn take(
        &self,
        uid: Uid,
        key: String,
        digest: Digest,
        submit: impl Future<Output = ApiResult<TaskId>>,
    ) -> ApiResult<TaskId> {
        let turn = self.0.of((uid, key), Mutex::default);
        let mut first = turn.lock().await;
        match *first {
            First::Accepted { digest: known, id } if known == digest => Ok(id),
            First::Accepted { .. } => Err(StoreError::IdempotencyConflict.into()),
            First::Unknown => {
                let submitted = submit.await;
                *first = submitted.as_ref().map_or(First::Failed, |&id| First::Accepted { digest, id });
                submitted
            }
            // A store that does not answer lets each wait for long: not one after the other.
            First::Failed => {
                drop(first);
                submit.await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future::pending};

    use futures::{FutureExt as _, future::join_all};
    use tokio::sync::Semaphore;

    use super::*;
    use crate::api::{error::ApiError, label::Label};

    const KEY: &str = "order-1";

    #[tokio::test]
    async fn those_that_come_meanwhile_share_what_became_of_the_first() {
        let (turns, uid, stored, gate) = (Turns::default(), Uid::random(), Cell::new(0), Semaphore::new(0));
        let submit = async || {
            let _ = gate.acquire().await.unwrap();
            stored.set(stored.get() + 1);
            Ok(TaskId::random())
        };
        let take = |uid, key: &str, input: &[u8]| turns.take(uid, key.to_owned(), Digest::of(input), submit());
        let mut many = Box::pin(join_all((0..50).map(|_| take(uid, KEY, b"input"))));
        let mut other = Box::pin(take(uid, KEY, b"another input"));
        assert!(many.as_mut().now_or_never().is_none() && other.as_mut().now_or_never().is_none());
        gate.add_permits(1);
        let ids: Vec<TaskId> = many.await.into_iter().map(Result::unwrap).collect();
        assert!(ids.iter().all(|id| *id == ids[0]));
        assert_eq!(other.await.unwrap_err().label(), Label::IdempotencyConflict);
        assert_eq!(stored.get(), 1);
        // Nobody is there any more who could share, and others never do.
        for (uid, key) in [(uid, KEY), (Uid::random(), KEY), (uid, "order-2")] {
            assert_ne!(take(uid, key, b"input").await.unwrap(), ids[0]);
        }
        assert_eq!(stored.get(), 4);
    }

    #[tokio::test]
    async fn whoever_fails_or_goes_away_leaves_the_turn_to_the_next() {
        let (turns, uid, id) = (Turns::default(), Uid::random(), TaskId::random());
        let digest = Digest::of(b"input");
        let mut gone = Box::pin(turns.take(uid, KEY.to_owned(), digest, pending()));
        assert!(gone.as_mut().now_or_never().is_none());
        let failing = async { Err(ApiError::unknown_uid()) };
        let mut failed = Box::pin(turns.take(uid, KEY.to_owned(), digest, failing));
        let mut slow = Box::pin(turns.take(uid, KEY.to_owned(), digest, pending()));
        let mut next = Box::pin(turns.take(uid, KEY.to_owned(), digest, async { Ok(id) }));
        assert!(failed.as_mut().now_or_never().is_none() && slow.as_mut().now_or_never().is_none());
        assert!(next.as_mut().now_or_never().is_none());
        drop(gone);
        assert_eq!(failed.await.unwrap_err().label(), Label::UnknownUid);
        assert!(slow.as_mut().now_or_never().is_none());
        assert_eq!(next.await.unwrap(), id, "it does not wait for the slow one");
    }
}
