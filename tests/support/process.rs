//! The real program as a child process.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::Arc,
    time::Instant,
};

use parking_lot::{Condvar, Mutex};

use super::wait::DEADLINE;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_cipherdeck");

/// A `cipherdeck serve --headless` on a port of its own choice.
pub struct ServerProcess {
    child: Child,
    log: Arc<Log>,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// `127.0.0.1:PORT` of its SSH listener, if its settings ask for one.
    pub ssh: Option<String>,
}

/// What a process has said on stderr so far.
#[derive(Default)]
struct Log {
    lines: Mutex<(Vec<String>, bool)>,
    more: Condvar,
}

impl Log {
    /// What `find` makes of the first line of which it makes something; waits for that line. `None`: the process has
    /// ended without it, or it took too long.
    fn wait_for<T>(&self, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        let (end, mut looked) = (Instant::now() + DEADLINE, 0);
        let mut log = self.lines.lock();
        loop {
            if let Some(found) = log.0[looked..].iter().find_map(|line| find(line)) {
                return Some(found);
            }
            looked = log.0.len();
            if log.1 || self.more.wait_until(&mut log, end).timed_out() {
                return None;
            }
        }
    }

    fn read(&self, lines: impl BufRead) {
        for line in lines.lines().map_while(Result::ok) {
            self.lines.lock().0.push(line);
            self.more.notify_all();
        }
        self.lines.lock().1 = true;
        self.more.notify_all();
    }

    fn text(&self) -> String {
        self.lines.lock().0.join("\n")
    }
}

impl ServerProcess {
    /// Starts it over `data_dir` and waits until it listens.
    pub fn start(data_dir: &Path, settings: &[(&str, &str)]) -> Self {
        Self::try_start(data_dir, settings).unwrap_or_else(|log| panic!("the server did not start:\n{log}"))
    }

    /// The same; the log if it does not come up.
    pub fn try_start(data_dir: &Path, settings: &[(&str, &str)]) -> Result<Self, String> {
        Self::try_start_with(data_dir, &[], settings)
    }

    /// Starts it with more arguments.
    pub fn start_with(data_dir: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let started = Self::try_start_with(data_dir, arguments, settings);
        started.unwrap_or_else(|log| panic!("the server did not start:\n{log}"))
    }

    fn try_start_with(data_dir: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Result<Self, String> {
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--headless", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data_dir).args(arguments);
        command.envs(settings.iter().copied());
        let mut server = Self::spawn(command);
        server.listens().then_some(()).ok_or_else(|| server.log.text())?;
        Ok(server)
    }

    /// Runs a command that serves; it is not waited for.
    pub fn spawn(mut command: Command) -> Self {
        command.env("NO_COLOR", "1").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let log = Arc::new(Log::default());
        let (lines, kept) = (BufReader::new(child.stderr.take().expect("piped")), Arc::clone(&log));
        std::thread::spawn(move || kept.read(lines));
        Self { child, log, url: String::new(), ssh: None }
    }

    /// Waits until it listens; `false` if it does not come to that.
    pub fn listens(&mut self) -> bool {
        let Some(address) = self.log.wait_for(listening_address) else { return false };
        self.url = format!("http://{address}");
        // Said before.
        self.ssh = self.log.lines.lock().0.iter().find_map(|line| {
            let (_, said) = line.split_once("operators may log in address=")?;
            said.split_whitespace().next().map(str::to_owned)
        });
        true
    }

    /// Waits until it has logged a line with these words.
    pub fn says(&self, words: &str) {
        let said = self.log.wait_for(|line| line.contains(words).then_some(()));
        assert!(said.is_some(), "it never said {words:?}:\n{}", self.log.text());
    }

    /// Everything it has logged so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it is gone");
    }

    /// Sends a signal by name: `TERM`, `INT`, `HUP`, `STOP`, `CONT`.
    pub fn signal(&self, name: &str) {
        Self::signal_to(self.child.id(), name);
    }

    /// The same to a process that somebody else keeps.
    pub fn signal_to(id: u32, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "SIG{name} was sent");
    }

    /// Waits until it has ended by itself.
    pub fn ended(mut self) -> ExitStatus {
        self.child.wait().expect("it ends")
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

/// The address in the line that says where it listens, as text or as JSON (the format of staging and prod).
fn listening_address(line: &str) -> Option<String> {
    if let Some((_, address)) = line.split_once("listening address=") {
        return Some(address.trim().to_owned());
    }
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    (line["message"] == "listening").then(|| line["address"].as_str().map(str::to_owned))?
}

/// What a server says that ends instead of serving.
pub fn fails_to_start(data_dir: &Path, settings: &[(&str, &str)]) -> String {
    let mut command = Command::new(PROGRAM);
    command.args(["serve", "--headless", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data_dir);
    let output = command.envs(settings.iter().copied()).env("NO_COLOR", "1").stdin(Stdio::null()).output().unwrap();
    assert!(!output.status.success(), "it started");
    String::from_utf8(output.stderr).unwrap()
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
