//! One page of a list: walk the order's lanes from the cursor, keep what passes the filter.

use rusqlite::{Connection, Rows, types::Value};

use super::{
    lanes::{LaneKey, decode, encode},
    row::{COLUMNS, Columns, Row},
};
use crate::{
    store::{
        ListFilter, ListOrder, Page, Result, StateFilter, StoreError,
        lanes::{self, Lane},
    },
    task::{Status, Uid},
};

/// Records looked at in one call, and the most that are sorted where a filter has an index but the order has not.
const SCAN: u64 = 10_000;
/// Tasks on one page.
const PAGE: usize = 200;

/// A list to take a page of.
pub(super) struct Query {
    pub(super) order: ListOrder,
    pub(super) filter: ListFilter,
    pub(super) cursor: Option<String>,
    pub(super) limit: usize,
}

/// A filter with an index of its own that leaves few enough records to sort them.
pub(super) struct Narrow {
    index: &'static str,
    condition: &'static str,
    values: Vec<Value>,
}

pub(super) fn page(conn: &Connection, query: &Query) -> Result<Page> {
    // One transaction: every statement sees the same commit.
    let _snapshot = conn.unchecked_transaction()?;
    let lanes = lanes::lanes(query.order, query.filter.state);
    let (first, mut behind) = match &query.cursor {
        Some(text) => decode(text, query.order, &lanes).map(|(lane, key)| (lane, Some(key)))?,
        None => (0, None),
    };
    let mut walk = Walk { page: Page { tasks: Vec::new(), cursor: None, scanned: 0 }, looked_at: 0, place: None };
    let mut filter = query.filter.clone();
    if !resolve_tag(conn, &mut filter)? {
        return Ok(walk.page);
    }
    let narrow = narrow(conn, &mut filter)?;
    let mut filtered = false;
    for &lane in lanes.iter().skip(first) {
        let tests = Tests { filter: &filter, state: (!lane.settles(filter.state)).then_some(filter.state) };
        filtered |= tests.any();
        let (sql, values) = statement(lane, narrow.as_ref(), behind.take());
        let mut statement = conn.prepare_cached(&sql)?;
        if walk.lane(query, lane, &tests, statement.query(rusqlite::params_from_iter(values))?)? {
            break;
        }
    }
    walk.page.scanned = if filtered { walk.looked_at } else { 0 };
    Ok(walk.page)
}

/// A page in the making.
struct Walk {
    page: Page,
    looked_at: u64,
    place: Option<(Lane, LaneKey)>,
}

impl Walk {
    /// Walks one lane. `true`: the page is complete and there is more.
    fn lane(&mut self, query: &Query, lane: Lane, tests: &Tests<'_>, mut rows: Rows<'_>) -> Result<bool> {
        while let Some(row) = rows.next()? {
            if self.page.tasks.len() == query.limit.clamp(1, PAGE) || self.looked_at == SCAN {
                self.page.cursor = self.place.map(|(lane, key)| encode(query.order, lane, key));
                return Ok(true);
            }
            self.looked_at += 1;
            self.place = Some((lane, key(lane, row)?));
            if tests.pass(row)? {
                self.page.tasks.push(Row::read(row)?.task);
            }
        }
        Ok(false)
    }
}

pub(super) fn statement(lane: Lane, narrow: Option<&Narrow>, behind: Option<LaneKey>) -> (String, Vec<Value>) {
    let mut conditions = vec![lane.condition()];
    let mut values = Vec::new();
    if let Some(narrow) = narrow {
        conditions.push(narrow.condition.to_owned());
        values.extend(narrow.values.iter().cloned());
    }
    if let Some(key) = behind {
        conditions.push(lane.behind());
        values.extend(key.into_iter().take(lane.keys().len()).map(Value::Integer));
    }
    let index = narrow.map_or_else(|| lane.index(), |narrow| narrow.index);
    let (condition, order) = (conditions.join(" AND "), lane.order());
    (format!("SELECT {COLUMNS} FROM task {index} WHERE {condition} ORDER BY {order}"), values)
}

fn key(lane: Lane, row: &rusqlite::Row<'_>) -> Result<LaneKey> {
    let mut key = [0; 3];
    for (value, (_, column)) in key.iter_mut().zip(lane.keys()) {
        *value = row.get(*column)?;
    }
    Ok(key)
}

