//! Settings that anybody may have written: a file and variables of the environment.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a fuzz target fails by panicking")]

use std::{cell::OnceCell, path::PathBuf};

use config::Map;

use super::{
    Environment, Overrides, Role,
    load::{load_with, variables},
};

thread_local! {
    static FILE: OnceCell<tempfile::NamedTempFile> = const { OnceCell::new() };
}

/// The first byte is the environment; then the file's bytes, and behind each zero byte `SECTION__KEY=value`.
pub(crate) fn run(bytes: &[u8]) {
    let (env, rest) = bytes.split_first().map_or((0, bytes), |(env, rest)| (*env, rest));
    let env = [Environment::Dev, Environment::Staging, Environment::Prod][usize::from(env % 3)];
    let mut parts = rest.split(|byte| *byte == 0);
    let toml = parts.next().unwrap_or_default();
    let set: Map<String, String> = parts
        .filter_map(|pair| {
            let pair = String::from_utf8_lossy(pair);
            let (name, value) = pair.split_once('=')?;
            Some((format!("CIPHERDECK__{name}"), value.to_owned()))
        })
        .collect();
    FILE.with(|file| {
        let file = file.get_or_init(|| tempfile::Builder::new().suffix(".toml").tempfile().unwrap());
        std::fs::write(file.path(), toml).unwrap();
        let overrides = Overrides {
            env,
            file: Some(file.path().to_owned()),
            data_dir: Some(PathBuf::from("/nowhere")),
            ..Overrides::default()
        };
        match load_with(overrides, variables().source(Some(set))) {
            Ok(settings) => {
                assert_eq!(settings.env, env);
                assert!(settings.tls.is_on() || env == Environment::Dev, "clear text outside of dev");
                let safe = settings.tls.is_on() && settings.auth.required;
                assert!(safe || settings.server.listen.ip().is_loopback(), "strangers come in");
                assert!(settings.worker.count <= 256 && settings.worker.lease_s >= 3);
                assert!(settings.server.role != Role::Api || settings.worker.count == 0);
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    });
}
