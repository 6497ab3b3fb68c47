import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { connectAdmin } from '../../src/admin/index.js';

it('a redirect is not followed: the key goes to no other address', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(307, { location: '/elsewhere' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const admin = connectAdmin({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: 'tk_one', retries: 0 });
  await expect(admin.status.get({})).rejects.toMatchObject({ code: 'unavailable' });
  expect(new Set(asked)).toEqual(new Set(['/v1/status']));
  server.close();
});
