//! The one implementation of TLS and its cryptography (rustls with ring), for the clients, Redis and S3.

/// Makes it the process's own. Whoever opens a connection that may be encrypted calls this first; repeating it is free.
pub fn install() {
    // An error says that it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
