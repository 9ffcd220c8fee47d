//! The description of this API, generated from its code, and an interactive page for it that loads nothing from
//! elsewhere.

use std::sync::{Arc, OnceLock};

use axum::{
    Extension,
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use utoipa::{
    OpenApi,
    openapi::{
        Content, Ref, RefOr, Required, Schema,
        path::{Operation, PathItem},
        response::ResponseBuilder,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_swagger_ui::Config;

use super::{
    auth::is_open,
    error::{ApiError, ApiResult, ErrorBody},
    label::Label,
};

/// The page runs its own scripts and talks to its own server only. Its styles are partly inline.
const DOCS_CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

/// Name of the security scheme.
const TOKEN: &str = "token";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "cipherdeck",
        description = "Functions on encrypted data: upload an evaluation key, start a task on an encrypted input, fetch \
                       the encrypted result. The server never holds a key that decrypts.\n\nParameters of a POST may be \
                       multipart fields, urlencoded fields or in the query; the same name with two values is refused. \
                       Every refusal has the body `{detail, label, request_id}` with a closed set of labels."
    ),
    components(schemas(ErrorBody)),
    tags(
        (name = "keys", description = "Uids and their evaluation keys"),
        (name = "use cases", description = "What can be computed"),
        (name = "tasks", description = "Computations"),
        (name = "operators", description = "Health, metrics, log; under /operator/ what the console shows and does. Every POST \
            there is JSON with its Content-Type."))
)]
pub(super) struct Api;

/// A listener's description, as JSON.
#[derive(Clone)]
pub(super) struct Description(pub(super) Bytes);

/// Adds to every operation what the surroundings may answer, and which forms may be left out.
pub(super) fn finish(api: &mut utoipa::openapi::OpenApi) {
    api.paths.paths.values_mut().flat_map(operations).for_each(|operation| {
        let content = Content::new(Some(RefOr::Ref(Ref::from_schema_name("ErrorBody"))));
        let refusal = ResponseBuilder::new()
            .description(
                "Any other refusal: bad_request, forbidden_origin, too_large, rate_limited, store_unavailable, internal, ...",
            )
            .content("application/json", content)
            .build();
        operation.responses.responses.entry("default".to_owned()).or_insert(RefOr::T(refusal));
    });
    let forms = optional_forms(api);
    for operation in api.paths.paths.values_mut().flat_map(operations) {
        if let Some(RefOr::T(body)) = &mut operation.request_body
            && body.content.values().all(|content| refers_to(content, &forms))
        {
            body.required = Some(Required::False);
        }
    }
    secure(api);
}

/// The forms of which no field is needed. Empty, they may come as no body at all, which the code's own description of an
/// endpoint cannot say.
fn optional_forms(api: &utoipa::openapi::OpenApi) -> Vec<String> {
    let schemas = api.components.iter().flat_map(|components| &components.schemas);
    let forms = schemas.filter_map(|(name, schema)| match schema {
        RefOr::T(Schema::Object(object)) if name.ends_with("Form") && object.required.is_empty() => Some(name.clone()),
        _ => None,
    });
    forms.collect()
}

fn refers_to(content: &RefOr<Content>, schemas: &[String]) -> bool {
    let RefOr::T(Content { schema: Some(RefOr::Ref(to)), .. }) = content else { return false };
    to.ref_location.rsplit('/').next().is_some_and(|name| schemas.iter().any(|schema| schema == name))
}

/// Says where a token is needed, when the settings want one.
fn secure(api: &mut utoipa::openapi::OpenApi) {
    let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    api.components.get_or_insert_default().add_security_scheme(TOKEN, scheme);
    let closed = api.paths.paths.iter_mut().filter(|(path, _)| !is_open(path)).map(|(_, item)| item);
    for operation in closed.flat_map(operations) {
        let content = Content::new(Some(RefOr::Ref(Ref::from_schema_name("ErrorBody"))));
        let refusal = ResponseBuilder::new()
            .description("unauthorized: no token where the settings require one, or one that is not valid")
            .content("application/json", content)
            .build();
        operation.responses.responses.insert("401".to_owned(), RefOr::T(refusal));
        let none = SecurityRequirement::default();
        operation.security = Some(vec![SecurityRequirement::new(TOKEN, [""; 0]), none]);
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post].into_iter().filter_map(Option::as_mut)
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "operators",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = Object)))]
pub(super) async fn openapi_json(Extension(Description(json)): Extension<Description>) -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))], json)
        .into_response()
}

/// The interactive page.
#[utoipa::path(get, path = "/docs", tag = "operators",
    responses((status = 303, description = "To the page at /docs/")))]
pub(super) async fn docs() -> Redirect {
    Redirect::to("/docs/")
}

/// Its first file.
pub(super) async fn docs_index() -> ApiResult<Response> {
    docs_file_named("index.html")
}

/// Its other files.
pub(super) async fn docs_file(Path(file): Path<String>) -> ApiResult<Response> {
    docs_file_named(&file)
}

fn docs_file_named(name: &str) -> ApiResult<Response> {
    static CONFIG: OnceLock<Arc<Config<'static>>> = OnceLock::new();
    // "none": the page must not send the description to a validator elsewhere.
    let config = CONFIG
        .get_or_init(|| Arc::new(Config::new(["/openapi.json"]).validator_url("none").display_request_duration(true)));
    let file = utoipa_swagger_ui::serve(name, Arc::clone(config));
    let file = file.map_err(|error| ApiError::internal(&format!("the docs page: {error}")))?;
    let Some(file) = file else { return Err(ApiError::new(Label::NotFound, "The docs page has no such file.")) };
    let kind =
        HeaderValue::from_str(&file.content_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut response = Bytes::from(file.bytes.into_owned()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, DOCS_CSP);
    if file.gzpipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}
