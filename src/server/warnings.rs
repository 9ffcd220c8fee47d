//! What could surprise whoever has started a server, said once.

use std::net::SocketAddr;

use crate::{api::ApiState, operator::tokens::Tokens};

/// Says who may come in, and what other servers cannot read.
pub(super) fn warn(state: &ApiState, address: SocketAddr) {
    open_doors(state, address);
    lone_blobs(state);
}

fn open_doors(state: &ApiState, address: SocketAddr) {
    let settings = &state.settings;
    if settings.auth.required {
        if Tokens::of(&settings.auth.tokens).count() == 0 {
            tracing::warn!("every request needs a token and there is none: make one with `cipherdeck token add`");
        }
    } else if !address.ip().is_loopback() {
        tracing::warn!(
            %address,
            "NO TOKENS: whoever reaches this address is client and operator; keep it behind loopback, or set auth.required"
        );
    }
}

fn lone_blobs(state: &ApiState) {
    if state.store.is_shared() && state.settings.blobs.url.is_empty() {
        tracing::warn!(
            "keys and inputs lie in this server's own directory, where no other server can read them: before a second one \
             uses this Redis, set blobs.url (--blobs) to a directory that all mount, or to s3://bucket/prefix"
        );
    }
}
