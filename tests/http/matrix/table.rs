//! The table: one row an endpoint, one column a caller.

use reqwest::Response;
use serde_json::Value;

/// Callers, in the table's order.
pub(super) const COLUMNS: [&str; 6] = ["nobody", "client", "foreign", "bearer", "viewer", "operator"];

/// | caller | token | asks for |
/// |---|---|---|
/// | nobody | none | the client's uid and tasks |
/// | client | a client's | its own uid and tasks |
/// | foreign | another client's | its own uid, the client's tasks |
/// | bearer | another client's | the client's uid and tasks: it has learned them, and they belong to another token |
/// | viewer, operator | theirs | the client's uid and tasks |
///
/// | answer | |
/// |---|---|
/// | ok | 200 |
/// | redirect | 303 |
/// | unknown | 200, the status of a task that does not exist |
/// | none | 200, an empty list |
/// | uid? | 404 `unknown_uid` |
/// | token? | 401 `unauthorized` |
/// | role? | 403 `forbidden` |
///
/// `at` says which listeners have it when operators have one of their own: `c` that of clients, `o` that of operators;
/// `w` the only one of a server that only computes.
const TABLE: &str = "
    method path                              at   nobody    client    foreign   bearer    viewer    operator
    GET  /healthz                            cow  ok        ok        ok        ok        ok        ok
    GET  /readyz                             cow  ok        ok        ok        ok        ok        ok
    GET  /robots.txt                         co   ok        ok        ok        ok        ok        ok
    GET  /openapi.json                       co   ok        ok        ok        ok        ok        ok
    GET  /docs                               co   redirect  redirect  redirect  redirect  redirect  redirect

    POST /add_key                            c    token?    ok        ok        ok        ok        ok
    GET  /get_key_status                     c    token?    ok        ok        uid?      uid?      uid?
    POST /delete_key                         c    token?    ok        ok        uid?      uid?      uid?
    GET  /get_use_cases                      c    token?    ok        ok        ok        ok        ok
    GET  /get_ads                            c    token?    ok        ok        ok        ok        ok
    POST /start_task                         c    token?    ok        ok        uid?      uid?      uid?
    GET  /get_task_status                    c    token?    ok        unknown   unknown   unknown   unknown
    GET  /get_task_result                    c    token?    ok        unknown   unknown   unknown   unknown
    POST /cancel_task                        c    token?    ok        unknown   unknown   unknown   unknown
    GET  /list_current_tasks?uid             c    token?    ok        none      none      none      none
    GET  /list_current_tasks                 c    token?    role?     role?     role?     ok        ok

    GET  /logs                               o    token?    role?     role?     role?     ok        ok
    GET  /metrics                            ow   token?    role?     role?     role?     ok        ok
    GET  /operator/tasks                     o    token?    role?     role?     role?     ok        ok
    GET  /operator/tasks/{id}                o    token?    role?     role?     role?     ok        ok
    GET  /operator/workers                   o    token?    role?     role?     role?     ok        ok
    GET  /operator/history                   o    token?    role?     role?     role?     ok        ok
    GET  /operator/audit                     o    token?    role?     role?     role?     ok        ok
    GET  /operator/log_level                 o    token?    role?     role?     role?     ok        ok
    POST /operator/log_level                 o    token?    role?     role?     role?     role?     ok
    POST /operator/history                   o    token?    role?     role?     role?     role?     ok
    POST /operator/tasks/{id}/cancel         o    token?    role?     role?     role?     role?     ok
    POST /operator/tasks/{id}/requeue        o    token?    role?     role?     role?     role?     ok
    POST /operator/tasks/{id}/delete         o    token?    role?     role?     role?     role?     ok
    POST /operator/tasks/{id}/priority       o    token?    role?     role?     role?     role?     ok
    POST /operator/tasks/cancel              o    token?    role?     role?     role?     role?     ok
    POST /operator/tasks/requeue             o    token?    role?     role?     role?     role?     ok
    POST /operator/tasks/delete              o    token?    role?     role?     role?     role?     ok
    POST /operator/tasks/priority            o    token?    role?     role?     role?     role?     ok
    POST /operator/queues/{use_case}/pause   o    token?    role?     role?     role?     role?     ok
    POST /operator/queues/{use_case}/resume  o    token?    role?     role?     role?     role?     ok
    POST /operator/workers/{name}/drain      o    token?    role?     role?     role?     role?     ok
    POST /operator/workers/{name}/undrain    o    token?    role?     role?     role?     role?     ok
