# Short names for commands that CONTRIBUTING.md explains.
.PHONY: run test test-faults soak fuzz sbom deny check

run:
	cargo run --release

test:
	bash tests/run

# The long rounds of tests/faults, with their figures; about a quarter of an hour on two cores.
test-faults:
	CIPHERDECK_FAULTS=full bash tests/run -- faults:: --nocapture --test-threads 2

# Churn for an hour (tests/soak); so long, at so many cores, with the samples in this file.
SOAK_SECONDS ?= 3600
SOAK_LOAD ?= 0.5
SOAK_CSV ?= target/soak.csv
soak:
	CIPHERDECK_SOAK_SECONDS=$(SOAK_SECONDS) CIPHERDECK_SOAK_LOAD=$(SOAK_LOAD) CIPHERDECK_SOAK_CSV=$(SOAK_CSV) \
		cargo test --release --test suite -- soak:: --nocapture

# Every fuzzer, FUZZ_SECONDS (600) each, FUZZ_JOBS (2) side by side.
fuzz:
	fuzz/run

# What the program is made of, as CycloneDX, in target/sbom.
sbom:
	.ci/sbom

# Licences, sources and advisories of everything that is compiled.
deny:
	cargo deny check

check:
	bash .ci/run
