//! The operator console: state, update, view. No I/O.
