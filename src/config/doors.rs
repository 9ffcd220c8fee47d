//! Who may come in, and how: no setting lets secrets travel in clear text beyond this machine, or strangers act as
//! operators, by mistake.

use std::net::{IpAddr, SocketAddr};

use super::{ConfigError, Environment, Settings};

/// Settings of a listener and their addresses.
type Listeners = [(&'static str, SocketAddr)];

pub(super) fn check(settings: &Settings) -> Result<(), ConfigError> {
    let Settings { env, server, operator, ssh, tls, auth, .. } = settings;
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
    let http = [Some(("server.listen", server.listen)), operator.listen.map(|address| ("operator.listen", address))];
    let http: Vec<_> = http.into_iter().flatten().collect();
    let ssh = ssh.listen.map(|address| ("ssh.listen", address));
    apart(&http.iter().copied().chain(ssh).collect::<Vec<_>>())?;
    if in_container() {
        return Ok(());
    }
    http.into_iter().try_for_each(|(name, address)| beyond(name, address, tls.is_on(), auth.required))
}

/// No two listeners want the same port.
fn apart(listeners: &Listeners) -> Result<(), ConfigError> {
    for (index, &(name, address)) in listeners.iter().enumerate() {
        if let Some((other, taken)) = listeners.iter().take(index).find(|(_, taken)| overlap(address, *taken)) {
            let allowed = format!("{other} = {taken} takes that port; each listener needs one of its own");
            return Err(ConfigError::Value { name, value: address.to_string(), allowed });
        }
    }
    Ok(())
}

/// Would the second one to be bound find its port taken? Port 0 is any that is free; `[::]` is every address of this
/// machine, `0.0.0.0` every one of IPv4.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let every = |this: IpAddr, that: IpAddr| this.is_unspecified() && (this.is_ipv6() || that.is_ipv4());
    let (here, there) = (one.ip().to_canonical(), other.ip().to_canonical());
    let meet = here == there || every(here, there) || every(there, here);
    one.port() != 0 && one.port() == other.port() && meet
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
    fn each_listener_has_a_port_of_its_own() {
        let doors = |main: &str, operators: &str, ssh: &str| {
            let listeners =
                format!("[server]\nlisten = {main:?}\n[operator]\nlisten = {operators:?}\n[ssh]\nlisten = {ssh:?}\n");
            refusal(Environment::Dev, &format!("{listeners}{PAIR}[auth]\nrequired = true"))
        };
        for (main, operators, ssh) in [
            ("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"),
            ("127.0.0.1:1", "127.0.0.2:1", "[::1]:1"),
            ("0.0.0.0:1", "[::1]:1", ""),
            ("127.0.0.1:0", "127.0.0.1:0", "0.0.0.0:0"),
        ] {
            assert_eq!(doors(main, operators, ssh), None, "{main} {operators} {ssh}");
        }
        for (main, operators, ssh, name) in [
            ("127.0.0.1:1", "127.0.0.1:1", "", "operator.listen"),
            ("127.0.0.1:1", "0.0.0.0:1", "", "operator.listen"),
            ("[::]:1", "127.0.0.1:1", "", "operator.listen"),
            ("[::1]:1", "[::]:1", "", "operator.listen"),
            ("127.0.0.1:1", "[::ffff:127.0.0.1]:1", "", "operator.listen"),
            ("127.0.0.1:1", "", "127.0.0.1:1", "ssh.listen"),
            ("127.0.0.1:1", "127.0.0.1:2", "0.0.0.0:2", "ssh.listen"),
        ] {
            let message = doors(main, operators, ssh).unwrap();
            assert!(message.starts_with(name) && message.contains("of its own"), "{message}");
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
