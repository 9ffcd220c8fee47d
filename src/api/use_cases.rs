//! What can be computed.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::{ApiError, ApiResult},
    label::Label,
    state::App,
};
use crate::{
    text::sanitise,
    use_cases::{UseCase, UseCaseInfo},
};

/// Answer of `GET /get_use_cases`.
#[derive(Serialize, ToSchema)]
pub(super) struct UseCases {
    /// The names, sorted.
    #[serde(rename = "Use-cases")]
    names: Vec<&'static str>,
    /// More about each, in the same order.
    details: Vec<Details>,
}

/// One use case.
#[derive(Serialize, ToSchema)]
#[schema(as = UseCaseDetails)]
pub(super) struct Details {
    name: &'static str,
    description: &'static str,
    /// What the client encrypts.
    input: &'static str,
    /// What comes back.
    output: &'static str,
    parameters: Vec<Fact>,
    /// Does it compute with the client's evaluation key?
    needs_key: bool,
    /// No valid input is longer.
    max_input_bytes: u64,
}

/// One fact about a use case's inputs.
#[derive(Serialize, ToSchema)]
#[schema(as = UseCaseParameter)]
pub(super) struct Fact {
    name: &'static str,
    value: String,
}

impl From<UseCaseInfo> for Details {
    fn from(info: UseCaseInfo) -> Self {
        let parameters = info.parameters.into_iter().map(|it| Fact { name: it.name, value: it.value }).collect();
        Self {
            name: info.name,
            description: info.description,
            input: info.input,
            output: info.output,
            parameters,
            needs_key: info.needs_key,
            max_input_bytes: info.max_input_bytes,
        }
    }
}

/// The use cases that this server offers.
#[utoipa::path(get, path = "/get_use_cases", tag = "use cases",
    responses((status = 200, description = "Names and details", body = UseCases)))]
pub(super) async fn get_use_cases(State(app): State<App>) -> Json<UseCases> {
    let details = app.use_cases.infos().into_iter().map(Details::from).collect();
    Json(UseCases { names: app.use_cases.names(), details })
}

/// The use case of this name.
pub(super) fn find<'a>(app: &'a App, name: &str) -> ApiResult<&'a Arc<dyn UseCase>> {
    app.use_cases.get(name).ok_or_else(|| {
        let known = app.use_cases.names().join(", ");
        let detail = format!("There is no use case \"{}\"; there are {known}.", sanitise(name, 60));
        ApiError::new(Label::UnknownUseCase, detail)
    })
}
