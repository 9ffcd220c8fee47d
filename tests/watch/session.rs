//! A running program and a client's session with it.

use std::path::{Path, PathBuf};

use cipherdeck::operator::{Role, tokens};
use serde_json::Value;
use tempfile::TempDir;

use super::exposition::Exposition;
use crate::{client::command::client, support::process::ServerProcess};

/// A server, a wallet, a way to ask.
pub(super) struct Session {
    pub(super) server: ServerProcess,
    pub(super) http: reqwest::Client,
    pub(super) dir: TempDir,
    /// Of each role, where tokens are wanted: client, operator.
    pub(super) tokens: Option<(String, String)>,
}

impl Session {
    pub(super) fn start(settings: &[(&str, &str)]) -> Self {
        Self::with(false, settings)
    }

    /// With tokens.
    pub(super) fn guarded(settings: &[(&str, &str)]) -> Self {
        Self::with(true, &[&[("CIPHERDECK__AUTH__REQUIRED", "true")], settings].concat())
    }

    fn with(guarded: bool, settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let tokens = guarded.then(|| {
            std::fs::create_dir_all(&data).unwrap();
            let token = |name, role| tokens::add(&data.join("tokens.json"), name, role).unwrap().expose().to_owned();
            (token("carl", Role::Client), token("olga", Role::Operator))
        });
        let server = ServerProcess::start(&data, settings);
        cipherdeck::tls::install();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { server, http, dir, tokens }
    }

    pub(super) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(super) fn wallet(&self) -> PathBuf {
        self.dir.path().join("wallet")
    }

    /// Runs the client's command; its answer.
    pub(super) fn client(&self, arguments: &[&str]) -> Value {
        let wallet: &Path = &self.wallet();
        let mut all = vec!["--json", "--url", &self.server.url, "--wallet", wallet.to_str().unwrap()];
        if let Some((token, _)) = &self.tokens {
            all.extend(["--token", token]);
        }
        let done = client(&[&all[..], arguments].concat());
        assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{arguments:?}");
        serde_json::from_str(&done.stdout).unwrap()
    }

    /// A question for the best ads: a task that is answered at once.
    pub(super) fn ads(&self) -> Value {
        self.client(&["ad-targeting", "--language", "Italian", "--interest", "Food", "--top", "3"])
    }

    pub(super) async fn get(&self, path: &str) -> reqwest::Response {
        let mut request = self.http.get(format!("{}{path}", self.server.url));
        if let Some((_, operator)) = &self.tokens {
            request = request.bearer_auth(operator);
        }
        request.send().await.unwrap()
    }

    pub(super) async fn text(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    pub(super) async fn scrape(&self) -> Exposition {
        Exposition::read(&self.text("/metrics").await)
    }

    /// The ids of all tasks.
    pub(super) async fn tasks(&self) -> Vec<String> {
        let page: Value = serde_json::from_str(&self.text("/operator/tasks").await).unwrap();
        let rows = page["tasks"].as_array().unwrap();
        rows.iter().map(|task| task["task_id"].as_str().unwrap().to_owned()).collect()
    }
}
