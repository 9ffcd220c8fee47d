//! What every use case offers the server.

use serde::{Deserialize, Serialize};

use crate::fhe::{Context, Interrupted, ServerKey};

/// What `GET /get_use_cases` says of a use case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UseCaseInfo {
    /// Name on the wire.
    pub name: &'static str,
    /// One or two sentences.
    pub description: &'static str,
    /// What the client encrypts.
    pub input: &'static str,
    /// What comes back.
    pub output: &'static str,
    /// Shape limits and choices, by name.
    pub parameters: Vec<Parameter>,
    /// Does it compute with the client's evaluation key?
    pub needs_key: bool,
    /// No valid input is longer.
    pub max_input_bytes: u64,
}

/// One named fact about a use case's inputs, e.g. `weights` = `1..=1000`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its value or range.
    pub value: String,
}

/// What a valid input says about itself in the clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFacts {
    /// What a worker must have to run it: the use case's name, or `name@version`.
    pub capability: String,
}

/// Why an input is refused. The sentence is for the client and says what is expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Not in the format, or of a shape that is not allowed.
    #[error("{0}")]
    Invalid(String),
    /// A valid header of another use case.
    #[error("{0}")]
    WrongUseCase(String),
    /// Another parameter set than the pinned one.
    #[error("{0}")]
    WrongParameters(String),
    /// Another catalogue version than the server's (ad targeting).
    #[error("{0}")]
    CatalogueChanged(String),
}

/// Why a kernel gave no output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KernelError {
    /// It was told to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// The input is not what the kernel takes. Inputs are checked on arrival, so this is a programming error or a
    /// catalogue that has changed since.
    #[error("the kernel refused its input: {0}")]
    Refused(String),
}

/// An encrypted result: complete `CDR1` documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// One document, handed out as `application/octet-stream`.
    One(Vec<u8>),
    /// Several by name, handed out as JSON with base64 values.
    Named(Vec<(String, Vec<u8>)>),
}

/// A function on encrypted data. Pure: no I/O, no global state, no thread-local key.
pub trait UseCase: Send + Sync + 'static {
    /// What clients are told.
    fn info(&self) -> UseCaseInfo;

    /// What a worker with this registry is able to run: the name, or `name@version`.
    fn capability(&self) -> String {
        self.info().name.to_owned()
    }

    /// Checks an untrusted input: arithmetic on lengths and counts, no cryptography, no large allocation.
    ///
    /// # Errors
    /// [`InputError`], with a sentence that says what is expected.
    fn check(&self, input: &[u8]) -> Result<InputFacts, InputError>;

    /// Computes. `key` is present if [`UseCaseInfo::needs_key`]. Calls `context.check()` before and
    /// `context.report()` after every step.
    ///
    /// # Errors
    /// [`KernelError`].
    fn run(&self, key: Option<&ServerKey>, input: &[u8], context: &Context) -> Result<Output, KernelError>;
}
