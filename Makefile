.PHONY: help setup build test lint demo package bench fuzz

help: ## List these targets
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/make \1\t\2/p' Makefile | expand -t 16

setup: ## Install what the build and the tests need (apt, and Python packages in .venv)
	@scripts/setup.sh

build: setup ## Debug build
	swift build

test: lint ## Lint, all tests, and the release with its own
	@scripts/test.sh

lint: setup ## Check the form of Swift, shell and Python
	@scripts/lint.sh

demo: setup ## Two pushes, a forged one and a redelivery, on a local AWS
	@demo/run.sh

package: setup ## The release: dist/pointsman.zip
	@./package.sh

bench: setup ## Measure the release beside a C loop and AWS's Python runtime
	@scripts/release.sh bootstrap
	@scripts/release.sh echo
	@python3 Benchmarks/run.py --bootstrap dist/bootstrap --echo dist/echo

fuzz: setup ## A million mutated inputs under AddressSanitizer
	@scripts/fuzz.sh
