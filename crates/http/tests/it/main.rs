//! The HTTP interface from the clients' point of view, over fakes, SQLite and MariaDB.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests panic on failure, with the reason"
)]

mod access;
mod accounts;
mod answer;
mod arrange;
mod audit;
mod chat;
mod clients;
mod connections;
mod cookies;
mod declared;
mod disconnects;
mod entries;
mod errors;
mod events;
mod export;
mod fields;
mod files;
mod flow;
mod hand_over;
mod idempotency;
mod lists;
mod logout;
mod lost_answers;
mod mock;
mod objects;
mod operations;
mod orders;
mod origins;
mod outages;
mod passwords;
mod races;
mod rosters;
mod searches;
mod sequences;
mod sessions;
mod standing;
mod steps;
mod tokens;
mod visits;
mod world;

/// Generates one test per backend from an async function that takes a [`world::World`], optionally configured
/// with [`world::Adjust`].
macro_rules! on_every_backend {
    (adjusted by $adjust:path: $($(#[$doc:meta])* async fn $name:ident($world:ident: &World) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn case($world: &World) $body

            #[test]
            fn fakes() {
                crate::world::run_adjusted(crate::world::Backend::Fakes, $adjust, async |world| case(world).await);
            }

            #[test]
            fn sqlite() {
                crate::world::run_adjusted(crate::world::Backend::Sqlite, $adjust, async |world| case(world).await);
            }

            #[test]
            fn mariadb() {
                crate::world::run_adjusted(crate::world::Backend::MariaDb, $adjust, async |world| case(world).await);
            }
        }
    )*};
    ($($cases:tt)*) => {
        crate::on_every_backend! { adjusted by crate::world::usual: $($cases)* }
    };
}
pub(crate) use on_every_backend;
