#!/usr/bin/env bash
# The step of action.yml: annotations on standard output, a summary of the job, a SARIF log. The exit code is
# that of the check. Words of the inputs are separated by spaces; globs are expanded by the check itself.
set -uo pipefail
set -f
options=(--output-format github)
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then options+=(--output "markdown=$GITHUB_STEP_SUMMARY"); fi
if [ -n "${PYMEM_LINT_SARIF:-}" ]; then options+=(--output "sarif=$PYMEM_LINT_SARIF"); fi
# shellcheck disable=SC2086 # the words are meant to be split
exec node "$GITHUB_ACTION_PATH/dist/cli.cjs" check "${options[@]}" ${PYMEM_LINT_ARGS:-} ${PYMEM_LINT_PATHS:-.}
