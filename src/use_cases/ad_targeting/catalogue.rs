//! The catalogue: ads, their weights, a version, and what the kernel and clients need of it, prepared once at start.
//!
//! The version is the SHA-256 of the canonical form, which is UTF-8 text: the line `cipherdeck ads 1`, one line with
//! the 62 feature names separated by tabs, then one line per ad in catalogue order: id, title, description and the
//! non-zero weights as `feature:weight` (feature numbers from 0, ascending, separated by spaces), separated by tabs.
//! Every line ends with a line feed. Titles and descriptions are sanitised before, so they hold no tab and no line
//! feed. How a file quotes cells or orders the names in them does not matter; any change that a client could see or a
//! score could show does.

use std::{collections::HashMap, fmt::Write as _, path::Path};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{
    FEATURES,
    bits::Bits,
    features::feature_names,
    layout::{self, Group, MAX_ROWS, ROWS_PER_GROUP, STRIDE},
    public::{Facts, PublicCatalogue},
    table::{self, Row},
};

/// The ads that the program brings along.
const BUILT_IN: &str = include_str!("../../../config/ads.csv");
/// Its name in messages.
const BUILT_IN_NAME: &str = "built-in catalogue";

/// A bad catalogue: file, line, column, what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {column}: {problem}")]
pub struct CatalogueError {
    /// The file, or `built-in catalogue`.
    pub file: String,
    /// 1-based line.
    pub line: u64,
    /// Name of the column, or `file`, `header` or `row`.
    pub column: String,
    /// What is wrong and what is allowed.
    pub problem: String,
}

/// The ads and their weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    version: String,
    facts: Facts,
    weights: Vec<[u8; FEATURES]>,
    groups: Vec<Group>,
    public_json: Bytes,
}

impl Catalogue {
    /// Reads `file`, or the built-in catalogue if the path is empty.
    ///
    /// # Errors
    /// [`CatalogueError`].
    pub fn load(file: &Path) -> Result<Self, CatalogueError> {
        if file.as_os_str().is_empty() {
            return Self::parse(BUILT_IN_NAME, BUILT_IN.as_bytes());
        }
        let name = file.display().to_string();
        let text = std::fs::read(file).map_err(|error| file_error(&name, 0, format!("cannot be read: {error}")))?;
        Self::parse(&name, &text)
    }

    /// The catalogue written in `text` (CSV, `config/ads.csv` shows the format); `file` is its name in messages.
    ///
    /// # Errors
    /// [`CatalogueError`].
    pub fn parse(file: &str, text: &[u8]) -> Result<Self, CatalogueError> {
        let rows = table::read(file, text)?;
        if rows.is_empty() || rows.len() > MAX_ROWS {
            let problem = format!("{} ads, a catalogue has 1 to {MAX_ROWS}", rows.len());
            return Err(file_error(file, 1, problem));
        }
        check_ids(file, &rows)?;
        let bits = bits(file, &rows)?;
        let digest: [u8; 32] = canonical_digest(&rows).into();
        let version = digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let facts = Facts { version: digest, bits, rows: rows.len() };
        let (ads, weights): (Vec<_>, Vec<_>) = rows.into_iter().map(|row| (row.ad, row.weights)).unzip();
        let public = PublicCatalogue {
            version: version.clone(),
            features: feature_names().map(str::to_owned).collect(),
            plaintext_bits: bits.plaintext,
            result_bits: bits.result,
            rows: ads.len() as u32,
            stride: STRIDE as u32,
            rows_per_group: ROWS_PER_GROUP as u32,
            ads,
        };
        let json = serde_json::to_vec(&public).map_err(|error| file_error(file, 1, error.to_string()))?;
        let groups = layout::groups(&weights);
        Ok(Self { version, facts, weights, groups, public_json: json.into() })
    }

    /// The public description for `GET /get_ads` (a [`PublicCatalogue`]), as JSON bytes, made once.
    pub fn public_json(&self) -> &Bytes {
        &self.public_json
    }

    /// SHA-256 of the canonical catalogue, 64 hex digits: the version and the `ETag`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Number of ads.
    pub fn rows(&self) -> usize {
        self.facts.rows
    }

    /// The weight matrix: per ad, in catalogue order, what each feature adds to its score.
    pub fn weights(&self) -> &[[u8; FEATURES]] {
        &self.weights
    }

    /// What fixes the shapes of payloads.
    pub(crate) const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The weights as the kernel wants them.
    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }
}

fn file_error(file: &str, line: u64, problem: String) -> CatalogueError {
    CatalogueError { file: file.to_owned(), line, column: "file".to_owned(), problem }
}

fn check_ids(file: &str, rows: &[Row]) -> Result<(), CatalogueError> {
    let mut lines = HashMap::with_capacity(rows.len());
    for row in rows {
        if let Some(first) = lines.insert(row.ad.id.as_str(), row.line) {
            return Err(CatalogueError {
                file: file.to_owned(),
                line: row.line,
                column: "id".to_owned(),
                problem: format!("`{}` is already the id of line {first}", row.ad.id),
            });
        }
    }
    Ok(())
}

/// The bits that hold the score of every profile.
fn bits(file: &str, rows: &[Row]) -> Result<Bits, CatalogueError> {
    let sums = rows.iter().map(|row| (row.weights.iter().map(|&weight| u16::from(weight)).sum::<u16>(), row.line));
    let (largest, line) = sums.max_by_key(|&(sum, _)| sum).unwrap_or((0, 1));
    Bits::for_scores_up_to(largest).ok_or_else(|| CatalogueError {
        file: file.to_owned(),
        line,
        column: "row".to_owned(),
        problem: format!("its weights sum to {largest}, a score is at most {}: target less", Bits::MAX_SCORE),
    })
}

fn canonical_digest(rows: &[Row]) -> sha2::digest::Output<Sha256> {
    let mut digest = Sha256::new();
    digest.update("cipherdeck ads 1\n");
    digest.update(feature_names().collect::<Vec<_>>().join("\t"));
    digest.update("\n");
    let mut line = String::new();
    for Row { ad, weights, .. } in rows {
        line.clear();
        let _ = write!(line, "{}\t{}\t{}\t", ad.id, ad.title, ad.description);
        let mut separator = "";
        for (feature, weight) in weights.iter().enumerate().filter(|&(_, &weight)| weight != 0) {
            let _ = write!(line, "{separator}{feature}:{weight}");
            separator = " ";
        }
        line.push('\n');
        digest.update(&line);
    }
    digest.finalize()
}
