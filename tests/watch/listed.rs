//! docs/metrics.md, the dashboard and a running server agree.

use std::collections::{BTreeMap, BTreeSet};

use cipherdeck::monitor::{
    gpu::{GpuProbe, GpuSampler, Reading, Source},
    metrics::{Metrics, gpus},
};
use serde_json::Value;

use super::{exposition::Exposition, session::Session};
use crate::support::wait::DEADLINE;

const DOCS: &str = include_str!("../../docs/metrics.md");
const DASHBOARD: &str = include_str!("../../config/grafana.json");

/// Name -> type and labels, of the sections whose title passes.
fn documented(section: impl Fn(&str) -> bool) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let mut found = BTreeMap::new();
    for part in DOCS.split("\n## ").skip(1).filter(|part| section(part.lines().next().unwrap())) {
        for row in part.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            assert_eq!(cells.len(), 7, "{row}");
            let word = |text: &str| text.trim().trim_matches('`').to_owned();
            let labels = cells[3].split(',').filter(|label| !label.trim().is_empty()).map(word).collect();
            assert!(found.insert(word(cells[1]), (cells[2].to_owned(), labels)).is_none(), "{row}");
        }
    }
    found
}

#[tokio::test]
async fn the_documented_metrics_are_those_of_a_server_that_has_worked() {
    let session = Session::start(&[]);
    session.ads();
    let seen = session.scrape().await.names();
    let listed = documented(|title| title != "GPUs");
    assert!(listed.len() > 30, "{listed:#?}");
    assert_eq!(seen, listed);
}

/// A GPU that always says the same.
struct Still;

impl Source for Still {
    fn read(&mut self) -> Result<Vec<Reading>, String> {
        Ok(vec![Reading {
            index: 0,
            name: "still".to_owned(),
            utilisation: Some(25),
            memory: Some((1 << 30, 4 << 30)),
            temperature_c: Some(40),
            power_mw: Some(50_500),
            power_limit_mw: None,
            processes: Vec::new(),
        }])
    }
}

#[tokio::test]
async fn gpus_are_listed_while_somebody_looks_and_a_scrape_looks_at_none() {
    let (metrics, sampler) = (Metrics::default(), GpuSampler::new(GpuProbe::new(Still)));
    let watched = sampler.clone();
    metrics.register(move |values| gpus::write(&watched, values));
    let scrape = || Exposition::read(&metrics.encode(|_| Ok(()), |_| Ok(())).unwrap());
    assert!(!scrape().names().keys().any(|name| name.contains("gpu")) && !sampler.is_running());
    let mut samples = sampler.subscribe();
    tokio::time::timeout(DEADLINE, samples.wait_for(Option::is_some)).await.unwrap().unwrap();
    let seen = scrape();
    let names: BTreeMap<_, _> = seen.names().into_iter().filter(|(name, _)| name.contains("gpu")).collect();
    assert_eq!(names, documented(|title| title == "GPUs"));
    assert!((seen.sum("cipherdeck_gpu_power_watts", &[("gpu", "0")]) - 50.5).abs() < 1e-9);
}

/// Names in an expression.
fn names(expression: &str) -> impl Iterator<Item = &str> {
    let words = expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("cipherdeck_") || word.starts_with("process_"))
}

#[test]
fn the_dashboard_asks_for_metrics_that_exist_and_for_all_of_them() {
    let listed = documented(|_| true);
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let variables: Vec<_> = dashboard["templating"]["list"].as_array().unwrap().iter().collect();
    assert!(variables.iter().any(|it| it["type"] == "datasource" && it["name"] == "datasource"));
    let panels = dashboard["panels"].as_array().unwrap();
    let (mut asked, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{panel}");
        for target in panel["targets"].as_array().into_iter().flatten() {
            assert_eq!(target["datasource"]["uid"], "${datasource}");
            let expression = target["expr"].as_str().unwrap();
            assert_eq!(expression.matches(['(', '{', '[']).count(), expression.matches([')', '}', ']']).count());
            for name in names(expression) {
                let histogram = ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end));
                let histogram = histogram.filter(|base| listed.get(*base).is_some_and(|it| it.0 == "histogram"));
                let family = histogram.unwrap_or(name);
                assert!(listed.contains_key(family), "{name} in {expression}");
                asked.insert(family.to_owned());
            }
        }
    }
    assert_eq!(asked, listed.into_keys().collect());
}

#[test]
fn the_alerts_of_the_list_ask_for_metrics_that_exist() {
    let listed = documented(|_| true);
    let mut alerts = DOCS.split('`').filter(|text| text.contains("cipherdeck_") && text.contains(['>', '=']));
    assert!(alerts.clone().count() > 5);
    assert!(alerts.all(|alert| names(alert).all(|name| listed.contains_key(name))));
}
