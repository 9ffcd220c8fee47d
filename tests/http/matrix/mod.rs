//! Who gets what from every endpoint: with the rules of production, from somebody without a token, a client, another
//! client, a viewer and an operator; and at which listener.
//!
//! The endpoints are those that the server's own description names, so that a new one fails here until its row is in the
//! table.

mod calls;
mod listeners;
mod missing;
mod table;

use cipherdeck::{
    config::{Environment, Fairness},
    operator::{Role, tokens},
    use_cases::Output,
};
use reqwest::{Client, Response, redirect::Policy};
use serde_json::Value;

use self::{
    calls::{Call, Ids},
    table::{COLUMNS, Cell, Row, rows},
};
use super::harness::{Deck, ECHO, ok, start_form, text_of};
use crate::operator::world::announce;

/// A server with the rules of production, and who goes there.
struct Town {
    deck: Deck,
    http: Client,
    worker: String,
    client: String,
    other: String,
    viewer: String,
    operator: String,
}

impl Town {
    async fn open() -> Self {
        let deck = Deck::with(|settings| {
            settings.env = Environment::Prod;
            settings.auth.required = true;
            settings.limits.client = Fairness::Token;
        });
        let token = |name, role| tokens::add(&deck.state.settings.auth.tokens, name, role).unwrap().expose().to_owned();
        let (client, other) = (token("carl", Role::Client), token("mallory", Role::Client));
        let (viewer, operator) = (token("vera", Role::Viewer), token("olga", Role::Operator));
        let (_, worker) = announce(&deck).await;
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { deck, http, worker, client, other, viewer, operator }
    }

    /// The token of a column.
    fn token(&self, column: &str) -> Option<&str> {
        match column {
            "nobody" => None,
            "client" => Some(&self.client),
            "foreign" | "bearer" => Some(&self.other),
            "viewer" => Some(&self.viewer),
            "operator" => Some(&self.operator),
            unknown => panic!("no column {unknown}"),
        }
    }

    /// A new uid of a client.
    async fn uid(&self, token: &str) -> String {
        let form = reqwest::multipart::Form::new().text("task_name", ECHO);
        text_of(&ok(self.post("/add_key", token, form).await).await, "uid")
    }

    async fn task(&self, token: &str, uid: &str) -> String {
        text_of(&ok(self.post("/start_task", token, start_form(uid, ECHO, b"GOOD")).await).await, "task_id")
    }

    async fn post(&self, path: &str, token: &str, form: reqwest::multipart::Form) -> Response {
        let request = self.http.post(format!("{}{path}", self.deck.url)).bearer_auth(token);
        request.multipart(form).send().await.unwrap()
    }

    /// A uid of the client, with a task that has ended and one that waits. Whatever else waits, fails first.
    async fn ids(&self) -> Ids {
        self.deck.state.store.set_paused(ECHO, false).await.unwrap();
        let uid = self.uid(&self.client).await;
        let ended = self.task(&self.client, &uid).await;
        loop {
            let claim = self.deck.claim().await;
            if claim.task.id.to_string() == ended {
                self.deck.succeed(&claim, &Output::One(b"RESULT".to_vec())).await;
                break;
            }
            self.deck.fail(&claim).await;
        }
        let waiting = self.task(&self.client, &uid).await;
        Ids { uid, waiting, ended, worker: self.worker.clone() }
    }

    async fn send(&self, call: Call, token: Option<&str>) -> Response {
        call.send(&self.http, &self.deck.url, token).await
    }

    /// All that somebody else could have changed: the client's uid, its tasks and their blobs, and what operators change.
    async fn state(&self, ids: &Ids) -> String {
        let store = &self.deck.state.store;
        let (waiting, ended) = (ids.waiting.parse().unwrap(), ids.ended.parse().unwrap());
        let tasks = (store.task(waiting).await.unwrap(), store.task(ended).await.unwrap());
        let key = store.key(ids.uid.parse().unwrap()).await.unwrap();
        let draining: Vec<_> = store.nodes().await.unwrap().into_iter().map(|node| node.draining).collect();
        let blobs = self.deck.blobs().await;
        let blobs: Vec<_> =
            blobs.iter().filter(|name| name.contains(&ids.waiting) || name.contains(&ids.ended)).collect();
        format!("{tasks:?} {key:?} {:?} {draining:?} {blobs:?}", store.paused().await.unwrap())
    }

    /// What is not as the table says about one cell.
    async fn differs(&self, row: &Row, column: &str, expected: Cell) -> Option<String> {
        let victim = self.ids().await;
        let mut ids = victim.clone();
        if column == "foreign" {
            ids.uid = self.uid(&self.other).await;
        }
        let before = self.state(&victim).await;
        let call = Call::to(row, &ids).unwrap_or_else(|| panic!("nobody has said how {} is asked", row.name()));
        let got = Cell::of(self.send(call, self.token(column)).await).await;
        let after = self.state(&victim).await;
        // The first whole answer with a result makes it a fetched one.
        let changes = row.method == "POST" || row.path == "/get_task_result";
        let may_change = changes && expected == Cell::Ok && column != "foreign";
        let place = format!("{} {} {column}", row.method, row.name());
        match got {
            Err(problem) => Some(format!("{place}: {problem}")),
            Ok(got) if got != expected => Some(format!("{place}: {got:?}, not {expected:?}")),
            Ok(_) if before != after && !may_change => Some(format!("{place} changed something:\n{before}\n{after}")),
            Ok(_) => None,
        }
    }
}

#[tokio::test]
async fn every_endpoint_answers_everybody_as_the_table_says() {
    let town = Town::open().await;
    let described = town.send(Call::get("/openapi.json"), None).await;
    let described: Value = ok(described).await;
    let mut expected: Vec<_> = rows().iter().map(|row| (row.path.clone(), row.method.to_lowercase())).collect();
    expected.sort();
    expected.dedup();
    assert_eq!(table::described(&described), expected, "every endpoint has its row, every row its endpoint");

    let mut differences = Vec::new();
    for row in rows() {
        for (column, cell) in COLUMNS.into_iter().zip(row.cells) {
            differences.extend(town.differs(&row, column, cell).await);
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[tokio::test]
async fn methods_that_are_not_described_are_refused_to_everybody() {
    let town = Town::open().await;
    let ids = town.ids().await;
    for row in rows() {
        let described = |method: &str| rows().iter().any(|other| other.path == row.path && other.method == method);
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            if described(method) {
                continue;
            }
            let open = row.cells[0] == Cell::Ok || row.cells[0] == Cell::Redirect;
            let call = || Call { method: method.parse().unwrap(), ..Call::to(&row, &ids).unwrap() };
            let place = format!("{method} {}", row.path);
            let nobody = town.send(call(), None).await.status().as_u16();
            assert_eq!(nobody, if open { 405 } else { 401 }, "{place}");
            let answer = town.send(call(), Some(&town.operator)).await;
            assert!(answer.headers().contains_key("allow"), "{place}");
            super::harness::refused(answer, 405, "bad_request").await;
        }
    }
}
