//! The listener's certificate: read and checked at start, and again whenever its files change. A pair that cannot be used
//! is said to be so, and the one before it stays.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum_server::accept::Accept;
use futures::future::BoxFuture;
use parking_lot::RwLock;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;

use super::{
    conn::{Acceptor, Connection},
    held::Held,
};
use crate::config::Tls;

/// Between two looks at the files.
const LOOK: Duration = Duration::from_secs(5);

/// Why there is no TLS. The server does not start then.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is not what it should be.
    #[error("{name} = {path}: {reason}", path = path.display())]
    File {
        /// The setting.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The two files do not belong together, or rustls does not take them.
    #[error("the certificate and the key of [tls] cannot be used together: {0}")]
    Pair(rustls::Error),
}

/// The certificate that is shown now.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read()))
    }
}

/// A certificate with its key, and where they come from.
#[derive(Debug, Clone)]
pub struct Certificates {
    files: Tls,
    shown: Arc<Shown>,
    acceptor: Arc<ServerConfig>,
}

impl Certificates {
    /// Reads the files that the settings name; `None` if they name none.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(files: &Tls) -> Result<Option<Self>, TlsError> {
        if !files.is_on() {
            return Ok(None);
        }
        crate::tls::install();
        let shown = Arc::new(Shown(RwLock::new(Arc::new(read(files)?))));
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Shown>::clone(&shown);
        // TLS 1.2 and 1.3, the defaults of rustls.
        let mut config = ServerConfig::builder().with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Some(Self { files: files.clone(), shown, acceptor: Arc::new(config) }))
    }

    /// Reads the files again whenever they have changed, until told to stop.
    pub async fn watch(self, stop: CancellationToken) {
        let mut seen = stamps(&self.files);
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => return,
            }
            let now = stamps(&self.files);
            if now != seen {
                seen = now;
                self.read_again();
            }
        }
    }

    fn read_again(&self) {
        match read(&self.files) {
            Ok(pair) => {
                *self.shown.0.write() = Arc::new(pair);
                tracing::info!(certificate = %self.files.certificate.display(), "the certificate was read again");
            }
            Err(error) => tracing::error!(%error, "the new certificate cannot be used; the one before it stays"),
        }
    }
}

/// When the files were last written; where one is missing, nothing.
fn stamps(files: &Tls) -> [Option<(SystemTime, u64)>; 2] {
    [&files.certificate, &files.key].map(|path| {
        let data = fs::metadata(path).ok()?;
        Some((data.modified().ok()?, data.len()))
    })
}

fn read(files: &Tls) -> Result<CertifiedKey, TlsError> {
    let wrong = |name, path: &Path, reason: String| TlsError::File { name, path: path.to_owned(), reason };
    let of_certificate = |reason: String| wrong("tls.certificate", &files.certificate, reason);
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(&files.certificate).and_then(Iterator::collect);
    let chain = chain.map_err(|error| of_certificate(pem_problem(&error)))?;
    if chain.is_empty() {
        return Err(of_certificate("holds no certificate in PEM form".to_owned()));
    }
    let of_key = |reason: String| wrong("tls.key", &files.key, reason);
    private(&files.key).map_err(of_key)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| of_key(pem_problem(&error)))?;
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(chain, key, &provider).map_err(TlsError::Pair)
}

/// The key is for its owner, and at most for a group.
fn private(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).map_err(|error| error.to_string())?.permissions().mode();
    if mode & 0o007 != 0 {
        return Err(format!("everybody may read it (mode {:o}); chmod 600 it", mode & 0o777));
    }
    Ok(())
}

fn pem_problem(error: &rustls::pki_types::pem::Error) -> String {
    use rustls::pki_types::pem::Error;
    match error {
        Error::Io(error) => error.to_string(),
        Error::NoItemsFound => "holds nothing of this kind in PEM form".to_owned(),
        other => format!("is not in PEM form ({other})"),
    }
}

/// Sets up accepted connections: a handshake within the deadline of the first bytes, then as without TLS.
#[derive(Clone)]
pub(super) struct Secure {
    handshake: TlsAcceptor,
    limits: Acceptor,
}

impl Secure {
    pub(super) fn new(certificates: &Certificates, limits: Acceptor) -> Self {
        Self { handshake: TlsAcceptor::from(Arc::clone(&certificates.acceptor)), limits }
    }
}

impl Accept<TcpStream, Held> for Secure {
    type Stream = Connection<TlsStream<TcpStream>>;
    type Service = Held;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Held)>>;

    fn accept(&self, stream: TcpStream, service: Held) -> Self::Future {
        let (handshake, limits) = (self.handshake.clone(), self.limits);
        Box::pin(async move {
            stream.set_nodelay(true)?;
            let share = service.share();
            let stream = tokio::select! {
                stream = tokio::time::timeout(limits.first_bytes, handshake.accept(stream)) => stream??,
                () = share.leave().cancelled() => return Err(io::ErrorKind::ConnectionAborted.into()),
            };
            Ok((Connection::new(stream, limits, share), service))
        })
    }
}
