//! Writes values that were read for one scrape.

use std::fmt;

use prometheus_client::{
    encoding::{CounterValueEncoder, DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, GaugeValueEncoder},
    metrics::{MetricType, exemplar::Exemplar},
};

/// A number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A count.
    Whole(u64),
    /// Anything else.
    Real(f64),
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Whole(number)
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Whole(u64::from(yes))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl EncodeGaugeValue for Value {
    fn encode(&self, encoder: &mut GaugeValueEncoder<'_>) -> fmt::Result {
        match *self {
            Self::Whole(number) => EncodeGaugeValue::encode(&number, encoder),
            Self::Real(number) => EncodeGaugeValue::encode(&number, encoder),
        }
    }
}

impl EncodeCounterValue for Value {
    fn encode(&self, encoder: &mut CounterValueEncoder<'_>) -> fmt::Result {
        match *self {
            Self::Whole(number) => EncodeCounterValue::encode(&number, encoder),
            Self::Real(number) => EncodeCounterValue::encode(&number, encoder),
        }
    }
}

/// Where a scrape's values are written.
#[derive(Debug)]
pub struct Values<'a>(DescriptorEncoder<'a>);

/// No exemplar.
const NONE: Option<&Exemplar<[(&str, &str); 0], u64>> = None;

impl<'a> Values<'a> {
    pub(super) const fn new(encoder: DescriptorEncoder<'a>) -> Self {
        Self(encoder)
    }

    /// One number that goes up and down.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn gauge(&mut self, name: &str, help: &str, value: impl Into<Value>) -> fmt::Result {
        self.0.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value.into())
    }

    /// One number that goes up; `name` is without `_total`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn counter(&mut self, name: &str, help: &str, value: impl Into<Value>) -> fmt::Result {
        self.0.encode_descriptor(name, help, None, MetricType::Counter)?.encode_counter(&value.into(), NONE)
    }

    /// A number for each set of labels. Where there is none, nothing is written.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn gauges<const N: usize, V: Into<Value>>(
        &mut self,
        name: &str,
        help: &str,
        rows: impl IntoIterator<Item = ([(&'static str, String); N], V)>,
    ) -> fmt::Result {
        self.all(MetricType::Gauge, name, help, rows)
    }

    /// A counter for each set of labels; `name` is without `_total`. Where there is none, nothing is written.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn counters<const N: usize, V: Into<Value>>(
        &mut self,
        name: &str,
        help: &str,
        rows: impl IntoIterator<Item = ([(&'static str, String); N], V)>,
    ) -> fmt::Result {
        self.all(MetricType::Counter, name, help, rows)
    }

    fn all<const N: usize, V: Into<Value>>(
        &mut self,
        kind: MetricType,
        name: &str,
        help: &str,
        rows: impl IntoIterator<Item = ([(&'static str, String); N], V)>,
    ) -> fmt::Result {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_none() {
            return Ok(());
        }
        let counts = matches!(kind, MetricType::Counter);
        let mut family = self.0.encode_descriptor(name, help, None, kind)?;
        for (labels, value) in rows {
            let (mut one, value) = (family.encode_family(&labels)?, value.into());
            if counts { one.encode_counter(&value, NONE)? } else { one.encode_gauge(&value)? }
        }
        Ok(())
    }
}
