// Whether a text has to do with Python at all, from its words alone: cheap enough to ask at every edit.

/**
 * What the C API, its headers and the libraries that wrap it call their things: `Python.h`, `PyMem_Free`, `_Py_Dealloc`,
 * `HPy_New`, `npy_intp`, `pybind11`.
 */
const OF_PYTHON =
  /\bPython\.h\b|(?<![A-Za-z0-9_])_*(?:H?Py[A-Z_]|[Pp]yx_|(?:[Nn]py|NPY)[A-Z_]|PYBIND11_|pybind11|nanobind)|\b(?:boost\/python|numpy\/|hpy\.h)/;

/** True also of a comment that names Python's API: what is missed would never be checked. */
export function namesPythonApi(text: string): boolean {
  return OF_PYTHON.test(text);
}
