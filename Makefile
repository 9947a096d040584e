# The short face of the repository. The work is in CMakePresets.json and tools/.
.DEFAULT_GOAL := help
.PHONY: help setup build test demo lint format bench evidence fuzz clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/  make \1\t\2/p' Makefile | expand -t 18

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

clean:  ## remove build/
	rm -rf build
