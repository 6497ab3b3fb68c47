// The runtimes that the SDK is for, and how each is had and run. Programs come from npm, into node_modules/.cache, when they are asked for.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/talaria/runtimes/', import.meta.url));
const PROCESS = join(HERE, 'process.mjs');
const INSTALL_MS = 300_000;
const RUN_MS = 300_000;

/** @returns the folder of an npm package's bin, fetched once @throws Error where npm has it not for this machine */
function fetched(spec) {
  const place = join(CACHE, spec.replace('@', '-'));
  const bin = join(place, 'node_modules/.bin');
  if (!existsSync(bin)) {
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'package.json'), '{}');
    try {
      execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', spec], { cwd: place, stdio: 'pipe', timeout: INSTALL_MS });
    } catch (error) {
      rmSync(place, { recursive: true, force: true });
      throw new Error(`npm could not install ${spec}: ${String(error.stderr ?? error).trim().split('\n').at(-1)}`, { cause: error });
    }
  }
  return bin;
}

/** The last line that a program prints, as JSON. */
async function answerOf(program, args) {
  const child = spawn(program, args, { cwd: HERE, stdio: ['ignore', 'pipe', 'pipe'], timeout: RUN_MS });
  let [out, said] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (said += chunk));
  const code = await new Promise((resolve, reject) => void child.once('error', reject).once('close', resolve));
  const line = out.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('[')) throw new Error(`${program} ended with ${code}: ${said.trim().slice(-1_000)}`);
  return JSON.parse(line);
}

const node = (name, find) => ({ name, version: (program) => execFileSync(program, ['--version'], { encoding: 'utf8' }).trim(), find, run: (program, stage) => answerOf(program, [PROCESS, stage]) });

/** `find` gives the program, or throws why there is none here. */
export const runtimes = [
  node('Node 20', () => {
    if (!process.version.startsWith('v20.')) throw new Error(`this is ${process.version}`);
    return process.execPath;
  }),
  node('Node 22', () => join(fetched('node@22'), 'node')),
  node('Node 24', () => join(fetched('node@24'), 'node')),
  { ...node('Bun', () => join(fetched('bun@1'), 'bun')), run: (program, stage) => answerOf(program, ['run', PROCESS, stage]) },
  {
    ...node('Deno', () => join(fetched('deno@2'), 'deno')), version: (program) => execFileSync(program, ['--version'], { encoding: 'utf8' }).split('\n')[0],
    run: (program, stage) => answerOf(program, ['run', '--allow-net', '--allow-read', '--allow-env', '--allow-sys', PROCESS, stage]),
  },
  { ...node('workerd', () => join(fetched('workerd@1'), 'workerd')), run: runWorker },
];

async function runWorker(program, stage) {
  const folder = mkdtempSync(join(tmpdir(), 'talaria-workerd-'));
  const esbuild = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild');
  await esbuild.build({ entryPoints: [join(HERE, 'worker.mjs')], outfile: join(folder, 'worker.js'), bundle: true, format: 'esm', platform: 'browser', conditions: ['workerd', 'worker', 'browser'], logLevel: 'silent' });
  const port = await freePort();
  writeFileSync(join(folder, 'config.capnp'), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (modules = [(name = "worker.js", esModule = embed "worker.js")], compatibilityDate = "2025-09-01")),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`);
  const child = spawn(program, ['serve', join(folder, 'config.capnp')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  try {
    for (const endMs = Date.now() + 20_000; ; ) {
      try {
        const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: stage, signal: AbortSignal.timeout(RUN_MS) });
        if (!response.ok) throw new Error(`it answers ${response.status}: ${said.trim().slice(-1_000)}`);
        return await response.json();
      } catch (error) {
        if (error.cause?.code !== 'ECONNREFUSED' || Date.now() > endMs || child.exitCode !== null) throw new Error(`${error.message} ${said.trim().slice(-1_000)}`, { cause: error });
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

