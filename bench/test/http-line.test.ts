import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { openHttpLine, timed } from '../src/http-line.js';

it('asks on one connection, as who it is, and does not take a refusal for an answer', async () => {
  let connections = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => {
      body += text;
    });
    request.once('end', () => {
      response.statusCode = request.url === '/missing' ? 404 : 200;
      response.end(JSON.stringify({ method: request.method, token: request.headers.authorization, body }));
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const line = openHttpLine((server.address() as AddressInfo).port, 'me');
  try {
    expect(await line.call('GET', '/')).toEqual({ method: 'GET', token: 'Bearer me', body: '' });
    expect(await line.call('POST', '/', { text: 'é' })).toEqual({ method: 'POST', token: 'Bearer me', body: '{"text":"é"}' });
    await expect(line.call('GET', '/missing')).rejects.toThrow('404');
    expect(connections).toBe(1);
  } finally {
    line.close();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  }
});

it('times one call after the other', async () => {
  const calls: number[] = [];
  let running = 0;
  const found = await timed(3, async (at) => {
    running += 1;
    expect(running).toBe(1);
    await Promise.resolve();
    running -= 1;
    calls.push(at);
  });
  expect(calls).toEqual([0, 1, 2]);
  expect(found.p50_ms).toBeGreaterThanOrEqual(0);
  expect(found.p99_ms).toBeGreaterThanOrEqual(found.p50_ms);
});
