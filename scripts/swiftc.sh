#!/usr/bin/env bash
# The Swift compiler as release.sh lets SwiftPM call it. A module whose code is generated with that
# of the executable (DeferredCodeGen in Package.swift) is optimized only as far as the executable is
# made from it: what would come next takes three quarters of the time and is thrown away.
set -euo pipefail

arguments=() deferred='' map='' previous=''
for argument in "$@"; do
    [[ $previous != -output-file-map ]] || map=$argument
    [[ $argument != DeferredCodeGen ]] || deferred=yes
    previous=$argument
    [[ $argument == -c ]] || arguments+=("$argument") # what remains asks for the module: -emit-module
done
[[ $deferred && $map ]] || exec swiftc "$@"

swiftc "${arguments[@]}"
# SwiftPM links an object of each source: they are empty, like an archive without members.
python3 - "$map" <<'PYTHON'
import json
import sys

with open(sys.argv[1]) as file:
    for source, made in json.load(file).items():
        if source:
            with open(made["object"], "w") as empty:
                empty.write("!<arch>\n")
PYTHON
