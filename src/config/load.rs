//! Layers the sources and validates the result.

use std::{net::SocketAddr, path::PathBuf};

use config::{Config, Environment as Variables, File, FileFormat};

use super::{Environment, Role, SQLITE, Settings, complaint};

/// What flags say; everything else comes from the environment, the file, the defaults.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--env`.
    pub env: Environment,
    /// `--config`.
    pub file: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<SocketAddr>,
    /// `--ssh`.
    pub ssh: Option<SocketAddr>,
    /// `--role`.
    pub role: Option<Role>,
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--store`.
    pub store: Option<String>,
    /// `--blobs`.
    pub blobs: Option<String>,
    /// `--workers`.
    pub workers: Option<usize>,
    /// `--threads`.
    pub threads: Option<usize>,
}

/// Why the start stops: the setting's name, its value, what is allowed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that cannot be read, text that is not TOML, a key that does not exist, a value of the wrong type.
    #[error("{0}")]
    Source(String),
    /// A value that is not allowed.
    #[error("{name} = {value}: {allowed}")]
    Value {
        /// Name of the setting.
        name: &'static str,
        /// What it is set to.
        value: String,
        /// What is allowed, and where it helps how to set it.
        allowed: String,
    },
}

/// Prefix of environment variables: `CIPHERDECK__SECTION__KEY`.
const PREFIX: &str = "CIPHERDECK";

/// The token file in the data directory.
const TOKENS: &str = "tokens.json";

fn defaults(env: Environment) -> &'static str {
    match env {
        Environment::Dev => include_str!("../../config/dev.toml"),
        Environment::Staging => include_str!("../../config/staging.toml"),
        Environment::Prod => include_str!("../../config/prod.toml"),
    }
}

/// Reads and validates all settings. Opens and binds nothing.
///
/// # Errors
/// [`ConfigError`], naming the setting, its value and what is allowed.
pub fn load(overrides: Overrides) -> Result<Settings, ConfigError> {
    load_with(overrides, variables())
}

/// Where the tokens of a server with these settings lie. Nothing else of them is validated: whoever has to revoke a token
/// must not have to repair a listener first.
///
/// # Errors
/// [`ConfigError`]: the sources cannot be read, or say neither this nor where the data directory is.
pub fn token_file(overrides: Overrides) -> Result<PathBuf, ConfigError> {
    let merged = merge(overrides, variables())?;
    let path = |name| merged.get_string(name).map(PathBuf::from).map_err(|error| complaint::misplaced(&error));
    let (tokens, data_dir) = (path("auth.tokens")?, path("server.data_dir")?);
    if !tokens.as_os_str().is_empty() {
        return Ok(tokens);
    }
    let data_dir = if data_dir.as_os_str().is_empty() { default_data_dir()? } else { data_dir };
    Ok(data_dir.join(TOKENS))
}

/// How the environment's variables are read.
pub(super) fn variables() -> Variables {
    Variables::with_prefix(PREFIX)
        .prefix_separator("__")
        .separator("__")
        .try_parsing(true)
        .list_separator(",")
        .with_list_parse_key("server.hosts")
}

/// All sources, one over the other.
fn merge(overrides: Overrides, variables: Variables) -> Result<Config, ConfigError> {
    let mut layers = Config::builder().add_source(File::from_str(defaults(overrides.env), FileFormat::Toml));
    if let Some(file) = &overrides.file {
        layers = layers.add_source(File::from(file.as_path()).format(FileFormat::Toml).required(true));
    }
    layers = layers.add_source(variables);
    let flags = [
        ("server.listen", overrides.listen.map(|it| it.to_string())),
        ("ssh.listen", overrides.ssh.map(|it| it.to_string())),
        ("server.data_dir", overrides.data_dir.as_ref().map(|it| it.display().to_string())),
        ("server.role", overrides.role.map(|it| it.word().to_owned())),
        ("store.url", overrides.store),
        ("blobs.url", overrides.blobs),
        ("worker.count", overrides.workers.map(|it| it.to_string())),
        ("worker.threads", overrides.threads.map(|it| it.to_string())),
    ];
    for (name, value) in flags {
        layers = layers.set_override_option(name, value).map_err(|error| complaint::unreadable(&error))?;
    }
    layers.build().map_err(|error| complaint::unreadable(&error))
}

pub(super) fn load_with(overrides: Overrides, variables: Variables) -> Result<Settings, ConfigError> {
    let env = overrides.env;
    let merged = merge(overrides, variables)?;
    let mut settings: Settings = serde_path_to_error::deserialize(merged).map_err(|error| {
        let path = error.path().to_string();
        complaint::misplaced_at(&path, &error.into_inner())
    })?;
    settings.env = env;
    if settings.server.data_dir.as_os_str().is_empty() {
        settings.server.data_dir = default_data_dir()?;
    }
    let (ssh, auth, socket) = (&mut settings.ssh, &mut settings.auth, &mut settings.server.console_socket);
    for (path, name) in [
        (&mut ssh.host_key, "ssh_host_ed25519_key"),
        (&mut ssh.authorized_keys, "ssh_authorized_keys"),
        (&mut auth.tokens, TOKENS),
        (socket, "console.sock"),
    ] {
        if path.as_os_str().is_empty() {
            *path = settings.server.data_dir.join(name);
        }
    }
    match settings.server.role {
        Role::Api => settings.worker.count = 0,
        // Operators have no business there.
        Role::Worker => settings.operator.listen = None,
        Role::All => {}
    }
    validate(&settings)?;
    Ok(settings)
}

fn default_data_dir() -> Result<PathBuf, ConfigError> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::choose_base_strategy().map_err(|_| ConfigError::Value {
        name: "server.data_dir",
        value: "\"\"".to_owned(),
        allowed: "no home directory was found, so a directory must be given (--data-dir DIR)".to_owned(),
    })?;
    Ok(base.data_dir().join("cipherdeck"))
}

fn validate(settings: &Settings) -> Result<(), ConfigError> {
    let between = |name: &'static str, value: u64, min: u64, max: u64| {
        if (min..=max).contains(&value) {
            return Ok(());
        }
        Err(ConfigError::Value { name, value: value.to_string(), allowed: format!("allowed is {min}..={max}") })
    };
    let Settings { server, ssh, worker, limits, retention, log, .. } = settings;
    between("server.header_timeout_s", server.header_timeout_s, 1, 300)?;
    between("server.upload_timeout_s", server.upload_timeout_s, 1, 86_400)?;
    between("server.idle_timeout_s", server.idle_timeout_s, 1, 3_600)?;
    between("server.upload_min_rate", server.upload_min_rate, 0, 1 << 30)?;
    between("server.upload_window_s", server.upload_window_s, 1, 3_600)?;
    between("server.max_connections", server.max_connections as u64, 1, 1_000_000)?;
    between("server.max_connections_per_address", server.max_connections_per_address as u64, 0, 1_000_000)?;
    between("server.drain_grace_s", server.drain_grace_s, 0, 86_400)?;
    between("ssh.max_sessions", ssh.max_sessions as u64, 1, 256)?;
    between("worker.count", worker.count as u64, 0, 256)?;
    between("worker.threads", worker.threads as u64, 0, 4_096)?;
    between("worker.attempts", u64::from(worker.attempts), 1, 100)?;
    // Three heartbeats at least.
    between("worker.lease_s", worker.lease_s, 3, 3_600)?;
    between("worker.time_limit_s", worker.time_limit_s, 1, 604_800)?;
    between("worker.key_cache_mib", worker.key_cache_mib, 100, 1_048_576)?;
    between("limits.key_mib", limits.key_mib, 1, 1_024)?;
    between("limits.concurrent_key_checks", limits.concurrent_key_checks as u64, 1, 64)?;
    between("limits.waiting_key_checks", limits.waiting_key_checks as u64, 0, 10_000)?;
    between("limits.waiting", limits.waiting, 1, 10_000_000)?;
    between("limits.waiting_per_client", limits.waiting_per_client, 1, 10_000_000)?;
    between("limits.keyless_uids", limits.keyless_uids, 0, 10_000_000)?;
    between("limits.uids_per_client", limits.uids_per_client, 0, 10_000_000)?;
    between("limits.uploads", limits.uploads as u64, 1, 100_000)?;
    between("limits.uploads_per_client", limits.uploads_per_client as u64, 0, 100_000)?;
    between("limits.requests_per_client", limits.requests_per_client.into(), 0, 1_000_000)?;
    between("limits.requests_per_client_burst", limits.requests_per_client_burst.into(), 1, 1_000_000)?;
    between("limits.requests_per_address", limits.requests_per_address.into(), 0, 1_000_000)?;
    between("limits.requests_per_address_burst", limits.requests_per_address_burst.into(), 1, 1_000_000)?;
    between("limits.disk_free_mib", limits.disk_free_mib, 0, 1 << 30)?;
    between("retention.result_ttl_s", retention.result_ttl_s, 1, 31_536_000)?;
    between("retention.key_ttl_s", retention.key_ttl_s, 60, 315_360_000)?;
    between("retention.keyless_ttl_s", retention.keyless_ttl_s, 60, 315_360_000)?;
    between("retention.runs", retention.runs, 1, 100_000_000)?;
    between("retention.audit", retention.audit, 1_000, 100_000_000)?;
    between("retention.sweep_every_s", retention.sweep_every_s, 1, 86_400)?;
    between("log.ring_lines", log.ring_lines as u64, 1, 1_000_000)?;
    super::store_url::check(&settings.store)?;
    super::blobs_url::check(&settings.blobs.url)?;
    check_role(settings)?;
    if let Err(error) = crate::monitor::logs::filter(&log.level) {
        let value = crate::text::sanitise(&log.level, 200);
        return Err(ConfigError::Value { name: "log.level", value, allowed: error.to_string() });
    }
    super::otlp_url::check(&settings.otlp.endpoint)?;
    super::doors::check(settings)
}

/// One server of several needs the others' store, and a worker something to work with.
fn check_role(settings: &Settings) -> Result<(), ConfigError> {
    let role = settings.server.role;
    let wrong = |allowed: &str| {
        Err(ConfigError::Value { name: "server.role", value: role.word().to_owned(), allowed: allowed.to_owned() })
    };
    match role {
        Role::Api | Role::Worker if settings.store.url == SQLITE => wrong(
            "the embedded store belongs to one server that does all; share a Redis with --store redis://host:port/db",
        ),
        Role::Worker if settings.worker.count == 0 => wrong("a worker needs worker.count (--workers) of at least 1"),
        Role::All | Role::Api | Role::Worker => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_file(text: &str) -> Result<Settings, ConfigError> {
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        std::fs::write(file.path(), text).unwrap();
        load(Overrides {
            file: Some(file.path().to_owned()),
            data_dir: Some(PathBuf::from("/nowhere")),
            ..Overrides::default()
        })
    }

    #[test]
    fn the_defaults_of_every_environment_are_valid_once_there_is_a_certificate() {
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        std::fs::write(file.path(), "[tls]\ncertificate = \"/c.pem\"\nkey = \"/k.pem\"").unwrap();
        for env in [Environment::Dev, Environment::Staging, Environment::Prod] {
            let file = (env != Environment::Dev).then(|| file.path().to_owned());
            let settings = load(Overrides { env, file, ..Overrides::default() }).unwrap();
            assert_eq!((settings.env, settings.tls.is_on()), (env, env != Environment::Dev));
            assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8082");
            assert_eq!(settings.ssh.listen, None);
        }
    }

    #[test]
    fn a_flag_beats_the_file_and_the_file_beats_the_defaults() {
        let settings = with_file("[worker]\ncount = 4\ntime_limit_s = 7").unwrap();
        assert_eq!((settings.worker.count, settings.worker.time_limit_s, settings.worker.attempts), (4, 7, 3));
        let flags = Overrides { workers: Some(2), ..Overrides::default() };
        assert_eq!(load(flags).unwrap().worker.count, 2);
    }

    #[test]
    fn ssh_listens_where_a_file_or_the_flag_says_and_keeps_its_keys_in_the_data_directory() {
        let settings = with_file("[ssh]\nlisten = \"127.0.0.1:2222\"\nhost_key = \"/etc/key\"").unwrap();
        assert_eq!(settings.ssh.listen, Some("127.0.0.1:2222".parse().unwrap()));
        assert_eq!(settings.ssh.host_key, PathBuf::from("/etc/key"));
        assert_eq!(settings.ssh.authorized_keys, PathBuf::from("/nowhere/ssh_authorized_keys"));
        let flag = Overrides { ssh: Some("[::1]:22".parse().unwrap()), ..Overrides::default() };
        assert_eq!(load(flag).unwrap().ssh.listen.unwrap().port(), 22);
    }

    #[test]
    fn operators_attach_in_the_data_directory_unless_a_setting_says_otherwise() {
        assert_eq!(with_file("").unwrap().server.console_socket, PathBuf::from("/nowhere/console.sock"));
        let settings = with_file("[server]\nconsole_socket = \"/run/cipherdeck.sock\"").unwrap();
        assert_eq!(settings.server.console_socket, PathBuf::from("/run/cipherdeck.sock"));
    }

    #[test]
    fn tokens_lie_in_the_data_directory_or_where_a_file_says() {
        assert_eq!(with_file("").unwrap().auth.tokens, PathBuf::from("/nowhere/tokens.json"));
        let shared = with_file("[auth]\ntokens = \"/srv/tokens\"").unwrap();
        assert_eq!(shared.auth.tokens, PathBuf::from("/srv/tokens"));
    }

    #[test]
    fn tokens_are_found_whatever_else_is_wrong() {
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        let found = |env, text: &str, data_dir: Option<&str>| {
            std::fs::write(file.path(), text).unwrap();
            let (file, data_dir) = (Some(file.path().to_owned()), data_dir.map(PathBuf::from));
            token_file(Overrides { env, file, data_dir, ..Overrides::default() })
        };
        let wrong = "[server]\nrole = \"worker\"\nlisten = \"nonsense\"\n[worker]\nthreds = \"many\"\n";
        for env in [Environment::Dev, Environment::Staging, Environment::Prod] {
            assert_eq!(found(env, wrong, Some("/data")).unwrap(), PathBuf::from("/data/tokens.json"));
            let named = found(env, &format!("{wrong}[auth]\ntokens = \"/srv/tokens\""), Some("/data")).unwrap();
            assert_eq!(named, PathBuf::from("/srv/tokens"));
        }
        assert!(found(Environment::Dev, "", None).unwrap().ends_with("cipherdeck/tokens.json"));
        assert!(found(Environment::Dev, "nonsense", None).is_err());
        assert!(found(Environment::Dev, "server = 3", None).is_err());
    }

    #[test]
    fn a_worker_has_no_listener_for_operators() {
        let text = "[operator]\nlisten = \"127.0.0.1:8082\"\n[store]\nurl = \"redis://h\"\n[server]\nrole = ";
        assert_eq!(with_file(&format!("{text}\"worker\"")).unwrap().operator.listen, None);
        for role in ["all", "api"] {
            let elsewhere = format!("{text}{role:?}\nlisten = \"127.0.0.1:1\"");
            assert!(with_file(&elsewhere).unwrap().operator.listen.is_some(), "{role}");
        }
    }

    #[test]
    fn no_password_is_repeated() {
        for text in [
            "[otlp]\nendpoint = \"grpc://user:hunter2@host\"",
            "[otlp]\nendpoint = \"http://user:hunter2@\"",
            "[blobs]\nurl = \"s3://key:hunter2@bucket/prefix\"",
            "[store]\nurl = \"redis://h/x?password=hunter2\"",
            "[store]\nurl = \"redis://h/#hunter2\"",
            "[store]\nurl = \"redis://:hunter2@h",
            "[store]\nurl = redis://:hunter2@h",
            "store = \"redis://:hunter2@h\"",
            "[ssh]\nlisten = \"redis://:hunter2@h\"",
            "[log]\nformat = \"redis://:hunter2@h\"",
        ] {
            let message = with_file(text).unwrap_err().to_string();
            assert!(!message.contains("hunter2"), "{text:?} gives {message:?}");
        }
    }

    #[test]
    fn a_server_that_only_takes_requests_has_no_workers() {
        let text = "[server]\nrole = \"api\"\n[store]\nurl = \"redis://h\"\n[worker]\ncount = 4";
        assert_eq!(with_file(text).unwrap().worker.count, 0);
        let flags = Overrides { role: Some(Role::Worker), store: Some("redis://h".to_owned()), ..Overrides::default() };
        assert_eq!(load(flags).unwrap().worker.count, 1);
    }

    #[test]
    fn a_wrong_setting_is_named_with_its_value_and_what_is_allowed() {
        for (text, expected) in [
            ("[worker]\ncount = 1000", vec!["worker.count", "1000", "0..=256"]),
            ("[worker]\ncount = \"many\"", vec!["worker.count", "many", "integer"]),
            ("[worker]\nthreds = 2", vec!["threds", "threads"]),
            ("[log]\nlevel = \"a=b=c\"", vec!["log.level", "a=b=c", "debug"]),
            ("[log]\nlevel = \"inof\"", vec!["log.level", "inof", "debug"]),
            ("[otlp]\nendpoint = \"collector\"", vec!["otlp.endpoint", "collector", "http://127.0.0.1:4318"]),
            ("[server]\nlisten = \"0.0.0.0:8082\"", vec!["server.listen", "0.0.0.0:8082", "loopback"]),
            ("[ssh]\nlisten = \"2222\"", vec!["ssh.listen", "2222", "127.0.0.1:2222"]),
            ("[ssh]\nmax_sessions = 0", vec!["ssh.max_sessions", "0", "1..=256"]),
            ("[store]\nurl = \"postgres://x\"", vec!["store.url", "postgres://x", "sqlite"]),
            ("[blobs]\nurl = \"gs://x\"", vec!["blobs.url", "gs://x", "s3://bucket/prefix"]),
            ("[server]\nrole = \"worker\"", vec!["server.role", "worker", "redis://"]),
            ("[server]\nrole = \"both\"", vec!["server.role", "both", "worker"]),
            (
                "[server]\nrole = \"worker\"\n[store]\nurl = \"redis://h\"\n[worker]\ncount = 0",
                vec!["server.role", "worker", "--workers"],
            ),
            ("\nnonsense", vec![".toml", "line 2, column 9", "key with no value"]),
        ] {
            let message = with_file(text).unwrap_err().to_string();
            for part in expected {
                assert!(message.contains(part), "{text:?} gives {message:?}, which lacks {part:?}");
            }
        }
    }
}
