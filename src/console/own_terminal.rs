//! This process's own terminal: set up, and restored whatever happens.

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
    style::{Attribute, SetAttribute},
    terminal::{self, EnterAlternateScreen, LeaveAlternateScreen},
};

/// The drawing thread's name, by which the panic hook knows it.
pub(super) const THREAD: &str = "console";
/// A terminal that has stopped reading (Ctrl-S) is not waited for longer than this when the console has to close.
pub(super) const CLOSING: Duration = Duration::from_secs(1);

type Hook = Arc<dyn Fn(&panic::PanicHookInfo<'_>) + Send + Sync>;

/// The terminal in raw mode and on its alternate screen; as before when dropped.
pub(super) struct Guard {
    former: Hook,
}

impl Guard {
    /// Sets the terminal up.
    ///
    /// # Errors
    /// When it cannot be; it is as before then.
    pub(super) fn enter() -> io::Result<Self> {
        if let Err(error) = prepare() {
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

/// Sets it up again, after a shell has had it. A [`Guard`] restores it.
///
/// # Errors
/// When it cannot be.
pub(super) fn again() -> io::Result<()> {
    terminal::disable_raw_mode()?;
    prepare()
}

fn prepare() -> io::Result<()> {
    terminal::enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)
}

/// A panic of the drawing or the main thread ends the drawing: the terminal is restored before anything is printed. Every
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
        // The last frame may have been cut off in the middle.
        let reset = SetAttribute(Attribute::Reset);
        let _ = execute!(io::stdout(), reset, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
        let _ = done.send(());
    });
    if writer.is_ok() {
        let _ = restored.recv_timeout(CLOSING);
    }
}
