//! Where tasks are kept, as a setting: `sqlite`, or the address of a Redis.

use super::{ConfigError, SQLITE};

pub(super) fn check(url: &str) -> Result<(), ConfigError> {
    if url == SQLITE {
        return Ok(());
    }
    let place = url.strip_prefix("redis://").filter(|_| redis::parse_redis_url(url).is_some());
    let db = place.and_then(|place| place.split(['?', '#']).next()?.split_once('/'));
    if place.is_some_and(|place| !place.is_empty())
        && db.is_none_or(|(_, db)| db.is_empty() || db.parse::<u16>().is_ok())
    {
        return Ok(());
    }
    Err(ConfigError::Value {
        name: "store.url",
        // A password is not repeated.
        value: crate::text::sanitise(url.rsplit_once('@').map_or(url, |(_, place)| place), 200),
        allowed: "allowed is sqlite (the embedded store, in the data directory) or \
                  redis://[user:password@]host[:port][/db] (a Redis that several servers share)"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_sqlite_or_a_redis_and_a_password_is_never_repeated() {
        for good in ["sqlite", "redis://localhost", "redis://127.0.0.1:6390/3", "redis://user:p%40ss@redis.example:1/0"]
        {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", "redis://", "redis://host/x", "http://host", "redis:/host", "unix:///tmp/redis.sock"] {
            assert!(check(bad).is_err(), "{bad}");
        }
        let message = check("postgres://user:hunter2@host/x").unwrap_err().to_string();
        assert!(message.contains("host/x") && !message.contains("hunter2"), "{message}");
    }
}
