//! Staging and production: TLS, tokens, and what a start refuses.

mod check;
mod house;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    time::{Duration, Instant},
};

use house::{House, free_port, text};
use reqwest::{StatusCode, Version};

use crate::support::wait::DEADLINE;

#[test]
fn staging_and_prod_do_not_start_where_secrets_would_travel_in_the_clear_or_nobody_could_come_in() {
    let house = House::new();
    for env in ["staging", "prod"] {
        let log = house.refusal(env, "");
        assert!(log.contains("there is none") && log.contains("cipherdeck token add"), "{log}");
    }
    house.token("operator");
    for (more, expected) in [
        ("[auth]\nrequired = false", ["auth.required = false", "only true"]),
        ("[operator]\nlisten = \"nonsense\"", ["operator.listen", "nonsense"]),
    ] {
        let log = house.refusal("prod", more);
        assert!(expected.iter().all(|part| log.contains(part)), "{log}");
    }
    let key = house.path("tls/key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let log = house.refusal("prod", "");
    assert!(log.contains("tls.key") && log.contains("everybody may read it") && log.contains("chmod 600"), "{log}");

    house.certify("other", &[]);
    fs::copy(house.path("other/key.pem"), &key).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let log = house.refusal("prod", "");
    assert!(log.contains("cannot be used together"), "{log}");

    fs::write(house.path("tls/certificate.pem"), "nothing of the kind").unwrap();
    let log = house.refusal("prod", "");
    assert!(log.contains("tls.certificate") && log.contains("PEM"), "{log}");
    fs::remove_file(house.path("tls/certificate.pem")).unwrap();
    assert!(house.refusal("prod", "").contains("tls.certificate"));
    let without = house.run(&["serve", "--env", "prod", "--check"]);
    assert_eq!(without.status.code(), Some(2));
    let log = String::from_utf8(without.stderr).unwrap();
    assert!(log.contains("prod speaks TLS only") && log.contains("cipherdeck certificate"), "{log}");
}

#[test]
fn prod_answers_over_tls_to_those_with_a_token() {
    let house = House::new();
    let token = house.token("client");
    let (server, url) = house.start("prod", "");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let http = house.client("tls").build().unwrap();
        let answer = http.get(format!("{url}/get_use_cases")).send().await.unwrap();
        assert_eq!((answer.status(), answer.version()), (StatusCode::UNAUTHORIZED, Version::HTTP_2));
        let answer = http.get(format!("{url}/get_use_cases")).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let hsts = answer.headers()["strict-transport-security"].to_str().unwrap();
        assert!(hsts.starts_with("max-age="), "{hsts}");
        let old = house.client("tls").http1_only().build().unwrap();
        assert_eq!(old.get(format!("{url}/healthz")).send().await.unwrap().version(), Version::HTTP_11);
        for path in ["/operator/tasks", "/metrics", "/logs"] {
            let answer = http.get(format!("{url}{path}")).bearer_auth(&token).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
        }
        // Without TLS nobody is served, and a stranger's certificate is not trusted.
        let clear = url.replace("https", "http");
        assert!(http.get(format!("{clear}/healthz")).send().await.is_err());
        house.certify("other", &[]);
        assert!(house.client("other").build().unwrap().get(format!("{url}/healthz")).send().await.is_err());
    });
    drop(server);
}

#[test]
fn the_commands_speak_tls() {
    let house = House::new();
    let (client, operator) = (house.token("client"), house.token("operator"));
    let (server, url) = house.start("staging", "");
    let (ca, wallet) = (house.path("tls/certificate.pem"), house.path("wallet"));
    let ads = ["ad-targeting", "--language", "Italian", "--interest", "Food", "--top", "3"];
    let base = ["client", "--json", "--url", &url, "--wallet", text(&wallet), "--token", &client];
    let asked = house.run(&[&base[..], &["--ca", text(&ca)], &ads].concat());
    let answer: serde_json::Value = serde_json::from_slice(&asked.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&asked.stderr)));
    assert_eq!(answer["result"]["ads"].as_array().unwrap().len(), 3);

    let tasks = ["tasks", "list", "--json", "--url", &url, "--token", &operator, "--ca", text(&ca)];
    let listed = house.run(&tasks);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed["tasks"].as_array().unwrap().len(), 1, "{listed}");

    // An evaluation key of 30 MB, over HTTP/2 and as fast as loopback is.
    let asked = house.run(&[&base[..], &["--ca", text(&ca), "weight-stats", "68.0", "65.0"]].concat());
    let answer: serde_json::Value = serde_json::from_slice(&asked.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&asked.stderr)));
    assert_eq!(answer["result"]["max"], 68.0, "{answer}");

    let clear = url.replace("https://", "http://");
    let clear = house.run(&[&["client", "--url", &clear, "--wallet", text(&wallet)][..], &ads].concat());
    let error = String::from_utf8(clear.stderr).unwrap();
    assert!(clear.status.code() == Some(1) && error.contains("try https://"), "{error}");

    let untrusted = house.run(&[&base[..], &ads].concat());
    let error = String::from_utf8(untrusted.stderr).unwrap();
    assert_eq!(untrusted.status.code(), Some(1));
    assert!(error.contains("certificate") && error.contains("--ca"), "{error}");
    drop(server);
}

