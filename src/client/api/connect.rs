//! The way to a server: its URL, and whom to trust.

use std::{net::IpAddr, path::Path, time::Duration};

use reqwest::{Certificate, Url};

use super::{Api, ApiError, Result};

/// A server that sends nothing for so long, beyond a long poll's own wait, is taken for dead.
const SILENCE: Duration = Duration::from_secs(90);
const CONNECT: Duration = Duration::from_secs(5);

impl Api {
    /// For the server at `url`, e.g. `http://127.0.0.1:8082`. Connects to nothing yet.
    ///
    /// # Errors
    /// [`ApiError::Url`] when the URL is none of an HTTP server.
    pub fn new(url: &str) -> Result<Self> {
        Self::trusting(url, None)
    }

    /// The same; a server for which one of the certificates in `authorities` (a file in PEM form) vouches is trusted like
    /// one for which the system vouches.
    ///
    /// # Errors
    /// [`ApiError::Url`], [`ApiError::Authorities`].
    pub fn trusting(url: &str, authorities: Option<&Path>) -> Result<Self> {
        let base = parse_base(url)?;
        crate::tls::install();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("cipherdeck/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback(&base) {
            // A proxy set for the outside world cannot reach this machine's own loopback.
            builder = builder.no_proxy();
        }
        if let Some(path) = authorities {
            builder = builder.tls_certs_merge(read_authorities(path)?);
        }
        let http = builder.build().map_err(|error| ApiError::Url(error.without_url().to_string()))?;
        Ok(Self { http, base, authorities: authorities.map(Path::to_owned), token: None })
    }

    /// Another server, with the same trust and no token: that one is this server's.
    ///
    /// # Errors
    /// As [`Api::trusting`].
    pub fn elsewhere(&self, url: &str) -> Result<Self> {
        Self::trusting(url, self.authorities.as_deref())
    }
}

fn parse_base(url: &str) -> Result<Url> {
    let wrong = |problem: &str| ApiError::Url(format!("`{url}` {problem}; an example: http://127.0.0.1:8082"));
    let mut base = Url::parse(url).map_err(|error| wrong(&format!("is no URL ({error})")))?;
    if !["http", "https"].contains(&base.scheme()) || base.host().is_none() {
        return Err(wrong("is not the URL of an HTTP server"));
    }
    if base.query().is_some() || base.fragment().is_some() || !base.username().is_empty() || base.password().is_some() {
        return Err(wrong("must hold only scheme, host, port and path"));
    }
    let path = base.path().trim_end_matches('/').to_owned();
    base.set_path(&path);
    Ok(base)
}

fn read_authorities(path: &Path) -> Result<Vec<Certificate>> {
    let wrong = |reason: &str| ApiError::Authorities { path: path.display().to_string(), reason: reason.to_owned() };
    let pem = std::fs::read(path).map_err(|error| wrong(&error.to_string()))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|_| wrong("it is not in PEM form"))?;
    if found.is_empty() {
        return Err(wrong("it holds no certificate in PEM form"));
    }
    Ok(found)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_has_one_spelling() {
        for url in ["http://127.0.0.1:8082", "http://127.0.0.1:8082/", "HTTP://127.0.0.1:8082//"] {
            assert_eq!(Api::new(url).unwrap().server(), "http://127.0.0.1:8082", "{url}");
        }
        assert_eq!(Api::new("http://host/deck/").unwrap().server(), "http://host/deck");
        assert_eq!(Api::new("http://host:80").unwrap().server(), "http://host");
        assert_eq!(Api::new("https://host:443/").unwrap().server(), "https://host");
    }

    #[test]
    fn urls_that_cannot_work_are_refused_with_a_reason() {
        for (url, part) in [
            ("127.0.0.1:8082", "no URL"),
            ("ftp://host", "not the URL of an HTTP server"),
            ("http://host/?uid=1", "only scheme"),
            ("http://me:secret@host/", "only scheme"),
        ] {
            let sentence = Api::new(url).unwrap_err().to_string();
            assert!(sentence.contains(part), "{url}: {sentence}");
        }
    }

    #[test]
    fn a_file_that_vouches_for_nobody_is_refused_with_its_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let name = file.path().display().to_string();
        for text in ["", "not a certificate", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
            std::fs::write(file.path(), text).unwrap();
            let sentence = Api::trusting("https://host", Some(file.path())).unwrap_err().to_string();
            assert!(sentence.contains(&name), "{sentence}");
        }
        assert!(Api::trusting("https://host", Some(Path::new("/nowhere/ca.pem"))).is_err());
    }

    #[test]
    fn loopback_is_recognised_in_all_spellings() {
        for (url, loopback) in [
            ("http://localhost:1", true),
            ("http://127.3.2.1", true),
            ("http://[::1]:8082", true),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), loopback, "{url}");
        }
    }
}
