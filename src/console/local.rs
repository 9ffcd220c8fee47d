//! The console on this process's own terminal, drawn by a thread of its own.

use std::{io, thread};

use crossterm::terminal;
use ratatui::backend::CrosstermBackend;
use tokio_util::sync::CancellationToken;

use super::{
    Exit, Host, look,
    own_terminal::{CLOSING, Guard, THREAD},
    session::{self, Screen},
    terminal_input::terminal_input,
};
use crate::{
    operator::{Actor, Door, Role},
    text::sanitise,
};

/// Draws the dashboard on this process's terminal until the operator leaves, the terminal goes away or `shutdown` is
/// cancelled ([`Exit::Leave`] as well). Restores the terminal in every case, also on panic. Must be called on a
/// multi-threaded tokio runtime.
///
/// # Errors
/// When the terminal cannot be set up or drawn to.
pub async fn run_local(host: Host, shutdown: CancellationToken) -> io::Result<Exit> {
    let guard = Guard::enter()?;
    let runtime = tokio::runtime::Handle::current();
    let (report, ended) = tokio::sync::oneshot::channel();
    let stop = shutdown.child_token();
    let _stopped_when_dropped = stop.clone().drop_guard();
    // A thread of its own: a terminal that does not read blocks whoever writes to it.
    thread::Builder::new().name(THREAD.to_owned()).spawn(move || {
        let result = runtime.block_on(draw(host, stop));
        // Nobody waits any more when the terminal was stuck for too long.
        let _ = report.send(result);
    })?;
    let stuck = async {
        shutdown.cancelled().await;
        tokio::time::sleep(CLOSING).await;
    };
    let result = tokio::select! {
        result = ended => result.unwrap_or_else(|_| Err(io::Error::other("the console panicked; the log says where"))),
        () = stuck => Ok(Exit::Leave),
    };
    drop(guard);
    result
}

async fn draw(host: Host, shutdown: CancellationToken) -> io::Result<Exit> {
    let screen = Screen {
        backend: CrosstermBackend::new(io::BufWriter::with_capacity(1 << 16, io::stdout())),
        size: terminal::size()?,
        look: look::detect(|name| std::env::var(name).ok()),
        actor: operator(),
    };
    session::run(host, screen, terminal_input()?, shutdown).await
}

/// Whoever started this process may do everything.
fn operator() -> Actor {
    let name = std::env::var("USER").unwrap_or_else(|_| "operator".to_owned());
    Actor { door: Door::Terminal, name: sanitise(&name, 64), role: Role::Operator }
}