#[test]
fn a_new_certificate_is_shown_without_a_restart_and_a_broken_one_is_not() {
    let house = House::new();
    house.token("client");
    house.certify("next", &[]);
    let (server, url) = house.start("prod", "");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let trusted = |name: &str| {
        // A new client each time: a connection that is open keeps its certificate.
        let client = house.client(name).build().unwrap();
        runtime.block_on(client.get(format!("{url}/healthz")).send()).is_ok()
    };
    assert!(trusted("tls") && !trusted("next"));

    // First a pair that does not belong together, for longer than a look takes; then the whole pair.
    let old = fs::read(house.path("tls/certificate.pem")).unwrap();
    fs::create_dir(house.path("first")).unwrap();
    fs::write(house.path("first/certificate.pem"), old).unwrap();
    fs::copy(house.path("next/certificate.pem"), house.path("tls/certificate.pem")).unwrap();
    server.says("the new certificate cannot be used");
    assert!(trusted("first") && !trusted("next"));
    fs::copy(house.path("next/key.pem"), house.path("tls/key.pem")).unwrap();
    server.says("the certificate was read again");
    assert!(trusted("next") && !trusted("first"));
    drop(server);
}

#[test]
fn operators_may_have_a_listener_of_their_own() {
    let house = House::new();
    let token = house.token("operator");
    let port = free_port();
    let (server, url) = house.start("prod", &format!("[operator]\nlisten = \"127.0.0.1:{port}\""));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let http = house.client("tls").build().unwrap();
        let inside = format!("https://localhost:{port}");
        let status = async |url: &str, path: &str| {
            http.get(format!("{url}{path}")).bearer_auth(&token).send().await.unwrap().status().as_u16()
        };
        for (path, main, operators) in [
            ("/healthz", 200, 200),
            ("/readyz", 200, 200),
            ("/get_use_cases", 200, 404),
            ("/operator/tasks", 404, 200),
            ("/metrics", 404, 200),
            ("/logs", 404, 200),
            ("/openapi.json", 200, 200),
        ] {
            assert_eq!((status(&url, path).await, status(&inside, path).await), (main, operators), "{path}");
        }
        let described: serde_json::Value =
            http.get(format!("{url}/openapi.json")).send().await.unwrap().json().await.unwrap();
        assert!(described["paths"].get("/operator/tasks").is_none() && described["paths"].get("/add_key").is_some());
    });

    // Commands say where to ask, and the benchmark asks each where it is answered.
    let ca = house.path("tls/certificate.pem");
    let as_operator = ["--token", &token, "--ca", text(&ca)];
    let lost = house.run(&[&["tasks", "list", "--url", &url][..], &as_operator].concat());
    let error = String::from_utf8(lost.stderr).unwrap();
    assert!(lost.status.code() == Some(1) && error.contains("operator.listen"), "{error}");
    let (inside, data) = (format!("https://localhost:{port}"), house.path("bench"));
    let plan = ["bench", "run", "--json", "--use-case", "ads", "--repeat", "1", "--warm-up", "0"];
    let place = ["--url", &url, "--operator-url", &inside, "--data-dir", text(&data)];
    let measured = house.run(&[&plan[..], &place, &as_operator].concat());
    let figures: serde_json::Value = serde_json::from_slice(&measured.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&measured.stderr)));
    assert_eq!(figures["history"]["entered"], true, "{figures}");
    assert_eq!(
        (&figures["runs"][0]["server_s_from"], &figures["runs"][0]["device"]),
        (&"history".into(), &"cpu".into())
    );
    drop(server);
}

#[test]
fn a_token_file_that_cannot_be_trusted_stops_the_start_and_says_so() {
    let house = House::new();
    house.token("operator");
    let tokens = house.path("data/tokens.json");
    fs::set_permissions(&tokens, fs::Permissions::from_mode(0o644)).unwrap();
    let log = house.refusal("prod", "");
    assert!(log.contains("tokens.json") && log.contains("chmod 600") && !log.contains("there is none"), "{log}");
}

#[test]
fn whoever_does_not_shake_hands_in_time_is_dropped() {
    let house = House::new();
    house.token("client");
    let (server, _) = house.start("prod", "[server]\nheader_timeout_s = 1");
    for greeting in [b"".as_slice(), b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", &[0x16, 3, 1]] {
        let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(greeting).unwrap();
        let began = Instant::now();
        let mut said = Vec::new();
        // The end of the stream, or a reset: an alert of TLS may come before it, never an answer.
        let _ = stream.read_to_end(&mut said);
        assert!(began.elapsed() < DEADLINE / 2 && !said.starts_with(b"HTTP"), "{greeting:?}: {said:?}");
    }
    assert!(Duration::from_secs(1) < DEADLINE);
    drop(server);
}

#[test]
fn check_says_what_would_run_and_starts_nothing() {
    let house = House::new();
    house.token("operator");
    let (config, data) = (house.config(""), house.path("data"));
    let more = ["--listen", "192.0.2.1:443", "--data-dir", text(&data)];
    let checked = house.run(&[&["serve", "--check", "--env", "prod", "--config", text(&config)][..], &more].concat());
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(checked.status.success(), "{said} {}", String::from_utf8_lossy(&checked.stderr));
    for part in ["prod", "https://192.0.2.1:443", "required, 1 valid", "store.sqlite", "weight_stats"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!data.join("store.sqlite").exists());
}
