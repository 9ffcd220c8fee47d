//! Which use cases, how often each: `ads=8,weights=1,sleep=1`.

use std::{fmt, str::FromStr};

use crate::bench::questions::{Draw, Kind};

/// No weight is larger.
const MOST: u32 = 1_000_000;

/// Use cases with whole weights, one at least above 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mix(Vec<(Kind, u32)>);

impl Mix {
    /// Those that occur.
    pub fn kinds(&self) -> Vec<Kind> {
        self.0.iter().map(|(kind, _)| *kind).collect()
    }

    /// Does any compute with an evaluation key?
    pub fn needs_key(&self) -> bool {
        self.0.iter().any(|(kind, _)| kind.needs_key())
    }

    /// The next one.
    pub fn draw(&self, draw: &mut Draw) -> Kind {
        let total: u64 = self.0.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut place = draw.below(total);
        for (kind, weight) in &self.0 {
            match place.checked_sub(u64::from(*weight)) {
                Some(rest) => place = rest,
                None => return *kind,
            }
        }
        Kind::Ads
    }
}

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut mix: Vec<(Kind, u32)> = Vec::new();
        for part in text.split(',') {
            let (name, weight) = part.split_once('=').unwrap_or((part, "1"));
            let kind: Kind = name.trim().parse()?;
            let weight = weight.trim().parse().ok().filter(|weight| *weight <= MOST);
            let weight = weight.ok_or_else(|| format!("a weight is a whole number, 0..={MOST}, as in ads=8"))?;
            if mix.iter().any(|(known, _)| *known == kind) {
                return Err(format!("{} is given twice", kind.name()));
            }
            mix.push((kind, weight));
        }
        mix.retain(|(_, weight)| *weight > 0);
        if mix.is_empty() { Err("one weight at least is above 0".to_owned()) } else { Ok(Self(mix)) }
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(|(kind, weight)| format!("{}={weight}", kind.name())).collect();
        f.write_str(&parts.join(","))
    }
}

/// A share as people write it: `10%`, `0.1`, `0`.
///
/// # Errors
/// A sentence for whoever wrote something else.
pub fn share(text: &str) -> Result<f64, String> {
    let (number, by) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0));
    let share = number.trim().parse::<f64>().ok().map(|number| number / by);
    share.filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| "a share is like 10% or 0.1".to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_mix_is_drawn_by_its_weights() {
        let mix: Mix = "ads=8, weights=1,sleep=1".parse().unwrap();
        assert_eq!(mix.to_string(), "ad_targeting=8,weight_stats=1,sleep_quality=1");
        let (mut draw, mut seen) = (Draw(1), BTreeMap::new());
        for _ in 0..10_000 {
            *seen.entry(mix.draw(&mut draw)).or_insert(0) += 1;
        }
        for (kind, expected) in [(Kind::Ads, 8_000), (Kind::Weights, 1_000), (Kind::Sleep, 1_000)] {
            assert!((expected - 150..expected + 150).contains(&seen[&kind]), "{seen:?}");
        }
    }

    #[test]
    fn what_does_not_occur_is_not_drawn() {
        let mix: Mix = "ads=0,sleep".parse().unwrap();
        assert_eq!((mix.kinds(), mix.needs_key()), (vec![Kind::Sleep], true));
        assert_eq!(mix.draw(&mut Draw(3)), Kind::Sleep);
        assert!(!"ads".parse::<Mix>().unwrap().needs_key());
    }

    #[test]
    fn wrong_mixes_and_shares_are_explained() {
        for (text, part) in [
            ("", "a use case is"),
            ("steps=1", "a use case is"),
            ("ads=-1", "whole number"),
            ("ads=1,ads=2", "twice"),
            ("ads=0", "above 0"),
        ] {
            let problem = text.parse::<Mix>().unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
        }
        assert_eq!((share("10%"), share("0.25"), share("0"), share("100%")), (Ok(0.1), Ok(0.25), Ok(0.0), Ok(1.0)));
        for bad in ["", "ten", "101%", "-1", "NaN", "1.5"] {
            assert!(share(bad).is_err(), "{bad}");
        }
    }
}
