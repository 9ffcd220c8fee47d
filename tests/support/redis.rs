//! A real Redis of the test's own: on a free port, in a directory of its own, gone with the test.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use parking_lot::Mutex;
use tempfile::TempDir;

/// What every key of the store begins with.
pub const PREFIX: &str = "{cipherdeck}:1:";

/// A running `redis-server`.
pub struct RedisServer {
    dir: TempDir,
    settings: Vec<String>,
    port: u16,
    child: Mutex<Child>,
}

impl RedisServer {
    /// Starts one with these settings.
    pub fn start(settings: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings: Vec<String> = settings.iter().map(|&word| word.to_owned()).collect();
        // Between looking for a free port and taking it somebody else may.
        for _ in 0..20 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if let Some(child) = spawn(&dir, port, &settings) {
                return Self { dir, settings, port, child: Mutex::new(child) };
            }
        }
        panic!("redis-server found no free port");
    }

    /// With every acknowledged write on disk.
    pub fn durable() -> Self {
        Self::start(&["--appendonly", "yes", "--appendfsync", "always"])
    }

    /// The store's address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// The same for a user of Redis.
    pub fn url_of(&self, user: &str) -> String {
        format!("redis://{user}:secret@127.0.0.1:{}/0", self.port)
    }

    /// `kill -9`.
    pub fn kill(&self) {
        let mut child = self.child.lock();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Starts it again on its port and its files.
    pub fn start_again(&self) {
        *self.child.lock() = spawn(&self.dir, self.port, &self.settings).expect("redis-server starts again");
    }

    /// Stops (`STOP`) or continues (`CONT`) its process.
    pub fn signal(&self, signal: &str) {
        let pid = self.child.lock().id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap().success());
    }

    /// Runs one command as an administrator would.
    pub fn admin<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let mut connection = redis::Client::open(self.url()).unwrap().get_connection().unwrap();
        let (name, args) = words.split_first().unwrap();
        redis::cmd(name).arg(args).query(&mut connection).unwrap()
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs one command that it may refuse.
    pub fn allows(&self, words: &[&str]) -> bool {
        let mut connection = redis::Client::open(self.url()).unwrap().get_connection().unwrap();
        redis::cmd(words[0]).arg(&words[1..]).query::<()>(&mut connection).is_ok()
    }

    /// Length of its append-only file now.
    pub fn log_len(&self) -> u64 {
        self.log_file().metadata().unwrap().len()
    }

    /// Cuts its append-only file off, as a power failure does with what was not on disk yet.
    pub fn lose_log_behind(&self, len: u64) {
        std::fs::File::options().write(true).open(self.log_file()).unwrap().set_len(len).unwrap();
    }

    /// The part of the append-only file that grows: one of several files since Redis 7.
    fn log_file(&self) -> PathBuf {
        let parts = std::fs::read_dir(self.dir.path().join("appendonlydir")).into_iter().flatten();
        let growing = parts.map(|entry| entry.unwrap().path()).filter(|path| path.to_string_lossy().contains(".incr."));
        growing.max().unwrap_or_else(|| self.dir.path().join("appendonly.aof"))
    }

    /// Every claim's lease has passed.
    pub fn end_leases(&self) {
        let key = format!("{PREFIX}lease");
        for task in self.admin::<Vec<String>>(&["ZRANGE", &key, "0", "-1"]) {
            self.admin::<()>(&["ZADD", &key, "0", &task]);
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let child = self.child.get_mut();
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// A server that accepts connections; `None` when it ended, as it does where its port is taken.
fn spawn(dir: &TempDir, port: u16, settings: &[String]) -> Option<Child> {
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(dir.path());
    command.args(settings).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child =
        command.spawn().unwrap_or_else(|error| panic!("redis-server (Debian: apt-get install redis-server): {error}"));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    if lines.any(|line| line.contains("Ready to accept connections")) {
        std::thread::spawn(move || lines.for_each(drop));
        return Some(child);
    }
    child.wait().unwrap();
    None
}
