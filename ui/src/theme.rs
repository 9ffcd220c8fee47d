//! Colours and glyphs. A state is always a word and a sign as well; a colour only helps to find it.

use ratatui::{
    style::{Color, Modifier, Style},
    symbols::border,
};

use crate::snapshot::TaskState;

/// How colourful the terminal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    /// 256 colours on a dark ground.
    #[default]
    Dark,
    /// 256 colours on a light ground.
    Light,
    /// The 16 colours that every terminal's owner has chosen for it.
    Basic,
    /// No colour at all (`NO_COLOR`).
    Mono,
}

impl Palette {
    /// The next one, for the key that tries them.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Basic,
            Self::Basic => Self::Mono,
            Self::Mono => Self::Dark,
        }
    }

    /// Its name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Basic => "16 colours",
            Self::Mono => "no colours",
        }
    }
}

/// Which signs the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charset {
    /// Box drawing, blocks, braille.
    #[default]
    Unicode,
    /// Only ASCII.
    Ascii,
}

/// Palette and signs of one terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Colours.
    pub palette: Palette,
    /// Signs.
    pub charset: Charset,
}

/// What a piece of text means; [`Look::style`] says how that looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Plain text.
    Text,
    /// Labels, borders, what is less important.
    Dim,
    /// Titles and numbers to be seen first.
    Strong,
    /// Keys, the present tab, the program's name.
    Accent,
    /// Well.
    Good,
    /// Look here.
    Warn,
    /// Bad.
    Bad,
    /// Ground of the highlighted row.
    Highlight,
    /// Ground of a popup's title, of the environment's badge.
    Badge,
}

impl Look {
    /// How an ink looks.
    pub fn style(self, ink: Ink) -> Style {
        match self.palette {
            Palette::Dark => ink.indexed([252, 243, 255, 110, 108, 179, 167, 236]),
            Palette::Light => ink.indexed([235, 245, 232, 25, 28, 130, 160, 254]),
            Palette::Basic => ink.basic(),
            Palette::Mono => ink.mono(),
        }
    }

    /// The sign of a state.
    pub const fn sign(self, state: TaskState) -> &'static str {
        match (self.charset, state) {
            (Charset::Unicode, TaskState::Queued) => "○",
            (Charset::Unicode, TaskState::Started) => "▸",
            (Charset::Unicode, TaskState::Success | TaskState::Completed) => "✓",
            (Charset::Unicode, TaskState::Failure) => "✗",
            (Charset::Unicode, TaskState::Revoked) => "–",
            (Charset::Ascii, TaskState::Queued) => ".",
            (Charset::Ascii, TaskState::Started) => ">",
            (Charset::Ascii, TaskState::Success | TaskState::Completed) => "+",
            (Charset::Ascii, TaskState::Failure) => "x",
            (Charset::Ascii, TaskState::Revoked) => "-",
        }
    }

    /// The ink of a state.
    pub const fn ink(self, state: TaskState) -> Ink {
        match state {
            TaskState::Queued => Ink::Text,
            TaskState::Started => Ink::Accent,
            TaskState::Success => Ink::Good,
            TaskState::Completed | TaskState::Revoked => Ink::Dim,
            TaskState::Failure => Ink::Bad,
        }
    }

    /// One of two signs, by what the terminal can show.
    pub const fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        match self.charset {
            Charset::Unicode => unicode,
            Charset::Ascii => ascii,
        }
    }

    /// Lines around a popup.
    pub const fn border(self) -> border::Set<'static> {
        const ASCII: border::Set<'static> = border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        };
        match self.charset {
            Charset::Unicode => border::ROUNDED,
            Charset::Ascii => ASCII,
        }
    }

    /// Text for a terminal that may know only ASCII: the few signs that sentences use are spelled out.
    pub fn plain(self, text: &str) -> String {
        match self.charset {
            Charset::Unicode => text.to_owned(),
            Charset::Ascii => text
                .chars()
                .map(|c| match c {
                    '…' => '~',
                    '·' | '–' => '-',
                    '≥' => '>',
                    c if c.is_ascii() => c,
                    _ => '?',
                })
                .collect(),
        }
    }
}

impl Ink {
    /// `[text, dim, strong, accent, good, warn, bad, highlight]` of the 256-colour cube.
    fn indexed(self, [text, dim, strong, accent, good, warn, bad, ground]: [u8; 8]) -> Style {
        let fg = |colour| Style::new().fg(Color::Indexed(colour));
        match self {
            Self::Text => fg(text),
            Self::Dim => fg(dim),
            Self::Strong => fg(strong).add_modifier(Modifier::BOLD),
            Self::Accent => fg(accent),
            Self::Good => fg(good),
            Self::Warn => fg(warn),
            Self::Bad => fg(bad),
            Self::Highlight => Style::new().bg(Color::Indexed(ground)),
            Self::Badge => fg(ground).bg(Color::Indexed(accent)).add_modifier(Modifier::BOLD),
        }
    }

    fn basic(self) -> Style {
        match self {
            Self::Text => Style::new(),
            Self::Dim => Style::new().add_modifier(Modifier::DIM),
            Self::Strong => Style::new().add_modifier(Modifier::BOLD),
            Self::Accent => Style::new().fg(Color::Cyan),
            Self::Good => Style::new().fg(Color::Green),
            Self::Warn => Style::new().fg(Color::Yellow),
            Self::Bad => Style::new().fg(Color::Red),
            Self::Highlight => Style::new().add_modifier(Modifier::REVERSED),
            Self::Badge => Style::new().fg(Color::Cyan).add_modifier(Modifier::REVERSED | Modifier::BOLD),
        }
    }

    fn mono(self) -> Style {
        match self {
            Self::Text | Self::Good => Style::new(),
            Self::Dim => Style::new().add_modifier(Modifier::DIM),
            Self::Strong | Self::Accent | Self::Warn => Style::new().add_modifier(Modifier::BOLD),
            Self::Bad => Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            Self::Highlight | Self::Badge => Style::new().add_modifier(Modifier::REVERSED),
        }
    }
}
