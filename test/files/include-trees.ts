// A project with two headers of one name, and what each kind of build file says of where they are. In the
// first folder XFREE is the right release, in the second the wrong one.
export const SOURCE = `#include <Python.h>
#include "common.h"
void f(void)
{
    char *p = PyMem_Malloc(8);
    if (p != NULL)
        XFREE(p);
}
`;

const RIGHT = '#define XFREE(p) PyMem_Free(p)\n';
const WRONG = '#define XFREE(p) free(p)\n';

/** Text by path. `z.c` is to be built with the first header, `a.c` with the second. */
export const TREE: Readonly<Record<string, string>> = {
  'src/a.c': SOURCE,
  'src/z.c': SOURCE,
  'src/sub/first/common.h': RIGHT,
  'src/sub/second/common.h': WRONG,
};

/** `%` stands for the absolute path of the project. */
export const BUILD_FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'compile_commands.json with arguments': {
    'build/compile_commands.json': `[
      {"directory": "%/src", "file": "z.c", "arguments": ["cc", "-I", "sub/first", "-c", "z.c"]},
      {"directory": "%/src", "file": "a.c", "arguments": ["cc", "-isystem", "sub/first", "-iquotesub/second"]}]`,
  },
  'compile_commands.json with commands': {
    'compile_commands.json': `[
      {"directory": "%", "file": "%/src/z.c", "command": "cc -DX=\\"a b\\" '-Isrc/sub/first' -c src/z.c"},
      {"directory": "%", "file": "src/a.c", "command": "cc -I \\"src/sub/second\\" -c src/a.c"}]`,
  },
  'setup.py': {
    'setup.py': `import os
from setuptools import Extension, setup
HERE = os.path.dirname(os.path.abspath(__file__))
FIRST = ["src/sub/first"]  # include_dirs=["src/sub/second"]
setup(name="x", ext_modules=[
    Extension("z", ["src/z.c"], include_dirs=FIRST + [numpy.get_include()]),
    Extension(
        "a",
        sources=[os.path.join("src", "a.c")],
        include_dirs=[get_config_var("INCLUDEPY"), os.path.join(HERE, "src", "sub/second")],
    ),
])
`,
  },
  'pyproject.toml': {
    'pyproject.toml': `[[tool.setuptools.ext-modules]]
name = "z"
sources = ["src/z.c"]
include-dirs = ["src/sub/first"]
[[tool.setuptools.ext-modules]]
name = "a"
sources = ["src/a.c"]
include-dirs = ["src/sub/second"]
`,
  },
  'meson.build': {
    'pyproject.toml': '[build-system]\nbuild-backend = "mesonpy"\n',
    'meson.build': "project('x', 'c') # it's\nsubdir('src')\n",
    'src/meson.build': `first = include_directories('sub/first')
z = files('z.c')
py.extension_module('z', z, include_directories: first)
py.extension_module('a', 'a.c',
  include_directories: [include_directories('sub/second')],
)
`,
  },
  'CMakeLists.txt': {
    'CMakeLists.txt': 'project(x)\nadd_subdirectory(src)\n',
    'src/CMakeLists.txt': `set(SECOND sub/second) # don't
Python_add_library(z MODULE z.c)
target_include_directories(z PRIVATE "\${CMAKE_CURRENT_SOURCE_DIR}/sub/first")
Python_add_library(a MODULE a.c)
TARGET_INCLUDE_DIRECTORIES(a SYSTEM PUBLIC \${CMAKE_SOURCE_DIR}/src/\${SECOND})
`,
  },
};

/** For the whole project: the second folder alone. */
export const SHARED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'setup.cfg': { 'setup.cfg': '[build_ext]\ninclude_dirs =\n    missing\n    src/sub/second\n' },
  'include_directories of meson.build': {
    'src/sub/meson.build': "inc = include_directories('second')\n",
    'src/meson.build': "subdir('sub')\n",
  },
  'include_directories of CMakeLists.txt': {
    'CMakeLists.txt': 'INCLUDE_DIRECTORIES(BEFORE src/sub/second src/sub/first)\n',
  },
};
