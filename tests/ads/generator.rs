//! `config/ads.csv` is what `config/ads_generator.py` writes.

use std::{io::ErrorKind, path::Path, process::Command};

use sha2::{Digest, Sha256};

use super::*;

/// The generator, and the file that it wrote when this was recorded.
const GENERATOR_SHA256: &str = "b2a77df947793f1b1af3e92cc8691b6761b227c58005b7ddd2b8b995fb0288dc";
const CATALOGUE_SHA256: &str = "6f64d71be7733b0cd8a01a1c16b1acf61804f2107400a1f3e33f8366c16fe01a";

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Where Python is installed the generator is run; everywhere the pair of generator and file must be the recorded one,
/// so neither changes without the other.
#[test]
fn the_generator_writes_the_catalogue() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let generator = root.join("config/ads_generator.py");
    match Command::new("python3").arg(&generator).output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert!(output.stdout == ADS_CSV.as_bytes(), "run: python3 config/ads_generator.py > config/ads.csv");
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error}"),
    }
    let recorded = (GENERATOR_SHA256, CATALOGUE_SHA256);
    let found = (sha256(&std::fs::read(&generator).unwrap()), sha256(ADS_CSV.as_bytes()));
    assert_eq!((found.0.as_str(), found.1.as_str()), recorded, "after both have changed, record the new pair here");
}
