//! A terminal whose size is what its owner says. Ratatui would ask the terminal for its size and for the cursor's
//! place: an answer that a distant terminal gives late or never, and that for a distant terminal would be this
//! process's own.

use ratatui::{
    backend::{Backend, ClearType, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};

/// `inner` with a known size.
pub(super) struct Surface<B> {
    pub(super) inner: B,
    pub(super) size: Size,
    cursor_hidden: bool,
}

impl<B> Surface<B> {
    pub(super) const fn new(inner: B, size: Size) -> Self {
        Self { inner, size, cursor_hidden: false }
    }
}

impl<B: Backend> Backend for Surface<B> {
    type Error = B::Error;

    /// A frame in which nothing changed writes nothing, not even colours.
    fn draw<'a, I>(&mut self, content: I) -> Result<(), Self::Error>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() { Ok(()) } else { self.inner.draw(content) }
    }

    fn append_lines(&mut self, n: u16) -> Result<(), Self::Error> {
        self.inner.append_lines(n)
    }

    /// Asked for with every frame.
    fn hide_cursor(&mut self) -> Result<(), Self::Error> {
        if std::mem::replace(&mut self.cursor_hidden, true) { Ok(()) } else { self.inner.hide_cursor() }
    }

    fn show_cursor(&mut self) -> Result<(), Self::Error> {
        self.cursor_hidden = false;
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> Result<Position, Self::Error> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Self::Error> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> Result<(), Self::Error> {
        self.inner.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> Result<(), Self::Error> {
        self.inner.clear_region(clear_type)
    }

    fn size(&self) -> Result<Size, Self::Error> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Self::Error> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::default() })
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.inner.flush()
    }
}
