//! One session: the dashboard on a distant terminal.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crossterm::{
    cursor,
    event::{DisableBracketedPaste, EnableBracketedPaste},
    queue,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen},
};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    End, Out, STALLED, Terminal, input,
    pace::Pace,
    screen::{self, Frames},
};
use crate::{
    console::{Exit, Host, session},
    operator::{Actor, Role},
};

/// Draws the console until the operator leaves, the connection ends or `shutdown` is cancelled.
pub(super) async fn run(
    host: Host,
    actor: Actor,
    terminal: Terminal,
    out: &mut impl Out,
    shutdown: &CancellationToken,
) -> End {
    let (backend, mut frames) = screen::pair();
    let Terminal { look, sizes, typed, opening, stuck: _ } = terminal;
    let (size, role, door) = (*sizes.borrow(), actor.role, actor.door.word());
    let surface = session::Screen { backend, size, look, actor };
    let gone = Arc::new(AtomicBool::new(false));
    let input = input::events(typed, sizes, door, Arc::clone(&gone));
    let stop = shutdown.child_token();
    let _stopped_when_dropped = stop.clone().drop_guard();
    // A task of its own: a panic in it reaches nobody else.
    let mut session = tokio::spawn(session::run(host, surface, input, stop.clone()));
    let drawn = tokio::select! {
        drawn = &mut session => drawn,
        end = write(&mut frames, opening, out) => {
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
            tracing::error!(%error, "{door}: the console could not be drawn");
            End::Failed
        }
        Err(error) => {
            tracing::error!(%error, "{door}: the console broke off");
            End::Failed
        }
    }
}

/// Sends frames as fast as the client takes them and the pace allows; ends when it does not take them.
async fn write(frames: &mut Frames, opening: Vec<u8>, out: &mut impl Out) -> End {
    let mut bytes = opening;
    let mut pace = Pace::new(Instant::now());
    loop {
        let count = bytes.len();
        match timeout(STALLED, out.send(bytes)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return End::Gone,
            Err(_) => return End::Stalled,
        }
        sleep(pace.spend(count, Instant::now())).await;
        bytes = frames.next().await;
    }
}

/// What a terminal has to be sent before the first frame.
pub(in crate::console) fn enter() -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing into memory cannot fail.
    let _ = queue!(bytes, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide);
    bytes
}

/// What restores it.
pub(in crate::console) fn leave() -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = queue!(bytes, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    bytes
}
