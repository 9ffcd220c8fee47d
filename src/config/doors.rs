//! Who may come in, and how: no setting lets secrets travel in clear text beyond this machine, or strangers act as
//! operators, by mistake.

use std::net::SocketAddr;

use super::{ConfigError, Environment, Settings};

pub(super) fn check(settings: &Settings) -> Result<(), ConfigError> {
    let Settings { env, server, operator, tls, auth, .. } = settings;
    let wrong = |name, value: String, allowed: String| Err(ConfigError::Value { name, value, allowed });
    if tls.certificate.as_os_str().is_empty() != tls.key.as_os_str().is_empty() {
        let name = if tls.is_on() { "tls.key" } else { "tls.certificate" };
        return wrong(name, "\"\"".to_owned(), "a certificate needs its key, and a key its certificate".to_owned());
    }
    if *env != Environment::Dev && !tls.is_on() {
        let allowed = format!(
            "{} speaks TLS only: name the files with a certificate and its key in tls.certificate and tls.key (`cipherdeck \
             certificate` makes a pair to try it)",
            env.word()
        );
        return wrong("tls.certificate", "\"\"".to_owned(), allowed);
    }
    if *env != Environment::Dev && !auth.required {
        let allowed = format!("{} needs tokens, so only true is allowed", env.word());
        return wrong("auth.required", "false".to_owned(), allowed);
    }
    if in_container() {
        return Ok(());
    }
    let listeners = [("server.listen", Some(server.listen)), ("operator.listen", operator.listen)];
    for (name, address) in listeners.iter().filter_map(|(name, address)| Some((*name, (*address)?))) {
        beyond(name, address, tls.is_on(), auth.required)?;
    }
    Ok(())
}

fn beyond(name: &'static str, address: SocketAddr, tls: bool, tokens: bool) -> Result<(), ConfigError> {
    let allowed = match (address.ip().is_loopback(), tls, tokens) {
        (true, ..) | (_, true, true) => return Ok(()),
        (_, false, _) => {
            "without TLS only a loopback address such as 127.0.0.1:8082 is allowed; set tls.certificate and tls.key (inside \
             a container, set CIPHERDECK_CONTAINER=1 and publish the port on loopback)"
        }
        (_, true, false) => {
            "without tokens only a loopback address such as 127.0.0.1:8082 is allowed, because whoever reaches it is \
             operator; set auth.required = true"
        }
    };
    Err(ConfigError::Value { name, value: address.to_string(), allowed: allowed.to_owned() })
}

/// Set by the image: the listener is then reachable only through what the container publishes.
fn in_container() -> bool {
    std::env::var_os("CIPHERDECK_CONTAINER").is_some_and(|value| value == "1")
}

#[cfg(test)]
mod tests {
    use crate::config::{Environment, Overrides, load};

    const PAIR: &str = "[tls]\ncertificate = \"/c.pem\"\nkey = \"/k.pem\"\n";

    fn refusal(env: Environment, text: &str) -> Option<String> {
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let loaded = load(Overrides { env, file: Some(file.path().to_owned()), ..Overrides::default() });
        loaded.err().map(|error| error.to_string())
    }

    #[test]
    fn only_dev_may_do_without_tokens_or_tls() {
        for env in [Environment::Staging, Environment::Prod] {
            assert_eq!(refusal(env, PAIR), None);
            let message = refusal(env, &format!("{PAIR}[auth]\nrequired = false")).unwrap();
            assert!(message.starts_with("auth.required = false"), "{message}");
            let message = refusal(env, "").unwrap();
            assert!(message.starts_with("tls.certificate") && message.contains("cipherdeck certificate"), "{message}");
        }
        assert_eq!(refusal(Environment::Dev, ""), None);
        assert_eq!(refusal(Environment::Dev, "[auth]\nrequired = true"), None);
    }

    #[test]
    fn beyond_loopback_there_are_tls_and_tokens() {
        for listener in ["[server]\nlisten = \"0.0.0.0:1\"\n", "[operator]\nlisten = \"192.0.2.1:1\"\n"] {
            let (tokens, name) = ("[auth]\nrequired = true\n", listener[1..7].to_owned());
            for (text, missing) in [("", "tls.certificate"), (PAIR, "auth.required"), (tokens, "tls.certificate")] {
                let message = refusal(Environment::Dev, &format!("{listener}{text}")).unwrap();
                assert!(message.starts_with(&name) && message.contains(missing), "{message}");
            }
            assert_eq!(refusal(Environment::Dev, &format!("{listener}{PAIR}{tokens}")), None);
        }
    }

    #[test]
    fn a_certificate_and_its_key_come_together() {
        for (text, name) in [("certificate", "tls.key"), ("key", "tls.certificate")] {
            let message = refusal(Environment::Dev, &format!("[tls]\n{text} = \"/x.pem\"")).unwrap();
            assert!(message.starts_with(name), "{message}");
        }
    }
}
