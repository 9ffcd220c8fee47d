//! What travels through the socket.
//!
//! Both sides send frames: one byte that says what it is, the length of the rest in two bytes (big-endian), the rest.
//!
//! | from | kind | the rest |
//! |---|---|---|
//! | client | `H` hello, once and first | `cipherdeck`, the version of this protocol, columns, lines (two bytes each), then lines of text `NAME=value`: what the environment says of the terminal |
//! | client | `K` keys | bytes as the terminal sent them |
//! | client | `S` size | columns, lines (two bytes each); the same size again: draw everything anew |
//! | server | `W` welcome, once and first | nothing |
//! | server | `O` output | bytes for the terminal |
//! | server | `E` end, last | 0 as wanted or 1 not, then a sentence |
//!
//! The beginning of a hello, up to the version, and the end stay as they are in every version: a server can tell a
//! client of any version that theirs differ.

use std::{io, str};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use self::ProtocolError::Malformed;
use crate::{console::remote::Size, text::sanitise};

/// Of this protocol; another one whenever a frame changes its meaning.
pub(super) const VERSION: u16 = 1;
/// Bytes of output, or of keys, in one frame at most.
pub(super) const PIECE: usize = 32 << 10;
/// No terminal's environment is longer, in bytes.
const ENVIRONMENT: usize = 4 << 10;
/// No last sentence is longer, in characters.
const SENTENCE: usize = 500;
const MAGIC: &[u8; 10] = b"cipherdeck";
/// The magic, the version, columns, lines.
const HELLO: usize = MAGIC.len() + 6;

/// Why a peer is not understood.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProtocolError {
    /// The connection.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It speaks another version.
    #[error("it speaks version {0} of the protocol, this is version {VERSION}")]
    Version(u16),
    /// It speaks something else.
    #[error("{0}")]
    Malformed(&'static str),
}

/// What a client says of its terminal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hello {
    /// Columns and lines; zero if it does not know.
    pub(super) size: Size,
    /// `NAME=value`, one a line.
    environment: String,
}

/// What a client sends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FromClient {
    Hello(Hello),
    Keys(Bytes),
    Size(Size),
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parting {
    /// As somebody wanted.
    pub(super) wanted: bool,
    /// For the person at the terminal.
    pub(super) sentence: String,
}

/// What a server sends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FromServer {
    Welcome,
    Output(Bytes),
    End(Parting),
}

impl Hello {
    /// With those of the variables that are set, as far as there is room.
    pub(super) fn new(size: Size, variables: impl Iterator<Item = (&'static str, String)>) -> Self {
        let mut environment = String::new();
        for (name, value) in variables {
            let line = format!("{name}={value}\n");
            if !value.contains('\n') && environment.len() + line.len() <= ENVIRONMENT {
                environment.push_str(&line);
            }
        }
        Self { size, environment }
    }

    /// A variable of the client's environment.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let value = |line: &str| line.strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
        self.environment.lines().find_map(value)
    }

    fn decode(rest: &[u8]) -> Result<Self, ProtocolError> {
        let begun = rest.strip_prefix(MAGIC).and_then(|rest| rest.split_first_chunk::<2>());
        let (version, rest) = begun.ok_or(Malformed("it does not begin as `cipherdeck attach` does"))?;
        match u16::from_be_bytes(*version) {
            VERSION => {}
            other => return Err(ProtocolError::Version(other)),
        }
        let (size, environment) = rest.split_first_chunk::<4>().ok_or(Malformed("a hello that is too short"))?;
        let environment = str::from_utf8(environment).map_err(|_| Malformed("an environment that is no text"))?;
        Ok(Self { size: size_of(*size), environment: environment.to_owned() })
    }
}

impl FromClient {
    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Hello(Hello { size, environment }) => {
                let size = bytes_of(*size);
                frame(b'H', &[&MAGIC[..], &VERSION.to_be_bytes(), &size, environment.as_bytes()].concat())
            }
            Self::Keys(keys) => keys.chunks(PIECE).flat_map(|piece| frame(b'K', piece)).collect(),
            Self::Size(size) => frame(b'S', &bytes_of(*size)),
        }
    }

    /// The next one; `None` once the client has closed the connection.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> Result<Option<Self>, ProtocolError> {
        let longest = |kind| match kind {
            b'H' => Some(HELLO + ENVIRONMENT),
            b'K' => Some(PIECE),
            b'S' => Some(4),
            _ => None,
        };
        let Some((kind, rest)) = read(from, longest).await? else { return Ok(None) };
        Ok(Some(match kind {
            b'H' => Self::Hello(Hello::decode(&rest)?),
            b'K' => Self::Keys(rest.into()),
            _ => Self::Size(size_of(rest.try_into().map_err(|_| Malformed("a size that is too short"))?)),
        }))
    }
}

impl Parting {
    pub(super) fn new(wanted: bool, sentence: &str) -> Self {
        Self { wanted, sentence: sanitise(sentence, SENTENCE) }
    }
}

impl FromServer {
    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Welcome => frame(b'W', &[]),
            Self::Output(output) => output.chunks(PIECE).flat_map(|piece| frame(b'O', piece)).collect(),
            Self::End(Parting { wanted, sentence }) => {
                frame(b'E', &[&[u8::from(!wanted)], sentence.as_bytes()].concat())
            }
        }
    }

    /// The next one; `None` once the server has closed the connection.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> Result<Option<Self>, ProtocolError> {
        let longest = |kind| match kind {
            b'W' => Some(0),
            b'O' => Some(PIECE),
            // Four bytes a character at most, and the mark of a cut.
            b'E' => Some(1 + 4 * (SENTENCE + 1)),
            _ => None,
        };
        let Some((kind, rest)) = read(from, longest).await? else { return Ok(None) };
        Ok(Some(match kind {
            b'W' => Self::Welcome,
            b'O' => Self::Output(rest.into()),
            _ => {
                let (how, sentence) = rest.split_first().ok_or(Malformed("an end without a word"))?;
                Self::End(Parting::new(*how == 0, &String::from_utf8_lossy(sentence)))
            }
        }))
    }
}

fn bytes_of((columns, lines): Size) -> [u8; 4] {
    let ([a, b], [c, d]) = (columns.to_be_bytes(), lines.to_be_bytes());
    [a, b, c, d]
}

fn size_of([a, b, c, d]: [u8; 4]) -> Size {
    (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
}

/// Everybody who encodes keeps to the lengths above, which two bytes can hold.
fn frame(kind: u8, rest: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(rest.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[kind, high, low], rest].concat()
}

/// A frame's kind and rest. No more is read of one that is of no known kind, or longer than its kind may be.
async fn read(
    from: &mut (impl AsyncRead + Unpin),
    longest: impl Fn(u8) -> Option<usize>,
) -> Result<Option<(u8, Vec<u8>)>, ProtocolError> {
    let (mut kind, mut length) = ([0], [0; 2]);
    if from.read(&mut kind).await? == 0 {
        return Ok(None);
    }
    let [kind] = kind;
    let longest = longest(kind).ok_or(Malformed("a frame of a kind that is not known"))?;
    from.read_exact(&mut length).await?;
    let length = usize::from(u16::from_be_bytes(length));
    if length > longest {
        return Err(Malformed("a frame that is too long"));
    }
    let mut rest = vec![0; length];
    from.read_exact(&mut rest).await?;
    Ok(Some((kind, rest)))
}

#[cfg(test)]
#[path = "protocol/tests.rs"]
mod tests;
