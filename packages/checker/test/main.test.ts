import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHistory, type Entry } from '../src/index.js';
import { room, type Script } from './script.js';

const DIST = new URL('../dist/', import.meta.url).pathname;
let root: string;

beforeAll(() => {
  expect(existsSync(join(DIST, 'main.js')), 'build the package first').toBe(true);
  root = mkdtempSync(join(tmpdir(), 'checker-'));
});
afterAll(() => rmSync(root, { recursive: true }));

function run(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(DIST, 'main.js'), ...args], { encoding: 'utf8', cwd: root });
  return { status, out: stdout, err: stderr };
}

function written(name: string, script: Script): string {
  for (const file of script.files()) {
    const history = openHistory(join(root, name), file.name.replace('.ndjson', ''));
    for (const { at: _at, line: _line, ...entry } of file.entries) history.write(entry as Entry);
    history.close();
  }
  return join(root, name);
}

function good(): Script {
  const script = room(4);
  script.sent('one', 'c', 3);
  script.observe('one', 'c', 0);
  script.saw('one', 'c', 1, 2, 3, 4);
  return script;
}

describe('the command', () => {
  test('[H3] exits 0 for a good history, and writes its object', () => {
    const json = join(root, 'verdict.json');
    expect(run(written('good', good()), '--json', json)).toEqual({ status: 0, out: 'verdict: 1 sent, 2 seen, 0 lost, 0 repeated, 0 reordered\n', err: '' });
    expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual({
      verdict: 'ok', sent: 1, seen: 2, lost: 0, repeated: 0, reordered: 0, unknowns_resolved: 0, duplicates: 0, violations_total: 0, violations: [],
    });
  });

  test('[H3] exits 1 for a bad one', () => {
    const script = good();
    script.saw('one', 'c', 4);
    const line = 'H3 one/main in c saw seq 4 again';
    expect(run(`--json=${join(root, 'bad.json')}`, written('bad', script))).toEqual({ status: 1, out: `${line}\nverdict: FAILED ${line}\n`, err: '' });
    expect(JSON.parse(readFileSync(join(root, 'bad.json'), 'utf8'))).toMatchObject({ verdict: 'failed', repeated: 1, violations: [{ rule: 'H3', client: 'one', stream: 'c', seq: 4 }] });
  });

  test('[H11] exits 1 for an unknown one', () => {
    expect(run(written('unknown', room(3)))).toEqual({ status: 1, out: 'verdict: unknown (nothing was acked)\n', err: '' });
  });

  test('[H3] exits 1 with one line for a history that it cannot read, or a file that it cannot write', () => {
    expect(run('none')).toEqual({ status: 1, out: '', err: 'error: cannot read the history none: no such file or directory\n' });
    writeFileSync(join(written('torn', good()), 'two.ndjson'), 'x\n');
    expect(run('torn')).toEqual({ status: 1, out: '', err: 'error: two.ndjson:1: is not JSON\n' });
    const unwritten = run(written('again', good()), '--json', 'none/x.json');
    expect(unwritten.status).toBe(1);
    expect(unwritten.err).toMatch(/^error: cannot write none\/x\.json: .*\n$/);
  });

  test('[H3] exits 2 for wrong usage, with the nearest flag', () => {
    const usage = 'usage: check DIR [--json FILE]\n';
    expect(run()).toEqual({ status: 2, out: '', err: `error: DIR is missing; ${usage}` });
    expect(run('dir', '--jsn', 'x')).toEqual({ status: 2, out: '', err: `error: unknown flag --jsn, did you mean --json?; ${usage}` });
    expect(run('-h')).toEqual({ status: 2, out: '', err: `error: unknown flag -h, did you mean --help?; ${usage}` });
    expect(run('dir', '--json')).toEqual({ status: 2, out: '', err: `error: --json needs a FILE; ${usage}` });
    expect(run('dir', 'other')).toEqual({ status: 2, out: '', err: `error: one DIR only, not also other; ${usage}` });
    expect(run('--help')).toEqual({ status: 0, out: usage, err: '' });
  });
});

describe('a client that is killed', () => {
  test('[H3] keeps every line that it wrote', () => {
    const code = `
      import { openHistory } from ${JSON.stringify(join(DIST, 'writer.js'))};
      const history = openHistory('killed', 'one');
      history.write({ k: 'client', client: 'one', app: 'a', user: 'u_1', outbox: '' });
      for (let i = 0; i < 1000; i += 1) history.write({ k: 'unknown', client_id: String(i), reason: '' });
      process.kill(process.pid, 'SIGKILL');`;
    const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { cwd: root });
    expect(signal).toBe('SIGKILL');
    expect(readFileSync(join(root, 'killed', 'one.ndjson'), 'utf8').split('\n')).toHaveLength(1002);
  });
});
