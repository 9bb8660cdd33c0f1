// The aspect in bazel/, run by Bazel itself: the findings of one run; after an edit no more than what it changed is
// checked again; what was done once comes from the cache.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildCli, cli, ROOT } from '../cli/built-cli.ts';
import { needs } from '../needs.ts';
import { ACROSS } from '../parts/across.ts';

const hasBazel = spawnSync('bazel', ['--help'], { stdio: 'ignore' }).status === 0;

/** Debian's rules_cc is for later versions than Debian's Bazel, which has what is needed of it built in. */
const RULES_CC = `cc_library = native.cc_library
cc_binary = native.cc_binary
cc_test = native.cc_test
cc_import = native.cc_import
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
cc_libc_top_alias = native.cc_libc_top_alias
`;
const BUILD = `cc_library(name = "take", srcs = ["z-take.c"], hdrs = ["box.h"])
cc_binary(name = "ext.so", srcs = ["init.c", "a-dealloc.c"], linkshared = True, deps = [":take"])
py_library(name = "package", data = [":ext.so"])
`;

let folder = '';
function write(file: string, text: string): void {
  const name = path.join(folder, file);
  mkdirSync(path.dirname(name), { recursive: true });
  writeFileSync(name, text);
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(path.join(folder, 'work', file), 'utf8');
  write(`work/${file}`, text.replace(from, to));
}

function bazel(command: string, ...args: readonly string[]): string {
  const startup = [`--output_user_root=${path.join(folder, 'out')}`, '--max_idle_secs=60'];
  const { status, stderr } = spawnSync('bazel', [...startup, command, ...args], {
    cwd: path.join(folder, 'work'),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  return stderr;
}

const OPTIONS = [
  '--override_repository=rules_java=/usr/share/bazel/rules/java',
  '--override_repository=rules_proto=/usr/share/bazel/rules/proto',
  '--override_repository=platforms=/usr/share/bazel/tools/platforms',
  '--aspects=//bazel:pymem_lint.bzl%pymem_lint',
  '--output_groups=pymem_lint',
  '--subcommands',
];

/** What was run, as `check across/init.c`; and what Bazel says at the end. */
function build(...flags: readonly string[]): {
  readonly steps: readonly string[];
  readonly told: string;
} {
  const own = [`--override_repository=rules_cc=${folder}/rules_cc`, `--disk_cache=${folder}/cache`];
  const told = bazel('build', '//across:package', ...own, ...OPTIONS, ...flags);
  const steps = Array.from(
    told.matchAll(/^SUBCOMMAND: # \S+ \[action 'pymem-lint: (\w+) ([^',]+)/gm),
    ([, step, what]) => `${step} ${what}`,
  );
  return { steps: steps.toSorted(), told };
}

function found(): string {
  return readFileSync(path.join(folder, 'work/bazel-bin/across/package.pymem-lint.json'), 'utf8');
}

/** Of one run, in JSON. */
function whole(...settings: readonly string[]): string {
  const options = settings.length === 0 ? ['--isolated'] : settings;
  const args = ['check', 'across', '--no-cache', '--format', 'json', ...options];
  return cli(args, { cwd: path.join(folder, 'work') }).stdout;
}

/** The step, for every file. */
function each(step: string): string[] {
  return ACROSS.map(({ file }) => `${step} ${file}`);
}

needs('bazel', hasBazel).describe('Bazel', () => {
  beforeAll(() => {
    buildCli();
    folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-bazel-'));
    for (const { file, text } of ACROSS) write(`work/${file}`, text);
    write('work/WORKSPACE', 'workspace(name = "work")\n');
    write('work/BUILD', 'exports_files(["settings.toml"])\n');
    write('work/settings.toml', 'severity = { mismatched-free = "info" }\n');
    write('work/across/BUILD', BUILD);
    write('rules_cc/WORKSPACE', '');
    write('rules_cc/BUILD', '');
    write('rules_cc/cc/BUILD', '');
    write('rules_cc/cc/defs.bzl', RULES_CC);
    cpSync(path.join(ROOT, 'bazel'), path.join(folder, 'work/bazel'), { recursive: true });
    const dist = path.join(folder, 'work/bazel/package/dist');
    mkdirSync(dist, { recursive: true });
    cpSync(path.join(ROOT, 'package.json'), path.join(dist, '../package.json'));
    for (const name of [
      'cli.cjs',
      'tree-sitter.wasm',
      'tree-sitter-c.wasm',
      'tree-sitter-cpp.wasm',
    ]) {
      cpSync(path.join(ROOT, 'dist', name), path.join(dist, name));
    }
  });
  afterAll(() => {
    bazel('shutdown');
    // Bazel makes what it has built read-only.
    spawnSync('chmod', ['-R', 'u+w', folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('checks what a Python package depends on, and again only what an edit changes', () => {
    const ends = ['findings //across:package', 'link //across:package'];
    const first = build();
    expect(first.steps.map((step) => step.replace('findings of', 'findings'))).toEqual(
      [...each('check'), ...each('index'), ...ends].toSorted(),
    );
    expect(found()).toBe(whole());
    expect(JSON.parse(found())).toMatchObject({ findings: { length: 4 } });

    // As another machine with the same cache.
    bazel('clean');
    expect(build().told).toMatch(/: 10 (?:disk|remote) cache hit, \d+ internal\.\n/);
    expect(found()).toBe(whole());

    edit('across/a-dealloc.c', 'free(p);', 'give(p);');
    const second = build();
    expect(second.steps.map((step) => step.replace('findings of', 'findings'))).toEqual(
      ['check across/a-dealloc.c', 'index across/a-dealloc.c', ...ends].toSorted(),
    );
    expect(found()).toBe(whole());

    const withSettings = build('--//bazel:pymem_lint_config=//:settings.toml');
    expect(withSettings.steps).toHaveLength(2 * ACROSS.length + 2);
    expect(found()).toBe(whole('--config', 'settings.toml'));
    expect(found()).toContain('"severity": "info"');
    write('work/settings.toml', 'ignore = ["mismatched-free"]\n');
    build('--//bazel:pymem_lint_config=//:settings.toml');
    expect(found()).toBe(whole('--config', 'settings.toml'));
    expect(found()).not.toContain('mismatched-free');
  }, 300_000);
});
