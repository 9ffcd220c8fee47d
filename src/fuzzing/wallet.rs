//! The files of a wallet, as somebody else may have written them.

use std::{cell::OnceCell, fs, os::unix::fs::PermissionsExt as _, path::Path};

use super::Script;
use crate::{client::wallet::Wallet, fhe::ClientKeys, use_cases::ad_targeting};

const URL: &str = "http://server";
const CLIENT_KEY: &[u8] = include_bytes!("../../tests/vectors/client.key");
/// Bytes of a secret key before its check.
const KEY_BODY: usize = 4 + 2 + 256 + 115;

thread_local! {
    static DIR: OnceCell<tempfile::TempDir> = const { OnceCell::new() };
}

/// The first byte is the file, the others what stands in it.
pub(super) fn run(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let file = script.u8();
    DIR.with(|dir| {
        let dir = dir.get_or_init(|| tempfile::tempdir().unwrap()).path();
        match file % 5 {
            0 => secret_key(dir, script.rest()),
            1 => secret_key(dir, &with_right_check(script.rest())),
            2 => servers(dir, script.rest()),
            3 => binding(dir, script.rest()),
            _ => catalogue(dir, script.rest()),
        }
    });
}

fn wallet(dir: &Path) -> Wallet {
    Wallet::at(dir.to_owned())
}

fn put(dir: &Path, name: &str, bytes: &[u8]) {
    let path = dir.join(name);
    fs::write(&path, bytes).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The file of a true key with some of its bytes replaced and the check made right again.
fn with_right_check(bytes: &[u8]) -> Vec<u8> {
    let mut body = CLIENT_KEY[..KEY_BODY].to_vec();
    let mut script = Script::new(bytes);
    while !script.is_over() {
        let (place, byte) = (usize::from(script.u16()), script.u8());
        body[place % KEY_BODY] = byte;
    }
    let check = blake3::hash(&body);
    body.extend_from_slice(&check.as_bytes()[..16]);
    body
}

fn secret_key(dir: &Path, bytes: &[u8]) {
    put(dir, "client.key", bytes);
    match wallet(dir).secret_key() {
        Ok(key) => {
            let key = key.expect("the file is there");
            assert_eq!(key.keys().to_bytes(), bytes, "one key has one form");
            assert_eq!(key.fingerprint().len(), 32);
        }
        Err(error) => {
            let sentence = error.to_string();
            assert!(sentence.contains("client key") && sentence.len() < 1_000, "{sentence}");
        }
    }
}

fn servers(dir: &Path, bytes: &[u8]) {
    put(dir, "servers.json", bytes);
    let servers = wallet(dir).servers().expect("a damaged list is as good as none");
    for (url, server) in servers {
        assert_eq!(wallet(dir).server(&url).unwrap(), Some(server));
    }
}

/// `keys.json` decides whether `server.key` counts, which the same bytes are.
fn binding(dir: &Path, bytes: &[u8]) {
    put(dir, "client.key", CLIENT_KEY);
    put(dir, "keys.json", bytes);
    put(dir, "server.key", bytes);
    let wallet = wallet(dir);
    let secret = wallet.secret_key().unwrap().expect("a true key");
    assert_eq!(wallet.server_key(&secret).unwrap(), None, "no file holds its own digest");
}

/// What a server sent as its catalogue: kept, read again, and if it fits this client, encrypted for.
fn catalogue(dir: &Path, json: &[u8]) {
    let wallet = wallet(dir);
    fs::create_dir_all(dir.join("catalogues")).unwrap();
    let name = blake3::hash(URL.as_bytes()).to_hex();
    put(dir, &format!("catalogues/{}.json", &name.as_str()[..16]), json);
    let Some(catalogue) = wallet.catalogue(URL) else { return };
    let keys = ClientKeys::from_bytes(CLIENT_KEY).unwrap();
    match ad_targeting::encrypt(&keys, &[true; ad_targeting::FEATURES], &catalogue) {
        Ok(document) => assert_eq!(document.len(), 8_252),
        Err(error) => assert!(error.0.contains("does not fit"), "{error}"),
    }
    assert!(ad_targeting::decrypt(&keys, json, &catalogue).is_err(), "JSON is no result");
}
