# Common tasks, listed by `just`. CI runs the same through .ci/run.

default:
    @just --list

# Start the service on http://127.0.0.1:8088
run *ARGS:
    cargo run -- {{ARGS}}

# Fill an empty database with demo data
demo *ARGS:
    cargo run -- demo {{ARGS}}

# Run all tests (`cargo test NAME` runs some of them)
test:
    .ci/run test

# Look at every page in Chromium and play the hospital's day; FOLDER gets pictures of all pages
browser FOLDER=(justfile_directory() / "target/screenshots"):
    YILIN_SCREENSHOTS={{FOLDER}} .ci/run browser

# Take the README's picture of the console
console-picture:
    YILIN_SCREENSHOTS={{justfile_directory()}}/docs \
      cargo test --workspace --test process browser::every_page::the_overview_fits_into_the_picture_of_the_manual -- --exact

# Run all CI steps, or some
ci *STEPS:
    .ci/run {{STEPS}}

fmt:
    cargo fmt --all

lint:
    .ci/run format lint dependencies

# Fuzz every route over HTTP as every role, for SECONDS in total
fuzz-api SECONDS="1200" SEED=`date +%s`:
    .ci/fuzz-api {{SECONDS}} {{SEED}}

# Kill the service and its database repeatedly under load, for at least SECONDS, KILLS and CHANGES each
torture SECONDS="600" SEED="1" KILLS="100" CHANGES="10000":
    YILIN_TORTURE_SECONDS={{SECONDS}} YILIN_TORTURE_SEED={{SEED}} YILIN_TORTURE_KILLS={{KILLS}} \
      YILIN_TORTURE_CHANGES={{CHANGES}} cargo test --test process torture -- --nocapture

# Run FLOWS flows on two instances while listeners reconnect and a webhook sender is killed
events FLOWS="600":
    YILIN_TEST_FLOWS={{FLOWS}} cargo test --test process events -- --nocapture

# Three Galera nodes and three instances: reads after writes, races, a node that is isolated and one that is killed
galera *ARGS:
    cargo build --workspace
    .ci/galera {{ARGS}}

# Check licences, sources and banned crates
deny:
    .ci/run licenses

# Check dependencies for known vulnerabilities (requires access to the RustSec database)
advisories:
    .ci/run advisories

# Build the Debian package of BINARY, check the container files, and follow the manual on a fresh Debian (root, Debian only)
package BINARY="target/debug/yilin":
    .ci/packages {{BINARY}}

# Regenerate docs/openapi.json
openapi:
    cargo run --quiet -- openapi > docs/openapi.json

# Run the benchmarks; see `just bench --help`
bench *ARGS:
    cargo build --release -p yilin
    cargo run --release -p yilin-bench -- {{ARGS}}

# Back up VISITS visits and FILES files of 1 MiB while people work, on SQLite and MariaDB, and restore them
backup VISITS="100000" FILES="5120" SECONDS="60":
    cargo build --release --bin yilin --bin yilin-bench
    target/release/yilin-bench --only-backup --backup-visits {{VISITS}} --backup-files {{FILES}} --seconds {{SECONDS}}

# Read a million mutated rosters; none may crash or hang the reader
fuzz-roster MUTATIONS="1000000":
    YILIN_ROSTER_MUTATIONS={{MUTATIONS}} cargo test --release -p yilin-roster --test it mutated
