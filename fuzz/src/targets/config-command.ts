/** The configuration as the command line loads it, in a process of its own: an exit code, and one line that names the field. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anyConfig, SECRET_MARK, type ConfigInput } from '../arbitraries/config.js';
import { hold } from '../finding.js';
import type { Target } from '../target.js';

const COMMAND = fileURLToPath(new URL('../../../packages/cli/bin/talaria.js', import.meta.url));
/** Far longer than any command takes. */
const RUN_MS_MAX = 60_000;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export const configCommandTarget = (command = COMMAND): Target<ConfigInput> => ({
  name: 'config.command',
  batch: 100,
  open() {
    const directory = mkdtempSync(join(tmpdir(), 'talaria-fuzz-config-'));
    return Promise.resolve({
      inputs: anyConfig,
      attack: async (input: ConfigInput) => [await show(command, directory, input)],
      show: (input: ConfigInput) => JSON.stringify(input),
      close: () => Promise.resolve(rmSync(directory, { recursive: true, force: true })),
    });
  },
});

/** No process can be given a NUL, nor an environment with a name that holds `=`. */
const possible = (text: string): boolean => !text.includes('\u0000');
const possibleName = (name: string): boolean => possible(name) && !name.includes('=');

async function show(command: string, directory: string, { file, environment, named }: ConfigInput): Promise<string> {
  if (file !== undefined) writeFileSync(join(directory, 'talaria.json'), file);
  else rmSync(join(directory, 'talaria.json'), { force: true });
  if (named !== undefined) writeFileSync(join(directory, 'secret'), named);
  // What the variable names is a file of ours, or none.
  const env = Object.fromEntries(Object.entries(environment).filter(([name, value]) => possibleName(name) && possible(value) && name !== 'PATH' && name !== 'TALARIA_CONFIG')
    .map(([name, value]) => [name, name === 'TALARIA_SECRET_FILE' && named !== undefined ? 'secret' : value]));
  const ended = await run(command, directory, env);
  hold(!ended.out.includes(SECRET_MARK) && !ended.err.includes(SECRET_MARK), () => `a secret is shown: ${ended.err}${ended.out}`);
  if (ended.code === 0) return 'ok';
  hold(ended.code === 2, () => `the command ended with ${ended.code}: ${ended.err.slice(0, 1_000)}`);
  // eslint-disable-next-line no-control-regex -- these are what must not be in it
  hold(/^error: [^\u0000-\u001f\u007f-\u009f\u2028\u2029]+\n$/.test(ended.err), () => `the command does not say one line: ${JSON.stringify(ended.err.slice(0, 1_000))}`);
  return 'refused';
}

function run(command: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, 'config', 'show'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: RUN_MS_MAX });
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => void (said.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => void (said.err += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...said }));
  });
}
