//! `serve --check` and `serve` agree on what is wrong, and end with the same exit code.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use super::house::{House, free_port, text};

/// The configuration is wrong.
const USAGE: i32 = 2;
/// Something else is.
const FAILED: i32 = 1;

/// What a check says, which must end as a start does.
fn refused(house: &House, env: &str, more: &str, data: &Path, expected: i32) -> String {
    let config = house.config(more);
    let base = ["serve", "--headless", "--env", env, "--config", text(&config), "--listen", "127.0.0.1:0"];
    let base = [&base[..], &["--data-dir", text(data)]].concat();
    let checked = house.run(&[&base[..], &["--check"]].concat());
    let said = String::from_utf8(checked.stderr).unwrap();
    assert_eq!(checked.status.code(), Some(expected), "checked: {more}: {said}");
    let started = house.run(&base);
    let log = String::from_utf8_lossy(&started.stderr);
    assert_eq!(started.status.code(), Some(expected), "started: {more}: {log}");
    said
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_a_start_refuses_a_check_refuses_too() {
    let house = House::new();
    let data = house.path("data");
    let said = refused(&house, "prod", "", &data, USAGE);
    assert!(said.contains("there is none"), "{said}");
    house.token("operator");

    let (host_key, junk) = (house.path("host_key"), house.path("junk"));
    fs::write(&host_key, "no key").unwrap();
    set_mode(&host_key, 0o644);
    fs::write(&junk, "no certificate").unwrap();
    let port = free_port();
    let redis = |ca: &Path| format!("[store]\nurl = \"rediss://127.0.0.1:1\"\nca = {ca:?}");
    for (more, part, code) in [
        (format!("[ssh]\nlisten = \"127.0.0.1:0\"\nhost_key = {host_key:?}"), "mode is 644", USAGE),
        (format!("[operator]\nlisten = \"127.0.0.1:{port}\"\n[ssh]\nlisten = \"0.0.0.0:{port}\""), "of its own", USAGE),
        (redis(&house.path("missing.pem")), "missing.pem", USAGE),
        (redis(&junk), "in PEM", USAGE),
        ("[otlp]\nendpoint = \"http://\"".to_owned(), "otlp.endpoint", USAGE),
        ("[blobs]\nurl = \"/proc/nope\"".to_owned(), "blobs.url = /proc/nope", FAILED),
        (format!("[blobs]\nurl = {junk:?}"), "is no directory", FAILED),
    ] {
        let said = refused(&house, "prod", &more, &data, code);
        assert!(said.contains(part), "{more}: {said}");
    }
    let said = refused(&house, "dev", "", &junk.join("data"), FAILED);
    assert!(said.contains("server.data_dir") && said.contains("is no directory"), "{said}");

    set_mode(&house.path("tls/key.pem"), 0o644);
    assert!(refused(&house, "prod", "", &data, USAGE).contains("tls.key"));
    set_mode(&data.join("tokens.json"), 0o640);
    assert!(refused(&house, "prod", "", &data, USAGE).contains("tokens.json"));
}

#[test]
fn a_port_that_is_taken_is_no_mistake_of_the_configuration() {
    let house = House::new();
    let (taken, data) = (TcpListener::bind("127.0.0.1:0").unwrap(), house.path("data"));
    let address = taken.local_addr().unwrap().to_string();
    let started = house.run(&["serve", "--headless", "--listen", &address, "--data-dir", text(&data)]);
    assert_eq!(started.status.code(), Some(FAILED));
    let checked = house.run(&["serve", "--check", "--listen", &address, "--data-dir", text(&data)]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn a_check_makes_nothing_and_shows_no_password() {
    let house = House::new();
    let (data, blobs): (PathBuf, PathBuf) = (house.path("new/data"), house.path("new/blobs"));
    let store = "redis://user:hunter2@h/?password=hunter2";
    let base = ["serve", "--check", "--ssh", "127.0.0.1:0", "--blobs", text(&blobs), "--data-dir", text(&data)];
    for more in [&[][..], &["--store", store]] {
        let checked = house.run(&[&base[..], more].concat());
        let said = String::from_utf8(checked.stdout).unwrap();
        // With a Redis nothing makes the data directory, in which the host key lies.
        let expected = if more.is_empty() { 0 } else { FAILED };
        assert_eq!(checked.status.code(), Some(expected), "{said} {}", String::from_utf8_lossy(&checked.stderr));
        assert!(!house.path("new").exists());
    }
    let checked = house.run(&["serve", "--check", "--store", store, "--data-dir", text(&data)]);
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(said.contains("redis://h/") && !said.contains("hunter2"), "{said}");
}
