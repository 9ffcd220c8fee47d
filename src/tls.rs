//! The one implementation of TLS and its cryptography (rustls with ring), for the clients, Redis and S3.

use std::{
    io,
    path::{Path, PathBuf},
};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// Why nobody can vouch for a server.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The file with their certificates cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{path}: expected are certificates of an authority, in PEM", path = path.display())]
    NoCertificates {
        /// The file.
        path: PathBuf,
    },
    /// The system has none, and no file is named.
    #[error("this machine trusts no authority; name the file of the one that vouches")]
    Nobody,
}

/// Makes it the process's own. Whoever opens a connection that may be encrypted calls this first; repeating it is free.
pub fn install() {
    // An error says that it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Who may vouch for a server: those whom the system trusts, and those in the file.
///
/// # Errors
/// [`TrustError`]: the file cannot be used, or there is nobody.
pub fn authorities(file: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let system = rustls_native_certs::load_native_certs();
    for error in system.errors {
        tracing::warn!(%error, "a certificate of the system cannot be read");
    }
    let mut trusted: Vec<_> = system.certs.into_iter().filter(is_usable).collect();
    if let Some(path) = file {
        trusted.extend(of_file(path)?);
    }
    if trusted.is_empty() { Err(TrustError::Nobody) } else { Ok(trusted) }
}

fn of_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let text = std::fs::read(path).map_err(|source| TrustError::Unreadable { path: path.to_owned(), source })?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let certificates = read.unwrap_or_default();
    if certificates.is_empty() || !certificates.iter().all(is_usable) {
        return Err(TrustError::NoCertificates { path: path.to_owned() });
    }
    Ok(certificates)
}

fn is_usable(certificate: &CertificateDer<'_>) -> bool {
    RootCertStore::empty().add(certificate.clone()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_authorities_holds_certificates_and_nothing_else_will_do() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let said = || authorities(Some(file.path())).err().map(|error| error.to_string()).unwrap_or_default();
        for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            std::fs::write(file.path(), text).unwrap();
            assert!(said().contains("in PEM") && said().contains(&*file.path().to_string_lossy()), "{}", said());
        }
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(file.path(), made.cert.pem()).unwrap();
        let trusted = authorities(Some(file.path())).unwrap();
        assert!(trusted.iter().any(|certificate| certificate == made.cert.der()));
        let said = authorities(Some(Path::new("/nowhere/ca.pem"))).unwrap_err().to_string();
        assert!(said.contains("/nowhere/ca.pem"), "{said}");
    }
}
