//! This process's own terminal: set up, drawn on by a thread of its own, and restored whatever happens.

use std::{
    io, panic,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use crossterm::{
    cursor,
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute,
    terminal::{self, EnterAlternateScreen, LeaveAlternateScreen},
};
use ratatui::backend::CrosstermBackend;
use tokio_util::sync::CancellationToken;

use super::{
    Exit, Host, look,
    session::{self, Screen},
    terminal_input::terminal_input,
};
use crate::{
    operator::{Actor, Door, Role},
    text::sanitise,
};

/// The drawing thread's name, by which the panic hook knows it.
const THREAD: &str = "console";
/// A terminal that has stopped reading (Ctrl-S) is not waited for longer than this when the console has to close.
const CLOSING: Duration = Duration::from_secs(1);

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

type Hook = Arc<dyn Fn(&panic::PanicHookInfo<'_>) + Send + Sync>;

/// The terminal in raw mode and on its alternate screen; as before when dropped.
struct Guard {
    former: Hook,
}

impl Guard {
    fn enter() -> io::Result<Self> {
        terminal::enable_raw_mode()?;
        if let Err(error) = execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide) {
            restore();
            return Err(error);
        }
        let former: Hook = Arc::from(panic::take_hook());
        let next = Arc::clone(&former);
        panic::set_hook(Box::new(move |info| on_panic(info, &next)));
        Ok(Self { former })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
        if !thread::panicking() {
            let former = Arc::clone(&self.former);
            panic::set_hook(Box::new(move |info| former(info)));
        }
    }
}

/// A panic here or in the main thread ends the drawing: the terminal is restored before anything is printed. Every
/// other panic is caught where it happens (kernels, requests) and must not garble the screen.
fn on_panic(info: &panic::PanicHookInfo<'_>, former: &Hook) {
    let current = thread::current();
    let name = current.name().unwrap_or("unnamed");
    let message = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(thread = name, place, message, "panic");
    if name == THREAD || name == "main" {
        restore();
        former(info);
    }
}

/// As much as possible; what fails cannot be helped. A terminal that has stopped reading is not waited for.
fn restore() {
    let _ = terminal::disable_raw_mode();
    let (done, restored) = mpsc::sync_channel(1);
    let writer = thread::Builder::new().spawn(move || {
        let _ = execute!(io::stdout(), DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
        let _ = done.send(());
    });
    if writer.is_ok() {
        let _ = restored.recv_timeout(CLOSING);
    }
}
