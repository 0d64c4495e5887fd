# Builds Ithaca. `make help` lists the targets.
#
# Everything that is made goes to $(BUILD): gen/ (what the contract and the SQL become), tools/, lib/, bin/, test/.
# SAN=address,undefined builds the same below $(BUILD)/san. Nothing outside $(BUILD) is written.

BUILD ?= build
SAN ?=
O := $(BUILD)$(if $(SAN),/san)
GEN := $(BUILD)/gen
BIN := $(O)/bin
TOOLS := $(BUILD)/tools
ITHACA_BIN ?= $(abspath $(BIN))
export BIN TOOLS ITHACA_BIN

CC := gcc
PYTHON := /usr/bin/python3
WARNINGS := -Wall -Wextra -Wshadow -Wvla -Wwrite-strings -Wmissing-prototypes -Wstrict-prototypes -Wconversion -Werror
GEN_WARNINGS := -Wall -Werror
OPTIMISE := $(if $(SAN),-O1,-O2 -D_FORTIFY_SOURCE=2)
CFLAGS := -std=gnu17 -g -pthread -fno-omit-frame-pointer -fstack-protector-strong $(OPTIMISE) $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all)
LDFLAGS := -pthread -Wl,--as-needed -Wl,-z,relro,-z,now $(if $(SAN),-fsanitize=$(SAN))

PACKAGES := libnats libprotobuf-c libpq libmicrohttpd libsodium libuv jansson libcurl liboath libutf8proc libidn2 zlib
CPPFLAGS := -D_GNU_SOURCE -I$(GEN) -Ilib $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
LIBS := $(if $(SAN),,-lmimalloc) $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lzxcvbn -lm
LIBS_programs := $(shell pkg-config --libs pangocairo fontconfig 2>/dev/null)

# What there is to build.

PROTOS := $(sort $(shell find proto -name '*.proto'))
FOLDERS := $(sort $(foreach proto,$(PROTOS),$(if $(findstring /,$(proto:proto/%=%)),$(firstword $(subst /, ,$(proto:proto/%=%))))))
SERVICES := $(patsubst services/%/main.c,%,$(wildcard services/*/main.c))
SQL := $(sort $(wildcard lib/migrations/*.sql services/*/*.sql services/*/migrations/*.sql))
LIB_SOURCES := $(sort $(wildcard lib/*.c))
GATEWAY_SOURCES := $(sort $(wildcard gateway/*.c gateway/*/*.c))
PHOTO_SOURCES := $(sort $(wildcard services/identity/photo/*.c))
# Verifies the certificates of matchings: a part of the service, and a program of its own.
VERIFIER_of_matching := $(sort $(filter-out tools/match-check/main.c,$(wildcard tools/match-check/*.c)))
service_sources = $(sort $(filter-out services/$1/photo/%,$(wildcard services/$1/*.c services/$1/*/*.c)) $(VERIFIER_of_$1))

objects = $(patsubst %.c,$(O)/obj/%.o,$1)
gen_objects = $(patsubst $(GEN)/%.c,$(O)/obj/gen/%.o,$1)

