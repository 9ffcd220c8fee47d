//! The 62 features of a profile: their names, their order, and what a targeted one weighs.

use std::ops::Range;

/// Number of features of a profile.
pub const FEATURES: usize = 62;

/// The groups of features; their order is the order of the features in a profile.
pub(crate) const AXES: [&Axis; 6] = [&GENDERS, &AGE_GROUPS, &LANGUAGES, &KIDS, &COUNTRIES, &INTERESTS];

/// A group of features, such as the countries: a run of neighbours in the profile.
#[derive(Debug)]
pub(crate) struct Axis {
    /// What one of them is called in messages.
    pub(crate) what: &'static str,
    /// Index of the first one.
    pub(crate) first: usize,
    /// Their names, in order.
    pub(crate) names: &'static [&'static str],
}

pub(crate) const GENDERS: Axis = Axis { what: "gender", first: 0, names: &["female", "male"] };

pub(crate) const AGE_GROUPS: Axis =
    Axis { what: "age group", first: 2, names: &["child", "teen", "young adult", "middle adult", "senior"] };

pub(crate) const LANGUAGES: Axis = Axis {
    what: "language",
    first: 7,
    names: &[
        "Arabic",
        "English",
        "French",
        "German",
        "Hindi",
        "Italian",
        "Japanese",
        "Mandarin",
        "Spanish",
        "Tamazight",
        "Tamil",
    ],
};

pub(crate) const KIDS: Axis = Axis { what: "household", first: 18, names: &["kids"] };

pub(crate) const COUNTRIES: Axis = Axis {
    what: "country",
    first: 19,
    names: &[
        "United Arab Emirates",
        "United States",
        "France",
        "China",
        "Germany",
        "United Kingdom",
        "Japan",
        "India",
        "Canada",
        "Italy",
        "Algeria",
        "Australia",
        "Spain",
    ],
};

pub(crate) const INTERESTS: Axis = Axis {
    what: "interest",
    first: 32,
    names: &[
        "Animals",
        "Art",
        "Automobiles",
        "Bicycle",
        "Books",
        "Comedy",
        "Comics",
        "Culture",
        "Education",
        "Family",
        "Fashion",
        "Food",
        "Health",
        "Journalism",
        "Movies",
        "Music",
        "Nature",
        "News",
        "Pets",
        "Photography",
        "Politics",
        "Science",
        "Smartphones",
        "Software Dev",
        "Sports",
        "TV",
        "Tech",
        "Travel",
        "Video Games",
        "Writers",
    ],
};

/// The largest distance, in edits, at which a name is offered as what was probably meant.
const CLOSE: usize = 3;

impl Axis {
    /// The feature of this name, in any case.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known.eq_ignore_ascii_case(name)).map(|index| self.first + index)
    }

    /// The features of this group.
    pub(crate) const fn range(&self) -> Range<usize> {
        self.first..self.first + self.names.len()
    }

    /// The known name that `name` was probably meant to be.
    pub(crate) fn closest(&self, name: &str) -> Option<&'static str> {
        let wanted = name.to_ascii_lowercase();
        self.names
            .iter()
            .map(|known| (edits(&wanted, &known.to_ascii_lowercase()), *known))
            .min()
            .filter(|&(distance, known)| distance <= CLOSE && distance < known.chars().count().min(wanted.len()))
            .map(|(_, known)| known)
    }

    /// "did you mean .., allowed are ..": the end of a message about an unknown name.
    pub(crate) fn help(&self, name: &str) -> String {
        let allowed = self.names.join(", ");
        match self.closest(name) {
            Some(close) => format!("did you mean {close}? Allowed are: {allowed}"),
            None => format!("allowed are: {allowed}"),
        }
    }
}

/// The names of all features, in the order of the profile.
pub fn feature_names() -> impl Iterator<Item = &'static str> {
    AXES.into_iter().flat_map(|axis| axis.names.iter().copied())
}

/// Levenshtein distance: insertions, deletions and replacements of one character.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        // `left` is the distance up to the previous character of `b`, `diagonal` the one before it in the last row.
        let (mut left, mut diagonal) = (i + 1, i);
        for (to, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let here = (diagonal + usize::from(from != *to)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, here);
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_groups_follow_each_other_and_fill_the_profile_with_distinct_names() {
        let mut next = 0;
        for axis in AXES {
            assert_eq!(axis.range().start, next, "{}", axis.what);
            next = axis.range().end;
        }
        assert_eq!(next, FEATURES);
        assert_eq!(feature_names().collect::<HashSet<_>>().len(), FEATURES);
    }

    #[test]
    fn names_are_found_in_any_case_and_a_typing_error_is_understood() {
        assert_eq!(INTERESTS.find("video games"), Some(60));
        assert_eq!(COUNTRIES.find("Spain"), Some(31));
        assert_eq!(INTERESTS.find("Gardening"), None);
        assert_eq!(INTERESTS.closest("Photograpy"), Some("Photography"));
        assert_eq!(COUNTRIES.closest("germny"), Some("Germany"));
        assert_eq!(INTERESTS.closest("xyzzyx"), None);
        assert_eq!(GENDERS.closest(""), None);
    }

    #[test]
    fn edits_are_counted_as_in_the_text_book() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("abc", ""), 3);
        assert_eq!(edits("same", "same"), 0);
    }
}
