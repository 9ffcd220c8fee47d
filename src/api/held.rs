//! The service of one connection: it holds the connection's place, says who is at the other end, and knows when a request
//! has been answered to the end.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, HttpBody},
    http::{Request, Response},
};
use bytes::Bytes;
use futures::future::BoxFuture;
use hyper::body::{Frame, SizeHint};

use super::{
    peer::Peer,
    places::{Share, Work},
};
use crate::monitor::metrics::http::Connected;

/// A router for one connection.
#[derive(Clone)]
pub(super) struct Held {
    router: Router,
    peer: Peer,
    share: Arc<Share>,
    _counted: Arc<Connected>,
}

impl Held {
    pub(super) fn new(router: Router, peer: Peer, share: Arc<Share>, counted: Connected) -> Self {
        Self { router, peer, share, _counted: Arc::new(counted) }
    }

    /// The connection's place.
    pub(super) fn share(&self) -> Arc<Share> {
        Arc::clone(&self.share)
    }
}

impl<B> tower::Service<Request<B>> for Held
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        tower::Service::<Request<B>>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        let work = self.share.work();
        let answer = self.router.call(request);
        Box::pin(async move { Ok(answer.await?.map(|body| Body::new(Answer::new(body, work)))) })
    }
}

/// The body of an answer; the request has been answered when it is dropped.
struct Answer {
    body: Body,
    work: Work,
}

impl Answer {
    fn new(body: Body, mut work: Work) -> Self {
        work.offers(true);
        Self { body, work }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // While the body is not asked for more, what there is waits for the client.
        self.work.offers(false);
        let polled = Pin::new(&mut self.body).poll_frame(context);
        self.work.offers(polled.is_ready());
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
