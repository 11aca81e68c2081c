# The targets that people and CI call. Everything else is `dotnet`.
.PHONY: setup build test format format-check docs start-chat bench-micro

# What some tests talk through besides .NET: Node's `ws`, Python's `websockets`, Chromium. Without them those tests skip,
# loudly.
setup:
	tests/peers/install.sh

build:
	dotnet build

test:
	dotnet test

format:
	dotnet format

format-check:
	dotnet format --verify-no-changes

start-chat:
	dotnet run --project samples/ChatService

# Writes the pages of docs/reference from the code; a test fails when they are stale.
docs:
	TIDEWAY_WRITE_DOCS=1 dotnet test --project tests/Tideway.Tests --filter-method "*_is_fresh"

# Measures single functions, and puts the tables into docs/benchmarks.md; `make bench-micro ARGS='--job short'` is faster.
bench-micro:
	TIDEWAY_BENCH_DOCS=$(CURDIR)/docs/benchmarks.md dotnet run -c Release --project bench/Tideway.Benchmarks -- \
		--filter '*' --artifacts artifacts/bench-micro $(ARGS)
