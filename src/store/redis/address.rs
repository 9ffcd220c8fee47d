//! Where a Redis is, and who may vouch for it.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use redis::{Client, RedisError, TlsCertificates};
use rustls::pki_types::CertificateDer;

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
    let authorities = tls::authorities(ca).map_err(|error| cannot_open(&format!("store.ca = {error}")))?;
    Ok(authorities.iter().map(pem).collect())
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
