//! Layers the sources of settings, and finds what of a server lies where.

use std::{net::SocketAddr, path::PathBuf};

use config::{Config, Environment as Variables, File, FileFormat};

use super::{Environment, Role, Settings, complaint, judge};

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

/// The socket in the data directory where operators attach.
const SOCKET: &str = "console.sock";

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

/// A thing of a server that commands beside it look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// The data directory.
    DataDir,
    /// The token file.
    Tokens,
    /// The socket where operators attach.
    ConsoleSocket,
}

/// Where a thing of a server with these settings lies. Nothing else of the settings is judged: whoever has to revoke a token,
/// or looks after a running server, must not have to repair a listener first.
///
/// # Errors
/// [`ConfigError`]: the sources cannot be read, or say neither this nor where the data directory is.
pub fn place(overrides: Overrides, of: Thing) -> Result<PathBuf, ConfigError> {
    let merged = merge(overrides, variables())?;
    let set = |name| {
        let text = merged.get_string(name).map_err(|error| complaint::misplaced(&error))?;
        Ok((!text.is_empty()).then(|| PathBuf::from(text)))
    };
    let data_dir = || set("server.data_dir")?.map_or_else(default_data_dir, Ok);
    let within = |name, file| match set(name)? {
        Some(path) => Ok(path),
        None => Ok(data_dir()?.join(file)),
    };
    match of {
        Thing::DataDir => data_dir(),
        Thing::Tokens => within("auth.tokens", TOKENS),
        Thing::ConsoleSocket => within("server.console_socket", SOCKET),
    }
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
        (socket, SOCKET),
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
    judge::judge(&settings)?;
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Settings as a file with this text makes them.
    pub(in crate::config) fn with_file(text: &str) -> Result<Settings, ConfigError> {
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
    fn things_are_found_whatever_else_is_wrong() {
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        let found = |env, of, text: &str, data_dir: Option<&str>| {
            std::fs::write(file.path(), text).unwrap();
            let (file, data_dir) = (Some(file.path().to_owned()), data_dir.map(PathBuf::from));
            place(Overrides { env, file, data_dir, ..Overrides::default() }, of)
        };
        let wrong = "[worker]\nthreds = \"many\"\n[auth]\nX\n[server]\nrole = \"worker\"\nlisten = \"nonsense\"\n";
        let (plain, named) = (
            wrong.replace('X', ""),
            wrong.replace('X', "tokens = \"/srv/tokens\"")
                + "console_socket = \"/run/it.sock\"\ndata_dir = \"/elsewhere\"",
        );
        for env in [Environment::Dev, Environment::Staging, Environment::Prod] {
            for (of, usual, chosen) in [
                (Thing::DataDir, "/data", "/elsewhere"),
                (Thing::Tokens, "/data/tokens.json", "/srv/tokens"),
                (Thing::ConsoleSocket, "/data/console.sock", "/run/it.sock"),
            ] {
                assert_eq!(found(env, of, &plain, Some("/data")).unwrap(), PathBuf::from(usual));
                assert_eq!(found(env, of, &named, None).unwrap(), PathBuf::from(chosen));
            }
        }
        for (of, end) in [
            (Thing::DataDir, "cipherdeck"),
            (Thing::Tokens, "cipherdeck/tokens.json"),
            (Thing::ConsoleSocket, "cipherdeck/console.sock"),
        ] {
            assert!(found(Environment::Dev, of, "", None).unwrap().ends_with(end));
            assert!(found(Environment::Dev, of, "nonsense", None).is_err());
            assert!(found(Environment::Dev, of, "server = 3", None).is_err());
        }
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
}
