# The targets that people and CI call. Everything else is `dotnet`.
.PHONY: setup build test conformance fuzz format format-check docs template start-chat start-config start-live-chat \
	bench bench-quick bench-micro

# What some tests talk through besides .NET: Node's `ws`, Python's `websockets`, Chromium. Without them those tests skip,
# loudly.
setup:
	tests/peers/install.sh

build:
	dotnet build

test:
	dotnet test

# Fuzzes each parser for a minute: `make fuzz TIME=900 TARGET=server` for one of them, and longer. What fails is kept in
# artifacts/fuzz/crashes, with the command that shows it again.
TIME = 60
fuzz:
	dotnet run -c Release --project tools/Tideway.Fuzz -- fuzz $(TARGET) --time $(TIME)

# Runs every case of RFC 6455 and RFC 7692 on every channel and role, prints the totals, and writes docs/conformance.md
# and a report with each case: artifacts/conformance/index.html.
conformance:
	@mkdir -p artifacts/conformance && rm -f artifacts/conformance/*
	@status=0; \
	TIDEWAY_WRITE_DOCS=1 TIDEWAY_CONFORMANCE_REPORT=$(CURDIR)/artifacts/conformance \
		dotnet test --project tests/Tideway.Conformance || status=$$?; \
	cat artifacts/conformance/table.txt; exit $$status

format:
	dotnet format

format-check:
	dotnet format --verify-no-changes

# Installs `dotnet new tideway-service` on this machine; what it makes brings Tideway along:
# `mkdir my-chat && cd my-chat && dotnet new tideway-service && dotnet test`.
template:
	@rm -rf artifacts/packages $${NUGET_PACKAGES:-$$HOME/.nuget/packages}/tideway*/0.1.0
	@for project in src/*/ templates; do dotnet pack -c Release -o artifacts/packages $$project || exit 1; done
	dotnet new install --force artifacts/packages/Tideway.Templates.*.nupkg

start-chat:
	dotnet run --project samples/ChatService

# The two services of the second chapter of the tutorial: operators are on http://localhost:8084.
start-config:
	dotnet run --project samples/ConfigService

start-live-chat:
	dotnet run --project samples/LiveChatService

# Writes the pages of docs/reference from the code; a test fails when they are stale.
docs:
	TIDEWAY_WRITE_DOCS=1 dotnet test --project tests/Tideway.Tests --filter-method "*_is_fresh"

# Compares the echo with that of other servers, all pinned, and puts the tables into docs/benchmarks.md. Needs two cores
# with nothing else to do; gcc and Node for two of the peers. ARGS goes to the comparison: `make bench ARGS=--help`.
bench:
	dotnet run -c Release --project bench/Compare -- --docs docs/benchmarks.md $(ARGS)

# The same in two minutes, into artifacts/bench only: enough to see that it runs, too little to quote.
bench-quick:
	dotnet run -c Release --project bench/Compare -- --quick $(ARGS)

# Measures single functions, and puts the tables into docs/benchmarks.md; faster: `make bench-micro ARGS='--job short'`.
bench-micro:
	TIDEWAY_BENCH_DOCS=$(CURDIR)/docs/benchmarks.md dotnet run -c Release --project bench/Tideway.Benchmarks -- \
		--filter '*' --artifacts artifacts/bench-micro $(ARGS)
