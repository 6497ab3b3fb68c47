import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { killOnEnter } from '../src/tool/kill-switch.js';
import { startTalaria } from '../src/tool/talaria.js';

it('Enter kills the server, and Enter starts it again, with what it had, where it was', async () => {
  const data = mkdtempSync(join(tmpdir(), 'talaria-chat-'));
  const talaria = await startTalaria({ data, port: 0 });
  try {
    const [keys, lines] = [new PassThrough(), [] as string[]];
    const told = async (count: number): Promise<void> => {
      await expect.poll(() => lines.length, { timeout: 20_000 }).toBe(count);
    };
    const tenants = (): Promise<unknown> => fetch(`${talaria.url}/v1/tenants`, { headers: { authorization: `Bearer ${talaria.adminKey}` } }).then((reply) => reply.status, () => 'nobody');
    killOnEnter(talaria, keys, (line) => void lines.push(line));
    keys.write('\n');
    await told(1);
    expect(await tenants()).toBe('nobody');
    keys.write('\n');
    await told(2);
    expect(await tenants()).toBe(200);
    expect(lines.at(-1)).toBe('The server is back.');
  } finally {
    await talaria.stop();
    rmSync(data, { recursive: true, force: true });
  }
}, 60_000);
