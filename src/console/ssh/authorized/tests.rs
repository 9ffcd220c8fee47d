use std::{fs, os::unix::fs::PermissionsExt as _};

use russh::keys::{PrivateKey, key::safe_rng};

use super::*;

fn public(comment: &str) -> PublicKey {
    let mut key = PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).unwrap();
    key.set_comment(comment);
    key.public_key().clone()
}

fn line(key: &PublicKey) -> String {
    key.to_openssh().unwrap()
}

#[test]
fn a_line_gives_its_role_and_one_without_gives_the_least() {
    let keys = [public("a b c"), public("b"), public(""), public("d")];
    let [one, two, three, four] = keys.each_ref().map(line);
    let text =
        format!("# keys\n\n role=\"operator\" {one}\nrole=viewer {two}\r\n{three}\n\tROLE=\"operator\"   {four}\n");
    let (entries, complaints) = parse(&text);
    assert_eq!(complaints, []);
    let roles: Vec<_> = entries.iter().map(|entry| (entry.line, entry.role)).collect();
    assert_eq!(roles, [(3, Role::Operator), (4, Role::Viewer), (5, Role::Viewer), (6, Role::Operator)]);
    assert!(entries.iter().zip(&keys).all(|(entry, key)| entry.key.key_data() == key.key_data()));
    assert_eq!(name(&entries[0].key), format!("a b c {}", fingerprint(&keys[0])));
    assert_eq!(name(&entries[2].key), fingerprint(&keys[2]));
}

#[test]
fn a_bad_line_is_skipped_with_its_number_and_the_others_count() {
    let (good, other) = (line(&public("good")), line(&public("other")));
    let rsa =
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDO9zNEa0jF7S6ZJ1bK8jU1nq3c1yA4v0QyV8o2Rk3XbTq5sJ0yC9lE4m7F0wQx rsa";
    for (bad, reason) in [
        ("nonsense".to_owned(), "not a public key"),
        ("ssh-ed25519 AAAA".to_owned(), "not a public key"),
        (rsa.to_owned(), ""),
        (format!("role=\"root\" {other}"), "viewer or operator"),
        (format!("role=\"client\" {other}"), "viewer or operator"),
        (format!("role=\"viewer\",from=\"10.0.0.0/8\" {other}"), "the option from"),
        (format!("no-pty {other}"), "the option no-pty"),
        (format!("role=viewer,role=operator {other}"), "more than one role"),
        (format!("command=\"a # b c\" {other}"), "the option command"),
        (good.clone(), "the key of line 2"),
    ] {
        let (entries, complaints) = parse(&format!("# first\nrole=\"operator\" {good}\n{bad}\n"));
        assert_eq!((entries.len(), entries[0].role), (1, Role::Operator), "{bad}");
        assert_eq!((complaints.len(), complaints[0].line), (1, 3), "{bad}");
        assert!(complaints[0].reason.contains(reason), "{bad} gives {:?}", complaints[0].reason);
    }
}

#[tokio::test]
async fn the_file_is_read_again_each_time_and_not_used_when_others_can_write_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys");
    let file = KeyFile::new(path.clone());
    let key = public("alice\u{202e}@\x1b[2Jlaptop");
    assert_eq!(file.find(&key).await, None, "there is no file");
    fs::write(&path, format!("role=operator {}\n", line(&key))).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let actor = file.find(&key).await.unwrap();
    assert_eq!((actor.role, actor.door), (Role::Operator, Door::Ssh));
    assert!(actor.name.starts_with("alice@ [2Jlaptop SHA256:"), "{}", actor.name);
    assert_eq!(file.find(&public("other")).await, None);
    for mode in [0o664, 0o646] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(file.find(&key).await, None, "{mode:o}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, format!("{}\n", line(&key))).unwrap();
    assert_eq!(file.find(&key).await.unwrap().role, Role::Viewer);
}
