//! Named text parameters of a request: the query, and for POST also the form. The same name twice with different values
//! is refused, so that no two parts of the program can read the request differently.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    extract::FromRequestParts,
    http::{Uri, request::Parts},
};

use super::{
    error::{ApiError, ApiResult},
    rates,
    state::App,
};
use crate::{
    task::{TaskId, Uid},
    text::sanitise,
};

/// No text parameter is longer, in bytes.
pub(super) const MAX_VALUE: usize = 4096;

/// `wait` is at most so long.
const MAX_WAIT: Duration = Duration::from_mins(1);

/// Parameters by name.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Params(BTreeMap<String, String>);

impl Params {
    /// Those of the query. Names that nobody asks for are ignored.
    pub(super) fn from_query(uri: &Uri) -> ApiResult<Self> {
        let mut params = Self::default();
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            params.insert(&name, &value)?;
        }
        Ok(params)
    }

    /// Adds one. The same name with the same value again is harmless.
    pub(super) fn insert(&mut self, name: &str, value: &str) -> ApiResult<()> {
        if value.len() > MAX_VALUE {
            let name = sanitise(name, 60);
            return Err(ApiError::parameter(format!("`{name}` is longer than {MAX_VALUE} bytes")));
        }
        match self.0.get(name) {
            Some(earlier) if earlier != value => {
                let name = sanitise(name, 60);
                Err(ApiError::parameter(format!("`{name}` is given twice, with different values; give it once")))
            }
            Some(_) => Ok(()),
            None => {
                self.0.insert(name.to_owned(), value.to_owned());
                Ok(())
            }
        }
    }

    /// One of them.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// One that must be there and not be empty.
    pub(super) fn required(&self, name: &str) -> ApiResult<&str> {
        self.get(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| ApiError::parameter(format!("`{name}` is missing")))
    }

    /// Refuses names that are not asked for here: a filter that is spelt wrong must not become no filter.
    pub(super) fn only(&self, known: &[&str]) -> ApiResult<()> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => {
                let name = sanitise(name, 60);
                Err(ApiError::parameter(format!("there is no parameter `{name}` here; known are {}", known.join(", "))))
            }
        }
    }

    /// One that is not empty.
    pub(super) fn some(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// One of a closed set of words.
    pub(super) fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> ApiResult<Option<T>> {
        let Some(given) = self.some(name) else { return Ok(None) };
        let found = words.iter().find(|(word, _)| *word == given).map(|(_, value)| *value);
        found.map(Some).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            ApiError::parameter(format!("`{name}` is {}, not \"{}\"", known.join(", "), sanitise(given, 40)))
        })
    }

    /// How many, 1 to `most`.
    pub(super) fn limit(&self, default: usize, most: usize) -> ApiResult<usize> {
        let Some(text) = self.get("limit") else { return Ok(default) };
        text.parse().ok().filter(|limit| (1..=most).contains(limit)).ok_or_else(|| {
            let given = sanitise(text, 40);
            ApiError::parameter(format!("`limit` must be a whole number, 1..={most}, not \"{given}\""))
        })
    }

    /// The uid, which must be given; a malformed one is as unknown as any other.
    pub(super) fn uid(&self) -> ApiResult<Uid> {
        self.required("uid")?.parse().map_err(|_| ApiError::unknown_uid())
    }

    /// Task id and uid for a look-up. What is missing or malformed becomes an id that nobody has, so that every miss
    /// does the same work as a hit on a foreign task.
    pub(super) fn task_and_uid(&self) -> (TaskId, Uid) {
        let id = self.get("task_id").and_then(|text| text.parse().ok()).unwrap_or_else(TaskId::random);
        let uid = self.get("uid").and_then(|text| text.parse().ok()).unwrap_or_else(Uid::random);
        (id, uid)
    }

    /// `wait` in whole seconds, 0 when it is not given.
    pub(super) fn wait(&self) -> ApiResult<Duration> {
        let Some(text) = self.get("wait") else { return Ok(Duration::ZERO) };
        let wait = text.parse().map(Duration::from_secs).ok().filter(|wait| *wait <= MAX_WAIT);
        wait.ok_or_else(|| {
            ApiError::parameter(format!("`wait` must be whole seconds, 0..=60, not \"{}\"", sanitise(text, 40)))
        })
    }
}

/// Extracts the query of a GET, and counts it as a request of the uid that it names.
pub(super) struct Query(pub(super) Params);

impl FromRequestParts<App> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let params = Params::from_query(&parts.uri)?;
        rates::by_uid(app, &parts.extensions, &params)?;
        Ok(Self(params))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> ApiResult<Params> {
        Params::from_query(&format!("/x?{text}").parse().unwrap())
    }

    #[test]
    fn one_name_with_two_values_is_refused_and_with_equal_values_is_not() {
        assert!(query("uid=a&uid=b").is_err());
        assert_eq!(query("uid=a&uid=a").unwrap().get("uid"), Some("a"));
    }

    #[test]
    fn wait_is_whole_seconds_up_to_sixty() {
        assert_eq!(query("wait=60").unwrap().wait().unwrap(), Duration::from_mins(1));
        assert_eq!(query("").unwrap().wait().unwrap(), Duration::ZERO);
        for bad in ["", "-1", "61", "1.5", "abc", "99999999999999999999999", "%2A"] {
            assert!(query(&format!("wait={bad}")).unwrap().wait().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_limit_is_a_whole_number_within_its_bounds() {
        assert_eq!(query("limit=20").unwrap().limit(50, 200).unwrap(), 20);
        assert_eq!(query("").unwrap().limit(50, 200).unwrap(), 50);
        for bad in ["", "0", "201", "-1", "x"] {
            assert!(query(&format!("limit={bad}")).unwrap().limit(50, 200).is_err(), "{bad}");
        }
    }

    #[test]
    fn malformed_ids_become_ids_that_nobody_has() {
        let params = query("task_id=*&uid=..%2F..%2Fetc").unwrap();
        let (first, second) = (params.task_and_uid(), params.task_and_uid());
        assert!(first.0 != second.0 && first.1 != second.1);
    }
}
