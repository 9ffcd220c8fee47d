//! Where traces go, as a setting: nowhere, or the address of a collector.

use super::{ConfigError, without_password};

pub(super) fn check(endpoint: &str) -> Result<(), ConfigError> {
    let wrong = |allowed: &str| {
        let value = crate::text::sanitise(&without_password(endpoint), 200);
        Err(ConfigError::Value { name: "otlp.endpoint", value, allowed: allowed.to_owned() })
    };
    if endpoint.is_empty() {
        return Ok(());
    }
    let is_http = ["http://", "https://"].iter().any(|scheme| endpoint.starts_with(scheme));
    if !is_http || reqwest::Url::parse(endpoint).is_err() {
        return wrong("allowed is the URL of a collector, such as http://127.0.0.1:4318, or nothing");
    }
    if !cfg!(feature = "otlp") {
        return wrong("this program was built without the cargo feature otlp");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_go_nowhere_or_to_a_collector_that_speaks_http() {
        assert!(check("").is_ok());
        for good in ["http://127.0.0.1:4318", "https://user:secret@collector/v1/traces"] {
            assert_eq!(check(good).is_ok(), cfg!(feature = "otlp"), "{good}");
        }
        for bad in
            ["collector", "grpc://user:secret@host", "http://", "http://user:secret@", "https://a b/", "http:/host"]
        {
            let message = check(bad).unwrap_err().to_string();
            assert!(message.contains("otlp.endpoint") && message.contains("http://127.0.0.1:4318"), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
