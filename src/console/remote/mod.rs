//! The console on terminals that are not this process's own, whatever carries their bytes: [`super::ssh`] from other
//! machines, [`super::attach`] from this one.
//!
//! - `hall`: who is in; one session from its login to its end, for the logs. `end`: how it ended, in words.
//! - `dashboard`: what is drawn (`screen`) and how often (`pace`), what is typed (`input`).

mod dashboard;
mod end;
mod hall;
mod input;
mod pace;
mod screen;

use std::{
    io,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use bytes::Bytes;
use cipherdeck_ui::Look;
use tokio::sync::{mpsc, watch};

pub(super) use self::{
    dashboard::{enter, leave},
    end::End,
    hall::{Guest, Hall},
};

/// A client that takes nothing for so long while something waits for it is dropped.
pub(super) const STALLED: Duration = Duration::from_secs(15);
/// The last bytes to a client that may not read any more get so long.
pub(super) const GOODBYE: Duration = Duration::from_secs(2);
/// Pieces of input that wait for a session; then its client is not read any more.
pub(super) const INPUT: usize = 8;

/// Columns and lines.
pub(super) type Size = (u16, u16);

/// The size of a terminal that does not know its own.
pub(super) const USUAL: Size = (80, 24);

/// A terminal may claim any size. Nobody has more than 500 columns and 200 lines; zero means that it does not know.
pub(super) fn clamped(columns: u32, lines: u32) -> Option<Size> {
    let within = |cells: u32, most: u16| u16::try_from(cells).unwrap_or(most).clamp(1, most);
    (columns > 0 && lines > 0).then(|| (within(columns, 500), within(lines, 200)))
}

/// A terminal at the other end of a connection.
pub(super) struct Terminal {
    /// What it can show.
    pub(super) look: Look,
    /// Its size, and every later one; the same size again asks for everything to be drawn anew.
    pub(super) sizes: watch::Receiver<Size>,
    /// What is typed; ends with the connection.
    pub(super) typed: mpsc::Receiver<Bytes>,
    /// What it has to be sent before the first frame.
    pub(super) opening: Vec<u8>,
    /// True once the connection has ended because the client took nothing.
    pub(super) stuck: Arc<AtomicBool>,
}

/// Where bytes to a terminal go.
pub(super) trait Out: Send {
    /// Sends them. Waits while the client does not take what was sent before; fails when there is no connection any
    /// more.
    fn send(&mut self, bytes: Vec<u8>) -> impl Future<Output = io::Result<()>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_terminal_is_larger_than_it_can_be_or_smaller_than_a_cell() {
        assert_eq!(clamped(80, 24), Some((80, 24)));
        assert_eq!(clamped(1, 1), Some((1, 1)));
        assert_eq!(clamped(u32::MAX, u32::MAX), Some((500, 200)));
        assert_eq!(clamped(501, 65_536), Some((500, 200)));
        assert_eq!(clamped(65_616, 24), Some((500, 24)), "no wrapping around");
        assert_eq!(clamped(0, 24), None);
    }
}
