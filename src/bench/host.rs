//! A server of its own for a benchmark: in this process, on a free port of the loopback, with everything it keeps in a
//! temporary directory.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::BenchError;
use crate::{
    config::{Environment, Fairness, Role, SQLITE, Settings},
    monitor::logs::LogRing,
    server::Server,
    use_cases::Registry,
};

/// What still runs at the end gets so long.
const GRACE: Duration = Duration::from_secs(2);

/// A running server; its directory goes with it.
pub struct OwnServer {
    server: Server,
    _dir: TempDir,
}

impl OwnServer {
    /// Starts it with these settings, except that it is nobody else's: no TLS, no tokens, no other listeners, and none of
    /// the places where a real server keeps its data.
    ///
    /// # Errors
    /// [`BenchError::Start`], [`BenchError::Catalogue`], [`BenchError::File`].
    pub async fn start(settings: &Settings, logs: LogRing) -> Result<Self, BenchError> {
        let dir = tempfile::Builder::new().prefix("cipherdeck-bench-").tempdir();
        let dir = dir.map_err(|error| BenchError::file(&std::env::temp_dir(), error))?;
        let use_cases = Registry::standard(&settings.ads.catalogue)?;
        let server = Server::start(private(settings, dir.path().to_owned()), use_cases, logs).await;
        Ok(Self { server: server.map_err(Box::new)?, _dir: dir })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Stops it and removes its directory.
    pub async fn stop(self) {
        self.server.stop(GRACE, CancellationToken::new()).await;
    }
}

fn private(settings: &Settings, dir: PathBuf) -> Settings {
    let mut own = settings.clone();
    own.env = Environment::Dev;
    own.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    own.server.role = Role::All;
    own.server.console_socket = dir.join("console.sock");
    own.tls.certificate = PathBuf::new();
    own.tls.key = PathBuf::new();
    own.operator.listen = None;
    own.ssh.listen = None;
    own.auth.required = false;
    own.auth.tokens = dir.join("tokens.json");
    SQLITE.clone_into(&mut own.store.url);
    own.blobs.url.clear();
    own.worker.count = own.worker.count.max(1);
    own.limits.client = Fairness::Uid;
    own.server.data_dir = dir;
    own
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Overrides};

    #[test]
    fn nothing_of_a_real_server_is_used() {
        let home = PathBuf::from("/srv/real");
        let mut settings = config::load(Overrides { data_dir: Some(home.clone()), ..Overrides::default() }).unwrap();
        settings.env = Environment::Prod;
        settings.auth.required = true;
        settings.tls.certificate = home.join("cert.pem");
        settings.tls.key = home.join("key.pem");
        "redis://prod:6379/0".clone_into(&mut settings.store.url);
        "s3://prod/blobs".clone_into(&mut settings.blobs.url);
        settings.ssh.listen = Some(SocketAddr::from(([0, 0, 0, 0], 22)));
        settings.operator.listen = settings.ssh.listen;
        settings.worker.count = 0;
        settings.worker.threads = 3;
        let own = private(&settings, PathBuf::from("/tmp/own"));
        assert!(own.server.listen.ip().is_loopback() && own.server.listen.port() == 0);
        assert_eq!((own.ssh.listen, own.operator.listen, own.tls.is_on()), (None, None, false));
        assert_eq!((own.store.url.as_str(), own.blobs.url.as_str()), (SQLITE, ""));
        for path in [&own.server.data_dir, &own.server.console_socket, &own.auth.tokens] {
            assert!(path.starts_with("/tmp/own"), "{}", path.display());
        }
        assert_eq!((own.env, own.auth.required), (Environment::Dev, false));
        assert_eq!((own.worker.count, own.worker.threads), (1, 3), "how it computes is as configured");
    }
}
