//! A server with TLS: its certificate, its tokens, a client that trusts it.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use reqwest::{Certificate, Client, ClientBuilder};
use tempfile::TempDir;

use crate::support::process::{PROGRAM, ServerProcess};

/// Files of one server.
pub(super) struct House {
    dir: TempDir,
}

impl House {
    /// With a certificate for localhost.
    pub(super) fn new() -> Self {
        let house = Self { dir: tempfile::tempdir().unwrap() };
        house.certify("tls", &[]);
        house
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Makes a certificate in a directory of its own.
    pub(super) fn certify(&self, name: &str, more: &[&str]) {
        let out = self.path(name);
        std::fs::create_dir_all(&out).unwrap();
        let made = self.run(&[&["certificate", "--out", text(&out)][..], more].concat());
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    /// A new token of this role.
    pub(super) fn token(&self, role: &str) -> String {
        let data = self.path("data");
        let made = self.run(&["token", "add", role, "--role", role, "--json", "--data-dir", text(&data)]);
        let answer: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
        answer["token"].as_str().unwrap().to_owned()
    }

    /// The settings of a server that shows the certificate in `tls`.
    pub(super) fn config(&self, more: &str) -> PathBuf {
        let path = self.path("config.toml");
        let (certificate, key) = (self.path("tls/certificate.pem"), self.path("tls/key.pem"));
        std::fs::write(&path, format!("[tls]\ncertificate = {certificate:?}\nkey = {key:?}\n{more}")).unwrap();
        path
    }

    /// What the start says, which must fail.
    pub(super) fn refusal(&self, env: &str, more: &str) -> String {
        let (config, data) = (self.config(more), self.path("data"));
        let output = self.run(&[
            "serve",
            "--headless",
            "--env",
            env,
            "--config",
            text(&config),
            "--listen",
            "127.0.0.1:0",
            "--data-dir",
            text(&data),
        ]);
        assert!(!output.status.success(), "it started");
        String::from_utf8(output.stderr).unwrap()
    }

    /// A server of this environment, and its address.
    pub(super) fn start(&self, env: &str, more: &str) -> (ServerProcess, String) {
        let config = self.config(more);
        let server = ServerProcess::start_with(&self.path("data"), &["--env", env, "--config", text(&config)], &[]);
        let url = server.url.replace("http://127.0.0.1", "https://localhost");
        (server, url)
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).env_remove("CIPHERDECK_URL").env("NO_COLOR", "1").stdin(Stdio::null());
        command.output().unwrap()
    }

    /// A client that trusts only the certificate in `name`.
    pub(super) fn client(&self, name: &str) -> ClientBuilder {
        cipherdeck::tls::install();
        let pem = std::fs::read(self.path(name).join("certificate.pem")).unwrap();
        Client::builder().no_proxy().tls_certs_only([Certificate::from_pem(&pem).unwrap()])
    }
}

pub(super) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A port that is free now.
pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
