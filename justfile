# What people do here. `just` lists it; CI does the same through .ci/run.

default:
    @just --list

# Start the service on http://127.0.0.1:8088
run *ARGS:
    cargo run -- {{ARGS}}

# Fill an empty database with a small hospital
demo *ARGS:
    cargo run -- demo {{ARGS}}

# Every test (`cargo test NAME` runs some of them)
test:
    .ci/run test

# Everything that CI checks
ci *STEPS:
    .ci/run {{STEPS}}

fmt:
    cargo fmt --all

lint:
    .ci/run format lint dependencies

# Fuzz every route over HTTP, as every role, for so many seconds
fuzz-api SECONDS="1200" SEED=`date +%s`:
    .ci/fuzz-api {{SECONDS}} {{SEED}}

# Kill the service and its database again and again while people work, for so many seconds each
torture SECONDS="600" SEED="1":
    YILIN_TORTURE_SECONDS={{SECONDS}} YILIN_TORTURE_SEED={{SEED}} cargo test --test process torture -- --nocapture

# Licences, sources and banned crates
deny:
    .ci/run licenses

# Known weaknesses in the crates we use, where the network reaches RustSec's database
advisories:
    .ci/run advisories

# Write docs/openapi.json from the code
openapi:
    cargo run --quiet -- openapi > docs/openapi.json

# Measure; `just bench --help` tells what
bench *ARGS:
    cargo build --release -p yilin
    cargo run --release -p yilin-bench -- {{ARGS}}

# Read a million mutated rosters; none may do harm
fuzz-roster MUTATIONS="1000000":
    YILIN_ROSTER_MUTATIONS={{MUTATIONS}} cargo test --release -p yilin-roster --test it mutated
