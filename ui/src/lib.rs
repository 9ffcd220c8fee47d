//! The operator console as a pure program: state, update, view. No I/O, no clock, no knowledge of the server.
//!
//! ```text
//! host  -- Snapshot -->  Screen (view)  --> any ratatui backend
//! host  -- Event    -->  State::update  --> Commands, which the host executes and answers with further Events
//! ```
//!
//! What a host does: it starts with [`State::new`] and the screen of the tasks; sends every key, paste and resize as an
//! [`Event`]; executes what comes back; fills the snapshot of the screen that is looked at ([`Command::Look`]) as its
//! queries say, and follows with [`Event::Refreshed`]; samples exactly what [`State::wants_samples`],
//! [`State::wants_gpus`] and [`State::wants_queues`] ask for; sends [`Event::Tick`] before it draws, and draws when
//! something has come or [`State::next_change`] is over. A role is checked by the host as well: keys that a viewer does
//! not have are a courtesy, not a lock.
//!
//! - [`snapshot`]: what there is to show, as plain values. The host fills it; at most one page of tasks is in it.
//! - [`command`]: what the host is asked to do.
//! - [`action`]: what an operator can change, in words.
//! - [`state`]: what one operator's view remembers: screen, highlights, selection, popup. One per session.
//! - [`update`]: an event changes the state and yields commands.
//! - [`view`]: state and snapshot become cells. It changes nothing.
//! - [`keymap`]: the one table behind dispatch, footer and [`help`].
//! - [`table`]: the engine of every list: highlight that follows its row, selection across pages.
//! - [`order`]: by what lists can be sorted.
//! - [`filter`]: the text after `/`.
//! - [`theme`]: colours and glyphs for rich and for poor terminals.
//! - [`clock`], [`text`]: times and numbers as people read them; text from outside made harmless.

pub mod action;
pub mod clock;
pub mod command;
pub mod filter;
pub mod help;
pub mod keymap;
pub mod layout;
pub mod order;
pub mod snapshot;
pub mod state;
pub mod table;
pub mod text;
pub mod theme;
pub mod update;
pub mod view;

pub use action::{Action, Target};
pub use command::{AuditQuery, Command, Gathered, Go, HistoryQuery, LogFrom, LogQuery, Query};
pub use filter::Filter;
pub use snapshot::{Role, Row, ScreenKind, Snapshot, Tab, TaskId, TaskState};
pub use state::State;
pub use theme::Look;
pub use update::{Answer, Event};
pub use view::Screen;
