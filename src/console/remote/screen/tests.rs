use futures::FutureExt as _;
use ratatui::{Terminal, TerminalOptions, Viewport, layout::Rect, style::Style};

use super::*;

const AREA: Rect = Rect { x: 0, y: 0, width: 12, height: 3 };

struct Stage {
    terminal: Terminal<Canvas>,
    frames: Frames,
    screen: vt100::Parser,
}

impl Stage {
    fn new() -> Self {
        let (canvas, frames) = pair();
        let options = TerminalOptions { viewport: Viewport::Fixed(AREA) };
        let terminal = Terminal::with_options(canvas, options).unwrap();
        let size = |n| std::num::NonZeroU16::new(n).unwrap();
        Self { terminal, frames, screen: vt100::Parser::new(size(AREA.height), size(AREA.width), 0) }
    }

    fn draw(&mut self, lines: [&str; 3], cursor: Option<(u16, u16)>) {
        self.terminal
            .draw(|frame| {
                for (y, line) in (0..).zip(lines) {
                    frame.buffer_mut().set_string(0, y, line, Style::new());
                }
                if let Some(position) = cursor {
                    frame.set_cursor_position(position);
                }
            })
            .unwrap();
    }

    /// The peer takes what is ready; the bytes.
    fn take(&mut self) -> usize {
        let bytes = self.frames.next().now_or_never().unwrap_or_default();
        self.screen.process(&bytes);
        bytes.len()
    }

    fn shown(&self) -> [String; 3] {
        let mut rows = self.screen.screen().rows(0, AREA.width);
        std::array::from_fn(|_| rows.next().unwrap().trim_end().to_owned())
    }
}

#[test]
fn nothing_is_written_when_nothing_has_changed() {
    let mut stage = Stage::new();
    stage.draw(["one", "two", "three"], None);
    assert!(stage.take() > 0);
    for _ in 0..3 {
        stage.draw(["one", "two", "three"], None);
        assert_eq!(stage.take(), 0);
    }
    stage.draw(["one", "two", "thrEe"], None);
    assert!(stage.take() < 40, "one cell is a few bytes");
    assert_eq!(stage.shown(), ["one", "two", "thrEe"]);
}

#[test]
fn a_peer_that_was_away_gets_the_present_screen_and_no_frame_before_it() {
    let mut stage = Stage::new();
    stage.draw(["start", "", ""], None);
    stage.take();
    for n in 0..1_000 {
        stage.draw([&format!("frame {n}"), "", "end"], None);
    }
    let bytes = stage.take();
    assert_eq!(stage.shown(), ["frame 999", "", "end"]);
    assert!(bytes < 120, "{bytes} bytes");
}

#[test]
fn wide_characters_that_come_and_go_while_the_peer_is_away_leave_no_halves() {
    let frames = [
        ["abcdef", "xyz", ""],
        ["日本語", "xyz", ""],
        ["a日bc", "x日", ""],
        ["日abc", "", "日"],
        ["abcdef", "日z", ""],
    ];
    for skip in 1..frames.len() {
        let mut stage = Stage::new();
        for (n, lines) in frames.iter().cycle().take(40).enumerate() {
            stage.draw(*lines, None);
            if n % skip == 0 {
                stage.take();
                assert_eq!(stage.shown(), *lines, "frame {n}, every {skip}");
            }
        }
    }
}

#[test]
fn a_cleared_screen_is_drawn_anew_and_what_was_pending_is_forgotten() {
    let mut stage = Stage::new();
    stage.draw(["one", "two", "three"], None);
    stage.terminal.clear().unwrap();
    stage.draw(["", "", "new"], None);
    stage.take();
    assert_eq!(stage.shown(), ["", "", "new"]);
}

#[test]
fn the_cursor_is_shown_where_it_belongs_only_while_it_is_wanted() {
    let mut stage = Stage::new();
    stage.draw(["type:", "", ""], Some((5, 0)));
    stage.take();
    assert_eq!((stage.screen.screen().cursor_position(), stage.screen.screen().hide_cursor()), ((0, 5), false));
    stage.draw(["type:", "", "changed"], Some((5, 0)));
    stage.take();
    assert_eq!(stage.screen.screen().cursor_position(), (0, 5));
    stage.draw(["type:", "", "changed"], Some((5, 0)));
    assert_eq!(stage.take(), 0);
    stage.draw(["type:", "", "changed"], None);
    stage.take();
    assert!(stage.screen.screen().hide_cursor());
}

#[test]
fn what_waits_for_a_peer_that_never_reads_stays_bounded() {
    let mut stage = Stage::new();
    for n in 0..10_000 {
        stage.draw([&format!("{n}"), &format!("{}", n * 7), "x"], None);
        let canvas = stage.terminal.backend_mut();
        canvas.write_all(&[b'c'; 100]).and_then(|()| Write::flush(canvas)).unwrap();
    }
    let ready = stage.frames.shared.ready.lock();
    assert!(ready.cells.len() <= AREA.area() as usize && ready.text.len() <= LONGEST_TEXT);
}
