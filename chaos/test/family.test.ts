/** A program with its children is stopped and killed as a whole, which signals to the first of them would not do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { familyOf, freezeFamily, isAlive, killFamily } from '../src/family.js';

const stateOf = (pid: number): string => /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';

it('stops and kills all processes below one', async () => {
  const child = spawn('sh', ['-c', 'sleep 60 & sleep 60 & echo made; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const family = familyOf(child.pid!);
  expect(family).toHaveLength(3);
  expect(family[0]).toBe(child.pid);
  await freezeFamily(child.pid!);
  expect(family.map(stateOf)).toEqual(['T', 'T', 'T']);
  killFamily(child.pid!);
  await once(child, 'exit');
  expect(isAlive(child.pid!)).toBe(false);
});

it('a process that is not there has no family but itself, and is killed without an error', () => {
  const none = 2 ** 22 + 1;
  expect(isAlive(none)).toBe(false);
  expect(familyOf(none)).toEqual([none]);
  expect(() => killFamily(none)).not.toThrow();
});
