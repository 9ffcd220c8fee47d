//! Ctrl-C and SIGTERM.

use tokio_util::sync::CancellationToken;

/// The first signal cancels `stop`, so that the running task is cancelled on the server; the second ends the process.
pub(in crate::cli) fn watch(stop: CancellationToken) {
    tokio::spawn(async move {
        if signal().await {
            stop.cancel();
            if signal().await {
                std::process::exit(130);
            }
        }
    });
}

/// Waits for one; false if signals cannot be heard.
#[cfg(unix)]
async fn signal() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return false };
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt.is_ok(),
        _ = terminate.recv() => true,
    }
}

#[cfg(not(unix))]
async fn signal() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
