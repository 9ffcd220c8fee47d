//! Who is at the other end of the socket: the kernel knows.

use std::{fs, io};

use tokio::net::UnixStream;

use crate::text::sanitise;

/// The user who may do everything.
const ROOT: u32 = 0;
/// No user's name is longer, in characters.
const NAME: usize = 64;

/// A process, when it connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Peer {
    /// The user that it runs as.
    uid: u32,
    /// Its id, if it has one that this process can see.
    pid: Option<i32>,
}

impl Peer {
    pub(super) fn of(stream: &UnixStream) -> io::Result<Self> {
        let credentials = stream.peer_cred()?;
        // Of another container it is 0.
        Ok(Self { uid: credentials.uid(), pid: credentials.pid().filter(|pid| *pid > 0) })
    }

    /// The user that this process runs as.
    pub(super) fn own() -> io::Result<Self> {
        Self::of(&UnixStream::pair()?.0)
    }

    /// May one of the two see what the other shows? The same user, and root, could do anything to it anyway.
    pub(super) const fn trusts(&self, other: &Self) -> bool {
        self.uid == other.uid || self.uid == ROOT || other.uid == ROOT
    }

    /// May it steer a server that runs as `server`? Root may steer everybody's, nobody else may steer root's.
    pub(super) const fn may_steer(&self, server: &Self) -> bool {
        self.uid == server.uid || self.uid == ROOT
    }

    /// The user's name, or the number of one without a name.
    pub(super) fn user(&self) -> String {
        user(self.uid)
    }

    /// The process, for logs.
    pub(super) fn process(&self) -> String {
        self.pid.map_or_else(|| "this machine".to_owned(), |pid| format!("process {pid}"))
    }
}

/// A user's name, or the number of one without a name.
pub(super) fn user(uid: u32) -> String {
    // Containers often have no such file, and then no names.
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    name(&users, uid).unwrap_or_else(|| format!("uid {uid}"))
}

/// From lines as in `/etc/passwd`: `name:password:uid:...`.
fn name(users: &str, uid: u32) -> Option<String> {
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    })?;
    Some(sanitise(name, NAME))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn a_user_is_known_by_the_first_line_with_the_number() {
        let users = "root:x:0:0::/root:/bin/sh\n# 1000\n:x:7:\nbroken:x\nalice:x:1000:1000::/:\nbob:x:1000:1::/:\n";
        assert_eq!(name(users, 0).as_deref(), Some("root"));
        assert_eq!(name(users, 1_000).as_deref(), Some("alice"));
        assert_eq!((name(users, 7), name(users, 5), name("", 0)), (None, None, None));
        assert_eq!(user(4_000_000_123), "uid 4000000123");
    }

    #[test]
    fn the_same_user_and_root_may_steer_and_nobody_else() {
        let of = |uid| Peer { uid, pid: None };
        for (peer, server, may) in
            [(1_000, 1_000, true), (0, 1_000, true), (0, 0, true), (1_001, 1_000, false), (1_000, 0, false)]
        {
            assert_eq!(of(peer).may_steer(&of(server)), may, "{peer} {server}");
            assert_eq!(of(peer).trusts(&of(server)), may || server == 0, "{peer} {server}");
        }
    }

    #[tokio::test]
    async fn the_kernel_says_who_this_is() {
        let own = Peer::own().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(own.uid, file.as_file().metadata().unwrap().uid());
        assert_eq!(own.process(), format!("process {}", std::process::id()));
    }
}
