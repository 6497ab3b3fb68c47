/** One HTTP client on one connection that stays open, for requests one after the other. */
import { Agent, request } from 'node:http';
import { percentile } from './percentile.js';

export interface HttpLine {
  /** @throws Error when the answer is not a 2xx */
  call<Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer>;
  close(): void;
}

export function openHttpLine(port: number, token: string): HttpLine {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, noDelay: true });
  const text = (method: string, path: string, body: string): Promise<string> => new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, ...(body === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }) };
    const asked = request({ agent, host: '127.0.0.1', port, method, path, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => void chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => {
        const { statusCode = 0 } = answer;
        const whole = Buffer.concat(chunks).toString();
        if (statusCode >= 200 && statusCode < 300) resolve(whole);
        else reject(new Error(`${method} ${path} was answered ${statusCode}: ${whole.slice(0, 200)}`));
      });
    });
    asked.once('error', reject);
    asked.end(body);
  });
  return {
    call: async <Answer>(method: 'GET' | 'POST', path: string, body?: object) => JSON.parse(await text(method, path, body ? JSON.stringify(body) : '')) as Answer,
    close: () => agent.destroy(),
  };
}

/** One call after the other. @param call is told which one it is */
export async function timed(count: number, call: (at: number) => Promise<void>): Promise<{ readonly p50_ms: number; readonly p99_ms: number }> {
  const latencies: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const sinceMs = performance.now();
    await call(at);
    latencies.push(performance.now() - sinceMs);
  }
  return { p50_ms: percentile(latencies, 0.5), p99_ms: percentile(latencies, 0.99) };
}
