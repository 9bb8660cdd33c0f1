// run.sh beside a reproduction: builds the module and runs it in the ways that show most.
import type { FlaggedPath } from './flagged-path.ts';
import { releases } from './modelled-heap.ts';

export function scriptText(path: FlaggedPath): string {
  const allocator = mixesFamilies(path)
    ? "# PYTHONMALLOC=malloc would hide it: both families end in the C library's heap."
    : '# Every block on its own, so that the tools see each.\n  PYTHONMALLOC=malloc; export PYTHONMALLOC';
  return `#!/bin/sh
# Builds repro.c and runs it: sh run.sh [plain|debug|asan|valgrind|all]
# PYTHON and CC name the interpreter and the compiler.
set -u
cd "$(dirname "$0")" || exit 2
PYTHON=\${PYTHON:-python3}
CC=\${CC:-cc}
INCLUDE=$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_paths()["include"])') || exit 2
RUN='import gc; gc.disable(); import repro'
unset PYTHONMALLOC PYTHONDEVMODE

build() {
  "$CC" -g -O0 -Wall -Wextra -fPIC -shared -I"$INCLUDE" "$@" repro.c -o repro.so
}

ended() {
  if [ "$1" -gt 128 ]; then
    echo "$2: died of signal $(($1 - 128)) (6 is SIGABRT, 11 is SIGSEGV)"
  else
    echo "$2: exit code $1"
  fi
}

plain() {
  build || return 2
  "$PYTHON" -c "$RUN"
  ended $? plain
}

debug() {
  build || return 2
  PYTHONMALLOC=debug "$PYTHON" -c "$RUN"
  ended $? PYTHONMALLOC=debug
}

asan() (
  build -fsanitize=address || return 2
  ${allocator}
  LD_PRELOAD=$("$CC" -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=\${LEAKS:-0} \\
    "$PYTHON" -c "$RUN"
  ended $? AddressSanitizer
)

valgrind_() (
  command -v valgrind > /dev/null || { echo 'valgrind is not installed'; return 2; }
  build || return 2
  ${allocator}
  valgrind --quiet --error-exitcode=9 --leak-check=no "$PYTHON" -c "$RUN"
  ended $? Valgrind
)

case \${1:-all} in
  plain) plain ;;
  debug) debug ;;
  asan) asan ;;
  valgrind) valgrind_ ;;
  all) plain; debug; asan; valgrind_ ;;
  *) echo "usage: sh run.sh [plain|debug|asan|valgrind|all]" >&2; exit 2 ;;
esac
`;
}

/** Whether a block is released or resized by a function of another family. */
function mixesFamilies({ steps }: FlaggedPath): boolean {
  return steps.some((step) => {
    if (step.kind !== 'free' && step.kind !== 'realloc') return false;
    return steps.some(
      (made) =>
        (made.kind === 'alloc' || made.kind === 'realloc') &&
        (made.kind === 'alloc' ? made.block : made.into) === step.block &&
        !releases(step.family, made.family),
    );
  });
}
