#!/usr/bin/env bash
# Fuzzes everything that reads what comes from outside, by libFuzzer and AddressSanitizer:
#   scripts/fuzz.sh [SECONDS [TARGET…]]  so many seconds in all, 60 if nothing is said
#   scripts/fuzz.sh keep                 writes what was found and no seed covers to Tests/Fuzz/Kept
# What a run finds stays in .build-fuzz/found; an input that ends the process, in .build-fuzz/crashes.
set -euo pipefail
cd "$(dirname "$0")/.."

source scripts/temporary.sh
scripts/need.sh swift
export POINTSMAN_FUZZ=1
swift build -c release --product fuzz --scratch-path .build-fuzz --sanitize address \
    -Xswiftc -sanitize=fuzzer -Xswiftc -enable-testing
fuzz=.build-fuzz/release/fuzz
# Leaks are not looked for: Swift's runtime keeps what it needs until the end.
export ASAN_OPTIONS=detect_leaks=0
rm -rf .build-fuzz/seeds
"$fuzz" seeds events Tests/Fuzz/Kept .build-fuzz/seeds
mkdir -p .build-fuzz/found .build-fuzz/crashes
mapfile -t targets < <("$fuzz" list)

if [[ ${1-} == keep ]]; then
    for target in "${targets[@]}"; do
        mkdir -p ".build-fuzz/found/$target" "$TMPDIR/least/$target"
        "$fuzz" "$target" -merge=1 -max_len=16384 "$TMPDIR/least/$target" ".build-fuzz/seeds/$target" ".build-fuzz/found/$target" \
            2>"$TMPDIR/log" || {
            cat "$TMPDIR/log"
            exit 1
        }
        "$fuzz" keep ".build-fuzz/seeds/$target" "$TMPDIR/least/$target" "Tests/Fuzz/Kept/$target.txt"
        echo "$target: $(wc -l <"Tests/Fuzz/Kept/$target.txt") inputs kept"
    done
    exit
fi

seconds=${1:-60}
shift || true
[[ $# -eq 0 ]] || targets=("$@")
cores=$(nproc)
each=$((seconds * cores / ${#targets[@]}))
[[ $each -gt 0 ]] || each=1

# One target, as long as each may take; its log says how it went.
# shellcheck disable=SC2317 # xargs calls it
run() {
    local target=$1
    mkdir -p ".build-fuzz/found/$target"
    "$fuzz" "$target" -max_total_time="$each" -timeout=25 -max_len=16384 -rss_limit_mb=2048 -print_final_stats=1 \
        -use_value_profile=1 -dict=Tests/Fuzz/words.dict -artifact_prefix=".build-fuzz/crashes/$target-" \
        ".build-fuzz/found/$target" ".build-fuzz/seeds/$target" >"$TMPDIR/$target.log" 2>&1
}
export -f run
export fuzz each
# shellcheck disable=SC2016 # bash -c expands it
printf '%s\n' "${targets[@]}" | xargs -P "$cores" -I{} bash -c 'run {} || touch "$TMPDIR/{}.failed"'

printf '%-16s %12s %9s %7s\n' target executions features corpus
total=0 failed=0
for target in "${targets[@]}"; do
    log=$TMPDIR/$target.log
    count=$(sed -nE 's/^stat::number_of_executed_units: *([0-9]+)/\1/p' "$log")
    read -r features corpus < <(sed -nE 's|.* ft: ([0-9]+) corp: ([0-9]+)/.*|\1 \2|p' "$log" | tail -n 1)
    printf '%-16s %12s %9s %7s\n' "$target" "${count:-0}" "${features:-0}" "${corpus:-0}"
    total=$((total + ${count:-0}))
    [[ ! -e $TMPDIR/$target.failed ]] || {
        failed=1
        tail -n 40 "$log"
    }
done
echo "fuzzing: $total executions of ${#targets[@]} targets in $each s each on $cores cores, $(
    [[ $failed -eq 0 ]] && echo "no crash and no hang" || echo "see .build-fuzz/crashes"
)"
exit "$failed"
