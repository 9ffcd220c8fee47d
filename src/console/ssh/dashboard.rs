//! One session: the dashboard on a distant terminal, set up before and restored after, whatever happens.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use crossterm::{
    QueueableCommand as _, cursor,
    event::{DisableBracketedPaste, EnableBracketedPaste},
    terminal::{EnterAlternateScreen, LeaveAlternateScreen},
};
use russh::{ChannelWriteHalf, server::Msg};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    handler::Screen,
    input,
    pace::Pace,
    screen::{self, Frames},
    wire::STALLED,
};
use crate::{
    console::{Exit, Host, look, session},
    operator::{Actor, Role},
};

/// The last bytes to a client that may not read any more get so long.
const GOODBYE: Duration = Duration::from_secs(2);

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The operator left.
    Left,
    /// The operator wants the server to drain and stop.
    Drain,
    /// The server drains.
    Shutdown,
    /// The connection went away, or the client typed what it may not.
    Gone,
    /// The client took nothing for too long.
    Stalled,
    /// It panicked, or could not be drawn.
    Failed,
    /// There was nothing to draw on.
    NoTerminal,
    /// Too many sessions.
    Full,
}

impl End {
    /// For the log.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Drain => "chose to drain the server",
            Self::Shutdown => "the server drains",
            Self::Gone => "connection lost",
            Self::Stalled => "the client stopped reading",
            Self::Failed => "failed",
            Self::NoTerminal => "no terminal",
            Self::Full => "too many sessions",
        }
    }

    /// For the operator, on the former screen.
    const fn sentence(self) -> &'static str {
        match self {
            Self::Left | Self::Gone | Self::Stalled => "The console is closed; the server goes on.",
            Self::Drain => "The server drains: running tasks get their grace, then it stops.",
            Self::Shutdown => "The server drains and stops.",
            Self::Failed => "The console failed; the server goes on, and its log says why.",
            Self::NoTerminal => "The console needs a terminal: ssh -t",
            Self::Full => "Too many sessions are open; try again later.",
        }
    }

    const fn status(self) -> u32 {
        match self {
            Self::Left | Self::Drain | Self::Shutdown => 0,
            _ => 1,
        }
    }
}

/// Draws the console until the operator leaves, the connection ends or `shutdown` is cancelled.
pub(super) async fn run(
    host: Host,
    actor: Actor,
    on: Screen,
    typed: mpsc::Receiver<Bytes>,
    out: &ChannelWriteHalf<Msg>,
    shutdown: &CancellationToken,
) -> End {
    let (backend, mut frames) = screen::pair();
    let (size, role) = (*on.sizes.borrow(), actor.role);
    let surface = session::Screen { backend, size, look: look::over_ssh(&on.term), actor };
    let gone = Arc::new(AtomicBool::new(false));
    let input = input::events(typed, on.sizes, Arc::clone(&gone));
    let stop = shutdown.child_token();
    let _stopped_when_dropped = stop.clone().drop_guard();
    // A task of its own: a panic in it reaches nobody else.
    let mut session = tokio::spawn(session::run(host, surface, input, stop.clone()));
    let drawn = tokio::select! {
        drawn = &mut session => drawn,
        end = write(&mut frames, out) => {
            stop.cancel();
            // It never waits for this client.
            let _ = session.await;
            return end;
        }
    };
    match drawn {
        Ok(Ok(_)) if shutdown.is_cancelled() => End::Shutdown,
        Ok(Ok(_)) if gone.load(Ordering::Relaxed) => End::Gone,
        Ok(Ok(Exit::Drain)) if role == Role::Operator => End::Drain,
        Ok(Ok(_)) => End::Left,
        Ok(Err(error)) => {
            tracing::error!(%error, "ssh: the console could not be drawn");
            End::Failed
        }
        Err(error) => {
            tracing::error!(%error, "ssh: the console broke off");
            End::Failed
        }
    }
}

/// Sends frames as fast as the client takes them and the pace allows; ends when it does not take them.
async fn write(frames: &mut Frames, out: &ChannelWriteHalf<Msg>) -> End {
    let mut bytes = Vec::new();
    // Writing into memory cannot fail.
    let _ = enter(&mut bytes);
    let mut pace = Pace::new(Instant::now());
    loop {
        let count = bytes.len();
        match timeout(STALLED, out.data_bytes(bytes)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return End::Gone,
            Err(_) => return End::Stalled,
        }
        sleep(pace.spend(count, Instant::now())).await;
        bytes = frames.next().await;
    }
}

fn enter(bytes: &mut Vec<u8>) -> io::Result<()> {
    bytes.queue(EnterAlternateScreen)?.queue(EnableBracketedPaste)?.queue(cursor::Hide)?;
    Ok(())
}

fn leave(bytes: &mut Vec<u8>) -> io::Result<()> {
    bytes.queue(DisableBracketedPaste)?.queue(LeaveAlternateScreen)?.queue(cursor::Show)?;
    Ok(())
}

/// Restores the terminal if it was drawn on, says how it ended, and ends the channel.
pub(super) async fn farewell(out: &ChannelWriteHalf<Msg>, end: End) {
    let last = async {
        if matches!(end, End::NoTerminal | End::Full) {
            out.extended_data_bytes(1, format!("{}\r\n", end.sentence())).await?;
        } else {
            let mut bytes = Vec::new();
            let _ = leave(&mut bytes);
            bytes.extend_from_slice(end.sentence().as_bytes());
            bytes.extend_from_slice(b"\r\n");
            out.data_bytes(bytes).await?;
        }
        out.exit_status(end.status()).await?;
        out.eof().await?;
        out.close().await
    };
    // Whoever does not read it has no terminal to restore, or a stuck one.
    let _ = timeout(GOODBYE, last).await;
}
