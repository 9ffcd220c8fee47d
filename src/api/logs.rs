//! The last log lines, for operators.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use super::{
    auth::Viewer,
    error::{ApiError, ApiResult, ErrorBody},
    params::Query,
    state::App,
};
use crate::text::sanitise;

/// Lines when nothing is said.
const LINES: usize = 100;

/// The last lines of the server's log as an HTML page.
#[utoipa::path(get, path = "/logs", tag = "operators",
    params(("lines" = Option<u16>, Query, description = "How many", minimum = 1, maximum = 1000)),
    responses(
        (status = 200, description = "The lines, escaped", content_type = "text/html", body = String),
        (status = 403, description = "forbidden: for viewers and operators", body = ErrorBody),
        (status = 422, description = "invalid_parameter", body = ErrorBody)))]
pub(super) async fn logs(State(app): State<App>, _: Viewer, Query(params): Query) -> ApiResult<Response> {
    let lines = match params.get("lines") {
        None => LINES,
        Some(text) => text.parse().ok().filter(|lines| (1..=1000).contains(lines)).ok_or_else(|| {
            ApiError::parameter(format!("`lines` must be a whole number, 1..=1000, not \"{}\"", sanitise(text, 40)))
        })?,
    };
    let mut page = String::from("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>log</title><pre>\n");
    for line in app.logs.tail(lines) {
        escape(&line.to_string(), &mut page);
        page.push('\n');
    }
    page.push_str("</pre></html>\n");
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response())
}

fn escape(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&#39;"),
            c => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_line_is_text_on_the_page() {
        let mut page = String::new();
        escape("<script src='x'>\"a\" & b</script>", &mut page);
        assert_eq!(page, "&lt;script src=&#39;x&#39;&gt;&quot;a&quot; &amp; b&lt;/script&gt;");
    }
}
