//! Looks for lost workers, in every process: whoever comes first puts their tasks back.

use std::sync::Arc;

use super::{link::Link, scripts};
use crate::store::Result;

/// Tasks that one script ends.
const AT_ONCE: usize = 100;

/// Ends every claim whose lease has passed.
pub(super) async fn reap(link: &Link) -> Result<()> {
    loop {
        let (reaped,): (Vec<String>,) = link.repeat(&scripts::REAP, Vec::new()).await?;
        for task in &reaped {
            tracing::info!(task, "its worker was lost");
        }
        if reaped.len() < AT_ONCE {
            return Ok(());
        }
    }
}

/// Reaps until aborted, and says when Redis goes and comes.
pub(super) async fn run(link: Arc<Link>) {
    let mut away = false;
    loop {
        tokio::time::sleep(link.tuning.reap_every).await;
        let reaped = reap(&link).await;
        match &reaped {
            Ok(()) if away => tracing::info!("redis answers again"),
            Err(error) if !away => tracing::error!(%error, "redis is away; this goes on trying"),
            _ => {}
        }
        away = reaped.is_err();
    }
}
