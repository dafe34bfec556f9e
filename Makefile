.PHONY: help setup build unit test lint template demo package tool install release reproducible bench fuzz model sanitize soak

help: ## List these targets
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/make \1\t\2/p' Makefile | expand -t 20

setup: ## Install what the build and the tests need (apt, and Python packages in .venv)
	@scripts/setup.sh

build: setup ## Debug build
	@. scripts/temporary.sh; swift build

unit: setup ## The Swift tests alone, but for those that take longest
	@scripts/unit.sh

test: lint ## Lint, all tests, and the release with its own
	@scripts/test.sh

lint: setup ## Check the form of Swift, shell and Python
	@scripts/lint.sh

template: setup ## Check template.yaml and examples/
	@scripts/template.sh

demo: ## On a local AWS: deployed, triggers declared, pushes sent; DEMO=codecommit shows one line
	@scripts/setup.sh $(if $(DEMO),,system)
	@demo/run.sh $(DEMO)

package: setup ## The release: dist/pointsman.zip
	@./package.sh

tool: setup ## The command-line tool: dist/pointsman, static
	@scripts/tool.sh

install: ## Install dist/pointsman, its man page and completions below PREFIX (/usr/local); DESTDIR too
	@DESTDIR="$(DESTDIR)" scripts/install.sh "$(or $(PREFIX),/usr/local)"

release: setup ## All files of a release, in dist/release; TAG=v1.0.0 checks that it may be published
	@scripts/assets.sh $(TAG)

reproducible: setup ## Prove that both releases, built elsewhere without network, are the same
	@scripts/reproducible.sh
	@scripts/reproducible.sh --architecture arm64

bench: setup ## Measure the release beside its peers: Benchmarks/REPORT.md; PEER=NAME=COMMAND, PART=start
	@scripts/bench.sh $(if $(PEER),--peer "$(PEER)") $(PART)

fuzz: setup ## libFuzzer on every reader of foreign input, ten minutes; SECONDS=3600, or KEEP=1 keeps what it found
	@scripts/fuzz.sh $(if $(KEEP),keep,$(or $(SECONDS),600))

soak: setup ## 10,000 deliveries through the release while its calls fail; OPTIONS="--deliveries 500 --seed 2"
	@scripts/soak.sh $(OPTIONS)

model: setup ## Every schedule of two invocations with two faults, and of three; takes an hour or two
	@scripts/model.sh

sanitize: setup ## The Swift tests under the address, undefined behaviour and thread sanitizers; SANITIZER=thread
	@scripts/sanitize.sh $(SANITIZER)
