//! Keeps the load where it was asked for, whatever else this machine does.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::vitals::cpu_time;

/// What was not used cannot be made up for later beyond this, in seconds of one core.
const CREDIT: f64 = 2.0;

/// Gives turns, one after the other, as the server's processor time allows.
pub(super) struct Pace {
    server: u32,
    /// Cores.
    load: f64,
    account: Mutex<Account>,
}

struct Account {
    seen: Instant,
    used: Duration,
    credit: f64,
}

impl Pace {
    pub(super) fn new(server: u32, load: f64) -> Self {
        let account = Account { seen: Instant::now(), used: cpu_time(server), credit: CREDIT };
        Self { server, load, account: Mutex::new(account) }
    }

    /// Waits until the server may be given more to do. Whoever came first is first.
    pub(super) async fn turn(&self) {
        let mut account = self.account.lock().await;
        loop {
            let (now, used) = (Instant::now(), cpu_time(self.server));
            let earned = now.duration_since(account.seen).as_secs_f64() * self.load;
            let spent = used.saturating_sub(account.used).as_secs_f64();
            *account = Account { seen: now, used, credit: (account.credit + earned - spent).min(CREDIT) };
            if account.credit >= 0.0 {
                return;
            }
            tokio::time::sleep(Duration::from_secs_f64(-account.credit / self.load)).await;
        }
    }
}
