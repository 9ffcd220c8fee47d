//! What a distant terminal shows, whatever its connection is like.
//!
//! The session draws as if its terminal took everything at once. Here the changed cells are collected, a later change
//! of a cell in the place of an earlier one, and written when the peer has taken what went before: one frame is on its
//! way at a time, a slow client sees fewer frames and never old ones, and nobody waits for it.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    mem,
    sync::Arc,
};

use crossterm::{QueueableCommand as _, cursor, terminal};
use parking_lot::Mutex;
use ratatui::{
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::{Cell, CellWidth as _},
    layout::{Position, Size},
};
use tokio::sync::Notify;

/// No more bytes of control sequences (the clipboard) wait for a slow client.
const LONGEST_TEXT: usize = 64 << 10;

/// Where the session draws, and where its frames are taken from.
pub(super) fn pair() -> (Canvas, Frames) {
    let shared = Arc::new(Shared::default());
    (Canvas { frame: Frame::default(), shared: Arc::clone(&shared) }, Frames { shared, cursor: Cursor::Hidden })
}

#[derive(Default)]
struct Shared {
    ready: Mutex<Frame>,
    changed: Notify,
}

/// Changes of a screen that belong together.
#[derive(Default)]
struct Frame {
    /// Everything is wiped first.
    clear: bool,
    /// By line and column, in the order in which a terminal is best written to.
    cells: BTreeMap<(u16, u16), Cell>,
    cursor: Option<Cursor>,
    /// Control sequences, after the cells.
    text: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    Hidden,
    At(u16, u16),
}

impl Frame {
    /// Does to the waiting cells what a terminal would do to those it shows, for some of them it will never show: what
    /// a wide character covers is gone, and half of one that is written over is a blank.
    fn put(&mut self, x: u16, y: u16, cell: Cell) {
        let width = cell.cell_width();
        for covered in 1..width {
            self.cells.remove(&(y, x.saturating_add(covered)));
        }
        let before = self.cells.insert((y, x), cell).map_or(1, |before| before.cell_width());
        for uncovered in width.max(1)..before {
            self.cells.entry((y, x.saturating_add(uncovered))).or_default();
        }
        if let Some(left) = x.checked_sub(1).and_then(|left| self.cells.get_mut(&(y, left)))
            && left.cell_width() > 1
        {
            *left = Cell::default();
        }
    }

    /// This frame, and then `next`.
    fn merge(&mut self, next: Self) {
        if next.clear {
            self.clear = true;
            self.cells.clear();
        }
        for ((y, x), cell) in next.cells {
            self.put(x, y, cell);
        }
        self.cursor = next.cursor.or(self.cursor);
        if self.text.len() + next.text.len() <= LONGEST_TEXT {
            self.text.extend_from_slice(&next.text);
        }
    }
}

/// Ratatui's side. Never blocks, never fails.
pub(super) struct Canvas {
    frame: Frame,
    shared: Arc<Shared>,
}

impl Canvas {
    fn publish(&mut self) {
        self.shared.ready.lock().merge(mem::take(&mut self.frame));
        self.shared.changed.notify_one();
    }
}

impl Backend for Canvas {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        for (x, y, cell) in content {
            self.frame.put(x, y, cell.clone());
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.frame.cursor = Some(Cursor::Hidden);
        Ok(())
    }

    /// Ratatui then says where.
    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        self.frame.cursor = Some(Cursor::At(x, y));
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.frame.clear = true;
        self.frame.cells.clear();
        Ok(())
    }

    /// A dashboard fills its screen: only all of it is ever cleared.
    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        Backend::clear(self)
    }

    /// The size is the session's.
    fn size(&self) -> io::Result<Size> {
        Ok(Size::default())
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: Size::default(), pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.publish();
        Ok(())
    }
}

/// Control sequences between frames.
impl Write for Canvas {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.frame.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.publish();
        Ok(())
    }
}

/// The connection's side.
pub(super) struct Frames {
    shared: Arc<Shared>,
    /// As the terminal has it.
    cursor: Cursor,
}

impl Frames {
    /// What has to be written next, once there is something: all that has changed since the last call.
    pub(super) async fn next(&mut self) -> Vec<u8> {
        loop {
            self.shared.changed.notified().await;
            let frame = mem::take(&mut *self.shared.ready.lock());
            // Writing into memory cannot fail.
            let bytes = self.encode(&frame).unwrap_or_default();
            if !bytes.is_empty() {
                return bytes;
            }
        }
    }

    fn encode(&mut self, frame: &Frame) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if frame.clear {
            bytes.queue(terminal::Clear(terminal::ClearType::All))?;
        }
        if !frame.cells.is_empty() {
            CrosstermBackend::new(&mut bytes).draw(frame.cells.iter().map(|(&(y, x), cell)| (x, y, cell)))?;
        }
        let cursor = frame.cursor.unwrap_or(self.cursor);
        match cursor {
            Cursor::Hidden if self.cursor != Cursor::Hidden => drop(bytes.queue(cursor::Hide)?),
            // Drawing has moved it.
            Cursor::At(x, y) if self.cursor != cursor || !bytes.is_empty() => {
                bytes.queue(cursor::MoveTo(x, y))?.queue(cursor::Show)?;
            }
            _ => {}
        }
        self.cursor = cursor;
        bytes.extend_from_slice(&frame.text);
        Ok(bytes)
    }
}

#[cfg(test)]
#[path = "screen/tests.rs"]
mod tests;