/// A tag that belongs to one uid is that uid's filter, which has an index. `false`: it belongs to none.
fn resolve_tag(conn: &Connection, filter: &mut ListFilter) -> Result<bool> {
    let Some(tag) = filter.uid_tag.clone().filter(|tag| !tag.is_empty()) else {
        filter.uid_tag = None;
        return Ok(true);
    };
    let mut statement =
        conn.prepare_cached("SELECT uid FROM uid INDEXED BY uid_tag WHERE tag >= ?1 AND tag < ?1 || 'g' LIMIT 2")?;
    let mut rows = statement.query([&tag])?;
    let mut uids: Vec<Uid> = Vec::new();
    while let Some(row) = rows.next()? {
        uids.push(Columns { row, at: 0 }.parse()?);
    }
    let fits = |uid: &Uid| filter.uid.is_none_or(|wanted| wanted == *uid);
    match uids.as_slice() {
        [only] if fits(only) => (filter.uid, filter.uid_tag) = (Some(*only), None),
        [] | [_] => return Ok(false),
        _ => {}
    }
    Ok(true)
}

/// Takes the uid or the id out of the filter where its index leaves few enough records.
fn narrow(conn: &Connection, filter: &mut ListFilter) -> Result<Option<Narrow>> {
    let id = filter.id_prefix.clone().filter(|prefix| !prefix.is_empty()).map(|prefix| Narrow {
        index: "INDEXED BY task_id",
        condition: "id >= ? AND id < ? || 'g'",
        values: vec![Value::Text(prefix.clone()), Value::Text(prefix)],
    });
    let uid = filter.uid.map(|uid| Narrow {
        index: "INDEXED BY task_uid",
        condition: "uid = ?",
        values: vec![Value::Text(uid.expose())],
    });
    for (narrow, is_uid) in [(id, false), (uid, true)] {
        let Some(narrow) = narrow else { continue };
        let Narrow { index, condition, values } = &narrow;
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM task {index} WHERE {condition} LIMIT {SCAN} + 1)");
        let found: i64 = conn.prepare_cached(&sql)?.query_row(rusqlite::params_from_iter(values), |row| row.get(0))?;
        if u64::try_from(found).is_ok_and(|found| found <= SCAN) {
            if is_uid {
                filter.uid = None;
            } else {
                filter.id_prefix = None;
            }
            return Ok(Some(narrow));
        }
    }
    Ok(None)
}

/// The conditions that no index settles.
struct Tests<'a> {
    filter: &'a ListFilter,
    state: Option<StateFilter>,
}

impl Tests<'_> {
    const fn any(&self) -> bool {
        let ListFilter { state: _, uid, uid_tag, use_case, id_prefix, worker, created_since, created_before } =
            self.filter;
        self.state.is_some()
            || created_since.is_some()
            || created_before.is_some()
            || uid.is_some()
            || uid_tag.is_some()
            || use_case.is_some()
            || id_prefix.is_some()
            || worker.is_some()
    }

    /// Looks at the row's columns where they lie (places in [`COLUMNS`]), without building the record.
    fn pass(&self, row: &rusqlite::Row<'_>) -> Result<bool> {
        let ListFilter { state: _, uid, uid_tag, use_case, id_prefix, worker, created_since, created_before } =
            self.filter;
        let created: i64 = row.get(24)?;
        let column = |at: usize| -> Result<&str> {
            let text = row.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from)?;
            Ok(text.unwrap_or_default())
        };
        let starts = |at, prefix: &Option<String>| match prefix {
            Some(prefix) => Ok::<_, StoreError>(column(at)?.starts_with(prefix)),
            None => Ok(true),
        };
        Ok(created_since.is_none_or(|since| created >= since.millis())
            && created_before.is_none_or(|before| created < before.millis())
            && starts(1, id_prefix)?
            && starts(3, uid_tag)?
            && match uid {
                Some(uid) => column(2)? == uid.expose(),
                None => true,
            }
            && match use_case {
                Some(use_case) => column(5)? == use_case,
                None => true,
            }
            && match self.state {
                Some(state) => column(7)?.parse::<Status>().is_ok_and(|status| state.admits(status)),
                None => true,
            }
            && match worker {
                Some(worker) => column(21)?.contains(worker),
                None => true,
            })
    }
}
