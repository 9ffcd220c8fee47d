//! A program that was built without OTLP makes no traces.

use super::{Fields, Kind};

#[derive(Clone, Debug)]
pub(super) enum Exporter {}

#[derive(Debug)]
pub(super) enum Span {}

impl Exporter {
    pub(super) fn start(_: &str, _: &str) -> Result<Self, String> {
        Err("this program was built without the cargo feature otlp".to_owned())
    }

    pub(super) fn begin(&self, _: String, _: Kind, _: Option<&str>, _: Fields) -> Span {
        match *self {}
    }

    pub(super) async fn close(&self) {
        match *self {}
    }
}

impl Span {
    pub(super) fn end(self, _: Fields, _: bool) {
        match self {}
    }
}
