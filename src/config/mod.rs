//! Settings: defaults < file < environment (`CIPHERDECK__SECTION__KEY`) < flags, all validated before anything is
//! opened or bound.
//!
//! The defaults of each environment are `config/<env>.toml`, compiled in, so that the binary runs from anywhere.

mod blobs_url;
mod complaint;
mod doors;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod judge;
mod load;
mod otlp_url;
mod settings;
mod store_url;

pub use load::{ConfigError, Overrides, Thing, load, place};
pub use settings::{
    Ads, Auth, Blobs, Environment, Fairness, Limits, Log, LogFormat, Operator, Otlp, Retention, Role, SQLITE, Server,
    Settings, Ssh, StoreSettings, Tls, Worker,
};
pub use store_url::without_password;
