//! Where a Redis is, and who may vouch for it.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use redis::{Client, RedisError, TlsCertificates};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use super::fault::Fault;
use crate::{
    store::{Result, StoreError},
    tls,
};

/// `redis://` or, encrypted, `rediss://[user:password@]host[:port][/db]`.
#[derive(Clone, Copy)]
pub struct Address<'a> {
    url: &'a str,
    ca: Option<&'a Path>,
}

impl<'a> Address<'a> {
    /// A file of certificates (PEM) that are trusted besides those of the system.
    #[must_use]
    pub const fn with_ca(self, ca: &'a Path) -> Self {
        Self { ca: Some(ca), ..self }
    }

    fn is_encrypted(self) -> bool {
        self.url.starts_with("rediss://")
    }

    /// How to connect there. Nothing is sent yet.
    pub(super) fn client(self) -> Result<Client> {
        if !self.is_encrypted() {
            return Client::open(self.url).map_err(|error| self.refused(error));
        }
        // `#insecure` is how the library is told to believe anybody.
        if self.url.contains('#') {
            return Err(cannot_open("an address of redis has nothing behind a #; its certificate is always verified"));
        }
        tls::install();
        let trusted = TlsCertificates { client_tls: None, root_cert: Some(trusted(self.ca)?.into_bytes()) };
        Client::build_with_tls(self.url, trusted).map_err(|error| self.refused(error))
    }

    /// Why there is no connection. Never the address itself: it may hold a password.
    pub(super) fn refused(self, error: RedisError) -> StoreError {
        // One waits for a handshake, the other does not understand it.
        let hint = if self.is_encrypted() && error.is_timeout() {
            "; if its port does not speak TLS, the address begins with redis://"
        } else if !self.is_encrypted() && error.is_io_error() && !error.is_connection_refusal() && !error.is_timeout() {
            "; if its port speaks TLS, the address begins with rediss://"
        } else {
            ""
        };
        cannot_open(&format!("{}{hint}", Fault::from(error).error))
    }
}

impl<'a> From<&'a str> for Address<'a> {
    fn from(url: &'a str) -> Self {
        Self { url, ca: None }
    }
}

impl<'a> From<&'a String> for Address<'a> {
    fn from(url: &'a String) -> Self {
        url.as_str().into()
    }
}

fn cannot_open(problem: &str) -> StoreError {
    StoreError::CannotOpen(format!("cannot open the store: {problem}"))
}

/// The certificates of the system and of the file, as the library wants them: one text in PEM.
fn trusted(ca: Option<&Path>) -> Result<String> {
    let mut trusted = String::new();
    let system = rustls_native_certs::load_native_certs();
    for error in system.errors {
        tracing::warn!(%error, "a certificate of the system cannot be read");
    }
    // The library stops at the first that it does not understand.
    for certificate in system.certs.iter().filter(|certificate| is_usable(certificate)) {
        trusted += &pem(certificate);
    }
    if let Some(ca) = ca {
        let cannot = |problem: &str| cannot_open(&format!("store.ca = {}: {problem}", ca.display()));
        let text = std::fs::read(ca).map_err(|error| cannot(&error.to_string()))?;
        let read: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let certificates = read.map_err(|error| cannot(&error.to_string()))?;
        if certificates.is_empty() || !certificates.iter().all(is_usable) {
            return Err(cannot("expected are certificates of an authority, in PEM"));
        }
        for certificate in &certificates {
            trusted += &pem(certificate);
        }
    }
    if trusted.is_empty() {
        return Err(cannot_open("this machine trusts no authority; name the file of the one that vouches in store.ca"));
    }
    Ok(trusted)
}

fn is_usable(certificate: &CertificateDer<'_>) -> bool {
    RootCertStore::empty().add(certificate.clone()).is_ok()
}

fn pem(certificate: &CertificateDer<'_>) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(certificate))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(address: Address<'_>) -> String {
        address.client().err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn an_address_that_trusts_anybody_is_refused() {
        assert!(refusal("rediss://localhost/#insecure".into()).contains("always verified"));
        assert_eq!(refusal("redis://localhost/".into()), "");
    }

    #[test]
    fn a_file_without_certificates_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            std::fs::write(file.path(), text).unwrap();
            let said = refusal(Address::from("rediss://localhost").with_ca(file.path()));
            assert!(said.contains("store.ca = ") && said.contains("PEM"), "{said}");
        }
        let said = refusal(Address::from("rediss://localhost").with_ca(Path::new("/nowhere/ca.pem")));
        assert!(said.contains("/nowhere/ca.pem"), "{said}");
    }
}
