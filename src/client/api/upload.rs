//! A request body that says how much of it has been sent.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use futures::stream;
use reqwest::{Body, multipart::Part};

/// Small enough for a smooth bar, large enough to cost nothing.
const CHUNK: usize = 128 << 10;

/// Hears `(sent, total)` in bytes.
pub type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// Bytes to upload.
#[derive(Clone)]
pub struct Upload {
    bytes: Bytes,
    progress: Option<Progress>,
}

impl Upload {
    /// These bytes.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), progress: None }
    }

    /// Reports to `progress` while they are sent.
    #[must_use]
    pub fn with_progress(mut self, progress: Progress) -> Self {
        self.progress = Some(progress);
        self
    }

    /// As a file of a multipart form, streamed with its length known in advance.
    pub(super) fn part(self, file_name: &'static str) -> Part {
        let total = self.bytes.len() as u64;
        let Self { bytes, progress } = self;
        let chunks = stream::unfold(bytes, move |mut rest| {
            let progress = progress.clone();
            async move {
                if rest.is_empty() {
                    return None;
                }
                let chunk = rest.split_to(rest.len().min(CHUNK));
                if let Some(progress) = progress {
                    progress(total - rest.len() as u64, total);
                }
                Some((Ok::<_, Infallible>(chunk), rest))
            }
        });
        Part::stream_with_length(Body::wrap_stream(chunks), total).file_name(file_name)
    }
}
