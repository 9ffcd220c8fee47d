//! A peer that asks for what OpenSSH's client would not.

use std::{num::NonZeroU16, path::Path, sync::Arc};

use russh::{
    Channel, ChannelMsg,
    client::{self, Handle, Msg},
    keys::{PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate},
};
use tokio::time::timeout;

use super::house::House;
use crate::support::wait::DEADLINE;

/// Trusts every server: it is the one under test.
struct Peer;

impl client::Handler for Peer {
    type Error = russh::Error;
    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

async fn log_in(house: &House, key: &Path) -> Handle<Peer> {
    let config = Arc::new(client::Config::default());
    let mut session = client::connect(config, house.door.address, Peer).await.unwrap();
    let key = Arc::new(PrivateKey::read_openssh_file(key).unwrap());
    let answer = session.authenticate_publickey("operator", PrivateKeyWithHashAlg::new(key, None)).await.unwrap();
    assert!(answer.success());
    session
}

async fn next(channel: &mut Channel<Msg>) -> ChannelMsg {
    loop {
        match timeout(DEADLINE, channel.wait()).await.expect("an answer").expect("the channel is open") {
            ChannelMsg::WindowAdjusted { .. } => {}
            message => return message,
        }
    }
}

/// Reads what is drawn until this text is on the screen.
async fn until(channel: &mut Channel<Msg>, screen: &mut vt100::Parser, text: &str) {
    while !screen.screen().contents().contains(text) {
        if let ChannelMsg::Data { data } = next(channel).await {
            screen.process(&data);
        }
    }
}

#[tokio::test]
async fn a_terminal_of_four_thousand_million_columns_is_drawn_within_reason() {
    let house = House::open().await;
    let session = log_in(&house, &house.door.key("alice", Some("operator"))).await;
    let mut channel = session.channel_open_session().await.unwrap();
    let size = |cells| NonZeroU16::new(cells).unwrap();
    let mut screen = vt100::Parser::new(size(200), size(500), 0);
    channel.request_pty(true, "xterm-256color", u32::MAX, u32::MAX, u32::MAX, u32::MAX, &[]).await.unwrap();
    assert!(matches!(next(&mut channel).await, ChannelMsg::Success));
    channel.request_shell(true).await.unwrap();
    assert!(matches!(next(&mut channel).await, ChannelMsg::Success));
    until(&mut channel, &mut screen, "no tasks yet").await;
    let rule = screen.screen().rows(0, 500).find(|row| row.contains("───")).expect("a line across");
    assert_eq!(rule.trim_end().chars().count(), 500);
    // Sizes of every kind, many at once.
    for (columns, lines) in [(u32::MAX, 1), (1, u32::MAX), (0, 0), (65_536, 65_536), (1, 1), (80, 24)] {
        channel.window_change(columns, lines, u32::MAX, 0).await.unwrap();
    }
    screen.screen_mut().set_size(size(24), size(80));
    channel.data(&b"?"[..]).await.unwrap();
    until(&mut channel, &mut screen, " Keys ").await;
    channel.data(&b"q"[..]).await.unwrap();
    channel.data(&b"q"[..]).await.unwrap();
    until(&mut channel, &mut screen, "Leave the dashboard?").await;
    channel.data(&b"l"[..]).await.unwrap();
    let status = loop {
        if let ChannelMsg::ExitStatus { exit_status } = next(&mut channel).await {
            break exit_status;
        }
    };
    assert_eq!(status, 0);
}

#[tokio::test]
async fn every_other_request_is_refused_in_so_many_words() {
    let house = House::open().await;
    let session = log_in(&house, &house.door.key("alice", Some("operator"))).await;
    let mut channel = session.channel_open_session().await.unwrap();
    channel.exec(true, "id").await.unwrap();
    assert!(matches!(next(&mut channel).await, ChannelMsg::Failure), "exec");
    channel.request_subsystem(true, "sftp").await.unwrap();
    assert!(matches!(next(&mut channel).await, ChannelMsg::Failure), "subsystem");
    channel.set_env(true, "LD_PRELOAD", "evil.so").await.unwrap();
    assert!(matches!(next(&mut channel).await, ChannelMsg::Failure), "env");
    channel.agent_forward(true).await.unwrap();
    assert!(matches!(next(&mut channel).await, ChannelMsg::Failure), "agent");
    channel.request_x11(true, false, "MIT-MAGIC-COOKIE-1", "00", 0).await.unwrap();
    assert!(matches!(next(&mut channel).await, ChannelMsg::Failure), "x11");
    channel.request_pty(true, &"x".repeat(10_000), 80, 24, 0, 0, &[]).await.unwrap();
    assert!(matches!(next(&mut channel).await, ChannelMsg::Failure), "a terminal's name of 10 kB");

    assert!(session.channel_open_session().await.is_err(), "a second session");
    assert!(session.channel_open_direct_tcpip("127.0.0.1", 22, "127.0.0.1", 1).await.is_err());
    assert!(session.channel_open_direct_streamlocal("/var/run/docker.sock").await.is_err());
    assert!(session.tcpip_forward("127.0.0.1", 0).await.is_err());
    assert!(session.streamlocal_forward("/tmp/socket").await.is_err());

    // After all that there is a dashboard.
    channel.request_pty(true, "xterm", 80, 24, 0, 0, &[]).await.unwrap();
    assert!(matches!(next(&mut channel).await, ChannelMsg::Success));
    channel.request_shell(true).await.unwrap();
    assert!(matches!(next(&mut channel).await, ChannelMsg::Success));
    let size = |cells| NonZeroU16::new(cells).unwrap();
    let mut screen = vt100::Parser::new(size(24), size(80), 0);
    until(&mut channel, &mut screen, "no tasks yet").await;
    // And only one.
    channel.request_shell(true).await.unwrap();
    loop {
        match next(&mut channel).await {
            ChannelMsg::Failure => break,
            ChannelMsg::Data { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn megabytes_of_nonsense_end_their_own_session_only() {
    let house = House::open().await;
    let key = house.door.key("alice", Some("operator"));
    let watching = house.door.ssh(&key, 80, 24);
    watching.screen.until("no tasks yet").await;
    let session = log_in(&house, &key).await;
    let channel = session.channel_open_session().await.unwrap();
    channel.request_pty(false, "xterm", 80, 24, 0, 0, &[]).await.unwrap();
    channel.request_shell(false).await.unwrap();
    let mut flood = b"\x1b[200~".to_vec();
    flood.resize(4 << 20, b'x');
    // It is cut off before the end of it.
    let ended = house.until_logged(&["ssh: session ended", "end=connection lost"], 1);
    tokio::select! {
        _ = ended => {}
        () = async {
            let _ = channel.data(&flood[..]).await;
            std::future::pending().await
        } => {}
    }
    watching.keys("?");
    watching.screen.until(" Keys ").await;
}
