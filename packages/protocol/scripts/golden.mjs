// Golden frames: fixtures/frames.json holds each frame's JSON form and the bytes of its binary form.
// To add a frame, write its name, direction and JSON form there and run this script: it puts the JSON form into its
// usual shape and fills in the bytes. To change nothing and exit 1 when something would change: `--check`.
// Bytes that change for an old frame mean that the wire has changed: clients of the old format would break.
// Needs the built package. Usage: node packages/protocol/scripts/golden.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import { createClientCodec, createServerCodec } from '../dist/codec/binary.js';
import { factTable } from '../dist/index.js';
import { createJsonClientCodec, createJsonServerCodec } from '../dist/codec/json.js';

const FILE = new URL('../fixtures/frames.json', import.meta.url);
/** Bodies by type of fact: each gets a frame of its own by this script. */
const BODIES = new URL('../fixtures/bodies.json', import.meta.url);

const binary = { server: createServerCodec(), client: createClientCodec() };
const json = { server: createJsonServerCodec(), client: createJsonClientCodec() };

const utf8 = new TextEncoder();
const text = (bytes) => new TextDecoder().decode(bytes);
const hex = (bytes) => Buffer.from(bytes).toString('hex');

function golden({ name, direction, json: form }) {
  const given = utf8.encode(JSON.stringify(form));
  const up = direction === 'up';
  const frame = up ? json.server.decodeUp(given) : json.client.decodeDown(given);
  const encode = (codec) => (up ? codec.client.encodeUp(frame) : codec.server.encodeDown(frame));
  return { name, direction, json: JSON.parse(text(encode(json))), hex: hex(encode(binary)) };
}

/** One frame a line, so that a change shows as one line; in ASCII, so that no editor hides or turns a character. */
const line = (frame) => `  ${JSON.stringify(frame).replaceAll(/[^ -~]/g, escaped)}`;
const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
const format = (frames) => `[\n${frames.map(line).join(',\n')}\n]\n`;

const stream = { conversation: 'c_06aqx7m4e5v2k8r0d1f3g5h7j8', user: 'u_06aqx7m4e5v2k8r0d1f3g5h7m8' };

function factFrame([type, body]) {
  const info = factTable[type];
  const fact = {
    seq: 43, event_id: 'e_06aqx7m4e5v2k8r0d1f3g5h7t0', type, version: 1, actor: stream.user, time_ms: 1795234567890, ...(info.target && { target_seq: 42 }),
    client_id: '0199a3c0-1c2d-7e3f-8a4b-5c6d7e8f9a0b', json: JSON.stringify(body),
  };
  return { name: `fact, ${type}`, direction: 'down', json: { facts: { stream: stream[info.stream], from_seq: 43, to_seq: 43, facts: [fact] } } };
}

const before = readFileSync(FILE, 'utf8');
const others = JSON.parse(before).filter(({ name }) => !name.startsWith('fact, '));
const after = format([...others, ...Object.entries(JSON.parse(readFileSync(BODIES, 'utf8'))).map(factFrame)].map(golden));
if (before === after) console.log('fixtures/frames.json is up to date');
else if (process.argv.includes('--check')) {
  console.error('fixtures/frames.json is stale: run node packages/protocol/scripts/golden.mjs');
  process.exitCode = 1;
} else {
  writeFileSync(FILE, after);
  console.log('wrote fixtures/frames.json');
}
