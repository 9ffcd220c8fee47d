//! Framing shared by the use cases' payloads: the `CDK1` and `CDR1` headers, strict reading, bit packing.
//!
//! All integers are little-endian. Lengths are exact: a document that is shorter or longer than its header says is
//! refused, and nothing is allocated for a length that the document only claims.
//!
//! - Input: `"CDK1" | u8 use case | u8 version = 1 | u16 parameter set`, then what the use case says.
//! - Result: `"CDR1" | u8 use case | u8 version = 1 | u16 parameter set | u8 kind`, then what the kind says
//!   ([`ResultKind`]).
//!
//! Bit packing writes values of q bits one after the other, least significant bit first, and fills the last bytes with
//! zero bits, up to a multiple of 1 or 8 bytes ([`pack`]).

mod bits;

pub use bits::{pack, packed_bytes, unpack};

use super::InputError;
use crate::fhe::{PARAMETER_SET, PARAMETER_SET_NAME};

/// Something in a payload is not as it must be. The sentence says what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PayloadError(pub String);

impl From<PayloadError> for InputError {
    fn from(error: PayloadError) -> Self {
        Self::Invalid(error.0)
    }
}

/// Use cases by the number that headers carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum UseCaseId {
    /// `weight_stats`.
    WeightStats = 1,
    /// `sleep_quality`.
    SleepQuality = 2,
    /// `ad_targeting`.
    AdTargeting = 3,
}

impl UseCaseId {
    /// Name on the HTTP interface.
    pub fn name(self) -> &'static str {
        match self {
            Self::WeightStats => "weight_stats",
            Self::SleepQuality => "sleep_quality",
            Self::AdTargeting => "ad_targeting",
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        [Self::WeightStats, Self::SleepQuality, Self::AdTargeting].into_iter().find(|id| *id as u8 == number)
    }
}

/// What follows the header of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ResultKind {
    /// Blocks as full ciphertexts under the large key (see [`blocks`](super::blocks)).
    Full = 1,
    /// Blocks switched to 12 bits under the small key (see [`blocks`](super::blocks)).
    Switched = 2,
    /// Packed rows of a product (see [`ad_targeting`](super::ad_targeting)).
    Rows = 3,
}

const INPUT_MAGIC: [u8; 4] = *b"CDK1";
const RESULT_MAGIC: [u8; 4] = *b"CDR1";
pub(crate) const VERSION: u8 = 1;

/// Bytes of an input's header.
pub const INPUT_HEADER_BYTES: usize = 8;
/// Bytes of a result's header, its kind included.
pub const RESULT_HEADER_BYTES: usize = 9;

/// Begins an input document.
pub fn write_input_header(document: &mut Vec<u8>, use_case: UseCaseId) {
    write_header(document, INPUT_MAGIC, use_case);
}

/// Begins a result document.
pub fn write_result_header(document: &mut Vec<u8>, use_case: UseCaseId, kind: ResultKind) {
    write_header(document, RESULT_MAGIC, use_case);
    document.push(kind as u8);
}

fn write_header(document: &mut Vec<u8>, magic: [u8; 4], use_case: UseCaseId) {
    document.extend_from_slice(&magic);
    document.extend_from_slice(&[use_case as u8, VERSION]);
    document.extend_from_slice(&PARAMETER_SET.to_le_bytes());
}

/// Reads the header of an input for `expected`, and leaves `reader` behind it.
///
/// # Errors
/// [`InputError::Invalid`] if it is no such document, [`InputError::WrongUseCase`] and [`InputError::WrongParameters`]
/// if it is one for something else.
pub fn read_input_header(reader: &mut Reader<'_>, expected: UseCaseId) -> Result<(), InputError> {
    match read_header(reader, INPUT_MAGIC, "an encrypted input", expected)? {
        Header::Fits => Ok(()),
        Header::UseCase(sentence) => Err(InputError::WrongUseCase(sentence)),
        Header::Parameters(sentence) => Err(InputError::WrongParameters(sentence)),
    }
}

