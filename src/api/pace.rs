//! The least speed of an upload. A client that sends a key byte by byte would hold a place and a file for minutes.
//!
//! Only the time counts in which the server waits for the client: over each window of such time, the client must have
//! sent so many bytes a second. The first window is so the allowance for a slow start.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use tokio::time::{Instant, Sleep};

use super::{error::ApiError, label::Label};
use crate::config::Server;

/// Whether a body was too slow, known outside of it.
#[derive(Clone, Default)]
pub(super) struct Verdict(Arc<AtomicBool>);

impl Verdict {
    /// Has the body been cut off?
    pub(super) fn is_too_slow(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a client hears that is too slow.
pub(super) fn refusal(server: &Server) -> ApiError {
    let (rate, window) = (server.upload_min_rate, server.upload_window_s);
    let detail =
        format!("The body arrives too slowly: less than {rate} bytes a second within {window} s. Nothing was stored.");
    ApiError::new(Label::BadRequest, detail).with_status(axum::http::StatusCode::REQUEST_TIMEOUT)
}

/// The body, cut off with an error when it is too slow.
pub(super) fn watched(body: Body, server: &Server) -> (Body, Verdict) {
    let verdict = Verdict::default();
    if server.upload_min_rate == 0 {
        return (body, verdict);
    }
    let window = Duration::from_secs(server.upload_window_s);
    let paced = Paced {
        body: body.into_data_stream(),
        least: server.upload_min_rate.saturating_mul(server.upload_window_s),
        window,
        waited: Duration::ZERO,
        bytes: 0,
        waiting: None,
        verdict: verdict.clone(),
    };
    (Body::from_stream(paced), verdict)
}

struct Paced {
    body: BodyDataStream,
    /// Bytes that must come in a window.
    least: u64,
    window: Duration,
    /// In this window so far: time spent waiting, and bytes.
    waited: Duration,
    bytes: u64,
    /// Set while the client is waited for.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    verdict: Verdict,
}

impl Paced {
    /// Begins a new window when this one is over; `false` if too little came in it.
    fn turn(&mut self) -> bool {
        if self.waited < self.window {
            return true;
        }
        let enough = self.bytes >= self.least;
        (self.waited, self.bytes) = (Duration::ZERO, 0);
        enough
    }

    fn cut_off(&self) -> Poll<Option<Result<Bytes, axum::Error>>> {
        self.verdict.0.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(axum::Error::new("the body is too slow"))))
    }
}

impl Stream for Paced {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Poll::Ready(item) = this.body.poll_next_unpin(context) {
            if let Some((began, _)) = this.waiting.take() {
                this.waited += began.elapsed();
            }
            if let Some(Ok(chunk)) = &item {
                this.bytes += chunk.len() as u64;
                if !this.turn() {
                    return this.cut_off();
                }
            }
            return Poll::Ready(item);
        }
        loop {
            let left = this.window.saturating_sub(this.waited);
            let (_, over) = this.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(left))));
            ready!(over.as_mut().poll(context));
            (this.waiting, this.waited) = (None, this.window);
            if !this.turn() {
                return this.cut_off();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long a body of `chunk` bytes every `every` lives, at most ten minutes.
    async fn lives(chunk: usize, every: Duration) -> Option<Duration> {
        let server = Server {
            upload_min_rate: 1_000,
            upload_window_s: 10,
            ..crate::config::load(crate::config::Overrides::default()).unwrap().server
        };
        let trickle = futures::stream::unfold((), move |()| async move {
            tokio::time::sleep(every).await;
            Some((Ok::<_, std::io::Error>(Bytes::from(vec![0; chunk])), ()))
        });
        let (body, verdict) = watched(Body::from_stream(trickle), &server);
        let began = Instant::now();
        let mut stream = body.into_data_stream();
        let read = async { while let Some(Ok(_)) = stream.next().await {} };
        let cut_off = tokio::time::timeout(Duration::from_mins(10), read).await.is_ok();
        assert_eq!(cut_off, verdict.is_too_slow());
        cut_off.then(|| began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_below_the_rate_ends_with_its_first_window_and_one_above_it_goes_on() {
        let second = Duration::from_secs(1);
        for (chunk, every) in [(900, second), (90, second / 10), (0, second), (9_000, 11 * second)] {
            let lived = lives(chunk, every).await.expect("it is cut off");
            assert!(lived <= 11 * second, "{chunk} bytes every {every:?}: {lived:?}");
        }
        // Also one that pauses nearly as long as a window and then sends what it owes.
        for (chunk, every) in [(1_100, second), (11_000, 9 * second), (1 << 20, second)] {
            assert_eq!(lives(chunk, every).await, None, "{chunk} bytes every {every:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_in_which_nobody_waits_for_the_client_does_not_count() {
        let settings = crate::config::load(crate::config::Overrides::default()).unwrap();
        let server = Server { upload_min_rate: 1_000, upload_window_s: 1, ..settings.server };
        let ready = futures::stream::iter((0..10).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"x"))));
        let (body, verdict) = watched(Body::from_stream(ready), &server);
        let mut stream = body.into_data_stream();
        while stream.next().await.is_some() {
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        assert!(!verdict.is_too_slow());
    }
}
