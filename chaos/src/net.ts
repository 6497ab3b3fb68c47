/** A network of namespaces: each node has one of its own, and what passes between it and the machine may be dropped without a word. */
import type { Scene } from '@talaria/probe/harness';
import { unpackedPackage } from '@talaria/services';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Seat } from './seat.js';
import { hasProgram, install, isRoot, run } from './system.js';

/** What is dropped: what comes from a port of the machine, what goes there, or both. */
export interface Cut {
  readonly port: number;
  readonly from: boolean;
  readonly to: boolean;
}

export interface Net {
  /** Of this machine, as nodes see it. */
  readonly address: string;
  readonly subnet: string;
  seat(node: number): Seat;
  /** Packets of a node are dropped from now on, without a reset: each side finds it out by itself. */
  cut(node: number, cuts: readonly Cut[]): void;
  /** Everything passes again. */
  heal(node: number): void;
}

const PREFIX = 'talaria';
/** What `nft` is linked with, beside the C library. */
const LIBRARIES = ['libnftables1', 'libnftnl11', 'libmnl0', 'libjansson4', 'libedit2', 'libxtables12', 'libgmp10', 'libbsd0', 'libmd0', 'libtinfo6'];
const PROGRAM_MS = 10_000;

/** @returns why nodes cannot have namespaces here, or undefined */
export function noNets(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (!isRoot()) return 'needs root, to make network namespaces';
  const missing = hasProgram('ip') ? undefined : install('iproute2');
  if (missing !== undefined) return missing;
  const name = `${PREFIX}-${process.pid}-try`;
  try {
    run('ip', ['netns', 'add', name]);
    nft(name, 'table inet chaos {\n}\n');
    return undefined;
  } catch (error) {
    return `has no network namespaces with nft: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    removeNamespace(name);
  }
}

/** Makes a namespace a node, until the scene is closed. @throws Error where the machine has none */
export function openNet(scene: Scene, nodes: number): Net {
  const third = freeThird();
  const address = `10.231.${third}.1`;
  const spaces = Array.from({ length: nodes }, (_, at) => ({ name: `${PREFIX}-${process.pid}-${at}`, outside: `tlr${process.pid}n${at}`, inside: 'uplink', own: `10.231.${third}.${at + 2}` }));
  for (const { name, outside, inside, own } of spaces) {
    scene.onRemove(() => removeNamespace(name));
    run('ip', ['netns', 'add', name]);
    run('ip', ['link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', name]);
    run('ip', ['address', 'add', address, 'peer', `${own}/32`, 'dev', outside]);
    run('ip', ['link', 'set', outside, 'up']);
    run('ip', ['-n', name, 'address', 'add', own, 'peer', `${address}/32`, 'dev', inside]);
    run('ip', ['-n', name, 'link', 'set', inside, 'up']);
    run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  }
  return {
    address, subnet: `10.231.${third}.0/24`,
    seat: (node) => ({ through: ['ip', 'netns', 'exec', spaces[node]!.name], flags: ['--host', spaces[node]!.own] }),
    cut: (node, cuts) => nft(spaces[node]!.name, rules(cuts)),
    heal: (node) => nft(spaces[node]!.name, rules([])),
  };
}

/** Inside of the namespace; the table replaces the one before it. */
function rules(cuts: readonly Cut[]): string {
  const chain = (hook: 'input' | 'output', lines: readonly string[]): string => `  chain ${hook} {\n    type filter hook ${hook} priority 0; policy accept;\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
  const input = cuts.filter(({ from }) => from).map(({ port }) => `tcp sport ${port} drop`);
  const output = cuts.filter(({ to }) => to).map(({ port }) => `tcp dport ${port} drop`);
  return `table inet chaos {\n}\ndelete table inet chaos\ntable inet chaos {\n${chain('input', input)}${chain('output', output)}}\n`;
}

/** @throws Error with its last words */
function nft(name: string, script: string): void {
  const folder = hasProgram('nft') ? undefined : unpackedPackage('nftables', LIBRARIES);
  const program = folder === undefined ? 'nft' : join(folder, 'usr/sbin/nft');
  const env = folder === undefined ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries(folder) };
  execFileSync('ip', ['netns', 'exec', name, program, '-f', '-'], { input: script, env, stdio: ['pipe', 'pipe', 'pipe'], timeout: PROGRAM_MS });
}

/** Each architecture has a folder of its own. */
function libraries(folder: string): string {
  const triplet = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch as string] ?? '';
  return ['usr/lib', 'lib'].map((part) => join(folder, part, triplet)).filter((path) => existsSync(path)).join(':');
}

/** Of 10.231.N.0/24, one that nobody here has: another run may be under way. @throws Error when all are taken */
function freeThird(): number {
  const taken = new Set([...run('ip', ['-o', '-4', 'address']).matchAll(/10\.231\.(\d+)\./g)].map(([, third]) => Number(third)));
  for (let tried = 0; tried < 256; tried += 1) {
    const third = (process.pid + tried) % 256;
    if (!taken.has(third)) return third;
  }
  throw new Error('no network 10.231.N.0/24 is free');
}

/** Harmless where there is none. Its interfaces go with it. */
function removeNamespace(name: string): void {
  try {
    execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore', timeout: PROGRAM_MS });
  } catch {
    // There is none.
  }
}

/** Namespaces of runs that did not live to remove them. @param alive whether a process is there */
export function removeOldNets(alive: (pid: number) => boolean): void {
  if (!isRoot() || !hasProgram('ip')) return;
  for (const [, name, pid] of run('ip', ['netns', 'list']).matchAll(new RegExp(`^(${PREFIX}-(\\d+)-\\w+)`, 'gm'))) if (!alive(Number(pid))) removeNamespace(name!);
}
