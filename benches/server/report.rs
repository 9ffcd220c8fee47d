//! Figures beside their aims.

use std::time::Duration;

/// Prints as it goes, sums up at the end.
#[derive(Default)]
pub struct Report {
    missed: Vec<String>,
}

/// Which side of an aim is good.
#[derive(Clone, Copy)]
pub enum Aim {
    Below(f64),
    Above(f64),
    None,
}

impl Report {
    pub fn line(&mut self, what: &str, value: f64, unit: &str, aim: Aim) {
        let (text, met) = match aim {
            Aim::Below(limit) => (format!("aim < {limit} {unit}"), value < limit),
            Aim::Above(limit) => (format!("aim > {limit} {unit}"), value > limit),
            Aim::None => (String::new(), true),
        };
        println!("{what:<66} {value:>10.2} {unit:<5} {text:<18} {}", if met { "" } else { "MISSED" });
        if !met {
            self.missed.push(what.to_owned());
        }
    }

    pub fn note(&self, text: &str) {
        println!("\n== {text}");
    }

    pub fn close(self) {
        if self.missed.is_empty() {
            println!("\nevery aim was met");
        } else {
            println!("\nmissed in this run: {}", self.missed.join("; "));
        }
    }
}

/// The sample's quantile in milliseconds.
pub fn quantile_ms(sample: &mut [Duration], quantile: f64) -> f64 {
    sample.sort();
    let index = ((sample.len() - 1) as f64 * quantile).round() as usize;
    sample[index].as_secs_f64() * 1e3
}
