//! `GET /operator/tasks`.

use std::{collections::BTreeMap, time::Duration};

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{LIMIT, view::OperatorTask};
use crate::{
    api::{
        auth::Viewer,
        error::{ApiError, ApiResult, ErrorBody},
        params::{Params, Query},
        state::App,
    },
    store::{Counts, ListFilter, ListOrder, StateFilter},
    task::{Status, Timestamp},
    text::sanitise,
};

const STATES: [(&str, StateFilter); 9] = [
    ("all", StateFilter::All),
    ("queued", StateFilter::One(Status::Queued)),
    ("started", StateFilter::One(Status::Started)),
    ("success", StateFilter::One(Status::Success)),
    ("completed", StateFilter::One(Status::Completed)),
    ("failure", StateFilter::One(Status::Failure)),
    ("revoked", StateFilter::One(Status::Revoked)),
    ("finished", StateFilter::Finished),
    ("ended", StateFilter::Terminal),
];

const ORDERS: [(&str, ListOrder); 5] = [
    ("life", ListOrder::Life),
    ("created", ListOrder::Created),
    ("position", ListOrder::Position),
    ("started", ListOrder::Started),
    ("finished", ListOrder::Finished),
];

const NAMES: [&str; 9] = ["state", "use_case", "uid", "worker", "id", "age", "order", "cursor", "limit"];

/// One page of tasks.
#[derive(Serialize, ToSchema)]
pub(super) struct TaskPage {
    tasks: Vec<OperatorTask>,
    /// Give it back with the same filters to go on behind the last task; null at the end.
    cursor: Option<String>,
    /// Records looked at for filters without an index: a page may be short and still have a cursor.
    scanned: u64,
    /// Of all tasks, whatever the filters.
    counts: TaskCounts,
    /// Waiting tasks of each use case that has any.
    waiting: BTreeMap<String, u64>,
    /// Use cases of which nothing is claimed now.
    paused: Vec<String>,
}

/// Number of tasks in each state.
#[derive(Serialize, ToSchema)]
pub(super) struct TaskCounts {
    queued: u64,
    started: u64,
    success: u64,
    completed: u64,
    failure: u64,
    revoked: u64,
    total: u64,
}

impl From<Counts> for TaskCounts {
    fn from(counts: Counts) -> Self {
        let Counts { queued, started, success, completed, failure, revoked } = counts;
        Self { queued, started, success, completed, failure, revoked, total: counts.total() }
    }
}

/// Tasks of everybody, by pages.
#[utoipa::path(get, path = "/operator/tasks", tag = "operators",
    params(
        ("state" = Option<String>, Query, description = "all, queued, started, success, completed, failure, revoked, \
            finished (success and completed), ended (whatever has ended)",
            pattern = "^(all|queued|started|success|completed|failure|revoked|finished|ended)?$"),
        ("use_case" = Option<String>, Query, description = "Of this use case"),
        ("uid" = Option<String>, Query, description = "The uid's tag begins with this: hex digits, at most 8",
            pattern = "^[0-9A-Fa-f]{0,8}$"),
        ("worker" = Option<String>, Query, description = "The worker's name contains this"),
        ("id" = Option<String>, Query, description = "The task's id begins with this"),
        ("age" = Option<String>, Query, description = "Enqueued longer ago (>5m) or not so long ago (<2h); s, m, h, d; \
            up to five digits", pattern = "^([<>]?[0-9]{1,5}[smhd])?$"),
        ("order" = Option<String>, Query, description = "life (queued by position, started, ended), created, position, \
            started, finished", pattern = "^(life|created|position|started|finished)?$"),
        ("cursor" = Option<String>, Query, description = "Of the page before"),
        ("limit" = Option<u16>, Query, description = "Tasks on the page", minimum = 1, maximum = 200)),
    responses(
        (status = 200, description = "The page", body = TaskPage),
        (status = 403, description = "forbidden: for viewers and operators", body = ErrorBody),
        (status = 422, description = "invalid_parameter", body = ErrorBody)))]
