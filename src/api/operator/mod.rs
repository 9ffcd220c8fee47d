//! `/operator/`: what the console shows and does, for programs.
//!
//! Reading is for viewers and operators; what changes something goes through the desk, which lets operators do it and
//! keeps the audit log of it. Uids appear as tags only. Every POST is JSON and says so in its Content-Type, which no form
//! of another site can, so that besides the check of Host and Origin there is a second lock.

mod act;
mod audit;
mod bench;
mod body;
mod bulk;
mod figures;
mod history;
mod list;
mod queues;
mod show;
mod view;
mod workers;

use utoipa_axum::{router::OpenApiRouter, routes};

use super::state::App;

/// Rows on a page when nothing is said, and at most.
const LIMIT: (usize, usize) = (50, 200);

/// The endpoints with their description.
pub(super) fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::tasks))
        .routes(routes!(show::task))
        .routes(routes!(act::cancel))
        .routes(routes!(act::requeue))
        .routes(routes!(act::delete))
        .routes(routes!(act::priority))
        .routes(routes!(bulk::cancel_many))
        .routes(routes!(bulk::requeue_many))
        .routes(routes!(bulk::delete_many))
        .routes(routes!(bulk::priority_many))
        .routes(routes!(queues::pause))
        .routes(routes!(queues::resume))
        .routes(routes!(workers::workers))
        .routes(routes!(workers::drain))
        .routes(routes!(workers::undrain))
        .routes(routes!(history::run_history, bench::record))
        .routes(routes!(audit::audit))
}
