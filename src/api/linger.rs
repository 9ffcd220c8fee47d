//! Answers that come before the request's body has been read.
//!
//! A refused upload is answered at once, but closing a connection with unread bytes resets it, and the client might
//! never see why. So the rest of the body is read and thrown away for a moment, within bounds, after the answer.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, HttpBody as _},
    extract::Request,
    http::header,
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use parking_lot::Mutex;

/// So much of an unread body is thrown away.
const BYTES: usize = 4 << 20;

/// So long at most.
const TIME: Duration = Duration::from_secs(2);

/// The body, which the handler reads, and what is left of it afterwards.
#[derive(Clone)]
struct Shared(Arc<Mutex<Rest>>);

struct Rest {
    /// `None` once it has ended.
    body: Option<BodyDataStream>,
    /// A client that asks before it sends (`Expect: 100-continue`) and was not told to go on sends nothing.
    held_back: bool,
}

impl Stream for Shared {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut rest = self.0.lock();
        rest.held_back = false;
        let Some(stream) = rest.body.as_mut() else { return Poll::Ready(None) };
        let polled = stream.poll_next_unpin(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            rest.body = None;
        }
        polled
    }
}

/// Middleware around everything that may answer early.
pub(super) async fn linger(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let rest = Rest { body: Some(body.into_data_stream()), held_back: parts.headers.contains_key(header::EXPECT) };
    let mut shared = Shared(Arc::new(Mutex::new(rest)));
    let response = next.run(Request::from_parts(parts, Body::from_stream(shared.clone()))).await;
    let unread = {
        let rest = shared.0.lock();
        rest.body.is_some() && !rest.held_back
    };
    if unread {
        tokio::spawn(async move {
            let discard = async {
                let mut left = BYTES;
                while let Some(Ok(chunk)) = shared.next().await
                    && left > chunk.len()
                {
                    left -= chunk.len();
                }
            };
            // Whatever is left then goes with the connection.
            let _ = tokio::time::timeout(TIME, discard).await;
        });
    }
    response
}
