#!/usr/bin/env bash
# Builds everything and runs every test. The last line is "N passed, N failed".
set -u
cd "$(dirname "$0")"

dotnet build RelayProxy.sln -c Release -v quiet -nologo || { echo "0 passed, 1 failed"; exit 1; }

passed=0 failed=0
run() { # run NAME: one test project
    local log; log=$(mktemp)
    dotnet "tests/$1/bin/Release/net10.0/RelayProxy.$1.dll" -noColor | tee "$log"
    local status=${PIPESTATUS[0]} summary total bad
    summary=$(grep -E "Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+" "$log" | tail -n 1)
    total=$(sed -E 's/.*Total: ([0-9]+).*/\1/' <<<"${summary:-Total: 0}")
    bad=$(sed -E 's/.*Errors: ([0-9]+), Failed: ([0-9]+).*/\1 + \2/' <<<"${summary:-Errors: 0, Failed: 0}")
    bad=$((bad))
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ -z "$summary" ]; then bad=1 total=1; fi
    passed=$((passed + total - bad)) failed=$((failed + bad))
    rm -f "$log"
}
run Unit
run Integration

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
