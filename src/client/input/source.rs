//! A file, or standard input.

use std::{
    fmt,
    fs::File,
    io::{Read, stdin},
    path::PathBuf,
    str::FromStr,
};

use super::InputError;

/// No input that is allowed is longer: 31 nights of 128 records need about 100 KB.
const MAX_BYTES: u64 = 8 << 20;

/// Where an input comes from: a path, or `-` for standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `-`
    Stdin,
    /// A file.
    File(PathBuf),
}

impl FromStr for Source {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "-" { Self::Stdin } else { Self::File(text.into()) })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

impl Source {
    /// Is it a file with this extension (in any case)?
    pub fn has_extension(&self, extension: &str) -> bool {
        match self {
            Self::Stdin => false,
            Self::File(path) => path.extension().is_some_and(|it| it.eq_ignore_ascii_case(extension)),
        }
    }
}

/// All bytes of a source.
///
/// # Errors
/// [`InputError`] when it cannot be read, or is longer than any input can be.
pub fn read_source(source: &Source) -> Result<Vec<u8>, InputError> {
    let io = |error: std::io::Error| InputError::at(source.to_string(), error.to_string());
    match source {
        Source::Stdin => read_capped(source, stdin().lock()),
        Source::File(path) => read_capped(source, File::open(path).map_err(io)?),
    }
}

fn read_capped(source: &Source, from: impl Read) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| InputError::at(source.to_string(), error.to_string()))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(InputError::at(source.to_string(), format!("longer than {} MiB", MAX_BYTES >> 20)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_and_an_endless_one_are_refused_by_name() {
        let missing = Source::File("no/such.json".into());
        assert_eq!(read_source(&missing).unwrap_err().place, "no/such.json");
        let error = read_capped(&Source::Stdin, std::io::repeat(b'1')).unwrap_err();
        assert_eq!(error.to_string(), "standard input: longer than 8 MiB");
    }
}
