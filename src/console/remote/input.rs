//! What an operator types at a distant terminal, as the events that the console understands.
//!
//! Bytes go through a parser that keeps its place: a key's sequence may come in pieces, a paste in many. Escape alone
//! is known by the silence after it. Resizes are reported when they have settled.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures::{Stream, stream};
use termina::{Parser, event};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use super::Size;

/// An escape that nothing follows for so long is the key.
const ESCAPE: Duration = Duration::from_millis(50);
/// A window that is being dragged reports many sizes.
const SETTLED: Duration = Duration::from_millis(50);
/// A paste, or a sequence that does not end, may be so long.
pub(super) const LONGEST: usize = 64 << 10;
/// Parsed in one go.
const PIECE: usize = 1 << 10;

/// Events from bytes and sizes. Ends when `bytes` does, and `gone` is true then. `door` is the word for the log.
///
/// A size that is reported again, unchanged, becomes [`Event::FocusGained`]: the terminal showed something else
/// meanwhile, and wants everything drawn anew.
pub(super) fn events(
    bytes: mpsc::Receiver<Bytes>,
    sizes: watch::Receiver<Size>,
    door: &'static str,
    gone: Arc<AtomicBool>,
) -> impl Stream<Item = io::Result<Event>> + Unpin + Send {
    let (parser, unread, size) = (Parser::default(), Bytes::new(), *sizes.borrow());
    let typing = Typing { bytes, sizes, size, door, gone, parser, unread, long: 0, escape: None, resize: None };
    Box::pin(stream::unfold(typing, |mut typing| async move { typing.next().await.map(|event| (event, typing)) }))
}

struct Typing {
    bytes: mpsc::Receiver<Bytes>,
    sizes: watch::Receiver<Size>,
    /// As it was last reported.
    size: Size,
    door: &'static str,
    gone: Arc<AtomicBool>,
    parser: Parser,
    /// Received and not parsed yet.
    unread: Bytes,
    /// Bytes parsed since the last event.
    long: usize,
    /// The last byte was an escape: it is a key if nothing comes until then.
    escape: Option<Instant>,
    /// The size has changed: reported then.
    resize: Option<Instant>,
}

impl Typing {
    async fn next(&mut self) -> Option<io::Result<Event>> {
        loop {
            if let Some(event) = self.parser.pop() {
                self.long = 0;
                match understood(event) {
                    Some(event) => return Some(Ok(event)),
                    None => continue,
                }
            }
            if !self.unread.is_empty() {
                if self.long > LONGEST {
                    let door = self.door;
                    tracing::warn!(
                        LONGEST,
                        "{door}: a paste that is too long, or bytes that are no key, end a session"
                    );
                    self.gone.store(true, Ordering::Relaxed);
                    return Some(Err(io::ErrorKind::InvalidData.into()));
                }
                self.parse();
                // Whoever types megabytes takes turns with everybody else.
                tokio::task::consume_budget().await;
                continue;
            }
            tokio::select! {
                received = self.bytes.recv() => {
                    let Some(received) = received else {
                        self.gone.store(true, Ordering::Relaxed);
                        return None;
                    };
                    self.unread = received;
                    self.escape = None;
                }
                () = at(self.escape) => {
                    self.escape = None;
                    self.parser.parse(&[], false);
                }
                // Its sender lives as long as that of the bytes.
                Ok(()) = self.sizes.changed() => {
                    self.resize.get_or_insert_with(|| Instant::now() + SETTLED);
                }
                () = at(self.resize) => {
                    self.resize = None;
                    let size = *self.sizes.borrow_and_update();
                    let before = std::mem::replace(&mut self.size, size);
                    return Some(Ok(if size == before { Event::FocusGained } else { Event::Resize(size.0, size.1) }));
                }
            }
        }
    }

    fn parse(&mut self) {
        let piece = self.unread.split_to(self.unread.len().min(PIECE));
        self.long += piece.len();
        self.parser.parse(&piece, true);
        if self.unread.is_empty() && piece.last() == Some(&0x1b) {
            self.escape = Some(Instant::now() + ESCAPE);
        }
    }
}

/// Then, or never.
async fn at(then: Option<Instant>) {
    match then {
        Some(then) => sleep_until(then).await,
        None => std::future::pending().await,
    }
}

/// Keys and pastes; whatever else a terminal says is not for the console.
fn understood(event: termina::Event) -> Option<Event> {
    match event {
        termina::Event::Key(key) if key.kind != event::KeyEventKind::Release => key_event(key).map(Event::Key),
        termina::Event::Paste(text) => Some(Event::Paste(text)),
        _ => None,
    }
}

fn key_event(key: event::KeyEvent) -> Option<KeyEvent> {
    let code = match key.code {
        event::KeyCode::Char(c) => KeyCode::Char(c),
        event::KeyCode::Enter => KeyCode::Enter,
        event::KeyCode::Backspace => KeyCode::Backspace,
        event::KeyCode::Tab => KeyCode::Tab,
        event::KeyCode::BackTab => KeyCode::BackTab,
        event::KeyCode::Escape => KeyCode::Esc,
        event::KeyCode::Left => KeyCode::Left,
        event::KeyCode::Right => KeyCode::Right,
        event::KeyCode::Up => KeyCode::Up,
        event::KeyCode::Down => KeyCode::Down,
        event::KeyCode::Home => KeyCode::Home,
        event::KeyCode::End => KeyCode::End,
        event::KeyCode::PageUp => KeyCode::PageUp,
        event::KeyCode::PageDown => KeyCode::PageDown,
        event::KeyCode::Insert => KeyCode::Insert,
        event::KeyCode::Delete => KeyCode::Delete,
        event::KeyCode::Function(n) => KeyCode::F(n),
        _ => return None,
    };
    let modifiers = [
        (event::Modifiers::SHIFT, KeyModifiers::SHIFT),
        (event::Modifiers::CONTROL, KeyModifiers::CONTROL),
        (event::Modifiers::ALT, KeyModifiers::ALT),
        (event::Modifiers::SUPER, KeyModifiers::SUPER),
        (event::Modifiers::HYPER, KeyModifiers::HYPER),
        (event::Modifiers::META, KeyModifiers::META),
    ];
    let held = modifiers.into_iter().filter(|(theirs, _)| key.modifiers.contains(*theirs));
    Some(KeyEvent::new(code, held.fold(KeyModifiers::NONE, |all, (_, ours)| all | ours)))
}

#[cfg(test)]
#[path = "input/tests.rs"]
mod tests;
