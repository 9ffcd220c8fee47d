//! Where log lines go: always into the ring; besides to stderr, to a file, or nowhere while the dashboard is drawn.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use color_eyre::eyre::WrapErr as _;
use parking_lot::Mutex;
use tracing_subscriber::{Layer as _, fmt::MakeWriter, prelude::*, reload};

use crate::{
    config::{Log, LogFormat},
    monitor::logs::{self, LogRing},
};

/// Can be turned while the program runs. Clones turn together.
#[derive(Clone)]
pub(super) struct Outlet(Arc<Mutex<Target>>);

enum Target {
    /// The dashboard is drawn: nothing else may write to the terminal.
    Silent,
    Stderr,
    File(File),
}

impl Outlet {
    pub(super) fn silent() -> Self {
        Self(Arc::new(Mutex::new(Target::Silent)))
    }

    pub(super) fn to_stderr(&self) {
        *self.0.lock() = Target::Stderr;
    }

    /// The terminal is gone (SIGHUP).
    pub(super) fn to_file(&self, path: &Path) -> io::Result<()> {
        let mut options = File::options();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        *self.0.lock() = Target::File(options.open(path)?);
        Ok(())
    }
}

impl Write for Outlet {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match &mut *self.0.lock() {
            Target::Silent => Ok(line.len()),
            Target::Stderr => io::stderr().write(line),
            Target::File(file) => file.write(line),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut *self.0.lock() {
            Target::Silent => Ok(()),
            Target::Stderr => io::stderr().flush(),
            Target::File(file) => file.flush(),
        }
    }
}

impl<'a> MakeWriter<'a> for Outlet {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Installs the subscriber: the ring and the outlet behind one filter, which the ring's level governs from now on. Lines
/// are coloured on a terminal, but not when the dashboard is drawn first: what comes after it may go to a file.
pub(super) fn start(log: &Log, ring: LogRing, outlet: Outlet, drawn: bool) -> color_eyre::Result<()> {
    let (filter, reloaded) = reload::Layer::new(logs::filter(&log.level).wrap_err("log.level")?);
    ring.level().govern(&log.level, move |filter| reloaded.reload(filter).map_err(|error| error.to_string()));
    let colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = tracing_subscriber::fmt::layer().with_writer(outlet);
    let lines = match log.format {
        LogFormat::Text => {
            let terminal = io::IsTerminal::is_terminal(&io::stderr()) && !drawn;
            lines.with_target(false).with_ansi(colours && terminal).boxed()
        }
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).boxed(),
    };
    tracing_subscriber::registry().with(filter).with(ring).with(lines).try_init().wrap_err("logging")
}
