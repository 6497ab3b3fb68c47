import { buildExample, startDevServer, stopProgram, type DevServer } from '@talaria/services';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join as joinPath } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

let server: DevServer;
let main: string;
const people: ChildProcessWithoutNullStreams[] = [];

beforeAll(async () => {
  main = joinPath(buildExample(import.meta.url), 'dist/main.js');
  server = await startDevServer(import.meta.url);
}, 60_000);

afterAll(async () => {
  await Promise.all(people.map((person) => stopProgram(person, 'SIGKILL')));
  await server.stop();
});

interface Person {
  say(text: string): void;
  /** Everything on the screen, once it holds this. */
  sees(text: string): Promise<string>;
  leave(): Promise<void>;
}

function join(name: string, other: string): Person {
  const child = spawn(process.execPath, [main, '--name', name, '--with', other, '--app', server.app_public_key, '--key', server.app_key, '--url', server.url]);
  people.push(child);
  let screen = '';
  child.stdout.on('data', (chunk: Buffer) => void (screen += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (screen += chunk.toString()));
  return {
    say: (text) => void child.stdin.write(`${text}\n`),
    async sees(text) {
      await expect.poll(() => screen, { timeout: 15_000 }).toContain(text);
      return screen;
    },
    leave: () => new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.stdin.end();
    }),
  };
}

test('two people talk, and who comes back sees what was said', async () => {
  const alice = join('alice', 'bob');
  await alice.sees('connected');
  alice.say('hello bob');
  await alice.sees('alice: hello bob');
  const bob = join('bob', 'alice');
  await bob.sees('alice: hello bob');
  bob.say('hello alice');
  await alice.sees('bob: hello alice');
  await bob.leave();
  alice.say('are you there?');
  await alice.sees('alice: are you there?');
  const again = await join('bob', 'alice').sees('alice: are you there?');
  expect(again.match(/: (?:hello|are you).*/g)).toEqual([': hello bob', ': hello alice', ': are you there?']);
}, 60_000);
