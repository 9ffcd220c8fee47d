//! The use cases a server offers.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use super::{
    UseCase, UseCaseInfo,
    ad_targeting::{AdTargeting, Catalogue, CatalogueError},
    sleep_quality::SleepQuality,
    weight_stats::WeightStats,
};

/// Use cases by name. Clones share them.
#[derive(Clone)]
pub struct Registry {
    use_cases: BTreeMap<&'static str, Arc<dyn UseCase>>,
    catalogue: Arc<Catalogue>,
}

impl Registry {
    /// The three use cases. `catalogue` is the ads file, or empty for the built-in one.
    ///
    /// # Errors
    /// [`CatalogueError`] with file, line and column.
    pub fn standard(catalogue: &Path) -> Result<Self, CatalogueError> {
        let catalogue = Arc::new(Catalogue::load(catalogue)?);
        let registry = Self { use_cases: BTreeMap::new(), catalogue: Arc::clone(&catalogue) };
        Ok(registry
            .with(Arc::new(WeightStats))
            .with(Arc::new(SleepQuality))
            .with(Arc::new(AdTargeting::new(catalogue))))
    }

    /// Adds a use case.
    #[must_use]
    pub fn with(mut self, use_case: Arc<dyn UseCase>) -> Self {
        self.use_cases.insert(use_case.info().name, use_case);
        self
    }

    /// The use case of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn UseCase>> {
        self.use_cases.get(name)
    }

    /// All names, sorted.
    pub fn names(&self) -> Vec<&'static str> {
        self.use_cases.keys().copied().collect()
    }

    /// What clients are told, sorted by name.
    pub fn infos(&self) -> Vec<UseCaseInfo> {
        self.use_cases.values().map(|use_case| use_case.info()).collect()
    }

    /// What a worker with this registry is able to run.
    pub fn capabilities(&self) -> BTreeSet<String> {
        self.use_cases.values().map(|use_case| use_case.capability()).collect()
    }

    /// The ad catalogue.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }
}
