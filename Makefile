# purser.nvim. `make help` lists what can be made.

PREFIX ?= $(HOME)/.local
STEP ?=
BENCH ?=
SEEDS ?= 2000

tools := tests/tools

.DEFAULT_GOAL := build
.PHONY: build run test bench stress lint format install screenshots clean help

build: ## Build the library and the program into build/
	@$(tools)/bootstrap build
	@$(tools)/compile

run: ## Open a playground: Neovim with the plugin, sample history and an offline agent
	@$(tools)/bootstrap run
	@$(tools)/compile
	@$(tools)/playground

test: ## Run every test on the oldest and the newest Neovim (STEP="c asan fuzz lua e2e" picks some)
	@$(tools)/bootstrap test
	@$(tools)/test $(STEP)

bench: ## Run the benchmarks (BENCH=name picks one)
	@$(tools)/bootstrap bench
	@$(tools)/bench $(BENCH)

stress: ## Run the randomised tests for long (SEEDS=2000), sanitized too, and fuzz for ten minutes
	@$(tools)/bootstrap test fuzz
	@PURSER_STRESS_SEEDS=$(SEEDS) PURSER_FUZZ_SECONDS=600 $(tools)/test c asan fuzz sanlua

lint: ## Check formats and warnings: clang-format, clang-tidy, clang, luacheck, stylua, shellcheck
	@$(tools)/bootstrap lint
	@$(tools)/lint

format: ## Format C and Lua in place
	@$(tools)/bootstrap lint
	@$(tools)/lint --fix

install: build ## Install into PREFIX (~/.local): program, library, and the plugin where Neovim finds it
	@cmake --install build --prefix "$(abspath $(PREFIX))"
	@if nvim=$$(command -v nvim); then "$$nvim" --headless --clean -n \
		-c 'helptags $(abspath $(PREFIX))/share/nvim/site/pack/purser/start/purser.nvim/doc' -c quit; fi

screenshots: ## Draw the pictures of the documentation into doc/img/
	@$(tools)/bootstrap run pictures
	@$(tools)/compile
	@$(tools)/screenshots

clean: ## Remove what was built; .deps/ stays
	@rm -rf build

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'
