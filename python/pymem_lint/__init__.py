"""The program pymem-lint of this wheel; `pymem_lint.__main__` starts it."""
