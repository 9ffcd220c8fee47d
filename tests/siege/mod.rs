//! Hostile connections against the real program: whoever asks `/healthz` meanwhile is answered, always, and nearly as
//! quickly as before.
//!
//! The attackers come from addresses of their own in 127.0.0.0/8, hundreds of them, and live in threads of their own; the
//! one who asks opens a connection for each question. A round asks before and during the attack, and counts when the 99th
//! percentile during is at most twice the one before. This machine may be busy otherwise: where a bare listener, which is asked
//! by turns with the server, needs more than the server did before, it is at most twice that, and [`round::NOISE`] is
//! the least that counts; the best of eight rounds does. An answer that does not come at all fails at once.

mod drip;
mod flood;
mod once;
mod place;
mod priorities;
mod round;
mod slow_heads;
