/** When a run counts as a good one. */
import { openHistory } from '@talaria/checker';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { rowOf, type Evidence } from '../src/outcome.js';

const directory = mkdtempSync(join(tmpdir(), 'talaria-chaos-outcome-'));
afterAll(() => rmSync(directory, { recursive: true }));

let histories = 0;

/** A history of one send, which was acked 250 ms after it was given. */
function history({ seq = 1 } = {}): string {
  const dir = join(directory, String(histories += 1));
  let at = 0;
  const client = openHistory(dir, 'one', { now: () => (at += 250) });
  client.write({ k: 'client', client: 'one', app: 'a', user: 'u_1', outbox: 'one' });
  client.write({ k: 'invoke', client_id: 'c1', op: 'message.send', stream: 's', outbox: 'one' });
  client.write({ k: 'ack', client_id: 'c1', stream: 's', seq, event_id: '', duplicate: true });
  client.close();
  const faults = openHistory(dir, 'faults');
  faults.write({ k: 'fault', name: 'kill', in_flight: 1 });
  faults.close();
  const log = openHistory(dir, 'log');
  log.write({ k: 'log', app: 'a', stream: 's', seq: 1, event_id: 'e1', type: 'message.created', client_id: 'c1', actor: 'u_1', target_seq: 0, redacted: false, time_ms: 1 });
  log.close();
  return dir;
}

const evidence = (changes: Partial<Evidence> = {}): Evidence => ({
  fault: 'F1', name: 'kill', historyDir: history(), inFlight: [3, 4], told: { problems: [], figures: { kills: 2 } }, settled: { problems: [], figures: { open_files: 40 } }, ...changes,
});

it('counts what the histories hold', () => {
  expect(rowOf(evidence())).toEqual({
    fault: 'F1', name: 'kill', verdict: 'ok', why: '', operations: 1, faults: 2, in_flight: 7, acked: 1, unknown: 0, duplicates: 1, lost: 0, repeated: 0, reordered: 0, longest_stall_ms: 250,
    figures: { kills: 2, open_files: 40 },
  });
});

it('is unknown when a fault hit nothing, or none was injected', () => {
  expect(rowOf(evidence({ inFlight: [3, 0] }))).toMatchObject({ verdict: 'unknown', why: 'a fault hit no work in flight' });
  expect(rowOf(evidence({ inFlight: [] }))).toMatchObject({ verdict: 'unknown', why: 'no fault was injected' });
});

it('is failed by the history, by the fault, and by a server that does not settle', () => {
  expect(rowOf(evidence({ historyDir: history({ seq: 2 }) }))).toMatchObject({ verdict: 'failed', why: expect.stringMatching(/^verdict: FAILED H1 /), lost: 1 });
  expect(rowOf(evidence({ told: { problems: ['it never came back'], figures: {} } }))).toMatchObject({ verdict: 'failed', why: 'it never came back' });
  expect(rowOf(evidence({ settled: { problems: ['the server kept its sockets'], figures: {} } }))).toMatchObject({ verdict: 'failed', why: 'the server kept its sockets' });
});
