//! A person's profile, built from typed choices: 62 zeroes and ones that never leave the client in the clear.

use std::fmt;

use super::features::{AGE_GROUPS, Axis, COUNTRIES, FEATURES, GENDERS, INTERESTS, KIDS, LANGUAGES};
use crate::text::sanitise;

/// The last year of age of each group, in the order of the age groups; older is senior.
const LAST_YEARS: [u32; 4] = [12, 19, 45, 60];

/// Nobody is older; a larger number is a typing error.
const OLDEST: u32 = 130;

/// A choice that no feature stands for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// The name is not known.
    #[error("unknown {what} `{name}`: {help}")]
    Unknown {
        /// What was chosen, e.g. `country`.
        what: &'static str,
        /// The name as it was given.
        name: String,
        /// The closest name, if one is close, and all the allowed ones.
        help: String,
    },
    /// No plausible age.
    #[error("an age is a number of years from 0 to {OLDEST}, not {0}")]
    Age(u32),
}

/// A profile under construction, and when done. Names are taken in any case; choosing again replaces a choice, except
/// for interests, which add up.
///
/// The profile is what the encryption protects, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Profile {
    features: [bool; FEATURES],
}

impl Profile {
    /// A profile that says nothing: every ad scores 0.
    pub const fn new() -> Self {
        Self { features: [false; FEATURES] }
    }

    /// `female` or `male`.
    ///
    /// # Errors
    /// [`ProfileError::Unknown`].
    pub fn gender(self, name: &str) -> Result<Self, ProfileError> {
        self.choose(&GENDERS, name)
    }

    /// The age in years: child up to 12, teen up to 19, young adult up to 45, middle adult up to 60, then senior.
    ///
    /// # Errors
    /// [`ProfileError::Age`].
    pub fn age(mut self, years: u32) -> Result<Self, ProfileError> {
        if years > OLDEST {
            return Err(ProfileError::Age(years));
        }
        let group = LAST_YEARS.iter().filter(|&&last| years > last).count();
        self.choose_index(&AGE_GROUPS, AGE_GROUPS.first + group);
        Ok(self)
    }

    /// The language to read ads in.
    ///
    /// # Errors
    /// [`ProfileError::Unknown`].
    pub fn language(self, name: &str) -> Result<Self, ProfileError> {
        self.choose(&LANGUAGES, name)
    }

    /// The country of residence.
    ///
    /// # Errors
    /// [`ProfileError::Unknown`].
    pub fn country(self, name: &str) -> Result<Self, ProfileError> {
        self.choose(&COUNTRIES, name)
    }

    /// Are there kids in the household?
    #[must_use]
    pub fn kids(mut self, kids: bool) -> Self {
        self.set(KIDS.first, kids);
        self
    }

    /// Adds an interest; adding it twice changes nothing.
    ///
    /// # Errors
    /// [`ProfileError::Unknown`].
    pub fn interest(mut self, name: &str) -> Result<Self, ProfileError> {
        let index = find(&INTERESTS, name)?;
        self.set(index, true);
        Ok(self)
    }

    /// The zeroes and ones, in the order of [`feature_names`](super::feature_names).
    pub const fn features(&self) -> &[bool; FEATURES] {
        &self.features
    }

    /// Replaces the choice among the names of `axis`.
    fn choose(mut self, axis: &Axis, name: &str) -> Result<Self, ProfileError> {
        let index = find(axis, name)?;
        self.choose_index(axis, index);
        Ok(self)
    }

    fn choose_index(&mut self, axis: &Axis, chosen: usize) {
        for index in axis.range() {
            self.set(index, index == chosen);
        }
    }

    fn set(&mut self, index: usize, value: bool) {
        if let Some(feature) = self.features.get_mut(index) {
            *feature = value;
        }
    }
}

fn find(axis: &Axis, name: &str) -> Result<usize, ProfileError> {
    let name = name.trim();
    axis.find(name).ok_or_else(|| ProfileError::Unknown {
        what: axis.what,
        name: sanitise(name, 60),
        help: axis.help(name),
    })
}

impl Default for Profile {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Profile(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::use_cases::ad_targeting::feature_names;

    fn chosen(profile: &Profile) -> Vec<&'static str> {
        feature_names().zip(profile.features()).filter(|(_, has)| **has).map(|(name, _)| name).collect()
    }

    #[test]
    fn typed_choices_become_the_features_of_their_names() {
        let profile = Profile::new()
            .gender("Female")
            .and_then(|profile| profile.age(33))
            .and_then(|profile| profile.language("french"))
            .and_then(|profile| profile.country("CANADA"))
            .and_then(|profile| profile.interest("video games"))
            .and_then(|profile| profile.interest(" Art "))
            .unwrap()
            .kids(true);
        assert_eq!(chosen(&profile), ["female", "young adult", "French", "kids", "Canada", "Art", "Video Games"]);
    }

    #[test]
    fn every_year_of_age_falls_into_its_group() {
        for (years, group) in [
            (0, "child"),
            (12, "child"),
            (13, "teen"),
            (19, "teen"),
            (20, "young adult"),
            (45, "young adult"),
            (46, "middle adult"),
            (60, "middle adult"),
            (61, "senior"),
            (130, "senior"),
        ] {
            assert_eq!(chosen(&Profile::new().age(years).unwrap()), [group], "{years} years");
        }
        assert_eq!(Profile::new().age(131), Err(ProfileError::Age(131)));
    }

    #[test]
    fn choosing_again_replaces_but_interests_add_up() {
        let profile = Profile::new().country("Spain").unwrap().country("Italy").unwrap().kids(true).kids(false);
        assert_eq!(chosen(&profile), ["Italy"]);
        let profile = Profile::new().interest("TV").unwrap().interest("tv").unwrap().interest("Tech").unwrap();
        assert_eq!(chosen(&profile), ["TV", "Tech"]);
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_closest_and_all_allowed_ones() {
        let message = Profile::new().interest("Musik").unwrap_err().to_string();
        assert!(
            message.starts_with("unknown interest `Musik`: did you mean Music? Allowed are: Animals, "),
            "{message}"
        );
        assert!(message.ends_with("Video Games, Writers"), "{message}");
        let message = Profile::new().country("Atlantis\u{202e}\n").unwrap_err().to_string();
        assert!(message.starts_with("unknown country `Atlantis`: allowed are: United Arab Emirates"), "{message}");
    }

    #[test]
    fn debug_does_not_show_a_profile() {
        let profile = Profile::new().gender("male").unwrap();
        assert_eq!(format!("{profile:?}"), "Profile(..)");
    }
}
