/** The fuzzer can fail: each kind of fault is put in, found, made small, and found again by what the finding names. */
import { createClientCodec, createServerCodec } from '@talaria/protocol/codec';
import { createJsonClientCodec, createJsonServerCodec } from '@talaria/protocol/codec-json';
import { loadConfig } from '@talaria/server/config';
import { checkDatabase } from '@talaria/server';
import { describe, expect, it } from 'vitest';
import { hunt, type Found } from '../src/hunt.js';
import { CANARY } from '../src/rig/scene.js';
import type { Target } from '../src/target.js';
import { configLoadTarget } from '../src/targets/config-load.js';
import { databaseTarget } from '../src/targets/database.js';
import { clientFramesTarget } from '../src/targets/frames-client.js';
import { gatewayTarget } from '../src/targets/frames-gateway.js';
import { serverFramesTarget } from '../src/targets/frames-server.js';
import { httpTarget } from '../src/targets/http.js';
import { jwtTarget } from '../src/targets/jwt.js';

const TIMEOUT = { timeout: 120_000 };
const upCodecs = { binary: createServerCodec(), json: createJsonServerCodec() };
const downCodecs = { binary: createClientCodec(), json: createJsonClientCodec() };

/** Hunts until something is found, and hunts that again. */
async function found<Input>(target: Target<Input>, inputs: number): Promise<Found> {
  const first = (await hunt(target, { inputs, seed: 7 })).found;
  expect(first, 'nothing was found').toBeDefined();
  const again = (await hunt(target, { inputs: 1, seed: first!.seed, path: first!.path })).found;
  expect(again?.input).toBe(first!.input);
  return first!;
}

describe('a decoder', () => {
  it('that throws something else is found, with the smallest frame that makes it', TIMEOUT, async () => {
    const broken = { ...upCodecs, json: { ...upCodecs.json, decodeUp: (bytes: Uint8Array) => (bytes.includes(0x7e) ? (undefined as unknown as { x: never }).x : upCodecs.json.decodeUp(bytes)) } };
    const { message, input } = await found(serverFramesTarget(broken), 3_000);
    expect(message).toMatch(/^TypeError: /);
    // One tilde, near the end of the shortest frame that fast-check came to: which that is depends on the frames that there are.
    expect(input).toMatch(/^json (?:(?!7e)..){0,100}7e(?:..){0,5}$/);
  });

  it('that gives a code of its own is found', TIMEOUT, async () => {
    const { message } = await found(clientFramesTarget({ ...downCodecs, binary: { ...downCodecs.binary, decodeDown: (bytes) => upCodecs.binary.decodeUp(bytes) as never } }), 3_000);
    expect(message).toMatch(/the decoder gave the code (?:unknown_operation|too_large)/);
  });

  it('that loses a field is found', TIMEOUT, async () => {
    let calls = 0;
    const forgetful = { ...upCodecs, binary: { ...upCodecs.binary, decodeUp: (bytes: Uint8Array) => {
      const frame = upCodecs.binary.decodeUp(bytes);
      calls += 1;
      return frame.frame === 'send' ? { ...frame, send: { ...frame.send, silent: calls % 2 === 0 } } : frame;
    } } };
    expect((await hunt(serverFramesTarget(forgetful), { inputs: 3_000, seed: 7 })).found?.message).toContain('changes its meaning');
  });

  it('that allocates what an input says is found', TIMEOUT, async () => {
    let allocated = 0;
    const greedy = { ...upCodecs, binary: { ...upCodecs.binary, decodeUp: (bytes: Uint8Array) => {
      // Once is enough: a peak stays a peak.
      if (bytes.length > 1_000 && allocated === 0) allocated = Buffer.alloc(300 * 1_048_576, 1).length;
      return upCodecs.binary.decodeUp(bytes);
    } } };
    const result = await hunt(serverFramesTarget(greedy), { inputs: 3_000, seed: 7 });
    expect(result.found?.message).toMatch(/one input took \d+ MiB of memory/);
  });
});

describe('an HTTP server', () => {
  it.each([
    ['that answers 500', { status: 500 }, /answered 500/],
    ['that leaves out the code', { body: '{"title":"no"}' }, /without a code of the table/],
    ['that answers no problem document', { headers: new Map([['content-type', 'text/html']]) }, /without a problem document/],
    ['that shows something of another app', { body: JSON.stringify({ code: 'invalid_argument', name: CANARY }) }, /something of the other app/],
  ])('%s is found', TIMEOUT, async (_, change, message) => {
    // What is no id is none whatever was asked before; what somebody may see is not.
    const target = httpTarget((reply, { operation, fields }) => (operation === 'messages.get' && reply.status === 400 && !String(fields['message_id']).startsWith('$') ? { ...reply, ...change } : reply));
    // One operation of many: most inputs are for others.
    const finding = await found(target, 10_000);
    expect(finding.message).toMatch(message);
    // What has nothing to do with it was taken away.
    expect(JSON.parse(finding.input)).toMatchObject({ operation: 'messages.get', headers: [] });
  });

  it('that ends the connection is found', TIMEOUT, async () => {
    const { message } = await found(httpTarget((reply, { operation }) => (operation === 'inbox.list' ? undefined : reply)), 2_000);
    expect(message).toContain('ended without an answer');
  });

  it('whose success has another form is found', TIMEOUT, async () => {
    const { message } = await found(httpTarget((reply, { operation }) => (operation === 'users.get' && reply.status === 200 ? { ...reply, body: reply.body.replace('{', '{"extra":1,') } : reply)), 2_000);
    expect(message).toContain("not of the operation's form");
  });
});

describe('a gateway', () => {
  it('that refuses with a code that nobody knows is found, in one short session', TIMEOUT, async () => {
    const target = gatewayTarget((frames) => frames.map((frame) => (frame.frame === 'refusal' && frame.refusal.code === 'unknown_operation' ? { ...frame, refusal: { ...frame.refusal, code: 'oops' } } : frame)));
    const { message, input } = await found(target, 300);
    expect(message).toContain('refused with the code "oops"');
    expect((JSON.parse(input) as { steps: unknown[] }).steps.length).toBeLessThan(4);
  });
});

describe('what reads tokens, configurations and databases', () => {
  it('a token that is let in without a signature is found', TIMEOUT, async () => {
    const { message, input } = await found(jwtTarget((code, { signer }) => (signer === 'none' ? 'ok' : code)), 500);
    expect(message).toContain('a token was let in that the app did not sign');
    expect(JSON.parse(input)).toMatchObject({ signer: 'none' });
  });

  it('a configuration that ends in a stack trace is found', TIMEOUT, async () => {
    const { message } = await found(configLoadTarget((sources) => (sources.file?.text === '[]' ? (null as unknown as ReturnType<typeof loadConfig>) : loadConfig(sources))), 2_000);
    expect(message).toMatch(/^TypeError: /);
  });

  it('a database whose damage is told in many lines is found', TIMEOUT, async () => {
    const { message } = await found(databaseTarget((directory) => {
      try {
        return checkDatabase(directory);
      } catch (error) {
        if (error instanceof Error) error.message += '\n    at somewhere';
        throw error;
      }
    }), 20);
    expect(message).toContain('not one clear line');
  });
});
