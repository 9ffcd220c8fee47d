//! A strict reader of the text format of OpenMetrics, as far as this server uses it (gauges, counters, histograms):
//! <https://prometheus.io/docs/specs/om/open_metrics_spec/>. What is not as it must be panics.

use std::collections::{BTreeMap, BTreeSet};

/// One sample's labels.
pub(super) type Labels = BTreeMap<String, String>;

/// One family.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) kind: String,
    /// Suffix of the name (`_total`, `_bucket`, ..), labels, value; in order.
    pub(super) samples: Vec<(String, Labels, f64)>,
}

/// Families by name.
pub(super) struct Exposition(pub(super) BTreeMap<String, Family>);

impl Exposition {
    pub(super) fn read(text: &str) -> Self {
        let body = text.strip_suffix("# EOF\n").expect("it ends with EOF");
        let (mut families, mut current) = (BTreeMap::new(), None::<(String, Family)>);
        let mut help = None::<String>;
        let mut close = |current: &mut Option<(String, Family)>| {
            if let Some((name, family)) = current.take() {
                check(&name, &family);
                assert!(families.insert(name.clone(), family).is_none(), "{name} is there twice");
            }
        };
        for line in body.lines() {
            if let Some(comment) = line.strip_prefix("# ") {
                let mut words = comment.splitn(3, ' ');
                let (word, name, rest) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
                match word {
                    "HELP" => {
                        close(&mut current);
                        assert!(!rest.is_empty() && help.replace(name.to_owned()).is_none(), "{line}");
                    }
                    "TYPE" => {
                        assert_eq!(help.take().as_deref(), Some(name), "its help comes first: {line}");
                        assert!(["gauge", "counter", "histogram"].contains(&rest) && is_name(name), "{line}");
                        current = Some((name.to_owned(), Family { kind: rest.to_owned(), samples: Vec::new() }));
                    }
                    _ => panic!("{line}"),
                }
                continue;
            }
            let (name, family) = current.as_mut().unwrap_or_else(|| panic!("a sample before its type: {line}"));
            let sample = read_sample(line);
            let suffix = sample.0.strip_prefix(name.as_str()).unwrap_or_else(|| panic!("{line} is not of {name}"));
            family.samples.push((suffix.to_owned(), sample.1, sample.2));
        }
        close(&mut current);
        assert!(help.is_none());
        Self(families)
    }

    /// The sum of the samples of this name, suffix included, that have these labels.
    pub(super) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let family = self.0.iter().find_map(|(family, it)| Some((name.strip_prefix(family.as_str())?, it)));
        let families = self.0.iter().filter_map(|(family, it)| Some((name.strip_prefix(family.as_str())?, it)));
        assert!(family.is_some(), "no family for {name}");
        let samples = families.flat_map(|(suffix, it)| it.samples.iter().filter(move |(own, ..)| own == suffix));
        let fits = |own: &Labels| labels.iter().all(|(key, value)| own.get(*key).is_some_and(|it| it == value));
        samples.filter(|(_, own, _)| fits(own)).map(|(.., value)| value).sum()
    }

    /// Names as documented: those of counters with `_total`.
    pub(super) fn names(&self) -> BTreeMap<String, (String, BTreeSet<String>)> {
        let documented = |(name, family): (&String, &Family)| {
            let name = if family.kind == "counter" { format!("{name}_total") } else { name.clone() };
            let labels = family.samples.iter().flat_map(|(_, labels, _)| labels.keys().cloned());
            (name, (family.kind.clone(), labels.filter(|label| label != "le").collect()))
        };
        self.0.iter().map(documented).collect()
    }
}

