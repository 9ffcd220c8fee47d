//! The public ad catalogue. Clients cache it, so that fetching it says nothing about a profile.

use std::{io::Write as _, sync::Arc};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

use super::{
    error::{ApiError, ApiResult},
    state::App,
};

/// The ad catalogue that `ad_targeting` scores: JSON, gzipped where accepted. Its `ETag` is the catalogue's version.
#[utoipa::path(get, path = "/get_ads", tag = "use cases",
    params(
        ("If-None-Match" = Option<String>, Header, description = "The version at hand"),
        ("Accept-Encoding" = Option<String>, Header, description = "gzip is offered")),
    responses(
        (status = 200, description = "The catalogue: version, features in order, plaintext_bits, result_bits, rows, \
         stride, rows_per_group, ads (id, title, description)", content_type = "application/json", body = Object),
        (status = 304, description = "It still has that version")))]
pub(super) async fn get_ads(State(app): State<App>, headers: HeaderMap) -> ApiResult<Response> {
    let catalogue = app.use_cases.catalogue();
    let etag = format!("\"{}\"", catalogue.version());
    let tag = HeaderValue::from_str(&etag).map_err(|_| ApiError::internal("the catalogue's version is no header"))?;
    let mut response = if is_known(&headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let (body, encoded) = if accepts_gzip(&headers) {
            (app.ads_gzip.get_or_try_init(|| compressed(&app)).await?.clone(), true)
        } else {
            (catalogue.public_json().clone(), false)
        };
        let mut response = body.into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if encoded {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
    Ok(response)
}

async fn compressed(app: &App) -> ApiResult<Bytes> {
    let catalogue = Arc::clone(app.use_cases.catalogue());
    let work = tokio::task::spawn_blocking(move || {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(catalogue.public_json())?;
        encoder.finish().map(Bytes::from)
    });
    match work.await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(ApiError::internal(&format!("the catalogue cannot be compressed: {error}"))),
        Err(error) => Err(ApiError::internal(&error.to_string())),
    }
}

/// If-None-Match compares weakly.
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let given = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|value| value.split(',')).map(str::trim).any(|it| it == "*" || it.trim_start_matches("W/") == etag)
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let given = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut any = None;
    for coding in given.flat_map(|value| value.split(',')) {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let quality = parts.find_map(|it| it.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok());
        let wanted = quality.is_some_and(|q| q > 0.0);
        if name.eq_ignore_ascii_case("gzip") {
            return wanted;
        }
        if name == "*" {
            any = Some(wanted);
        }
    }
    any.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn gzip_is_sent_only_to_those_who_accept_it() {
        for (value, expected) in [
            ("gzip", true),
            ("br, gzip;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("*, gzip; q=0", false),
            ("identity", false),
            ("br", false),
        ] {
            assert_eq!(accepts_gzip(&with(header::ACCEPT_ENCODING, value)), expected, "{value}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn a_version_at_hand_is_recognised_in_a_list_and_in_its_weak_form() {
        for (value, expected) in [
            ("\"v1\"", true),
            ("W/\"v1\"", true),
            ("\"v0\", \"v1\"", true),
            ("*", true),
            ("\"v2\"", false),
            ("v1", false),
        ] {
            assert_eq!(is_known(&with(header::IF_NONE_MATCH, value), "\"v1\""), expected, "{value}");
        }
    }
}