/// Reads the header of a result of `expected`, and leaves `reader` behind it.
///
/// # Errors
/// [`PayloadError`].
pub fn read_result_header(reader: &mut Reader<'_>, expected: UseCaseId) -> Result<ResultKind, PayloadError> {
    match read_header(reader, RESULT_MAGIC, "an encrypted result", expected)? {
        Header::Fits => {}
        Header::UseCase(sentence) | Header::Parameters(sentence) => return Err(PayloadError(sentence)),
    }
    let kind = reader.u8("the kind of result")?;
    [ResultKind::Full, ResultKind::Switched, ResultKind::Rows]
        .into_iter()
        .find(|known| *known as u8 == kind)
        .ok_or_else(|| PayloadError(format!("the result is of kind {kind}, this program reads kinds 1 to 3")))
}

enum Header {
    Fits,
    UseCase(String),
    Parameters(String),
}

fn read_header(
    reader: &mut Reader<'_>,
    magic: [u8; 4],
    what: &str,
    expected: UseCaseId,
) -> Result<Header, PayloadError> {
    let name = String::from_utf8_lossy(&magic);
    if reader.array::<4>("its first four bytes")? != magic {
        return Err(PayloadError(format!("this is not {what}: it must begin with the four letters {name}")));
    }
    let use_case = reader.u8("the use case")?;
    let version = reader.u8("the format version")?;
    if version != VERSION {
        return Err(PayloadError(format!("the {name} format version is {version}, this program reads {VERSION}")));
    }
    let set = reader.u16("the parameter set")?;
    let known = UseCaseId::from_number(use_case).ok_or_else(|| {
        PayloadError(format!(
            "use case {use_case} does not exist: 1 is weight_stats, 2 is sleep_quality, 3 is ad_targeting"
        ))
    })?;
    if known != expected {
        return Ok(Header::UseCase(format!("this is {what} of {}, expected one of {}", known.name(), expected.name())));
    }
    if set != PARAMETER_SET {
        return Ok(Header::Parameters(format!(
            "the document is of parameter set {set}, expected set {PARAMETER_SET} ({PARAMETER_SET_NAME})"
        )));
    }
    Ok(Header::Fits)
}

/// Takes a document apart from front to back. Every error names what was expected where the document ended.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Reader<'a> {
    /// At the beginning of `document`.
    pub fn new(document: &'a [u8]) -> Self {
        Self { rest: document, length: document.len() }
    }

    /// Bytes not read yet.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next `count` bytes; `what` they hold is for the error.
    ///
    /// # Errors
    /// [`PayloadError`] if the document ends before.
    pub fn bytes(&mut self, count: usize, what: &str) -> Result<&'a [u8], PayloadError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| {
            PayloadError(format!(
                "the document is cut off: {what} needs {count} bytes from byte {}, and the document has {} bytes",
                self.length - self.rest.len(),
                self.length
            ))
        })?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`PayloadError`] if the document ends before.
    pub fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], PayloadError> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N, what)?);
        Ok(array)
    }

    /// The next byte.
    ///
    /// # Errors
    /// [`PayloadError`] if the document ends before.
    pub fn u8(&mut self, what: &str) -> Result<u8, PayloadError> {
        self.array(what).map(u8::from_le_bytes)
    }

    /// The next two bytes.
    ///
    /// # Errors
    /// [`PayloadError`] if the document ends before.
    pub fn u16(&mut self, what: &str) -> Result<u16, PayloadError> {
        self.array(what).map(u16::from_le_bytes)
    }

    /// The next four bytes.
    ///
    /// # Errors
    /// [`PayloadError`] if the document ends before.
    pub fn u32(&mut self, what: &str) -> Result<u32, PayloadError> {
        self.array(what).map(u32::from_le_bytes)
    }

    /// Exactly `count` u64, which must be all that is left.
    ///
    /// # Errors
    /// [`PayloadError`] if there is less or more left, before anything is allocated.
    pub fn last_u64s(mut self, count: usize, what: &str) -> Result<Vec<u64>, PayloadError> {
        let expected = count.checked_mul(8);
        if expected != Some(self.remaining()) {
            return Err(wrong_length(what, self.length, self.remaining(), expected));
        }
        let bytes = self.bytes(self.remaining(), what)?;
        Ok(bytes.as_chunks::<8>().0.iter().map(|chunk| u64::from_le_bytes(*chunk)).collect())
    }

    /// Requires that exactly `count` bytes are left; `what` they hold is for the error.
    ///
    /// # Errors
    /// [`PayloadError`] if there is less or more.
    pub fn expect_remaining(&self, count: usize, what: &str) -> Result<(), PayloadError> {
        if self.remaining() == count {
            Ok(())
        } else {
            Err(wrong_length(what, self.length, self.remaining(), Some(count)))
        }
    }

    /// Requires that everything has been read.
    ///
    /// # Errors
    /// [`PayloadError`] if bytes are left.
    pub fn finish(self) -> Result<(), PayloadError> {
        self.expect_remaining(0, "the end")
    }
}

