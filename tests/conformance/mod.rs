//! The store's contract as tests, written once for every engine.
//!
//! A test is a generic function over [`engine::Engine`]; [`suite!`] runs all of them against one engine. Another engine
//! is added by implementing that trait and one more line at the end of this file.

mod engine;
mod invariants;
mod model;
mod random;
mod smoke;
mod view;
mod world;

/// Every test of the contract, for one engine.
macro_rules! suite {
    ($engine:ident, $type:ty: $($subject:ident { $($test:ident),* $(,)? })*) => {
        mod $engine {
            $(mod $subject {
                $(#[tokio::test]
                async fn $test() {
                    crate::conformance::$subject::$test::<$type>().await;
                })*
            })*
        }
    };
}

suite!(sqlite, crate::conformance::engine::Sqlite:
    smoke { a_task_lives_from_enqueue_to_sweep }
    random {
        random_steps_with_seed_1, random_steps_with_seed_2, random_steps_with_seed_3, random_steps_with_a_fresh_seed,
    }
);