BINARIES := $(SERVICES:%=$(BIN)/%) $(if $(wildcard gateway/main.c),$(BIN)/gateway) $(if $(PHOTO_SOURCES),$(BIN)/photo) $(BIN)/certificate-check $(BIN)/match-check
TEST_SOURCES := $(sort $(wildcard tests/lib/test_*.c))
FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/fuzz_*.c))
BENCH_SOURCES := $(sort $(wildcard tests/bench/*.c))
TEST_PB := $(patsubst tests/lib/%.proto,$(GEN)/tests/%.pb-c,$(sort $(wildcard tests/lib/*.proto)))
TESTS := $(TEST_SOURCES:tests/lib/%.c=$(O)/test/%)

.PHONY: build
build: $(BINARIES) $(BUILD)/docs/index.html ## builds every process (the default)

# Lists of inputs, rewritten when a file comes or goes, so that what depends on them is made again.

$(shell mkdir -p $(GEN) && echo '$(PROTOS) $(SQL)' | cmp -s - $(GEN)/inputs || echo '$(PROTOS) $(SQL)' > $(GEN)/inputs)

# The generators: host programs, never sanitized.

TOOL_CFLAGS := -std=gnu17 -g -O1 -D_GNU_SOURCE -I$(GEN) -Ilib -Itools $(shell pkg-config --cflags libprotobuf-c jansson 2>/dev/null)
GOOGLE := $(GEN)/google/protobuf/descriptor.pb-c $(GEN)/google/protobuf/compiler/plugin.pb-c
TOOL_PB := $(GOOGLE) $(GEN)/options.pb-c
tool_objects = $(patsubst %,$(BUILD)/tools/obj/%.o,$1)
PLUGIN_OBJECTS := $(call tool_objects,$(patsubst tools/%.c,%,$(filter-out tools/sqlgen.c tools/contract.c tools/codes.c,$(wildcard tools/*.c))) arena buf $(TOOL_PB:$(GEN)/%=%))
SQLGEN_OBJECTS := $(call tool_objects,sqlgen contract statements names literal arena buf)
CODES_OBJECTS := $(call tool_objects,codes literal arena buf)

$(BUILD)/tools/protoc-gen-ithaca: $(PLUGIN_OBJECTS)
	@echo "link $@"
	@$(CC) -o $@ $^ $(shell pkg-config --libs libprotobuf-c jansson 2>/dev/null)

$(BUILD)/tools/sqlgen: $(SQLGEN_OBJECTS)
	@echo "link $@"
	@$(CC) -o $@ $^ $(shell pkg-config --libs jansson 2>/dev/null)

$(BUILD)/tools/codes: $(CODES_OBJECTS)
	@echo "link $@"
	@$(CC) -o $@ $^

$(BUILD)/tools/obj/%.pb-c.o: $(GEN)/%.pb-c.c | $(TOOL_PB:=.h)
	@mkdir -p $(@D)
	@$(CC) $(TOOL_CFLAGS) -w -MMD -MP -c -o $@ $<

$(BUILD)/tools/obj/%.o: tools/%.c | $(TOOL_PB:=.h)
	@mkdir -p $(@D)
	@echo "cc $<"
	@$(CC) $(TOOL_CFLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<

$(BUILD)/tools/obj/%.o: lib/%.c
	@mkdir -p $(@D)
	@$(CC) $(TOOL_CFLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<

# The contract. Files that come out as they were keep their time, so that only what changed is compiled again.

PROTOC := protoc -Iproto -I/usr/include
KEEP_UNCHANGED = cd $1 && find . -type f | while read -r f; do \
	cmp -s "$$f" "$(abspath $2)/$$f" || { mkdir -p "$(abspath $2)/$${f%/*}" && mv "$$f" "$(abspath $2)/$$f"; }; done
PB_C := $(PROTOS:proto/%.proto=$(GEN)/%.pb-c.c)

$(GEN)/google/%.pb-c.c $(GEN)/google/%.pb-c.h: /usr/include/google/%.proto
	@$(PROTOC) --c_out=$(GEN) google/$*.proto

$(GEN)/%.pb-c.c $(GEN)/%.pb-c.h: proto/%.proto tools/protoc-gen-c-optional
	@$(PROTOC) --plugin=protoc-gen-c=tools/protoc-gen-c-optional --c_out=$(GEN) $*.proto

$(GEN)/tests/%.pb-c.c $(GEN)/tests/%.pb-c.h: tests/lib/%.proto tools/protoc-gen-c-optional
	@mkdir -p $(@D)
	@protoc -Itests/lib -Iproto -I/usr/include --plugin=protoc-gen-c=tools/protoc-gen-c-optional --c_out=$(GEN)/tests $*.proto

$(GEN)/contract.stamp: $(PROTOS) $(filter services/%,$(SQL)) $(GEN)/inputs $(BUILD)/tools/protoc-gen-ithaca
	@echo "contract $(words $(PROTOS)) files"
	@rm -rf $(GEN).new && mkdir -p $(GEN).new
	@$(PROTOC) --plugin=protoc-gen-ithaca=$(BUILD)/tools/protoc-gen-ithaca --ithaca_out=$(GEN).new \
		--ithaca_opt=services=services $(PROTOS:proto/%=%)
	@$(call KEEP_UNCHANGED,$(GEN).new,$(GEN))
	@rm -rf $(GEN).new
	@touch $@

per_folder = $(foreach folder,$(FOLDERS),$(patsubst %,$(GEN)/$(folder)/$(folder).%,$1))
PLUGIN_OUTPUT := $(patsubst %,$(GEN)/%,common.types.c common.types.h contract.c contract.h openapi.c openapi.json contract.json) \
	$(call per_folder,h types.c types.h methods.c handlers.c events.c clients.c)
$(PLUGIN_OUTPUT): $(GEN)/contract.stamp ;

# The statements and migrations of each service.

SQL_FOLDERS := $(filter-out gateway,$(FOLDERS))
define sql_rules
$(GEN)/$1/sql.stamp: $(filter lib/migrations/% services/$1/%,$(SQL)) $(GEN)/inputs $(GEN)/contract.json $(BUILD)/tools/sqlgen
	@rm -rf $(GEN)/$1.new && mkdir -p $(GEN)/$1.new $(GEN)/$1
	@$(BUILD)/tools/sqlgen $1 $(GEN)/$1.new $(GEN)/contract.json lib/migrations services/$1
	@$$(call KEEP_UNCHANGED,$(GEN)/$1.new,$(GEN)/$1)
	@rm -rf $(GEN)/$1.new
	@touch $$@
$(addprefix $(GEN)/$1/$1.,sql.c sql.h migrations.c): $(GEN)/$1/sql.stamp ;
endef
$(foreach folder,$(SQL_FOLDERS),$(eval $(call sql_rules,$(folder))))

# The codes with which services refuse.

CODE_SOURCES := $(foreach service,$(SERVICES),$(call service_sources,$(service))) $(filter services/%,$(SQL))
$(GEN)/codes.stamp: $(CODE_SOURCES) $(GEN)/inputs $(BUILD)/tools/codes
	@rm -rf $(GEN)/codes.new && mkdir -p $(GEN)/codes.new
	@$(BUILD)/tools/codes $(GEN)/codes.new $(SERVICES:%=services/%)
	@$(call KEEP_UNCHANGED,$(GEN)/codes.new,$(GEN))
	@rm -rf $(GEN)/codes.new
	@touch $@
$(GEN)/codes.c $(GEN)/codes.h: $(GEN)/codes.stamp ;

.PHONY: gen
gen: $(GEN)/contract.stamp $(GEN)/codes.stamp $(SQL_FOLDERS:%=$(GEN)/%/sql.stamp) $(PB_C) $(GOOGLE:=.h) ## makes build/gen from proto/ and services/*.sql

# Objects. The first time each waits for the headers that it may include; afterwards its .d file says what it needs.

$(O)/obj/gen/%.pb-c.o: $(GEN)/%.pb-c.c | $(PB_C) $(GOOGLE:=.h)
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS) $(CFLAGS) -w -MMD -MP -c -o $@ $<

$(O)/obj/gen/%.o: $(GEN)/%.c | $(PB_C) $(GOOGLE:=.h) $(GEN)/contract.stamp
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(GEN_WARNINGS) -MMD -MP -c -o $@ $<

COMPILE = mkdir -p $(@D) && echo "cc $<" && $(CC) $(CPPFLAGS) $(CFLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<
$(O)/obj/lib/%.o: lib/%.c | $(PB_C) $(GOOGLE:=.h)
	@$(COMPILE)
$(O)/obj/tests/%.o: tests/%.c | $(PB_C) $(TEST_PB:=.h)
	@$(COMPILE)
$(O)/obj/%.o: %.c | $(PB_C) $(GOOGLE:=.h) $(GEN)/contract.stamp
	@$(COMPILE)

$(O)/obj/tests/%.o $(O)/obj/services/matching/%.o: CPPFLAGS += -I.
$(O)/obj/services/programs/certificate_pdf.o: CPPFLAGS += $(subst -I,-isystem ,$(shell pkg-config --cflags pangocairo fontconfig 2>/dev/null))
# The solver's loops are worth every optimisation.
$(O)/obj/services/matching/solver/%.o: CFLAGS += $(if $(SAN),,-O3)
$(O)/obj/services/identity/photo/%.o: CPPFLAGS += $(shell pkg-config --cflags gdlib 2>/dev/null)

ARCHIVE = mkdir -p $(@D) && rm -f $@ && ar rcs $@ $^

$(O)/lib/libithaca.a: $(call objects,$(LIB_SOURCES)) $(call gen_objects,$(GEN)/common.pb-c.c $(GEN)/rpc.pb-c.c)
	@$(ARCHIVE)

CONTRACT_SOURCES := $(filter-out $(patsubst %,$(GEN)/%.pb-c.c,options common rpc),$(PB_C)) $(GEN)/common.types.c $(GEN)/contract.c $(GEN)/openapi.c \
	$(call per_folder,types.c methods.c)
$(O)/lib/libcontract.a: $(call gen_objects,$(CONTRACT_SOURCES))
	@$(ARCHIVE)

$(call objects,gateway/refuse.c): | $(GEN)/codes.stamp
$(O)/lib/libgateway.a: $(call objects,$(filter-out gateway/main.c,$(GATEWAY_SOURCES))) \
		$(call gen_objects,$(GEN)/codes.c $(if $(filter gateway,$(FOLDERS)),$(GEN)/gateway/gateway.clients.c))
	@$(ARCHIVE)

SERVICE_GEN := handlers.c events.c clients.c sql.c migrations.c
define service_rules
$(call objects,$(call service_sources,$1)) $(call gen_objects,$(SERVICE_GEN:%=$(GEN)/$1/$1.%)): | $(GEN)/$1/sql.stamp
$(O)/lib/lib$1.a: $(call objects,$(filter-out services/$1/main.c,$(call service_sources,$1))) \
		$(call gen_objects,$(SERVICE_GEN:%=$(GEN)/$1/$1.%))
	@$$(ARCHIVE)
$(BIN)/$1: $(call objects,services/$1/main.c) $(O)/lib/lib$1.a $(O)/lib/libithaca.a $(O)/lib/libcontract.a
	@mkdir -p $$(@D)
	@echo "link $$@"
	@$(CC) $(LDFLAGS) -o $$@ $$^ $(LIBS) $(LIBS_$1)
endef
$(foreach service,$(SERVICES),$(eval $(call service_rules,$(service))))

$(BIN)/gateway: $(call objects,gateway/main.c) $(O)/lib/libgateway.a $(O)/lib/libithaca.a $(O)/lib/libcontract.a
	@mkdir -p $(@D)
	@echo "link $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

# The pages that links in mails lead to, and the API reference, which is no part of the processes: without npm everything
# else still builds.

$(BUILD)/docs/index.html: $(wildcard gateway/docs/* gateway/landing/*)
	@mkdir -p $(@D) && cp gateway/landing/* $(@D)
	@gateway/docs/install.sh $(@D) || echo "the API reference cannot be installed; /docs will say so"

$(BIN)/photo: $(call objects,$(PHOTO_SOURCES)) $(O)/lib/libithaca.a
	@mkdir -p $(@D)
	@echo "link $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs gdlib 2>/dev/null) $(LIBS)

# The checkers of certificates stand alone.

$(BIN)/certificate-check: $(call objects,tools/certificate-check/main.c)
	@mkdir -p $(@D)
	@echo "link $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs libsodium jansson 2>/dev/null)

$(BIN)/match-check: $(call objects,tools/match-check/main.c $(VERIFIER_of_matching))
	@mkdir -p $(@D)
	@echo "link $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs libsodium 2>/dev/null)

# A test links lib/, and the archive of the gateway or of a service when it includes a header of theirs by its path
# ("gateway/route.h", "services/identity/totp.h").

test_bases = $(filter-out $(TEST_SOURCES) $(FUZZ_SOURCES),$(sort $(wildcard tests/lib/*.c)))
$(O)/lib/libtests.a: $(call objects,$(test_bases)) $(call gen_objects,$(TEST_PB:=.c))
	@$(ARCHIVE)

including = $(shell grep -ls '#include "$1/' $(TEST_SOURCES) $(FUZZ_SOURCES) $(BENCH_SOURCES))
test_binaries = $(patsubst tests/lib/%.c,$(O)/test/%,$(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(patsubst tests/bench/%.c,$(O)/bench/%,$1)))
define test_archive
$(call test_binaries,$(call including,$1)): $2 $(O)/lib/libcontract.a
endef
$(if $(call including,gateway),$(eval $(call test_archive,gateway,$(O)/lib/libgateway.a)))
$(foreach service,$(SERVICES),$(if $(call including,services/$(service)),\
	$(eval $(call test_archive,services/$(service),$(O)/lib/lib$(service).a))))

LINK_TEST = mkdir -p $(@D) && echo "link $@" && $(CC) $(LDFLAGS) $1 -o $@ $(filter %.o,$^) \
	-Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS)
$(O)/test/%: $(O)/obj/tests/lib/%.o $(O)/lib/libtests.a $(O)/lib/libithaca.a
	@$(call LINK_TEST) -lcmocka
$(O)/fuzz/%: $(O)/obj/tests/fuzz/%.o $(O)/lib/libtests.a $(O)/lib/libithaca.a
	@$(call LINK_TEST,-fsanitize=fuzzer)
$(O)/bench/%: $(O)/obj/tests/bench/%.o $(O)/lib/libithaca.a
	@$(call LINK_TEST)

.PHONY: install-deps run stop reset mail
install-deps: ## installs what deploy/packages.txt lists
	@deploy/install.sh
# What is installed first decides how everything after it is built: hence a make of its own.
run: install-deps ## the whole platform on this machine, until Ctrl-C
	@$(MAKE) --no-print-directory -j$$(nproc) build
	@deploy/local/ithaca up
stop: ## stops a run from elsewhere
	@deploy/local/ithaca stop
reset: ## stops it and forgets its data
	@deploy/local/ithaca reset
mail: ## shows the mails it sent
	@deploy/local/ithaca mail

.PHONY: test test-binaries test-lib test-api test-browser check bench bench-binaries bench-scale bench-directory bench-match-run drills
test: install-deps ## every test
	@$(MAKE) --no-print-directory -j$$(nproc) test-binaries
	@deploy/local/ithaca with tests/run lib api
test-binaries: build $(TESTS)
test-lib: $(TESTS) $(BUILD)/tools/protoc-gen-ithaca $(BUILD)/tools/sqlgen ## the tests of lib/, gateway/ and tools/
	@deploy/local/ithaca with tests/run lib
test-api: build ## the tests over HTTP, against the real stack
	@tests/run api
test-browser: build ## the pages that links in mails lead to, in Chromium (installs it: 120 MB)
	@apt-get install -qq --no-install-recommends chromium-driver python3-selenium
	@$(PYTHON) -m pytest -q -p no:cacheprovider tests/api/browser
check: build ## compares every statement with the messages, in a database of its own
	@deploy/local/ithaca check
bench: build ## speed, against the peers
	@$(PYTHON) tests/bench/bench.py
bench-binaries: $(BENCH_SOURCES:tests/bench/%.c=$(O)/bench/%)
bench-match-run: build ## a matching of 10 000 x 2 500 through the API
	@$(PYTHON) tests/bench/match_run.py
bench-directory: build ## a directory with 50 000 mentors
	@$(PYTHON) tests/bench/directory.py
bench-scale: build ## lists and reports of a platform with a million tasks
	@$(PYTHON) tests/bench/scale.py
drills: build ## faults under load
	@$(PYTHON) tests/drills/drills.py

# The solver against every choice there is.

SOLVER_SOURCES := $(sort $(wildcard services/matching/solver/*.c))
ORACLE_INSTANCES ?= 1000000
.PHONY: oracle-matching
oracle-matching: $(O)/oracle/matching ## random tiny problems, changed six times each, against every choice there is
	@$< $(ORACLE_INSTANCES)
$(O)/oracle/matching: $(call objects,tests/oracle/matching.c $(sort $(wildcard tests/lib/match_*.c)) $(SOLVER_SOURCES))
	@mkdir -p $(@D) && $(CC) $(LDFLAGS) -o $@ $^

# What the matching bench times; its generators and peers are compiled by compare.py.

BENCH_MATCHING := $(O)/bench/solve $(O)/bench/rematch $(O)/bench/complete
.PHONY: bench-matching
bench-matching: $(BENCH_MATCHING) ## the solver against LEMON and scipy (installs liblemon-dev and python3-scipy)
	@$(PYTHON) tests/bench/matching/compare.py
$(BENCH_MATCHING): $(O)/bench/%: $(O)/obj/tests/bench/%.o $(call objects,tests/bench/matching/instance.c $(SOLVER_SOURCES))
	@mkdir -p $(@D)
	@echo "link $@"
	@$(CC) $(LDFLAGS) -o $@ $^ -lm
$(O)/bench/complete: $(call objects,tests/bench/matching/profiles.c tests/bench/matching/scores.c)
$(call objects,tests/bench/matching/scores.c): CFLAGS += $(if $(SAN),,-O3)

# Fuzzing: the same sources by clang, then every fuzzer for FUZZ_SECONDS.

FUZZ_SECONDS ?= 600
FUZZERS := $(FUZZ_SOURCES:tests/fuzz/%.c=$(O)/fuzz/%)
.PHONY: fuzz fuzzers
fuzzers: $(FUZZERS)
fuzz: ## libFuzzer on everything that reads foreign bytes (FUZZ_SECONDS each)
	@$(MAKE) --no-print-directory fuzzers CC=clang SAN=fuzzer-no-link,address,undefined O=$(BUILD)/clang WARNINGS=-Wall
	@for fuzzer in $(BUILD)/clang/fuzz/*; do \
		corpus=$(BUILD)/corpus/$${fuzzer##*/}; mkdir -p $$corpus; echo "$$fuzzer"; \
		$$fuzzer -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -artifact_prefix=$(BUILD)/corpus/ $$corpus || exit 1; done

# Reading aids.

C_FILES = $(shell git ls-files '*.c' '*.h')
.PHONY: tidy format loc clean help
tidy: gen ## clang-tidy
	@clang-tidy --quiet $(filter %.c,$(C_FILES)) -- -std=gnu17 $(CPPFLAGS) $(shell pkg-config --cflags pangocairo fontconfig gdlib) -I.
format: ## clang-format (22 or later)
	@command -v clang-format-22 >/dev/null || { echo "clang-format-22 is not installed (bookworm-security)"; exit 1; }
	@clang-format-22 -i $(C_FILES)
loc: ## lines and function lengths
	@$(PYTHON) tools/loc.py
clean: ## removes what was built
	@rm -rf $(BUILD)
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

.DELETE_ON_ERROR:
.SECONDARY:
-include $(shell find $(O)/obj $(BUILD)/tools -name '*.d' 2>/dev/null)
