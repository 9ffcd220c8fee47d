//! Relevance of every ad of a catalogue to an encrypted profile.

use std::{path::Path, sync::Arc};

use super::{InputError, InputFacts, KernelError, Output, UseCase, UseCaseInfo};
use crate::fhe::{ClientKeys, Context, ServerKey};
use crate::use_cases::wire::PayloadError;

/// Number of features of a profile.
pub const FEATURES: usize = 62;

/// A bad catalogue: file, line, column, what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {column}: {problem}")]
pub struct CatalogueError {
    /// The file, or `built-in catalogue`.
    pub file: String,
    /// 1-based line.
    pub line: u64,
    /// Name of the column.
    pub column: String,
    /// What is wrong and what is allowed.
    pub problem: String,
}

/// The ads and their weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {}

impl Catalogue {
    /// Reads `file`, or the built-in catalogue if the path is empty.
    ///
    /// # Errors
    /// [`CatalogueError`].
    pub fn load(_file: &Path) -> Result<Self, CatalogueError> {
        todo!()
    }

    /// The public description for `GET /get_ads` (wire.md), as JSON bytes, made once.
    pub fn public_json(&self) -> &bytes::Bytes {
        todo!()
    }

    /// SHA-256 of the canonical catalogue, 64 hex digits: the version and the `ETag`.
    pub fn version(&self) -> &str {
        todo!()
    }
}

/// The use case.
pub struct AdTargeting {}

impl AdTargeting {
    /// Over this catalogue.
    pub fn new(_catalogue: Arc<Catalogue>) -> Self {
        todo!()
    }
}

impl UseCase for AdTargeting {
    fn info(&self) -> UseCaseInfo {
        todo!()
    }
    fn check(&self, _input: &[u8]) -> Result<InputFacts, InputError> {
        todo!()
    }
    fn run(&self, _key: Option<&ServerKey>, _input: &[u8], _context: &Context) -> Result<Output, KernelError> {
        todo!()
    }
}

/// What the client knows of the catalogue, read from `GET /get_ads`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PublicCatalogue {
    /// SHA-256 of the canonical catalogue, hex.
    pub version: String,
    /// The 62 feature names, in order.
    pub features: Vec<String>,
    /// p.
    pub plaintext_bits: u8,
    /// q.
    pub result_bits: u8,
    /// Number of ads.
    pub rows: u32,
    /// 62.
    pub stride: u32,
    /// 33.
    pub rows_per_group: u32,
    /// The ads, in row order.
    pub ads: Vec<PublicAd>,
}

/// One ad as clients see it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PublicAd {
    /// Its id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
}

/// Encrypts a 0/1 profile into a `CDK1` document.
///
/// # Errors
/// [`PayloadError`].
pub fn encrypt(
    _keys: &ClientKeys,
    _profile: &[bool; FEATURES],
    _catalogue: &PublicCatalogue,
) -> Result<Vec<u8>, PayloadError> {
    todo!()
}

/// Decrypts a `CDR1` document: one score per ad, in catalogue order.
///
/// # Errors
/// [`PayloadError`].
pub fn decrypt(_keys: &ClientKeys, _document: &[u8], _catalogue: &PublicCatalogue) -> Result<Vec<u16>, PayloadError> {
    todo!()
}
