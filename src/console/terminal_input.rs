//! What comes from this process's own terminal: keys, pasted text, and its size.
//!
//! Crossterm forgets a change of size that arrives together with a key (it returns the key, and its wake-up for the
//! signal is gone), until the size changes again. So the signal is listened to here as well; a size told twice changes
//! nothing.

use std::{future::ready, io};

use crossterm::{
    event::{Event, EventStream},
    terminal,
};
use futures::{Stream, StreamExt as _, stream};
use tokio::signal::unix::{SignalKind, signal};

/// Events until the terminal goes away. Must be called on a tokio runtime, in raw mode.
///
/// # Errors
/// When the signal cannot be listened to.
pub(super) fn terminal_input() -> io::Result<impl Stream<Item = io::Result<Event>> + Unpin> {
    let changes = signal(SignalKind::window_change())?;
    let sizes = stream::unfold(changes, |mut changes| async move {
        changes.recv().await?;
        Some((terminal::size().map(|(columns, lines)| Event::Resize(columns, lines)), changes))
    });
    let keys = EventStream::new().map(Some).chain(stream::once(ready(None)));
    let until_gone = stream::select(keys, sizes.map(Some)).take_while(|event| ready(event.is_some()));
    Ok(Box::pin(until_gone.filter_map(ready)))
}
