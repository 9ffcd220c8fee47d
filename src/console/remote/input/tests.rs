use futures::{FutureExt as _, StreamExt as _};

use super::*;

struct Keyboard {
    bytes: mpsc::Sender<Bytes>,
    sizes: watch::Sender<Size>,
    events: Box<dyn Stream<Item = io::Result<Event>> + Unpin + Send>,
}

impl Keyboard {
    fn new() -> Self {
        let ((bytes, received), (sizes, seen)) = (mpsc::channel(64), watch::channel((80, 24)));
        Self { bytes, sizes, events: Box::new(events(received, seen, "test", Arc::default())) }
    }

    fn send(&self, bytes: impl AsRef<[u8]>) {
        self.bytes.try_send(Bytes::copy_from_slice(bytes.as_ref())).unwrap();
    }

    async fn event(&mut self) -> Event {
        self.events.next().await.unwrap().unwrap()
    }

    async fn key(&mut self) -> (KeyCode, KeyModifiers) {
        match self.event().await {
            Event::Key(key) => (key.code, key.modifiers),
            other => panic!("not a key: {other:?}"),
        }
    }

    fn nothing(&mut self) -> bool {
        self.events.next().now_or_never().is_none()
    }
}

#[tokio::test(start_paused = true)]
async fn keys_are_understood_however_their_bytes_are_cut() {
    let (none, control, shift) = (KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::SHIFT);
    let keys = [
        ("j", (KeyCode::Char('j'), none)),
        ("C", (KeyCode::Char('C'), shift)),
        ("é", (KeyCode::Char('é'), none)),
        ("日", (KeyCode::Char('日'), none)),
        ("\x03", (KeyCode::Char('c'), control)),
        ("\r", (KeyCode::Enter, none)),
        ("\t", (KeyCode::Tab, none)),
        ("\x7f", (KeyCode::Backspace, none)),
        ("\x1b[A", (KeyCode::Up, none)),
        ("\x1bOB", (KeyCode::Down, none)),
        ("\x1b[1;5C", (KeyCode::Right, control)),
        ("\x1b[D", (KeyCode::Left, none)),
        ("\x1b[H", (KeyCode::Home, none)),
        ("\x1b[F", (KeyCode::End, none)),
        ("\x1b[1~", (KeyCode::Home, none)),
        ("\x1b[4~", (KeyCode::End, none)),
        ("\x1b[5~", (KeyCode::PageUp, none)),
        ("\x1b[6~", (KeyCode::PageDown, none)),
        ("\x1b[3~", (KeyCode::Delete, none)),
        ("\x1b[Z", (KeyCode::BackTab, shift)),
        ("\x1bx", (KeyCode::Char('x'), KeyModifiers::ALT)),
        ("\x1bOP", (KeyCode::F(1), none)),
    ];
    let mut keyboard = Keyboard::new();
    for (bytes, expected) in keys {
        keyboard.send(bytes);
        assert_eq!(keyboard.key().await, expected, "{bytes:?}");
        for byte in bytes.as_bytes() {
            keyboard.send([*byte]);
        }
        assert_eq!(keyboard.key().await, expected, "{bytes:?} byte by byte");
    }
    let all: String = keys.iter().map(|(bytes, _)| *bytes).collect();
    keyboard.send(&all);
    for (bytes, expected) in keys {
        assert_eq!(keyboard.key().await, expected, "{bytes:?} among all");
    }
    assert!(keyboard.nothing());
}

#[tokio::test(start_paused = true)]
async fn escape_alone_is_a_key_after_a_silence_and_no_sooner() {
    let mut keyboard = Keyboard::new();
    let began = Instant::now();
    keyboard.send("\x1b");
    assert!(keyboard.nothing());
    assert_eq!(keyboard.key().await.0, KeyCode::Esc);
    assert!(began.elapsed() >= ESCAPE);
    // The silence before it was none for the sequence after it.
    keyboard.send("\x1b");
    assert!(keyboard.nothing());
    tokio::time::advance(ESCAPE / 2).await;
    keyboard.send("[A");
    assert_eq!(keyboard.key().await.0, KeyCode::Up);
    tokio::time::advance(ESCAPE * 2).await;
    assert!(keyboard.nothing());
}

#[tokio::test(start_paused = true)]
async fn a_paste_is_one_event_and_none_of_its_text_is_a_key() {
    let mut keyboard = Keyboard::new();
    let text = "Cy\x1b[Aq\u{3}".repeat(1_000);
    for piece in format!("\x1b[200~{text}\x1b[201~j").as_bytes().chunks(700) {
        keyboard.send(piece);
    }
    assert_eq!(keyboard.event().await, Event::Paste(text));
    assert_eq!(keyboard.key().await.0, KeyCode::Char('j'));
}

#[tokio::test(start_paused = true)]
async fn what_never_becomes_an_event_ends_the_session_instead_of_filling_memory() {
    for endless in ["\x1b[200~", "\x1b]11;", "\x1bP", "\x1b[1;"] {
        let mut keyboard = Keyboard::new();
        keyboard.send(endless);
        for _ in 0..=(LONGEST >> 12) + 1 {
            keyboard.send([b'1'; 4_096]);
        }
        let error = keyboard.events.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{endless:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn hostile_bytes_are_no_keys_and_end_nothing() {
    let mut keyboard = Keyboard::new();
    keyboard.send(b"\xff\xfe\xc3\x28\x1b[999999999999~\x1b]junk\x07\x1b[<1;2M\x1b[200;;;u\x1b[6n");
    keyboard.send("\x1b[?1;2c\x1b[I\x1b[Oj");
    let mut last = keyboard.key().await.0;
    while last != KeyCode::Char('j') {
        last = keyboard.key().await.0;
    }
    drop(keyboard.bytes);
    assert!(keyboard.events.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn many_resizes_become_the_last_one() {
    let mut keyboard = Keyboard::new();
    assert!(keyboard.nothing(), "the first size is known");
    for n in 0..100 {
        keyboard.sizes.send_replace((100 + n, 30));
        assert!(keyboard.nothing());
    }
    assert_eq!(keyboard.event().await, Event::Resize(199, 30));
    assert!(keyboard.nothing());
    keyboard.sizes.send_replace((81, 25));
    assert_eq!(keyboard.event().await, Event::Resize(81, 25));
    keyboard.sizes.send_replace((81, 25));
    assert_eq!(keyboard.event().await, Event::FocusGained, "the same again: drawn anew");
}
