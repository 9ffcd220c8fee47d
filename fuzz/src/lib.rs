//! What every program in `targets` is: libFuzzer around one function of `cipherdeck::fuzzing`.

#[cfg(feature = "libfuzzer")]
pub use libfuzzer_sys;

/// The program for the target of this name.
#[cfg(feature = "libfuzzer")]
#[macro_export]
macro_rules! fuzz {
    ($name:literal) => {
        $crate::libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $crate::run($name, bytes));
    };
}

/// The program for the target of this name.
#[cfg(not(feature = "libfuzzer"))]
#[macro_export]
macro_rules! fuzz {
    ($name:literal) => {
        /// Called by libFuzzer's `main`, once.
        #[unsafe(no_mangle)]
        pub extern "C" fn LLVMFuzzerInitialize(_: *const i32, _: *const *const *const i8) -> i32 {
            $crate::abort_when_something_panics();
            0
        }

        /// Called by libFuzzer for every input.
        ///
        /// # Safety
        /// `bytes` are `length` bytes that nobody changes meanwhile.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn LLVMFuzzerTestOneInput(bytes: *const u8, length: usize) -> i32 {
            let bytes = if length == 0 { &[] } else { unsafe { std::slice::from_raw_parts(bytes, length) } };
            $crate::run_or_abort($name, bytes);
            0
        }
    };
}

/// The target's function.
pub fn run(name: &str, bytes: &[u8]) {
    (cipherdeck::fuzzing::target(name).run)(bytes);
}

/// A panic ends the program even where our code would catch it, so that libFuzzer keeps the input.
pub fn abort_when_something_panics() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tell(panic);
        std::process::abort();
    }));
}

/// Nothing unwinds into libFuzzer.
pub fn run_or_abort(name: &str, bytes: &[u8]) {
    if std::panic::catch_unwind(|| run(name, bytes)).is_err() {
        std::process::abort();
    }
}
