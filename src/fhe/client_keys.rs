//! The client's secret key.

/// The secret key of one client, for all use cases.
#[derive(Clone)]
pub struct ClientKeys {}

impl ClientKeys {
    /// Draws a new secret key (milliseconds).
    pub fn generate() -> Self {
        todo!()
    }

    /// For the wallet. Secret!
    pub fn to_bytes(&self) -> Vec<u8> {
        todo!()
    }

    /// From the wallet.
    ///
    /// # Errors
    /// A sentence, when the bytes are no client key of the pinned parameter set.
    pub fn from_bytes(_bytes: &[u8]) -> Result<Self, String> {
        todo!()
    }

    /// Computes the compressed evaluation key to upload (seconds; about 30 MB).
    pub fn compressed_server_key(&self) -> Vec<u8> {
        todo!()
    }
}
