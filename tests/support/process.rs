//! The real program as a child process.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, mpsc},
};

use parking_lot::Mutex;

use super::wait::DEADLINE;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_cipherdeck");

/// A `cipherdeck serve --headless` on a port of its own choice.
pub struct ServerProcess {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// `127.0.0.1:PORT` of its SSH listener, if its settings ask for one.
    pub ssh: Option<String>,
    log: Arc<Mutex<Vec<String>>>,
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
        command.envs(settings.iter().copied()).env("NO_COLOR", "1");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let (found, listening) = mpsc::sync_channel(1);
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, kept) = (BufReader::new(child.stderr.take().expect("piped")), Arc::clone(&log));
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                if let Some(address) = listening_address(&line) {
                    let _ = found.try_send(address);
                }
                kept.lock().push(line);
            }
        });
        match listening.recv_timeout(DEADLINE) {
            Ok(address) => {
                // Said before.
                let ssh = log.lock().iter().find_map(|line| {
                    let (_, said) = line.split_once("operators may log in address=")?;
                    said.split(' ').next().map(str::to_owned)
                });
                Ok(Self { child, url: format!("http://{address}"), ssh, log })
            }
            Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(log.lock().join("\n"))
            }
        }
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it is gone");
    }

    /// Waits until a line of its log holds this text.
    pub fn wait_for_log(&self, text: &str) {
        let deadline = std::time::Instant::now() + DEADLINE;
        while !self.log.lock().iter().any(|line| line.contains(text)) {
            assert!(std::time::Instant::now() < deadline, "it never said {text:?}:\n{}", self.log.lock().join("\n"));
            std::thread::yield_now();
        }
    }

    /// Sends a signal by name: `TERM`, `INT`, `HUP`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "SIG{name} was sent");
    }

    /// Waits until it has ended by itself.
    pub fn ended(mut self) -> ExitStatus {
        self.child.wait().expect("it ends")
    }

    /// Its process id.
    #[allow(dead_code, reason = "the benchmark uses it")]
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
