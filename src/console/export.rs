//! The run history as a file in the data directory.

use std::{fs::File, io};

use cipherdeck_ui::snapshot::Span;

use super::Host;
use crate::{
    monitor::{
        history::{self, CsvError},
        sampler::node_name,
    },
    store::{RunFilter, StoreError},
    task::Timestamp,
};

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Csv(#[from] CsvError),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Writes the runs of a span, oldest first; answers the file's name in the data directory and how many there are. Only
/// its owner may read it.
pub(super) async fn export(host: &Host, span: Span) -> Result<(String, usize), ExportError> {
    let now = host.clock.now();
    let since = span.millis().map(|millis| Timestamp::from_millis(now.millis().saturating_sub(millis)));
    let mut runs = host.store.runs(RunFilter { since, limit: usize::MAX, ..RunFilter::default() }).await?;
    // The colons of the time are no part of a file's name everywhere.
    let name = format!("runs-{now}.csv").replace(':', "-");
    let (environment, file) = (host.environment, host.data_dir.join(&name));
    let written = tokio::task::spawn_blocking(move || {
        runs.reverse();
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let out = io::BufWriter::new(options.open(&file)?);
        history::csv(out, &runs, environment, &node_name())?;
        Ok::<_, ExportError>(runs.len())
    });
    let rows = written.await.map_err(io::Error::other)??;
    Ok((name, rows))
}
