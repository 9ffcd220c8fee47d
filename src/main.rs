//! Arguments -> one command; nothing else.

fn main() -> std::process::ExitCode {
    cipherdeck::cli::main()
}
