//! The steps of a task's life as commands on the wire: which script a command runs.

use std::{collections::HashMap, path::Path};

use crate::support::redis::RedisServer;

/// What the store says of its scripts: `NAME = "part" "part";`.
const SCRIPTS: &str = include_str!("../../src/store/redis/scripts.rs");

/// Gives Redis every script, and answers the name of each by the hash that calls it.
pub(super) fn load_scripts(redis: &RedisServer) -> HashMap<String, String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/redis/lua");
    let mut names = HashMap::new();
    for line in SCRIPTS.lines() {
        let Some((name, parts)) = line.trim().split_once(" = \"") else { continue };
        let parts = parts.trim_end_matches("\";").split("\" \"");
        let read = |part: &str| std::fs::read_to_string(dir.join(format!("{part}.lua"))).unwrap() + "\n";
        let text: String = parts.map(read).collect();
        names.insert(redis.admin::<String>(&["SCRIPT", "LOAD", &text]), name.to_owned());
    }
    assert!(names.len() > 20, "the list of scripts is written in another way now");
    names
}

/// Takes commands out of what a client of Redis sends: arrays of binary strings.
#[derive(Default)]
pub(super) struct Commands(Vec<u8>);

/// One command as it is on the wire, and its words.
pub(super) struct Command {
    pub(super) bytes: Vec<u8>,
    pub(super) words: Vec<Vec<u8>>,
}

impl Commands {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The next whole command.
    pub(super) fn next(&mut self) -> Option<Command> {
        let mut at = 0;
        let count = self.number(&mut at, b'*')?;
        let mut words = Vec::with_capacity(count);
        for _ in 0..count {
            let len = self.number(&mut at, b'$')?;
            words.push(self.0.get(at..at + len)?.to_vec());
            at += len + 2;
        }
        if self.0.len() < at {
            return None;
        }
        Some(Command { bytes: self.0.drain(..at).collect(), words })
    }

    fn number(&self, at: &mut usize, kind: u8) -> Option<usize> {
        let rest = self.0.get(*at..)?;
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        assert_eq!(rest[0], kind, "not a command");
        *at += end + 2;
        Some(std::str::from_utf8(&rest[1..end]).unwrap().parse().unwrap())
    }
}

impl Command {
    /// The hash of the script that it runs.
    pub(super) fn script(&self) -> Option<&str> {
        let [name, hash, ..] = self.words.as_slice() else { return None };
        name.eq_ignore_ascii_case(b"EVALSHA").then(|| std::str::from_utf8(hash).ok())?
    }
}

#[test]
fn commands_are_taken_apart_however_they_arrive() {
    let wire = b"*1\r\n$4\r\nPING\r\n*3\r\n$7\r\nevalsha\r\n$3\r\nabc\r\n$4\r\n\r\n\r\n\r\n";
    for piece in 1..wire.len() {
        let (mut commands, mut found) = (Commands::default(), Vec::new());
        for bytes in wire.chunks(piece) {
            commands.push(bytes);
            found.extend(std::iter::from_fn(|| commands.next()));
        }
        assert_eq!(found.iter().map(|one| one.bytes.clone()).collect::<Vec<_>>().concat(), wire);
        assert_eq!([found[0].script(), found[1].script()], [None, Some("abc")]);
        assert_eq!(found[1].words[2], b"\r\n\r\n");
    }
}
