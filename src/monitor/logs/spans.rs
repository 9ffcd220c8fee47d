//! The fields of spans, kept with each span for the lines within it. Only spans of ours: what libraries say in theirs may
//! be a stranger's words.

use std::fmt::{Debug, Write as _};

use tracing::{
    field::{Field, Visit},
    span::{Attributes, Record},
};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

/// Targets of our spans begin so.
const OURS: &str = env!("CARGO_CRATE_NAME");

/// ` name=value` of each field.
#[derive(Default)]
pub(super) struct Fields(pub(super) String);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a String cannot fail.
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

/// A span begins.
pub(super) fn begin<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>, attributes: &Attributes<'_>) {
    if span.metadata().target().starts_with(OURS) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().replace(fields);
    }
}

/// Something more is said of it.
pub(super) fn record<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>, values: &Record<'_>) {
    if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
        values.record(fields);
    }
}

/// Adds its fields to a line.
pub(super) fn say<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>, line: &mut String) {
    if let Some(fields) = span.extensions().get::<Fields>() {
        line.push_str(&fields.0);
    }
}
