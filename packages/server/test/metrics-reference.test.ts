import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createServer } from '@talaria/server';

const PAGE = new URL('../../../docs/reference/metrics.md', import.meta.url);

it('lists every metric that a server gives, and no other', async () => {
  const data = mkdtempSync(join(tmpdir(), 'talaria-metrics-'));
  const server = await createServer({ data, port: 0 });
  try {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const helps = new Map([...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map((match) => [match[1]!, match[2]!]));
    const types = new Map([...text.matchAll(/^# TYPE (\S+) (.*)$/gm)].map((match) => [match[1]!, match[2]!]));
    const rows = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `(\w+)` \| (\w+) \| (.*) \|$/gm)].map(([, name, type, help]) => ({ name: name!, type: type!, help: help! }));
    expect(rows.map(({ name }) => name).sort()).toEqual([...helps.keys()].sort());
    for (const { name, type, help } of rows) {
      expect([name, types.get(name)]).toEqual([name, type]);
      expect(help.startsWith(helps.get(name)!)).toBe(true);
    }
  } finally {
    await server.stop();
    rmSync(data, { recursive: true });
  }
});
