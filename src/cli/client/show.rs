//! Answers as people and programs read them.

use std::{cmp::Reverse, path::Path};

use comfy_table::{Cell, CellAlignment, Table, presets};
use serde_json::{Map, Value, json};

use super::Failure;
use crate::{
    client::{
        ClientError,
        flow::{Answer, Report, Timing},
        input::kg,
    },
    text::sanitise,
    use_cases::{ad_targeting::PublicCatalogue, weight_stats::Statistics},
};

/// The word for a sleep score.
const fn word(score: u8) -> &'static str {
    match score {
        1 => "excellent",
        2 => "good",
        3 => "fair",
        4 => "weak",
        5 => "poor",
        _ => "unknown",
    }
}

/// An answer as JSON and as text; `top` is how many ads to show.
pub(super) fn answer(answer: &Answer, top: usize) -> (Value, String) {
    match answer {
        Answer::WeightStats(statistics) => weights(*statistics),
        Answer::SleepQuality(scores) => nights(scores),
        Answer::AdTargeting { scores, catalogue } => ads(scores, catalogue, top),
    }
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(header);
    table
}

fn number(text: impl ToString) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// 0.1 kg as JSON kilograms.
pub(super) fn kilograms(tenths: u16) -> f64 {
    f64::from(tenths) / 10.0
}

fn weights(statistics: Statistics) -> (Value, String) {
    let Statistics { min, max, avg } = statistics;
    let mut shown = table(&["", "kg"]);
    for (name, value) in [("minimum", min), ("average", avg), ("maximum", max)] {
        shown.add_row([Cell::new(name), number(kg(value))]);
    }
    (json!({"min": kilograms(min), "max": kilograms(max), "avg": kilograms(avg)}), shown.to_string())
}

fn nights(scores: &[u8]) -> (Value, String) {
    let mut shown = table(&["night", "score", ""]);
    for (index, score) in scores.iter().enumerate() {
        shown.add_row([number(index + 1), number(score), Cell::new(word(*score))]);
    }
    (json!({"scores": scores}), shown.to_string())
}

/// The best ads first; equal scores in catalogue order.
fn ads(scores: &[u16], catalogue: &PublicCatalogue, top: usize) -> (Value, String) {
    let mut best: Vec<_> = scores.iter().zip(&catalogue.ads).collect();
    best.sort_by_key(|(score, _)| Reverse(**score));
    best.truncate(top);
    let mut shown = table(&["score", "ad"]);
    let mut list = Vec::new();
    for (score, ad) in best {
        let title = sanitise(&ad.title, 120);
        shown.add_row([number(score), Cell::new(&title)]);
        list.push(json!({"id": ad.id, "title": title, "score": score}));
    }
    (json!({"ads": list}), shown.to_string())
}

/// Every ad's score in catalogue order, one a line.
pub(super) fn write_scores(file: &Path, answer: &Answer) -> Result<(), Failure> {
    let Answer::AdTargeting { scores, .. } = answer else { return Ok(()) };
    let mut lines = String::with_capacity(scores.len() * 4);
    for score in scores {
        lines.push_str(&score.to_string());
        lines.push('\n');
    }
    std::fs::write(file, lines).map_err(|error| ClientError::file(file, &error).into())
}

fn phases(timing: &Timing) -> [(&'static str, f64); 8] {
    [
        ("keygen", timing.keygen_s),
        ("encrypt", timing.encrypt_s),
        ("upload", timing.upload_s),
        ("queue", timing.queue_s),
        ("server", timing.server_s),
        ("download", timing.download_s),
        ("decrypt", timing.decrypt_s),
        ("end_to_end", timing.end_to_end_s),
    ]
}

/// Seconds, to the microsecond.
pub(super) fn timing(timing: &Timing) -> Value {
    let fields = phases(timing).map(|(name, s)| (format!("{name}_s"), json!((s * 1e6).round() / 1e6)));
    Value::Object(fields.into_iter().collect::<Map<_, _>>())
}

/// One line: how long it took, and what of it was worth naming.
pub(super) fn summary(report: &Report) -> String {
    let [parts @ .., (_, total)] = phases(&report.timing);
    let parts: Vec<String> =
        parts.iter().filter(|(_, s)| *s >= 0.01).map(|(name, s)| format!("{name} {s:.2} s")).collect();
    let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    format!("answered in {total:.2} s{parts}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::use_cases::ad_targeting::PublicAd;

    #[test]
    fn weights_are_a_table_in_kg_and_an_object_of_numbers() {
        let (json, text) = answer(&Answer::WeightStats(Statistics { min: 650, max: 705, avg: 685 }), 0);
        assert_eq!(json.to_string(), r#"{"avg":68.5,"max":70.5,"min":65.0}"#);
        insta::assert_snapshot!(text, @r"
        ┌─────────┬──────┐
        │         ┆ kg   │
        ╞═════════╪══════╡
        │ minimum ┆ 65.0 │
        │ average ┆ 68.5 │
        │ maximum ┆ 70.5 │
        └─────────┴──────┘
        ");
    }

    #[test]
    fn nights_have_a_score_and_its_word() {
        let (json, text) = answer(&Answer::SleepQuality(vec![1, 5]), 0);
        assert_eq!(json.to_string(), r#"{"scores":[1,5]}"#);
        insta::assert_snapshot!(text, @r"
        ┌───────┬───────┬───────────┐
        │ night ┆ score ┆           │
        ╞═══════╪═══════╪═══════════╡
        │     1 ┆     1 ┆ excellent │
        │     2 ┆     5 ┆ poor      │
        └───────┴───────┴───────────┘
        ");
    }

    fn catalogue(titles: &[&str]) -> PublicCatalogue {
        let ad = |(index, title): (usize, &&str)| PublicAd {
            id: format!("a{index}"),
            title: (*title).to_owned(),
            description: String::new(),
        };
        PublicCatalogue {
            version: "0".repeat(64),
            features: vec![],
            plaintext_bits: 8,
            result_bits: 16,
            rows: titles.len() as u32,
            stride: 62,
            rows_per_group: 33,
            ads: titles.iter().enumerate().map(ad).collect(),
        }
    }

    #[test]
    fn the_best_ads_come_first_equal_ones_in_catalogue_order() {
        let catalogue = catalogue(&["Tea", "Vélo\u{1b}[2J", "本", "Bread"]).into();
        let best = Answer::AdTargeting { scores: vec![7, 12, 12, 0], catalogue };
        let (json, text) = answer(&best, 3);
        assert_eq!(
            json.to_string(),
            r#"{"ads":[{"id":"a1","score":12,"title":"Vélo [2J"},{"id":"a2","score":12,"title":"本"},{"id":"a0","score":7,"title":"Tea"}]}"#
        );
        insta::assert_snapshot!(text, @r"
        ┌───────┬──────────┐
        │ score ┆ ad       │
        ╞═══════╪══════════╡
        │    12 ┆ Vélo [2J │
        │    12 ┆ 本       │
        │     7 ┆ Tea      │
        └───────┴──────────┘
        ");
        let file = tempfile::NamedTempFile::new().unwrap();
        write_scores(file.path(), &best).unwrap();
        assert_eq!(std::fs::read_to_string(file.path()).unwrap(), "7\n12\n12\n0\n");
    }
}
