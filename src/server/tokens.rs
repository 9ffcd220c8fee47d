//! Who may come in: that there is somebody, and what becomes of them.

use uuid::Uuid;

use super::StartError;
use crate::{
    api::ApiState,
    config::{Environment, Settings},
    monitor::sampler::node_name,
    operator::tokens::{Tokens, Watch},
};

/// How many tokens there are.
///
/// # Errors
/// [`StartError::NoToken`] if there is none and nobody could come in without.
pub fn count(settings: &Settings) -> Result<usize, StartError> {
    match Tokens::of(&settings.auth.tokens).count() {
        0 if settings.env != Environment::Dev => Err(StartError::NoToken(settings.env.word())),
        count => Ok(count),
    }
}

/// Changes of the tokens go into the audit log; those that were made while no server ran, before this returns.
pub(super) async fn watch(state: &ApiState, store: Uuid) -> Watch {
    let Settings { server, auth, .. } = &*state.settings;
    let mut watch = Watch::new(&auth.tokens, &server.data_dir, store, state.desk.clone(), &node_name());
    watch.look().await;
    watch
}
