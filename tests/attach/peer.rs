//! Either side of the protocol, written by hand: it says what it is told to.

use std::path::Path;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
    time::timeout,
};

use crate::support::wait::DEADLINE;

/// One end of a connection.
pub(super) struct Peer(pub(super) UnixStream);

/// A frame: its kind, two bytes of length, the rest.
pub(super) fn frame(kind: u8, rest: &[u8]) -> Vec<u8> {
    [&[kind][..], &u16::try_from(rest.len()).unwrap().to_be_bytes(), rest].concat()
}

/// What a client says first.
pub(super) fn hello(version: u16, columns: u16, lines: u16, environment: &str) -> Vec<u8> {
    let numbers = [version, columns, lines].map(u16::to_be_bytes).concat();
    frame(b'H', &[b"cipherdeck", &numbers[..], environment.as_bytes()].concat())
}

/// A size, as a client tells it.
pub(super) fn size(columns: u16, lines: u16) -> Vec<u8> {
    frame(b'S', &[columns, lines].map(u16::to_be_bytes).concat())
}

impl Peer {
    pub(super) async fn connect(socket: &Path) -> Self {
        Self(UnixStream::connect(socket).await.unwrap())
    }

    /// With a dashboard of this size.
    pub(super) async fn seated(socket: &Path, columns: u16, lines: u16) -> Self {
        let mut peer = Self::connect(socket).await;
        peer.say(&hello(1, columns, lines, "TERM=xterm-256color\nLANG=C.UTF-8\n")).await;
        assert_eq!(peer.next().await, Some((b'W', Vec::new())));
        peer
    }

    pub(super) async fn say(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// The next frame; `None` once the connection is closed.
    pub(super) async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let read = async {
            let kind = self.0.read_u8().await.ok()?;
            let mut rest = vec![0; usize::from(self.0.read_u16().await.unwrap())];
            self.0.read_exact(&mut rest).await.unwrap();
            Some((kind, rest))
        };
        timeout(DEADLINE, read).await.expect("a frame, or the end")
    }

    /// The last sentence, and whether it ended as wanted.
    pub(super) async fn farewell(&mut self) -> (bool, String) {
        loop {
            let (kind, rest) = self.next().await.expect("a farewell before the end");
            if kind == b'E' {
                assert_eq!(self.next().await, None, "it is the last frame");
                return (rest[0] == 0, String::from_utf8(rest[1..].to_vec()).unwrap());
            }
        }
    }

    /// Reads what is drawn until this text is on the screen.
    pub(super) async fn until(&mut self, screen: &mut vt100::Parser, text: &str) {
        while !screen.screen().contents().contains(text) {
            let (kind, rest) = self.next().await.expect("it goes on");
            assert_eq!(kind, b'O', "{}", String::from_utf8_lossy(&rest));
            screen.process(&rest);
        }
    }
}

/// An emulator for [`Peer::until`].
pub(super) fn screen(columns: u16, lines: u16) -> vt100::Parser {
    let size = |cells| std::num::NonZeroU16::new(cells).unwrap();
    vt100::Parser::new(size(lines), size(columns), 0)
}
