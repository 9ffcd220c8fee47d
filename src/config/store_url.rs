//! Where tasks are kept, as a setting: `sqlite`, or the address of a Redis.

use super::{ConfigError, SQLITE, StoreSettings};

pub(super) fn check(store: &StoreSettings) -> Result<(), ConfigError> {
    let url = store.url.as_str();
    if !url.starts_with("rediss://") && !store.ca.as_os_str().is_empty() {
        return Err(ConfigError::Value {
            name: "store.ca",
            value: store.ca.display().to_string(),
            allowed: "only an encrypted Redis (store.url = \"rediss://..\") has a certificate to verify".to_owned(),
        });
    }
    if url == SQLITE {
        return Ok(());
    }
    let wrong = |allowed: &str| {
        Err(ConfigError::Value {
            name: "store.url",
            value: crate::text::sanitise(&without_password(url), 200),
            allowed: allowed.to_owned(),
        })
    };
    let place = url.strip_prefix("redis://").or_else(|| url.strip_prefix("rediss://"));
    let place = place.filter(|place| !place.is_empty() && redis::parse_redis_url(url).is_some());
    if place.is_some_and(|place| place.contains('#')) {
        return wrong(
            "nothing is allowed behind a #; certificates are always verified (store.ca names a CA of your own)",
        );
    }
    let db = place.and_then(|place| place.split('?').next()?.split_once('/'));
    if place.is_some() && db.is_none_or(|(_, db)| db.is_empty() || db.parse::<u16>().is_ok()) {
        return Ok(());
    }
    wrong(
        "allowed is sqlite (the embedded store, in the data directory) or redis://[user:password@]host[:port][/db], \
         with TLS rediss://.. (a Redis that several servers share)",
    )
}

/// An address as it may be shown: without user, password, query and fragment. Nothing but its scheme is left where an `@`
/// stands behind a `?` or `#`, because either side may then be a password.
pub fn without_password(url: &str) -> String {
    let is_scheme = |scheme: &str| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
        _ => (None, url),
    };
    let (place, behind) = rest.find(['?', '#']).map_or((rest, ""), |end| rest.split_at(end));
    let shown = match place.rsplit_once('@') {
        _ if behind.contains('@') => "",
        Some((_, place)) => place,
        None => place,
    };
    scheme.map_or_else(|| shown.to_owned(), |scheme| format!("{scheme}://{shown}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        for (url, shown) in [
            ("redis://user:hunter2@host:1/0", "redis://host:1/0"),
            ("rediss://:p@ss@host", "rediss://host"),
            ("user:hunter2@host", "host"),
            ("redis://host:1/0", "redis://host:1/0"),
            ("redis://host/?password=hunter2", "redis://host/"),
            ("redis://host/0#hunter2", "redis://host/0"),
            ("redis://u:hunter2@host/0?password=hunter2", "redis://host/0"),
            ("redis://host/?password=hun@ter2", "redis://"),
            ("redis://:hun?ter2@host", "redis://"),
            ("redis://:hun/ter2@host", "redis://host"),
            ("user:hunter2@host/?next=redis://host", "host/"),
            ("/srv/blobs", "/srv/blobs"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    fn check(url: &str) -> Result<(), ConfigError> {
        super::check(&StoreSettings { url: url.to_owned(), ca: "".into() })
    }

    #[test]
    fn a_store_is_sqlite_or_a_redis_and_a_password_is_never_repeated() {
        for good in ["sqlite", "redis://localhost", "redis://127.0.0.1:6390/3", "redis://user:p%40ss@redis.example:1/0"]
        {
            assert!(check(good).is_ok(), "{good}");
            assert!(check(&good.replace("redis://", "rediss://")).is_ok(), "{good} with TLS");
        }
        for bad in
            ["", "redis://", "rediss://", "redis://host/x", "http://host", "redis:/host", "unix:///tmp/redis.sock"]
        {
            assert!(check(bad).is_err(), "{bad}");
        }
        let message = check("postgres://user:hunter2@host/x").unwrap_err().to_string();
        assert!(message.contains("host/x") && !message.contains("hunter2"), "{message}");
    }

    #[test]
    fn a_certificate_is_verified_and_nothing_else_has_a_use_for_a_ca() {
        let message = check("rediss://host/#insecure").unwrap_err().to_string();
        assert!(message.contains("always verified"), "{message}");
        let with_ca = |url: &str| super::check(&StoreSettings { url: url.to_owned(), ca: "/ca.pem".into() });
        assert!(with_ca("rediss://host").is_ok());
        for url in ["sqlite", "redis://host"] {
            let message = with_ca(url).unwrap_err().to_string();
            assert!(message.starts_with("store.ca = /ca.pem"), "{message}");
        }
    }
}
