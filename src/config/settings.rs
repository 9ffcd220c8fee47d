//! What can be set. Every field is in `config/*.toml`; none has a default elsewhere.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer, de};

/// Which rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Loopback, no TLS, no tokens.
    #[default]
    Dev,
    /// Pre-production: TLS and tokens.
    Staging,
    /// Production: TLS and tokens.
    Prod,
}

impl Environment {
    /// The word in files, flags and on screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Staging => "staging",
            Self::Prod => "prod",
        }
    }
}

/// One of a few words; a wrong one is answered with all of them.
fn word<'de, D: Deserializer<'de>, T: clap::ValueEnum>(deserializer: D) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    T::from_str(&text, false).map_err(|_| {
        let words: Vec<_> = T::value_variants().iter().filter_map(clap::ValueEnum::to_possible_value).collect();
        let words: Vec<_> = words.iter().map(clap::builder::PossibleValue::get_name).collect();
        de::Error::custom(format!("{text:?} is not allowed; allowed is {}", words.join(", ")))
    })
}

/// What one server of a cluster is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Role {
    /// Takes requests and computes.
    #[default]
    All,
    /// Takes requests; workers of other servers compute.
    Api,
    /// Computes; its listener answers only whether it is well.
    Worker,
}

impl Role {
    /// The word in files, flags and on screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Api => "api",
            Self::Worker => "worker",
        }
    }
}

/// All settings.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Chosen by `--env` or `CIPHERDECK_ENV`, not by a file.
    #[serde(skip)]
    pub env: Environment,
    /// Listener and process.
    pub server: Server,
    /// Encryption of the listener.
    pub tls: Tls,
    /// A listener of its own for operators.
    pub operator: Operator,
    /// The console over SSH.
    pub ssh: Ssh,
    /// Who may come in.
    pub auth: Auth,
    /// Where tasks are kept.
    pub store: StoreSettings,
    /// Where keys, inputs and results are kept.
    pub blobs: Blobs,
    /// The worker pool.
    pub worker: Worker,
    /// What is refused.
    pub limits: Limits,
    /// How long things are kept.
    pub retention: Retention,
    /// Ad targeting.
    pub ads: Ads,
    /// Logging.
    pub log: Log,
    /// Traces.
    pub otlp: Otlp,
}

/// `[server]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port of the HTTP listener.
    pub listen: SocketAddr,
    /// What this server is for.
    #[serde(deserialize_with = "word")]
    pub role: Role,
    /// Where the embedded store, tokens, SSH keys and (without `blobs.url`) the blobs lie; empty: the user's data
    /// directory.
    pub data_dir: PathBuf,
    /// The socket of `cipherdeck attach`; empty: `console.sock` in the data directory.
    pub console_socket: PathBuf,
    /// Host names that browsers may use besides IP literals and localhost.
    pub hosts: Vec<String>,
    /// A request's head must arrive within so many seconds.
    pub header_timeout_s: u64,
    /// A connection that has been without a request for so many seconds is closed.
    pub idle_timeout_s: u64,
    /// A request's body must arrive within so many seconds.
    pub upload_timeout_s: u64,
    /// A request's body must arrive at so many bytes a second, as a mean over each window; 0: at any speed.
    pub upload_min_rate: u64,
    /// The window's seconds. The first one is the allowance for a slow start.
    pub upload_window_s: u64,
    /// Connections served at once. Further ones take the place of idle ones, or wait.
    pub max_connections: usize,
    /// Connections of one address (IPv6: of one /64) at once, further ones are closed; 0: any number.
    pub max_connections_per_address: usize,
    /// After a drain begins, running tasks have so many seconds to finish before they go back to the queue.
    pub drain_grace_s: u64,
}

/// `[tls]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate and those that vouch for it, in PEM form; empty: clear text.
    pub certificate: PathBuf,
    /// Its private key, in PEM form.
    pub key: PathBuf,
}

impl Tls {
    /// Do the listeners speak TLS?
    pub fn is_on(&self) -> bool {
        !self.certificate.as_os_str().is_empty()
    }
}

/// `[operator]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// Address and port of a listener for `/operator/`, `/logs` and `/metrics`, which then are nowhere else; in files, an
    /// empty text is `None`: they are on the listener of clients.
    #[serde(deserialize_with = "address_or_empty")]
    pub listen: Option<SocketAddr>,
}

/// `[ssh]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ssh {
    /// Address and port of the SSH listener; in files, an empty text is `None`: no listener.
    #[serde(deserialize_with = "address_or_empty")]
    pub listen: Option<SocketAddr>,
    /// The server's own key; empty: `ssh_host_ed25519_key` in the data directory.
    pub host_key: PathBuf,
    /// Who may log in, in OpenSSH's format with a role as an option; empty: `ssh_authorized_keys` in the data directory.
    pub authorized_keys: PathBuf,
    /// Sessions at once.
    pub max_sessions: usize,
}

