//! Makes the allocator give freed memory back at once.
//!
//! A server checks and decompresses keys in buffers of tens of megabytes. With mimalloc's default delay they stay
//! resident (measured by `benches/server`: 290 MB with one cached key instead of 150 MB). The option can be set from
//! safe code only by the environment, before the allocator starts, so a server that finds it unset starts itself once
//! more in the same process.

use std::{env, os::unix::process::CommandExt as _, process::Command};

const OPTION: &str = "MIMALLOC_PURGE_DELAY";

/// Replaces this process by itself with the option set; returns when it is set already, or when that is not possible.
pub(super) fn give_back_at_once() {
    if env::var_os(OPTION).is_some() {
        return;
    }
    let mut arguments = env::args_os();
    let (Ok(program), Some(name)) = (env::current_exe(), arguments.next()) else { return };
    // Only returns if it fails, and then the server merely holds more memory.
    let _ = Command::new(program).arg0(name).args(arguments).env(OPTION, "0").exec();
}
