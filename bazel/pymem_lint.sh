#!/bin/sh
# Runs the command line of pymem-lint from the runfiles of this script. Needs node on the path.
for cli in "${RUNFILES_DIR:-$0.runfiles}"/*/bazel/package/dist/cli.cjs; do
  exec node "$cli" "$@"
done
