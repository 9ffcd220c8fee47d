//! Tasks: start, status, result, cancel, list.

mod cancel;
mod list;
mod once;
mod result;
mod start;
mod status;
mod view;

pub(super) use cancel::{__path_cancel_task, cancel_task};
pub(super) use list::{__path_list_current_tasks, list_current_tasks};
pub(super) use once::Turns;
pub(super) use result::{__path_get_task_result, get_task_result};
pub(super) use start::{__path_start_task, start_task};
pub(super) use status::{__path_get_task_status, get_task_status};
use view::TaskStatus;
pub(super) use view::details;
