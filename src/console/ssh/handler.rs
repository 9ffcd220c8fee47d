//! What a peer may ask for: to log in with a key, then one dashboard on one terminal. Everything else is refused in so
//! many words, so that no client waits for an answer.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use russh::{
    Channel, ChannelId, ChannelOpenFailure, ChannelWriteHalf, Pty,
    keys::PublicKey,
    server::{Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Session, VerifiedPublicKey},
};
use tokio::sync::{mpsc, oneshot, watch};

use super::authorized::{KeyFile, fingerprint};
use crate::{
    console::remote::{INPUT, Size, USUAL, clamped},
    operator::Actor,
};

/// What a client calls its terminal may be so long, in bytes.
const TERM: usize = 64;

/// A terminal as the client describes it.
pub(super) struct Screen {
    /// Its kind: `TERM`.
    pub(super) term: String,
    /// Its size, and every later one.
    pub(super) sizes: watch::Receiver<Size>,
}

/// An operator has logged in and wants to see something.
pub(super) struct Begin {
    pub(super) actor: Actor,
    /// Where bytes to the client go.
    pub(super) out: ChannelWriteHalf<Msg>,
    /// What the client types; ends with the connection.
    pub(super) input: mpsc::Receiver<Bytes>,
    /// None: the client has no terminal.
    pub(super) screen: Option<Screen>,
}

/// Keys that were offered in vain; for the log.
pub(super) type Refused = Arc<Mutex<Vec<String>>>;

/// One connection's side of the protocol.
pub(super) struct Visitor {
    keys: KeyFile,
    refused: Refused,
    actor: Option<Actor>,
    /// The one channel, until the dashboard begins.
    channel: Option<ChannelWriteHalf<Msg>>,
    id: Option<ChannelId>,
    screen: Option<Screen>,
    sizes: Option<watch::Sender<Size>>,
    input: Option<mpsc::Sender<Bytes>>,
    begin: Option<oneshot::Sender<Begin>>,
}

impl Visitor {
    pub(super) fn new(keys: KeyFile, refused: Refused, begin: oneshot::Sender<Begin>) -> Self {
        Self {
            keys,
            refused,
            actor: None,
            channel: None,
            id: None,
            screen: None,
            sizes: None,
            input: None,
            begin: Some(begin),
        }
    }

    async fn known(&self, key: &PublicKey) -> Option<Actor> {
        let found = self.keys.find(key).await;
        if found.is_none() {
            self.refused.lock().push(fingerprint(key));
        }
        found
    }
}

impl Handler for Visitor {
    type Error = russh::Error;

    async fn auth_publickey_offered(&mut self, _: &str, offer: PublicKeyOffer<'_>) -> Result<Auth, Self::Error> {
        Ok(if self.known(offer.public_key).await.is_some() { Auth::Accept } else { Auth::reject() })
    }

    /// The signature is good; the file is read again, for it may have changed since the offer.
    async fn auth_publickey(&mut self, _: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        self.actor = self.known(key.public_key).await;
        Ok(if self.actor.is_some() { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        if self.id.is_some() {
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        }
        self.id = Some(channel.id());
        // What arrives comes through the callbacks below.
        self.channel = Some(channel.split().1);
        reply.accept().await;
        Ok(())
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        term: &str,
        columns: u32,
        lines: u32,
        _: u32,
        _: u32,
        _: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        if self.screen.is_some() || self.begin.is_none() || term.len() > TERM {
            return session.channel_failure(channel);
        }
        let (sizes, seen) = watch::channel(clamped(columns, lines).unwrap_or(USUAL));
        self.sizes = Some(sizes);
        self.screen = Some(Screen { term: term.to_owned(), sizes: seen });
        session.channel_success(channel)
    }

    async fn window_change_request(
        &mut self,
        channel: ChannelId,
        columns: u32,
        lines: u32,
        _: u32,
        _: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        match (&self.sizes, clamped(columns, lines)) {
            (Some(sizes), Some(size)) => {
                sizes.send_if_modified(|now| std::mem::replace(now, size) != size);
                session.channel_success(channel)
            }
            _ => session.channel_failure(channel),
        }
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        let (Some(actor), Some(out), Some(begin)) = (self.actor.clone(), self.channel.take(), self.begin.take()) else {
            return session.channel_failure(channel);
        };
        session.channel_success(channel)?;
        let (typed, input) = mpsc::channel(INPUT);
        self.input = Some(typed);
        // If nobody is there any more, the connection is about to be cut.
        let _ = begin.send(Begin { actor, out, input, screen: self.screen.take() });
        Ok(())
    }

    async fn data(&mut self, _: ChannelId, data: &[u8], _: &mut Session) -> Result<(), Self::Error> {
        if let Some(input) = &self.input {
            // After the end of the dashboard nobody listens.
            let _ = input.send(Bytes::copy_from_slice(data)).await;
        }
        Ok(())
    }

    /// The client will type nothing more, or has closed its window.
    async fn channel_eof(&mut self, _: ChannelId, _: &mut Session) -> Result<(), Self::Error> {
        self.input = None;
        Ok(())
    }

    async fn channel_close(&mut self, _: ChannelId, _: &mut Session) -> Result<(), Self::Error> {
        self.input = None;
        Ok(())
    }

    async fn exec_request(&mut self, channel: ChannelId, _: &[u8], session: &mut Session) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        _: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }

    async fn env_request(
        &mut self,
        channel: ChannelId,
        _: &str,
        _: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }

    async fn x11_request(
        &mut self,
        channel: ChannelId,
        _: bool,
        _: &str,
        _: &str,
        _: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }

    /// Russh tells the client.
    async fn agent_request(&mut self, _: ChannelId, _: &mut Session) -> Result<bool, Self::Error> {
        Ok(false)
    }
}
