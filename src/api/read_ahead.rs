//! How far a multipart parser may read ahead.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Poll, ready},
};

use axum::body::Body;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};

/// Bytes that may be read beyond what fields have consumed: headers of parts, boundaries, one network buffer.
const SLACK: u64 = 1 << 20;

/// Bytes that are read in one go. The parser goes several times before it hands the first bytes of a file out.
const TURN: usize = 1 << 16;

/// The multipart parser buffers what it cannot yet hand out. This bounds how far it may read ahead.
#[derive(Default)]
pub(super) struct Budget {
    read: AtomicU64,
    consumed: AtomicU64,
    exceeded: AtomicBool,
}

impl Budget {
    /// Fields have consumed so many bytes.
    pub(super) fn consume(&self, bytes: usize) {
        self.consumed.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Has too much come between the fields?
    pub(super) fn is_exceeded(&self) -> bool {
        self.exceeded.load(Ordering::Relaxed)
    }

    fn admit(&self, bytes: usize) -> bool {
        let read = self.read.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        let within = read <= self.consumed.load(Ordering::Relaxed) + SLACK;
        self.exceeded.fetch_or(!within, Ordering::Relaxed);
        within
    }
}

/// The body, ended with an error where the budget is exceeded.
///
/// The parser reads as long as there is something to read before it hands anything out, and over HTTP/2 on a quick line
/// there always is. So the body pauses every [`TURN`] bytes: the parser then hands out what it has.
///
/// It also pauses before its end. While the parser (multer 3.1.0) looks for the first boundary it asks twice in one go, and
/// calls the form incomplete when the end comes with the second answer, although all of the form came with it, too. That
/// happens where the connection is read on another thread than the parser's.
pub(super) fn budgeted(body: Body, budget: Arc<Budget>) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    let (mut chunks, mut turn, mut ended) = (body.into_data_stream(), 0, false);
    stream::poll_fn(move |context| {
        if turn >= TURN {
            turn = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if ended {
            return Poll::Ready(None);
        }
        let Some(chunk) = ready!(chunks.poll_next_unpin(context)).transpose()? else {
            ended = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        };
        turn += chunk.len();
        let within = budget.admit(chunk.len());
        Poll::Ready(Some(if within { Ok(chunk) } else { Err(axum::Error::new("too much between the fields")) }))
    })
}

#[cfg(test)]
mod tests {
    use axum::{
        extract::{FromRequest as _, Multipart, Request},
        http::header,
    };

    use super::*;

    #[test]
    fn reading_ahead_is_bounded_while_consumed_bytes_are_not() {
        let budget = Budget::default();
        for _ in 0..100 {
            assert!(budget.admit(1 << 19));
            budget.consume(1 << 19);
        }
        assert!(budget.admit(1 << 20));
        assert!(!budget.admit(1), "one byte beyond the slack");
        assert!(budget.is_exceeded());
    }

    #[tokio::test]
    async fn a_form_that_comes_whole_while_its_first_boundary_is_looked_for_is_complete() {
        let form = "--frontier\r\nContent-Disposition: form-data; name=\"uid\"\r\n\r\n1\r\n--frontier--\r\n";
        let mut polls = 0;
        let late = stream::poll_fn(move |context| {
            polls += 1;
            match polls {
                1 => {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                2 => Poll::Ready(Some(Ok::<_, axum::Error>(Bytes::from_static(form.as_bytes())))),
                _ => Poll::Ready(None),
            }
        });
        let body = Body::from_stream(budgeted(Body::from_stream(late), Arc::default()));
        let request = Request::post("/").header(header::CONTENT_TYPE, "multipart/form-data; boundary=frontier");
        let mut form = Multipart::from_request(request.body(body).unwrap(), &()).await.unwrap();
        let field = form.next_field().await.expect("nothing is missing").expect("there is one");
        assert_eq!(field.text().await.unwrap(), "1");
        assert!(form.next_field().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_body_that_is_there_at_once_is_not_read_ahead_of_what_its_field_hands_out() {
        const BOUNDARY: &str = "frontier";
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"key\"; filename=\"key\"\r\n\r\n");
        let tail = format!("\r\n--{BOUNDARY}--\r\n");
        let parts = [Bytes::from(head)].into_iter().chain(vec![Bytes::from(vec![7; 1 << 16]); 28]).chain([tail.into()]);
        let (budget, body) =
            (Arc::new(Budget::default()), Body::from_stream(stream::iter(parts.map(Ok::<_, axum::Error>))));
        let request = Request::post("/")
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
            .body(Body::from_stream(budgeted(body, Arc::clone(&budget))))
            .unwrap();
        let mut form = Multipart::from_request(request, &()).await.unwrap();
        let mut field = form.next_field().await.unwrap().unwrap();
        let mut length = 0;
        while let Some(chunk) = field.chunk().await.unwrap() {
            budget.consume(chunk.len());
            length += chunk.len();
        }
        assert_eq!((length, budget.is_exceeded()), (28 << 16, false));
    }
}
