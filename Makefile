# Thin: everything is built by meson. `make demo` and `make test` set up what is missing.
BUILD ?= build

all: build

setup:
	@tools/setup

build: setup
	@test -d $(BUILD) || meson setup $(BUILD) --werror >/dev/null || { cat $(BUILD)/meson-logs/meson-log.txt; exit 1; }
	@meson compile -C $(BUILD) >$(BUILD)/compile.log 2>&1 || { cat $(BUILD)/compile.log; exit 1; }

# The doctor on both examples, on a text that every Debian has. TEXT=file for another one.
demo: build
	@tools/demo $(BUILD)/src/weir $(TEXT)

test: build
	@tools/test $(BUILD)

bench: build
	@tools/bench $(BUILD)

install: build
	@meson install -C $(BUILD)

clean:
	rm -rf build build-*

.PHONY: all setup build demo test bench install clean
