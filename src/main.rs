//! Arguments -> one command; nothing else.

/// The C library's allocator keeps the freed 30 MB buffers of key uploads; this one returns them (see benches/server).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cipherdeck::cli::main()
}
