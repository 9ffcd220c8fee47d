# Short names for commands that CONTRIBUTING.md explains.
.PHONY: run test test-faults check

run:
	cargo run --release

test:
	bash tests/run

# The long rounds of tests/faults, with their figures; about a quarter of an hour on two cores.
test-faults:
	CIPHERDECK_FAULTS=full bash tests/run -- faults:: --nocapture --test-threads 2

check:
	bash .ci/run
