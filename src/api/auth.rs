//! Who asks: the bearer of a token, or in dev whoever reaches the listener.
//!
//! A client's token gives the right to use the client endpoints; what it may see there, its uids say, which remain
//! secrets of their own. Where tokens are the clients (`limits.client`), a uid also belongs to the token it was made
//! with: to any other it does not exist, so that a uid alone, read from a backup or over a shoulder, opens nothing.
//! Whoever shows a token is judged by it, also where none is needed.

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{
    error::{ApiError, ApiResult},
    label::Label,
    state::App,
};
use crate::{
    config::{Environment, Fairness},
    operator::{Actor, Door, Role},
    task::{ClientId, Uid},
};

/// What needs no token: whether the server lives, and the description of this interface.
const OPEN: [&str; 5] = ["/healthz", "/readyz", "/robots.txt", "/docs", "/openapi.json"];

/// Whoever made a request.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// Who they are for the audit log.
    pub(super) actor: Actor,
    /// Did they show a token?
    token: bool,
}

/// Does this path need no token?
pub(super) fn is_open(path: &str) -> bool {
    OPEN.contains(&path) || path.starts_with("/docs/")
}

/// Middleware: finds out who asks. Nobody without a valid token comes further where tokens are required, and nobody
/// below a viewer reads what is under `/operator/`; what changes something there asks the desk, which keeps the log.
pub(super) async fn check(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if is_open(path) {
        return next.run(request).await;
    }
    let caller = match caller(&app, request.headers()) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.into_response(),
    };
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads
        && path.starts_with("/operator/")
        && let Err(refusal) = caller.must_be(Role::Viewer)
    {
        return refusal.into_response();
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Who asks, by the headers of their request.
///
/// # Errors
/// 401 `unauthorized`.
pub(super) fn caller(app: &App, headers: &HeaderMap) -> ApiResult<Caller> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    match (given.next(), given.next()) {
        // The settings are checked at start; outside dev nobody is anonymous whatever they say.
        (None, _) if app.settings.auth.required || app.settings.env != Environment::Dev => {
            let detail = "This needs a token: Authorization: Bearer TOKEN. `cipherdeck token add` makes one.";
            Err(ApiError::new(Label::Unauthorized, detail))
        }
        (None, _) => {
            let actor = Actor { door: Door::Http, name: "anonymous".to_owned(), role: Role::Operator };
            Ok(Caller { actor, token: false })
        }
        (Some(value), None) => {
            let token = value.to_str().ok().and_then(bearer);
            let found = token.and_then(|token| app.tokens.find(token));
            let bearer = found.ok_or_else(|| {
                ApiError::new(Label::Unauthorized, "This token is not valid here, or not any more; ask for a new one.")
            })?;
            let actor = Actor { door: Door::Http, name: bearer.name, role: bearer.role };
            Ok(Caller { actor, token: true })
        }
        (Some(_), Some(_)) => Err(ApiError::new(Label::Unauthorized, "Authorization is given twice; give it once.")),
    }
}

/// The text behind `Bearer`, whose case does not matter.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
}

impl Caller {
    /// # Errors
    /// 403 `forbidden`.
    pub(super) fn must_be(&self, role: Role) -> ApiResult<()> {
        if self.actor.role >= role {
            return Ok(());
        }
        let detail = format!("This is for role {role} and above, this token has role {}.", self.actor.role);
        Err(ApiError::new(Label::Forbidden, detail))
    }

    /// The name of the token that they showed.
    pub(super) fn token_name(&self) -> Option<&str> {
        self.token.then_some(self.actor.name.as_str())
    }

    /// May they act on what belongs to a uid, a key or a task of this client? Asked by name: a token that was revoked and
    /// made again under its old name keeps its uids. What was made without a token belongs to whoever has the uid, and
    /// where no token is needed whoever shows none is everybody.
    pub(super) fn owns(&self, uid: Uid, client: &ClientId) -> bool {
        !self.token || client.0 == self.actor.name || client.0 == uid.tag()
    }

    /// Whose share of the queue the tasks of a uid count against.
    pub(super) fn client(&self, app: &App, uid: Uid) -> ClientId {
        match app.settings.limits.client {
            Fairness::Token if self.token => ClientId(self.actor.name.clone()),
            _ => ClientId(uid.tag()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        // Absent only behind a path that is open: nothing there may ask who it is.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| ApiError::internal("a request without a caller"))
    }
}

/// A caller who may look at everything.
pub(super) struct Viewer;

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        Caller::from_request_parts(parts, state).await?.must_be(Role::Viewer)?;
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_acts_on_the_uids_that_were_made_with_it_or_with_none() {
        let caller = |token: bool| {
            let actor = Actor { door: Door::Http, name: "carl".to_owned(), role: Role::Operator };
            Caller { actor, token }
        };
        let uid = Uid::random();
        for (client, owns) in [("carl", true), (&uid.tag(), true), ("mallory", false), ("", false), ("Carl", false)] {
            assert_eq!(caller(true).owns(uid, &ClientId(client.to_owned())), owns, "{client}");
            assert!(caller(false).owns(uid, &ClientId(client.to_owned())), "{client}");
        }
        assert!(!caller(true).owns(uid, &ClientId(Uid::random().tag())));
    }

    #[test]
    fn only_the_bearer_scheme_carries_a_token() {
        for (value, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("BEARER abc", Some("abc")),
            ("Basic abc", None),
            ("Bearer", None),
            ("abc", None),
            ("", None),
        ] {
            assert_eq!(bearer(value), token, "{value}");
        }
    }

    #[test]
    fn what_is_open_is_named_exactly() {
        for open in ["/healthz", "/docs", "/docs/", "/docs/swagger-ui.css", "/robots.txt", "/openapi.json"] {
            assert!(is_open(open), "{open}");
        }
        for closed in
            ["/", "/healthz/", "/healthz2", "/docsx", "/DOCS", "//docs/", "/metrics", "/operator/tasks", "/%64ocs"]
        {
            assert!(!is_open(closed), "{closed}");
        }
    }
}
