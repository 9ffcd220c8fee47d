//! The real program in a pseudo-terminal.

use std::{
    io::{Read as _, Write},
    path::Path,
};

use parking_lot::Mutex;
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

use super::emulator::Emulator;
use crate::support::{process::PROGRAM, wait::DEADLINE};

/// A program and the terminal it runs in.
pub(crate) struct Program {
    pub(crate) screen: Emulator,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keyboard: Mutex<Box<dyn Write + Send>>,
}

impl Program {
    /// `cipherdeck serve` over `data_dir` in a terminal of this size.
    pub(crate) fn serve(data_dir: &Path, columns: u16, lines: u16, environment: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
        command.arg(data_dir);
        for (name, value) in
            [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC")].iter().chain(environment)
        {
            command.env(name, value);
        }
        Self::run(command, columns, lines)
    }

    /// Any command in a terminal of this size.
    pub(crate) fn run(mut command: CommandBuilder, columns: u16, lines: u16) -> Self {
        let size = PtySize { rows: lines, cols: columns, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        command.env_remove("NO_COLOR");
        let child = pair.slave.spawn_command(command).expect("the program runs");
        drop(pair.slave);
        let screen = Emulator::new(columns, lines);
        let mut output = pair.master.try_clone_reader().expect("a reader");
        let mut sink = screen.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 8_192];
            // Ends when the program has ended and its terminal is closed.
            while let Ok(n @ 1..) = output.read(&mut bytes) {
                sink.write_all(&bytes[..n]).and_then(|()| sink.flush()).expect("the emulator takes everything");
            }
        });
        let keyboard = Mutex::new(pair.master.take_writer().expect("a keyboard"));
        Self { screen, child, master: pair.master, keyboard }
    }

    /// Types.
    pub(crate) fn keys(&self, keys: &str) {
        let mut keyboard = self.keyboard.lock();
        keyboard.write_all(keys.as_bytes()).and_then(|()| keyboard.flush()).expect("the terminal takes keys");
    }

    pub(crate) fn resize(&self, columns: u16, lines: u16) {
        self.screen.resize(columns, lines);
        self.master.resize(PtySize { rows: lines, cols: columns, ..PtySize::default() }).expect("a resize");
    }

    /// Sends a signal by name: `TERM`, `HUP`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.process_id().expect("it runs").to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &id]).status();
        assert!(sent.is_ok_and(|status| status.success()), "SIG{name} was sent");
    }

    /// The API's URL, as the header shows it.
    pub(crate) fn url(&self) -> String {
        let address = |screen: &str| {
            let word = screen.split_whitespace().find(|word| word.starts_with("127.0.0.1:"))?;
            word.parse::<std::net::SocketAddr>().ok()
        };
        let screen = self.screen.wait("the address", |screen| address(&screen.contents()).is_some());
        format!("http://{}", address(&screen).expect("waited for"))
    }

    /// The settings of its terminal: echo, lines, signals.
    pub(crate) fn modes(&self) -> String {
        format!("{:?}", self.master.get_termios().expect("it is a terminal"))
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ended(mut self) -> ExitStatus {
        self.child.wait().expect("it ends")
    }

    /// The same, while the runtime of this thread goes on; the program stays, with its terminal.
    pub(crate) async fn over(mut self) -> (ExitStatus, Self) {
        let waiting = tokio::task::spawn_blocking(move || (self.child.wait().expect("it ends"), self));
        tokio::time::timeout(DEADLINE, waiting).await.expect("it ends").expect("it was waited for")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
