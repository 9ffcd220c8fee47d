//! What this process hears from its terminal and about it: keys, and signals.

use std::{
    io::{self, Read as _},
    thread,
};

use bytes::Bytes;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};

/// Keys read at once.
const KEYS: usize = 4 << 10;

/// What is typed, from a thread of its own: a read of the terminal cannot be given up. Ends with the terminal.
pub(super) fn keyboard() -> io::Result<mpsc::Receiver<Bytes>> {
    let (typed, keys) = mpsc::channel(1);
    thread::Builder::new().name("keyboard".to_owned()).spawn(move || {
        let (mut terminal, mut buffer) = (io::stdin().lock(), vec![0; KEYS]);
        loop {
            match terminal.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => {
                    let read = buffer.get(..count).unwrap_or_default();
                    if typed.blocking_send(Bytes::copy_from_slice(read)).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    })?;
    Ok(keys)
}

/// Signals that end this process.
pub(super) struct Ends([(Signal, &'static str); 4]);

impl Ends {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self([
            (signal(SignalKind::terminate())?, "SIGTERM"),
            (signal(SignalKind::hangup())?, "SIGHUP"),
            (signal(SignalKind::interrupt())?, "SIGINT"),
            (signal(SignalKind::quit())?, "SIGQUIT"),
        ]))
    }

    /// The name of the first one.
    pub(super) async fn next(&mut self) -> &'static str {
        let Self([terminate, hang_up, interrupt, quit]) = self;
        tokio::select! {
            _ = terminate.0.recv() => terminate.1,
            _ = hang_up.0.recv() => hang_up.1,
            _ = interrupt.0.recv() => interrupt.1,
            _ = quit.0.recv() => quit.1,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// The window has another size.
    Size,
    /// This process was stopped, and a shell has had the terminal.
    Again,
}

/// Signals that change the terminal.
pub(super) struct Changes {
    window: Signal,
    goes_on: Signal,
    /// Heard and not obeyed: a process cannot restore its terminal when it is stopped.
    _stop: Signal,
}

impl Changes {
    pub(super) fn new() -> io::Result<Self> {
        // SIGCONT and SIGTSTP have no names here, and two pairs of numbers.
        let (goes_on, stop) = if cfg!(target_os = "linux") { (18, 20) } else { (19, 18) };
        Ok(Self {
            window: signal(SignalKind::window_change())?,
            goes_on: signal(SignalKind::from_raw(goes_on))?,
            _stop: signal(SignalKind::from_raw(stop))?,
        })
    }

    pub(super) async fn next(&mut self) -> Change {
        tokio::select! {
            _ = self.window.recv() => Change::Size,
            _ = self.goes_on.recv() => Change::Again,
        }
    }
}
