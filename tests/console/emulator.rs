//! A terminal emulator that tests wait on: whatever is written to it becomes a screen.

use std::{
    io,
    num::NonZeroU16,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use parking_lot::{Condvar, Mutex};

/// Nothing that a test waits for takes longer on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

/// The screen. Clones share it.
#[derive(Clone)]
pub(crate) struct Emulator {
    shared: Arc<(Mutex<vt100::Parser<Clipboard>>, Condvar)>,
    /// Written through this clone and not flushed yet.
    pending: Vec<u8>,
    /// Bytes written through all clones.
    written: Arc<AtomicU64>,
    /// Every frame since somebody wanted them.
    frames: Arc<Mutex<Option<Vec<String>>>>,
}

/// What was put into the clipboard (OSC 52).
#[derive(Default)]
struct Clipboard(Vec<u8>);

impl vt100::Callbacks for Clipboard {
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        self.0 = data.to_vec();
    }
}

impl Emulator {
    pub(crate) fn new(columns: u16, lines: u16) -> Self {
        let parser = vt100::Parser::new_with_callbacks(size(lines), size(columns), 0, Clipboard::default());
        let shared = Arc::new((Mutex::new(parser), Condvar::new()));
        Self { shared, pending: Vec::new(), written: Arc::default(), frames: Arc::default() }
    }

    /// Bytes written so far.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::SeqCst)
    }

    /// Every frame from now on is kept.
    pub(crate) fn keep_frames(&self) {
        *self.frames.lock() = Some(Vec::new());
    }

    /// The frames that were kept.
    pub(crate) fn frames(&self) -> Vec<String> {
        self.frames.lock().clone().unwrap_or_default()
    }

    pub(crate) fn resize(&self, columns: u16, lines: u16) {
        self.shared.0.lock().screen_mut().set_size(size(lines), size(columns));
    }

    /// Is the alternate screen shown?
    pub(crate) fn is_alternate(&self) -> bool {
        self.shared.0.lock().screen().alternate_screen()
    }

    /// Waits until the terminal is as it was before: main screen, cursor shown.
    pub(crate) async fn until_restored(&self) -> String {
        let emulator = self.clone();
        let restored = |screen: &vt100::Screen| !screen.alternate_screen() && !screen.hide_cursor();
        tokio::task::spawn_blocking(move || emulator.wait("the former screen", restored)).await.expect("it came")
    }

    /// What was put into the clipboard.
    pub(crate) fn clipboard(&self) -> String {
        let bytes = STANDARD.decode(&self.shared.0.lock().callbacks().0).expect("it is base64");
        String::from_utf8(bytes).expect("it is text")
    }

    /// Waits until the screen is as wanted; the screen then.
    pub(crate) fn wait(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) -> String {
        let (parser, written) = &*self.shared;
        let mut parser = parser.lock();
        let deadline = Instant::now() + DEADLINE;
        loop {
            let text = parser.screen().contents();
            if wanted(parser.screen()) {
                return text;
            }
            let late = written.wait_until(&mut parser, deadline).timed_out();
            assert!(!late, "{what} did not come:\n{text}");
        }
    }

    /// Waits for a text.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contents().contains(text))
    }

    /// The same, without blocking the runtime that draws.
    pub(crate) async fn until(&self, text: &str) -> String {
        let (emulator, text) = (self.clone(), text.to_owned());
        tokio::task::spawn_blocking(move || emulator.wait_for(&text)).await.expect("it came")
    }

    /// Waits until a text is gone.
    pub(crate) async fn until_gone(&self, text: &str) -> String {
        let (emulator, text) = (self.clone(), text.to_owned());
        let gone = move || emulator.wait(&format!("an end of {text}"), |screen| !screen.contents().contains(&text));
        tokio::task::spawn_blocking(gone).await.expect("it went")
    }
}

impl io::Write for Emulator {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        self.written.fetch_add(bytes.len() as u64, Ordering::SeqCst);
        Ok(bytes.len())
    }

    /// What has been written becomes visible at once, so that no test sees half a frame.
    fn flush(&mut self) -> io::Result<()> {
        let mut parser = self.shared.0.lock();
        parser.process(&self.pending);
        if let Some(frames) = &mut *self.frames.lock() {
            frames.push(parser.screen().contents());
        }
        drop(parser);
        self.pending.clear();
        self.shared.1.notify_all();
        Ok(())
    }
}

fn size(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).expect("a terminal has lines and columns")
}
