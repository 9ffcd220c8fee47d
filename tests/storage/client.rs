//! A client with real ciphertexts, one request after the other.

use std::{path::Path, sync::LazyLock};

use cipherdeck::use_cases::{
    ad_targeting::{self, Catalogue, FEATURES, PublicCatalogue},
    weight_stats,
};
use reqwest::{
    RequestBuilder,
    multipart::{Form, Part},
};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::object;
use crate::support::keys::{CLIENT, SERVER_KEY};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::load(Path::new("")).unwrap());

pub(super) struct Asker {
    url: String,
    http: reqwest::Client,
    runtime: Runtime,
}

impl Asker {
    pub(super) fn new(url: &str) -> Self {
        cipherdeck::tls::install();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { url: url.to_owned(), http: reqwest::Client::builder().no_proxy().build().unwrap(), runtime }
    }

    fn send(&self, request: RequestBuilder) -> (u16, Vec<u8>) {
        self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
        })
    }

    fn json(&self, request: RequestBuilder) -> Value {
        let (status, body) = self.send(request);
        let text = String::from_utf8(body).unwrap();
        assert_eq!(status, 200, "{text}");
        object(&text)
    }

    pub(super) fn get(&self, path: &str) -> (u16, Vec<u8>) {
        self.send(self.http.get(format!("{}{path}", self.url)))
    }

    fn post(&self, path: &str, form: Form) -> Value {
        self.json(self.http.post(format!("{}{path}", self.url)).multipart(form))
    }

    /// A new uid with the test's key.
    pub(super) fn add_key(&self) -> String {
        let key = Part::bytes(SERVER_KEY.clone()).file_name("server.key");
        self.post("/add_key", Form::new().part("key", key))["uid"].as_str().unwrap().to_owned()
    }

    /// A new uid that needs no key.
    pub(super) fn add_uid(&self) -> String {
        let form = Form::new().text("task_name", "ad_targeting");
        self.post("/add_key", form)["uid"].as_str().unwrap().to_owned()
    }

    pub(super) fn delete_key(&self, uid: &str) {
        assert_eq!(self.post("/delete_key", Form::new().text("uid", uid.to_owned()))["deleted"], true);
    }

    fn start(&self, uid: &str, use_case: &'static str, input: Vec<u8>) -> String {
        let form = Form::new()
            .text("uid", uid.to_owned())
            .text("task_name", use_case)
            .part("encrypted_input", Part::bytes(input).file_name("input"));
        self.post("/start_task", form)["task_id"].as_str().unwrap().to_owned()
    }

    pub(super) fn weights(&self, uid: &str, weights: [u16; 2]) -> String {
        self.start(uid, "weight_stats", weight_stats::encrypt(&CLIENT, &weights).unwrap())
    }

    pub(super) fn ads(&self, uid: &str, profile: &[bool; FEATURES]) -> String {
        let public: PublicCatalogue = serde_json::from_slice(&self.get("/get_ads").1).unwrap();
        self.start(uid, "ad_targeting", ad_targeting::encrypt(&CLIENT, profile, &public).unwrap())
    }

    /// Its status once it has ended.
    pub(super) fn ended(&self, uid: &str, task: &str) -> Value {
        for _ in 0..10 {
            let query = [("task_id", task), ("uid", uid), ("wait", "30")];
            let status = self.json(self.http.get(format!("{}/get_task_status", self.url)).query(&query));
            if !["queued", "started"].contains(&status["status"].as_str().unwrap()) {
                return status;
            }
        }
        panic!("task {task} does not end");
    }

    fn result(&self, uid: &str, use_case: &str, task: &str) -> (u16, Vec<u8>) {
        let query = [("task_name", use_case), ("task_id", task), ("uid", uid)];
        self.send(self.http.get(format!("{}/get_task_result", self.url)).query(&query))
    }

    /// Smallest, greatest, average.
    pub(super) fn weights_of(&self, uid: &str, task: &str) -> [u16; 3] {
        use base64::Engine as _;
        let (status, body) = self.result(uid, "weight_stats", task);
        let answer = object(&String::from_utf8(body).unwrap());
        assert_eq!(status, 200, "{answer}");
        ["min", "max", "avg"].map(|name| {
            let document = base64::engine::general_purpose::STANDARD.decode(answer[name].as_str().unwrap()).unwrap();
            weight_stats::decrypt(&CLIENT, &document).unwrap()
        })
    }

    pub(super) fn scores(&self, uid: &str, task: &str) -> Vec<u16> {
        let public: PublicCatalogue = serde_json::from_slice(&self.get("/get_ads").1).unwrap();
        ad_targeting::decrypt(&CLIENT, &self.result(uid, "ad_targeting", task).1, &public).unwrap()
    }

    /// The label of the error that asking for a result gives.
    pub(super) fn error_of_result(&self, uid: &str, task: &str) -> String {
        let (status, body) = self.result(uid, "ad_targeting", task);
        assert!(status >= 400, "{status}");
        object(&String::from_utf8(body).unwrap())["label"].as_str().unwrap().to_owned()
    }

    pub(super) fn profile(seed: usize) -> [bool; FEATURES] {
        std::array::from_fn(|feature| (feature * 7 + seed * 3).is_multiple_of(5))
    }

    /// The oracle.
    pub(super) fn clear(profile: &[bool; FEATURES]) -> Vec<u16> {
        ad_targeting::rules::scores(&CATALOGUE, profile)
    }
}
