//! Who may be talking to us through a browser. A page of another site must neither read nor change anything here, not
//! even when its name has been made to resolve to this machine (DNS rebinding).

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{error::ApiError, label::Label, state::App};

/// Middleware: refuses foreign hosts and origins with 403.
pub(super) async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    if allowed(request.headers(), request.uri(), &app.settings.server.hosts) {
        return next.run(request).await;
    }
    let detail = "The request's Host or Origin is not this server's. Use its IP address or localhost, or add the host \
                  name to the setting server.hosts.";
    ApiError::new(Label::ForbiddenOrigin, detail).into_response()
}

/// Programs may leave out Host and Origin; browsers cannot choose them.
fn allowed(headers: &HeaderMap, uri: &Uri, hosts: &[String]) -> bool {
    let mut given = headers.get_all(header::HOST).iter();
    let host = match (given.next(), given.next()) {
        (None, _) => None,
        (Some(host), None) => match host.to_str().ok().and_then(|text| text.parse::<Authority>().ok()) {
            Some(host) => Some(host),
            None => return false,
        },
        (Some(_), Some(_)) => return false,
    };
    // HTTP/2 has the authority in the URI; where both are given, both count.
    let authorities = [host.as_ref(), uri.authority()];
    let known = authorities.into_iter().flatten().all(|it| !it.as_str().contains('@') && is_ours(it.host(), hosts));
    let own = host.as_ref().or(uri.authority());
    known && headers.get_all(header::ORIGIN).iter().all(|origin| same_origin(origin.to_str().ok(), own))
}

fn is_ours(host: &str, hosts: &[String]) -> bool {
    let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok()
        || literal.is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok())
        || hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
}

/// The origin's authority must be the one the request was sent to, port included.
fn same_origin(origin: Option<&str>, own: Option<&Authority>) -> bool {
    let (Some(origin), Some(own)) = (origin, own) else { return false };
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let (Ok(authority), Some(default)) = (authority.parse::<Authority>(), default_port(scheme)) else { return false };
    authority.host().eq_ignore_ascii_case(own.host())
        && authority.port_u16().unwrap_or(default) == own.port_u16().unwrap_or(default)
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn check(host: Option<&str>, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        if let Some(host) = host {
            headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        }
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        allowed(&headers, &Uri::from_static("/healthz"), &["deck.example".to_owned()])
    }

    #[test]
    fn only_ip_literals_localhost_and_configured_names_are_hosts() {
        for good in ["127.0.0.1:8082", "[::1]:8082", "localhost", "LOCALHOST:82", "deck.example:8082", "10.0.0.7"] {
            assert!(check(Some(good), None), "{good}");
        }
        for bad in
            ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "a b", "x@127.0.0.1", "1.2.3"]
        {
            assert!(!check(Some(bad), None), "{bad}");
        }
        assert!(check(None, None), "programs may speak without a Host");
    }

    #[test]
    fn an_origin_must_be_the_very_server_port_included() {
        for good in ["http://127.0.0.1:8082", "HTTP://127.0.0.1:8082".to_lowercase().as_str()] {
            assert!(check(Some("127.0.0.1:8082"), Some(good)), "{good}");
        }
        assert!(check(Some("deck.example"), Some("http://deck.example")));
        assert!(check(Some("deck.example:80"), Some("http://deck.example")));
        for bad in ["null", "http://evil.example", "http://127.0.0.1:9999", "http://localhost:8082", "file://", ""] {
            assert!(!check(Some("127.0.0.1:8082"), Some(bad)), "{bad}");
        }
    }

    #[test]
    fn two_hosts_are_refused() {
        let mut headers = HeaderMap::new();
        headers.append(header::HOST, HeaderValue::from_static("127.0.0.1"));
        headers.append(header::HOST, HeaderValue::from_static("evil.example"));
        assert!(!allowed(&headers, &Uri::from_static("/"), &[]));
    }
}