fn address_or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    let expected = "an address and port such as 127.0.0.1:2222, or nothing";
    text.parse().map(Some).map_err(|_| de::Error::invalid_value(de::Unexpected::Str(&text), &expected))
}

/// `[auth]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Does every request need a token? Without, whoever reaches the listener is client and operator.
    pub required: bool,
    /// The token file; empty: `tokens.json` in the data directory. Servers of a cluster may share one.
    pub tokens: PathBuf,
}

/// The embedded store, in the data directory.
pub const SQLITE: &str = "sqlite";

/// `[store]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreSettings {
    /// [`SQLITE`], or `redis://[user:password@]host:port/db`, encrypted `rediss://..` (shared by several servers).
    pub url: String,
    /// With `rediss://`: a file of certificates (PEM) that may vouch for Redis besides those of the system; empty: none.
    pub ca: PathBuf,
}

/// `[blobs]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blobs {
    /// Empty: `blobs` in the data directory; a directory that all servers mount; or `s3://bucket/prefix`.
    pub url: String,
}

/// `[worker]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worker {
    /// Tasks that run at once in this process; 0: none (API only).
    pub count: usize,
    /// Threads that all of them share; 0: all cores.
    pub threads: usize,
    /// Attempts for tasks whose worker was lost.
    pub attempts: u32,
    /// Where servers share the store: a worker that is silent for so long is lost, and its tasks go back to the queue.
    pub lease_s: u64,
    /// A task that runs longer fails.
    pub time_limit_s: u64,
    /// Memory for decompressed server keys.
    pub key_cache_mib: u64,
}

/// Whose share of the queue a task counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Fairness {
    /// The uid (dev).
    Uid,
    /// The token (staging, prod).
    Token,
}

/// `[limits]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Longest evaluation key accepted.
    pub key_mib: u64,
    /// Files uploaded at once.
    pub uploads: usize,
    /// Files uploaded at once by the bearer of one token, or without tokens from one address; 0: any number.
    pub uploads_per_client: usize,
    /// Keys checked at once: each takes about twice its size in memory.
    pub concurrent_key_checks: usize,
    /// Keys that wait for their check; further ones are refused.
    pub waiting_key_checks: usize,
    /// Tasks waiting in all.
    pub waiting: u64,
    /// Tasks waiting of one client.
    pub waiting_per_client: u64,
    /// What "one client" means.
    #[serde(deserialize_with = "word")]
    pub client: Fairness,
    /// Uids without a key.
    pub keyless_uids: u64,
    /// Uids of one client at once, with a key or without; 0: any number.
    pub uids_per_client: u64,
    /// Requests a second of one client; 0: any number.
    pub requests_per_client: u32,
    /// Requests that a client may make at once after a pause.
    pub requests_per_client_burst: u32,
    /// Requests a second of one address (IPv6: of one /64); 0: any number.
    pub requests_per_address: u32,
    /// Requests that an address may make at once after a pause.
    pub requests_per_address_burst: u32,
    /// While less is free where the store or blobs lie, nothing is taken in; 0: never.
    pub disk_free_mib: u64,
}

/// `[retention]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// A finished, failed or cancelled task is removed so long after its end.
    pub result_ttl_s: u64,
    /// A key that nothing uses is removed after so long.
    pub key_ttl_s: u64,
    /// A uid without a key that nothing uses is removed after so long.
    pub keyless_ttl_s: u64,
    /// Rows of the run history.
    pub runs: u64,
    /// Rows of the audit log.
    pub audit: u64,
    /// Seconds between sweeps.
    pub sweep_every_s: u64,
}

/// `[ads]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ads {
    /// The catalogue; empty: the one compiled in (`config/ads.csv`).
    pub catalogue: PathBuf,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, `trace`, or a `tracing` filter such as `info,cipherdeck::worker=debug`.
    pub level: String,
    /// Format on stderr.
    #[serde(deserialize_with = "word")]
    pub format: LogFormat,
    /// Lines kept in memory for the console and `GET /logs`.
    pub ring_lines: usize,
}

/// `[otlp]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Otlp {
    /// Where traces of requests and tasks go: the URL of a collector that takes OTLP over HTTP, such as
    /// `http://127.0.0.1:4318`; empty: nowhere.
    pub endpoint: String,
}

impl Worker {
    /// How long a claim lasts without being renewed.
    pub const fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_s)
    }
}

impl Settings {
    /// A drain's grace.
    pub const fn drain_grace(&self) -> Duration {
        Duration::from_secs(self.server.drain_grace_s)
    }
}
