# The short face of the repository. The work is in CMakePresets.json and tools/.
.DEFAULT_GOAL := help
.PHONY: help setup build test demo lint format bench evidence data-evidence keyword-evidence conformance fuzz clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/  make \1\t\2/p' Makefile | expand -t 18

setup:  ## install what is missing: packages, and the Python environment of the oracle
	@tools/setup.sh

build: setup  ## build/release/mote
	@cmake --preset release >/dev/null
	@cmake --build --preset release

test:  ## everything that must pass before a change lands
	@tools/test.sh

lint: build  ## format, include directions, clang-tidy, cppcheck
	@tools/check_includes.py
	@tools/lint.py

format:  ## rewrite the sources in the house format
	@tools/lint.py --fix-format

demo: build  ## a wake word nobody has recorded: made, trained, and heard by an emulated Cortex-M4
	@tools/demo.sh

bench: build  ## instructions, memory and flash of real models beside TFLM's; writes docs/evidence/bench.*
	@build/venv/bin/python tools/bench.py

evidence: build  ## accuracy and exactness over the MLPerf Tiny data in ../shared; writes docs/evidence
	@tools/evidence/run.sh

conformance: build  ## every model under ../shared, or under MODELS=DIR, against foreign engines; writes docs/evidence
	@build/venv/bin/python tools/conformance.py $(if $(MODELS),--models $(MODELS))

data-evidence: build  ## import the real recordings of ../shared, make a synthetic set; writes docs/evidence/data.md
	@tools/evidence/data.sh

keyword-evidence: build  ## kws01 from raw sound and the time of a DNN; prints what docs/evidence/keyword.md says
	@tools/evidence/keyword_models.sh

fuzz:  ## fuzz every parser for MOTE_FUZZ_SECONDS each (default 60)
	@tools/fuzz.sh $${MOTE_FUZZ_SECONDS:-60}

clean:  ## remove build/
	rm -rf build
