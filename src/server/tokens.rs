//! Who may come in: that there is somebody, and what becomes of them.

use uuid::Uuid;

use super::StartError;
use crate::{
    api::ApiState,
    config::{Environment, Settings},
    monitor::sampler::node_name,
    operator::tokens::{self, Watch},
};

/// How many tokens there are.
///
/// # Errors
/// Where nobody comes in without: [`StartError::NoToken`] if there is none, [`StartError::Tokens`] if they cannot be read.
pub(super) fn count(settings: &Settings) -> Result<usize, StartError> {
    let Settings { env, auth, .. } = settings;
    match tokens::list(&auth.tokens) {
        Ok(tokens) if tokens.is_empty() && *env != Environment::Dev => {
            Err(StartError::NoToken { env: env.word(), file: auth.tokens.display().to_string() })
        }
        Ok(tokens) => Ok(tokens.len()),
        Err(error) if *env != Environment::Dev || auth.required => Err(error.into()),
        Err(_) => Ok(0),
    }
}

/// Changes of the tokens go into the audit log; those that were made while no server ran, before this returns.
pub(super) async fn watch(state: &ApiState, store: Uuid) -> Watch {
    let Settings { server, auth, .. } = &*state.settings;
    let mut watch = Watch::new(&auth.tokens, &server.data_dir, store, state.desk.clone(), &node_name());
    watch.look().await;
    watch
}