fn is_name(name: &str) -> bool {
    let first = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `name{label="value",..} number`, without spaces that nobody needs.
fn read_sample(line: &str) -> (String, Labels, f64) {
    let end = line.find(['{', ' ']).unwrap_or_else(|| panic!("{line}"));
    let (name, mut rest) = line.split_at(end);
    assert!(is_name(name), "{line}");
    let mut labels = Labels::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        while let Some((key, after)) = rest.split_once("=\"").filter(|_| !rest.starts_with('}')) {
            assert!(is_name(key), "{line}");
            let (value, after) = read_text(after);
            assert!(labels.insert(key.to_owned(), value).is_none(), "{line}");
            rest = after.strip_prefix(',').unwrap_or(after);
        }
        rest = rest.strip_prefix('}').unwrap_or_else(|| panic!("{line}"));
    }
    let number = rest.strip_prefix(' ').unwrap_or_else(|| panic!("{line}"));
    let value = if number == "+Inf" { f64::INFINITY } else { number.parse().unwrap_or_else(|_| panic!("{line}")) };
    (name.to_owned(), labels, value)
}

/// A label's value up to its quote, and what follows.
fn read_text(text: &str) -> (String, &str) {
    let (mut value, mut chars) = (String::new(), text.char_indices());
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(match chars.next().unwrap().1 {
                'n' => '\n',
                escaped @ ('"' | '\\') => escaped,
                other => panic!("\\{other}"),
            }),
            c => value.push(c),
        }
    }
    panic!("no end of {text}");
}

/// What the type promises.
fn check(name: &str, family: &Family) {
    assert!(!family.samples.is_empty(), "{name} has no sample");
    let mut seen = BTreeSet::new();
    for (suffix, labels, value) in &family.samples {
        assert!(seen.insert((suffix, format!("{labels:?}"))), "{name}{suffix}{labels:?} is there twice");
        let fits = match family.kind.as_str() {
            "gauge" => suffix.is_empty(),
            "counter" => suffix == "_total" && *value >= 0.0,
            _ => ["_bucket", "_count", "_sum"].contains(&suffix.as_str()),
        };
        assert!(fits && !value.is_nan(), "{name}{suffix} {value}");
        assert_eq!(suffix == "_bucket", labels.contains_key("le"), "{name}{suffix}");
    }
    if family.kind == "histogram" {
        check_histogram(name, family);
    }
}

/// Of one histogram and one set of labels: buckets as (upper bound, count), the count, whether there is a sum.
#[derive(Default)]
struct Series {
    buckets: Vec<(f64, f64)>,
    count: Option<f64>,
    sum: bool,
}

/// Buckets grow, the last has everything, and each series has its count and its sum.
fn check_histogram(name: &str, family: &Family) {
    let mut series: BTreeMap<String, Series> = BTreeMap::new();
    for (suffix, labels, value) in &family.samples {
        let mut own = labels.clone();
        let le = own.remove("le");
        let entry = series.entry(format!("{own:?}")).or_default();
        match suffix.as_str() {
            "_bucket" => {
                let le = le.unwrap();
                entry.buckets.push((if le == "+Inf" { f64::INFINITY } else { le.parse().unwrap() }, *value));
            }
            "_count" => entry.count = Some(*value),
            _ => entry.sum = true,
        }
    }
    for (labels, Series { buckets, count, sum }) in series {
        assert!(buckets.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1), "{name} {labels}");
        let (le, all) = buckets.last().copied().unwrap();
        assert!(le.is_infinite() && count == Some(all) && sum, "{name} {labels}");
    }
}

#[test]
fn what_is_not_open_metrics_is_noticed() {
    let good = "# HELP a_x Words.\n# TYPE a_x counter\na_x_total{l=\"a\\\"b\"} 1\n# EOF\n";
    let read = Exposition::read(good);
    assert!((read.sum("a_x_total", &[("l", "a\"b")]) - 1.0).abs() < f64::EPSILON);
    for bad in [
        good.replace("# EOF\n", ""),
        good.replace("_total", ""),
        good.replace("# HELP a_x Words.\n", ""),
        good.replace("} 1", "} one"),
        good.replace("} 1\n", "} 1\na_x_total{l=\"a\\\"b\"} 1\n"),
        good.replace("counter", "histogram"),
        good.replace("a_x_total", "b_x_total"),
    ] {
        assert!(std::panic::catch_unwind(|| Exposition::read(&bad)).is_err(), "{bad}");
    }
}