pub(in crate::api) async fn tasks(
    State(app): State<App>,
    _: Viewer,
    Query(params): Query,
) -> ApiResult<Json<TaskPage>> {
    params.only(&NAMES)?;
    let order = params.word("order", &ORDERS)?.unwrap_or_default();
    let filter = filter(&params, app.clock.now())?;
    let cursor = params.some("cursor").map(str::to_owned);
    let page = app.store.list(order, filter, cursor, params.limit(LIMIT.0, LIMIT.1)?).await?;
    let mut tasks = Vec::with_capacity(page.tasks.len());
    for task in page.tasks {
        tasks.push(OperatorTask::of(&app, task).await?);
    }
    Ok(Json(TaskPage {
        tasks,
        cursor: page.cursor,
        scanned: page.scanned,
        counts: app.store.counts().await?.into(),
        waiting: app.store.waiting().await?,
        paused: app.store.paused().await?,
    }))
}

fn filter(params: &Params, now: Timestamp) -> ApiResult<ListFilter> {
    let text = |name: &str| params.some(name).map(str::to_owned);
    let uid_tag = text("uid");
    if uid_tag.as_deref().is_some_and(|tag| tag.len() > 8 || !tag.bytes().all(|c| c.is_ascii_hexdigit())) {
        // Not repeated in the answer: it may be a uid.
        return Err(ApiError::parameter("`uid` is a uid's tag or its beginning: hex digits, at most 8; never the uid"));
    }
    let mut filter = ListFilter {
        state: params.word("state", &STATES)?.unwrap_or_default(),
        uid_tag: uid_tag.map(|tag| tag.to_ascii_lowercase()),
        use_case: text("use_case"),
        id_prefix: text("id"),
        worker: text("worker"),
        ..ListFilter::default()
    };
    if let Some(text) = params.some("age") {
        let wrong =
            || ApiError::parameter(format!("`age` is like >5m or <2h (s, m, h, d), not \"{}\"", sanitise(text, 40)));
        let (younger, rest) = text.strip_prefix('<').map_or((false, text), |rest| (true, rest));
        let age = duration(rest.strip_prefix('>').unwrap_or(rest)).ok_or_else(wrong)?;
        let millis = i64::try_from(age.as_millis()).map_err(|_| wrong())?;
        let then = Timestamp::from_millis(now.millis().saturating_sub(millis));
        *if younger { &mut filter.created_since } else { &mut filter.created_before } = Some(then);
    }
    Ok(filter)
}

/// `90s`, `5m`, `2h`, `7d`: up to five digits and a unit, so at most 274 years.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let digits = text.get(..text.len() - 1)?;
    let short = (1..=5).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    let count: u64 = short.then(|| digits.parse().ok())??;
    Some(Duration::from_secs(count * unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(query: &str) -> ApiResult<ListFilter> {
        filter(&Params::from_query(&format!("/x?{query}").parse().unwrap()).unwrap(), Timestamp::from_millis(1_000_000))
    }

    #[test]
    fn an_age_is_a_bound_on_the_time_of_submission() {
        let old = filtered("age=%3E5m").unwrap();
        assert_eq!((old.created_before, old.created_since), (Some(Timestamp::from_millis(700_000)), None));
        assert_eq!(filtered("age=5m").unwrap().created_before, old.created_before);
        let young = filtered("age=%3C10s").unwrap();
        assert_eq!((young.created_before, young.created_since), (None, Some(Timestamp::from_millis(990_000))));
        for bad in
            ["5", "m", "%3E", "5w", "-5m", "1.5h", "%3E%3C5m", "99999999999999999999d", "99999999999d", "5%C3%A9"]
        {
            assert!(filtered(&format!("age={bad}")).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_uid_in_place_of_its_tag_is_refused_without_repeating_it() {
        assert_eq!(filtered("uid=3FA").unwrap().uid_tag.as_deref(), Some("3fa"));
        for bad in ["936da01f-9abd-4d9d-80c7-02af85c822a8", "123456789", "xyz"] {
            let error = filtered(&format!("uid={bad}")).unwrap_err();
            assert!(!error.body("id").detail.contains(bad), "{bad}");
        }
    }
}