fn wrong_length(what: &str, length: usize, remaining: usize, expected: Option<usize>) -> PayloadError {
    let before = length - remaining;
    match expected.and_then(|count| count.checked_add(before)) {
        Some(total) if total < length => PayloadError(format!(
            "the document is too long: with {what} it must end after {total} bytes, and it has {length}"
        )),
        Some(total) => PayloadError(format!(
            "the document is cut off: with {what} it must have {total} bytes, and it has {length}"
        )),
        None => PayloadError(format!("the document cannot hold {what}: it has only {length} bytes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(use_case: UseCaseId) -> Vec<u8> {
        let mut document = Vec::new();
        write_input_header(&mut document, use_case);
        document
    }

    #[test]
    fn an_input_header_says_exactly_what_is_wrong_with_it() {
        let good = input(UseCaseId::SleepQuality);
        assert_eq!(good.len(), INPUT_HEADER_BYTES);
        let read = |document: &[u8]| read_input_header(&mut Reader::new(document), UseCaseId::SleepQuality);
        assert_eq!(read(&good), Ok(()));
        for len in 0..good.len() {
            assert!(matches!(read(&good[..len]), Err(InputError::Invalid(_))), "{len} bytes");
        }
        let change = |position: usize, byte: u8| {
            let mut document = good.clone();
            document[position] = byte;
            read(&document)
        };
        assert!(matches!(change(3, b'2'), Err(InputError::Invalid(sentence)) if sentence.contains("CDK1")));
        assert!(matches!(change(4, 1), Err(InputError::WrongUseCase(sentence)) if sentence.contains("weight_stats")));
        assert!(matches!(change(4, 0), Err(InputError::Invalid(_))));
        assert!(matches!(change(5, 2), Err(InputError::Invalid(sentence)) if sentence.contains("version")));
        assert!(matches!(change(7, 1), Err(InputError::WrongParameters(sentence)) if sentence.contains("257")));
    }

    #[test]
    fn a_result_header_round_trips_and_refuses_unknown_kinds() {
        for kind in [ResultKind::Full, ResultKind::Switched, ResultKind::Rows] {
            let mut document = Vec::new();
            write_result_header(&mut document, UseCaseId::AdTargeting, kind);
            assert_eq!(document.len(), RESULT_HEADER_BYTES);
            let read = |document: &[u8]| read_result_header(&mut Reader::new(document), UseCaseId::AdTargeting);
            assert_eq!(read(&document), Ok(kind));
            document[8] = 9;
            assert!(read(&document).is_err());
        }
    }

    #[test]
    fn a_claimed_length_beyond_the_document_allocates_nothing() {
        for count in [2, usize::MAX / 8, usize::MAX] {
            assert!(Reader::new(&[0; 8]).last_u64s(count, "values").is_err());
        }
        assert!(Reader::new(&[0; 9]).last_u64s(1, "values").is_err());
        assert_eq!(Reader::new(&[1, 0, 0, 0, 0, 0, 0, 1]).last_u64s(1, "values").unwrap(), [1 | 1 << 56]);
    }
}
