import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { directoryHolder, DirectoryHeldError, lockDirectory } from '../../src/runtime/data-lock.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'talaria-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true }));
const lock = (): string => join(dir, 'lock');

describe('the lock of a data directory', () => {
  it('names its process, is private, and goes when it is let go', () => {
    const unlock = lockDirectory(dir);
    expect(Number.parseInt(readFileSync(lock(), 'utf8'), 10)).toBe(process.pid);
    expect(statSync(lock()).mode & 0o777).toBe(0o600);
    expect(directoryHolder(dir)).toBe(process.pid);
    unlock();
    expect(readdirSync(dir)).toEqual([]);
    expect(directoryHolder(dir)).toBeUndefined();
    unlock();
  });

  it('is not given twice, not even within one process', () => {
    const unlock = lockDirectory(dir);
    expect(() => lockDirectory(dir)).toThrow(DirectoryHeldError);
    expect(() => lockDirectory(dir)).toThrow(
      `${dir} is in use by process ${process.pid}; stop it first, or choose another directory with --data`,
    );
    unlock();
  });

  it('is taken over from a process that died', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    writeFileSync(lock(), `${child.pid}\n`);
    lockDirectory(dir)();
    expect(readdirSync(dir)).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('is taken over when the process id belongs to another process by now', () => {
    writeFileSync(lock(), `${process.ppid} 1\n`);
    expect(directoryHolder(dir)).toBeUndefined();
    lockDirectory(dir)();
  });

  it('is held by a living process that wrote no more than its id', () => {
    writeFileSync(lock(), `${process.ppid}\n`);
    expect(() => lockDirectory(dir)).toThrow(DirectoryHeldError);
  });

  // Nobody finds a lock half written: one without its text is what a power cut left, however young it is.
  it.each(['', 'nonsense\n', '-1\n', '0\n'])('is taken over when it holds %j', (text) => {
    writeFileSync(lock(), text);
    lockDirectory(dir)();
  });

  it("is not removed when it is another process's by now", () => {
    const unlock = lockDirectory(dir);
    writeFileSync(lock(), `${process.ppid}\n`);
    unlock();
    expect(existsSync(lock())).toBe(true);
  });
});
