//! Hostile connections against the real program: whoever asks `/healthz` meanwhile is answered, always, and nearly as
//! quickly as before.
//!
//! The attackers come from addresses of their own in 127.0.0.0/8, hundreds of them, and live in threads of their own; the
//! one who asks opens a connection for each question. A round asks before and during the attack, and counts when the 99th
//! percentile during is at most twice the one before; where that was quicker than [`round::NOISE`], twice that. This
//! machine may be busy otherwise, so the best of eight rounds counts; an answer that does not come at all fails at once.

mod drip;
mod flood;
mod once;
mod place;
mod round;
mod slow_heads;
