// Brings what some tests need from the system: a C compiler, a Python with headers, a browser, an editor. Only as
// root on Debian and its kin; elsewhere it says what is missing. Built-in modules only.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** `packages` are Debian's; `tests` says what cannot run without. */
const NEEDS = [
  {
    name: 'gcc',
    tests: 'comparisons with real allocators',
    packages: ['gcc', 'libc6-dev'],
    present: () => onPath('gcc') && existsSync('/usr/include/stdio.h'),
  },
  {
    name: 'valgrind',
    tests: 'what is simulated of Valgrind',
    packages: ['valgrind'],
    present: () => onPath('valgrind'),
  },
  {
    name: 'make',
    tests: 'building the example',
    packages: ['make'],
    present: () => onPath('make'),
  },
  {
    name: 'python3',
    tests: 'comparisons with a real interpreter',
    packages: ['python3'],
    present: () => existsSync('/usr/bin/python3'),
  },
  {
    name: 'venv',
    tests: 'the wheel, installed',
    packages: ['python3-venv'],
    present: hasVenv,
  },
  {
    name: 'Python.h',
    tests: 'the compiled example',
    packages: ['python3-dev', 'libpython3-dev'],
    present: hasPythonHeaders,
  },
  {
    name: 'chromium',
    tests: 'the heap panel and a real VS Code',
    packages: ['chromium'],
    present: hasChromium,
  },
  {
    name: 'neovim',
    tests: 'the language server in another editor',
    packages: ['neovim'],
    present: () => onPath('nvim'),
  },
  {
    name: 'bazel',
    tests: 'checks that a build engine runs',
    packages: ['bazel-bootstrap', 'bazel-platforms', 'bazel-rules-java', 'bazel-rules-proto'],
    present: () => onPath('bazel') && existsSync('/usr/share/bazel/rules/java'),
  },
  {
    name: 'ninja',
    tests: 'checks that a build engine runs',
    packages: ['ninja-build'],
    present: () => onPath('ninja'),
  },
  {
    name: 'emacs',
    tests: 'the language server in a third editor',
    packages: ['emacs-nox', 'elpa-eglot'],
    present: hasEglot,
  },
  { name: 'fonts', tests: 'screenshots', packages: ['fonts-dejavu-core'], present: hasFonts },
];

/** Returns a line for each thing that is missing and cannot be installed here. */
export function installSystemPackages() {
  if (process.platform !== 'linux') return missing().map(describe);
  const wanted = missing().flatMap((need) => need.packages);
  if (wanted.length === 0) return [];
  if (process.getuid() === 0 && onPath('apt-get')) install(wanted);
  return missing().map(describe);
}

function missing() {
  return NEEDS.filter((need) => !need.present());
}

function describe({ name, tests, packages }) {
  return `${name}, for ${tests} (apt-get install ${packages.join(' ')})`;
}

function install(packages) {
  console.log(`system packages: installing ${packages.join(' ')}`);
  const options = ['-o', 'DPkg::Lock::Timeout=600', '-o', 'Acquire::Retries=3', '-qq'];
  const apt = (...args) =>
    spawnSync('apt-get', [...options, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  const command = ['install', '-y', '--no-install-recommends', ...packages];
  if (!apt('update') || !apt(...command)) console.error('system packages: apt-get failed');
}

function onPath(program) {
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .some((folder) => folder !== '' && isExecutable(path.join(folder, program)));
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The system's own: what is first on the path may be another Python, without a shared library. */
function hasPythonHeaders() {
  return existsSync('/usr/bin/python3-config');
}

/** Debian keeps pip for new environments in a package of its own. */
function hasVenv() {
  return spawnSync('/usr/bin/python3', ['-c', 'import ensurepip, venv']).status === 0;
}

/** Part of Emacs since 29; before, a package. */
function hasEglot() {
  const eglot = '(progn (package-initialize) (require (quote eglot)))';
  return spawnSync('emacs', ['--batch', '--eval', eglot]).status === 0;
}

function hasChromium() {
  const named = process.env.CHROMIUM;
  if (named) return existsSync(named);
  return ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].some(onPath);
}

function hasFonts() {
  try {
    return readdirSync('/usr/share/fonts', { recursive: true }).some((name) =>
      /\.(ttf|otf)$/.test(name),
    );
  } catch {
    return false;
  }
}
