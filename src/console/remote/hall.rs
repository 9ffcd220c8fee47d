//! Who is in: one session from its login to its end, for the log and the audit log.

use std::sync::{Arc, atomic::Ordering};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{End, Out, Terminal, dashboard};
use crate::{console::Host, operator::Actor};

/// What all sessions of one door share.
pub(in crate::console) struct Hall {
    pub(in crate::console) host: Host,
    /// Dashboards at once.
    seats: Arc<Semaphore>,
    /// Everybody leaves.
    pub(in crate::console) closing: CancellationToken,
    /// An operator wants the server to drain.
    drain: CancellationToken,
}

/// Somebody who has come in.
pub(in crate::console) struct Guest {
    pub(in crate::console) actor: Actor,
    /// From where, for the log.
    pub(in crate::console) peer: String,
    /// From where, for the audit log.
    pub(in crate::console) origin: String,
}

impl Hall {
    /// For so many dashboards at once. When an operator chooses to drain the server, `drain` is cancelled; `closing`
    /// ends every session.
    pub(in crate::console) fn new(
        host: Host,
        seats: usize,
        closing: CancellationToken,
        drain: CancellationToken,
    ) -> Self {
        // The server's own environment (NO_COLOR) says nothing about distant terminals; what they can show is chosen
        // per session, and the local console uses no colour where it must not.
        crossterm::style::force_color_output(true);
        Self { host, seats: Arc::new(Semaphore::new(seats)), closing, drain }
    }

    /// Shows the console, if there is a terminal and a seat, until it ends. The transport says farewell.
    pub(in crate::console) async fn session(
        &self,
        guest: &Guest,
        terminal: Option<Terminal>,
        out: &mut impl Out,
    ) -> End {
        let Guest { actor, peer, origin } = guest;
        let door = actor.door.word();
        let seat = Arc::clone(&self.seats).try_acquire_owned();
        let end = match (&seat, terminal) {
            (Err(_), _) => End::Full,
            (Ok(_), None) => End::NoTerminal,
            (Ok(_), Some(terminal)) => {
                let (columns, lines) = *terminal.sizes.borrow();
                let stuck = Arc::clone(&terminal.stuck);
                self.host.desk.record(actor, "login", origin, "done").await;
                tracing::info!(peer, by = %actor, role = %actor.role, columns, lines, "{door}: logged in");
                let end = dashboard::run(self.host.clone(), actor.clone(), terminal, out, &self.closing).await;
                if stuck.load(Ordering::Relaxed) { End::Stalled } else { end }
            }
        };
        drop(seat);
        tracing::info!(peer, by = %actor, role = %actor.role, end = end.word(), "{door}: session ended");
        if end == End::Drain {
            self.drain.cancel();
        }
        end
    }

    /// Somebody who was not let in; nobody's role is the least there is.
    pub(in crate::console) async fn turned_away(&self, guest: &Guest, why: &str) {
        let Guest { actor, peer, origin } = guest;
        self.host.desk.turned_away(actor, "login", origin).await;
        tracing::warn!(peer, who = actor.name, why, "{}: login refused", actor.door.word());
    }
}
