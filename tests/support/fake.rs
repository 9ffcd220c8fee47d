//! A use case without cryptography: its input says how it behaves.

use std::sync::Arc;

use cipherdeck::{
    fhe::{Context, ServerKey},
    use_cases::{InputError, InputFacts, KernelError, Output, UseCase, UseCaseInfo},
};
use parking_lot::{Condvar, Mutex};

/// Name of the fake use case.
pub const FAKE: &str = "fake";

/// Input that comes back as the result.
pub const ECHO: &[u8] = b"echo";
/// Input whose kernel panics.
pub const PANIC: &[u8] = b"panic";
/// Input whose kernel refuses it.
pub const REFUSE: &[u8] = b"refuse";
/// Input whose kernel runs until the gate opens or it is told to stop.
pub const WAIT: &[u8] = b"wait";
/// Input whose kernel runs until the gate opens and does not listen.
pub const DEAF: &[u8] = b"deaf";

/// Lets waiting kernels go on, and counts how many have begun.
#[derive(Default)]
pub struct Gate {
    state: Mutex<(bool, usize)>,
    changed: Condvar,
}

impl Gate {
    pub fn open(&self) {
        self.state.lock().0 = true;
        self.changed.notify_all();
    }

    pub fn begun(&self) -> usize {
        self.state.lock().1
    }
}

/// The use case; `needs_key` as a real one may.
pub struct Fake {
    pub gate: Arc<Gate>,
    pub needs_key: bool,
}

impl UseCase for Fake {
    fn info(&self) -> UseCaseInfo {
        UseCaseInfo {
            name: FAKE,
            description: "does what its input says",
            input: "a word",
            output: "the word",
            parameters: vec![],
            needs_key: self.needs_key,
            max_input_bytes: 1024,
        }
    }

    fn check(&self, input: &[u8]) -> Result<InputFacts, InputError> {
        if input.is_empty() {
            return Err(InputError::Invalid("an empty input".to_owned()));
        }
        Ok(InputFacts { capability: self.capability() })
    }

    fn run(&self, _: Option<&ServerKey>, input: &[u8], context: &Context) -> Result<Output, KernelError> {
        self.gate.state.lock().1 += 1;
        self.gate.changed.notify_all();
        let listens = input.starts_with(WAIT);
        if listens || input.starts_with(DEAF) {
            context.report(1, 2);
            let mut state = self.gate.state.lock();
            while !state.0 {
                if listens {
                    context.check()?;
                }
                self.gate.changed.wait_for(&mut state, std::time::Duration::from_millis(2));
            }
        }
        assert!(!input.starts_with(PANIC), "told to panic");
        if input.starts_with(REFUSE) {
            return Err(KernelError::Refused("told to refuse".to_owned()));
        }
        Ok(Output::One(input.to_vec()))
    }
}
