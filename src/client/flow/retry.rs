//! Patience: with a busy server as long as it asks for, with a restarting one for half a minute.

use std::time::Duration;

use super::{Event, Result, Session};
use crate::client::{
    ClientError,
    api::{self, ApiError},
};

/// So often a busy server is asked again.
const BUSY_TRIES: u32 = 6;
/// A server that asks for a longer wait is left to the person.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// So often a lost connection is made again: with the pauses below about half a minute.
const LOST_TRIES: u32 = 18;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// May a request be repeated when its answer was lost?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IfLost {
    /// It changes nothing, or the same thing twice.
    Repeat,
    /// Not without asking.
    GiveUp,
}

fn pause(attempt: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << attempt.min(8)).min(LONGEST_PAUSE)
}

impl Session {
    /// Sends a request again while the server says that it is busy, and `if_lost` allows it while it cannot be reached.
    pub(super) async fn patiently<T, F>(&self, if_lost: IfLost, mut request: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = api::Result<T>>,
    {
        let (mut busy, mut lost) = (0, 0);
        loop {
            let error = match request().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let (wait, why) = match &error {
                ApiError::Refused(refusal) if refusal.is_temporary() && busy < BUSY_TRIES => {
                    busy += 1;
                    (
                        refusal.retry_after.unwrap_or_else(|| pause(busy)),
                        format!("the server is busy: {}", refusal.detail),
                    )
                }
                ApiError::Lost { .. } | ApiError::Unreachable { .. }
                    if if_lost == IfLost::Repeat && lost < LOST_TRIES =>
                {
                    lost += 1;
                    (pause(lost), error.to_string())
                }
                _ => return Err(error.into()),
            };
            if wait > LONGEST_WAIT {
                return Err(error.into());
            }
            // A pause too short to notice is not worth a line, and neither is each of many.
            if wait >= Duration::from_secs(1) || lost == 1 {
                let seconds = wait.as_secs_f64();
                self.observer.event(&Event::Notice(format!("{why}; trying again in {seconds:.0} s")));
            }
            self.sleep(wait).await?;
        }
    }

    /// Sleeps, unless the person wants to stop.
    pub(super) async fn sleep(&self, time: Duration) -> Result<()> {
        tokio::select! {
            () = tokio::time::sleep(time) => Ok(()),
            () = self.stop.cancelled() => Err(ClientError::Interrupted { cancelled: false }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restarting_server_gets_about_half_a_minute() {
        let total: Duration = (1..=LOST_TRIES).map(pause).sum();
        assert!((20..=40).contains(&total.as_secs()), "{total:?}");
    }
}