";

/// One row.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) method: String,
    /// As described, with its braces.
    pub(super) path: String,
    /// Of the parameters that may be left out, which are given.
    pub(super) variant: Option<String>,
    at: String,
    pub(super) cells: [Cell; 6],
}

impl Row {
    fn read(line: &str) -> Self {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [method, path, at, cells @ ..] = words.as_slice() else { panic!("a row: {line}") };
        let cells: Vec<Cell> = cells.iter().map(|word| Cell::read(word)).collect();
        let (path, variant) = path.split_once('?').map_or((*path, None), |(path, variant)| (path, Some(variant)));
        Self {
            method: (*method).to_owned(),
            path: path.to_owned(),
            variant: variant.map(str::to_owned),
            at: (*at).to_owned(),
            cells: cells.try_into().unwrap_or_else(|_| panic!("six cells: {line}")),
        }
    }

    /// As in the table.
    pub(super) fn name(&self) -> String {
        self.variant.as_ref().map_or_else(|| self.path.clone(), |variant| format!("{}?{variant}", self.path))
    }

    /// Does this listener have it: `c`, `o`, `w`?
    pub(super) fn is_at(&self, listener: char) -> bool {
        self.at.contains(listener)
    }
}

/// The table.
pub(super) fn rows() -> Vec<Row> {
    TABLE.lines().skip(2).filter(|line| !line.trim().is_empty()).map(Row::read).collect()
}

/// `(path, method)` of every endpoint that a description names, sorted.
pub(super) fn described(description: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for method in ["get", "put", "post", "delete", "options", "head", "patch", "trace"] {
            if item.get(method).is_some() {
                found.push((path.clone(), method.to_owned()));
            }
        }
    }
    found.sort();
    found
}

/// What somebody gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    Ok,
    Redirect,
    Unknown,
    Empty,
    UnknownUid,
    Unauthorized,
    Forbidden,
}

impl Cell {
    fn read(word: &str) -> Self {
        match word {
            "ok" => Self::Ok,
            "redirect" => Self::Redirect,
            "unknown" => Self::Unknown,
            "none" => Self::Empty,
            "uid?" => Self::UnknownUid,
            "token?" => Self::Unauthorized,
            "role?" => Self::Forbidden,
            other => panic!("no answer {other}"),
        }
    }

    /// What an answer is; or what is wrong with it.
    pub(super) async fn of(answer: Response) -> Result<Self, String> {
        let (status, id) = (answer.status().as_u16(), answer.headers()["x-request-id"].to_str().unwrap().to_owned());
        let asks = answer.headers().contains_key("www-authenticate");
        let body = answer.bytes().await.map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&body).into_owned();
        let json: Value = serde_json::from_slice(&body).unwrap_or_default();
        let refusal = json["request_id"] == id && json["detail"].is_string() && json.as_object().unwrap().len() == 3;
        match (status, json["label"].as_str()) {
            (200, _) if json["status"] == "unknown" => Ok(Self::Unknown),
            (200, _) if json == Value::Array(Vec::new()) => Ok(Self::Empty),
            (200, _) => Ok(Self::Ok),
            (303, _) => Ok(Self::Redirect),
            (404, Some("unknown_uid")) if refusal => Ok(Self::UnknownUid),
            (401, Some("unauthorized")) if refusal && asks => Ok(Self::Unauthorized),
            (403, Some("forbidden")) if refusal => Ok(Self::Forbidden),
            _ => Err(format!("{status} {text}")),
        }
    }
}
