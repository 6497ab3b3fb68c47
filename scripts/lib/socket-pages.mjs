// docs/reference/socket.md and facts.md: every frame, and every fact.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { frameOf, fromReference, sectionOf } from './spec-frames.mjs';

const table = (head, rows) => [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows.map((row) => `| ${row.join(' | ')} |`), ''].join('\n');

/** @param schema of wire.proto @param spec the text of SPEC.md */
export function socketPage(schema, spec) {
  const numbers = new Map(schema.messages.map(({ name, fields }) => [name, new Map(fields.map(({ name: field, tag }) => [field, tag]))]));
  const section = (title, names, bounded) => [`## ${title}\n`, ...names.map(([heading, message]) => {
    const { words, rows } = frameOf(sectionOf(sectionOf(spec, 2, title), 3, heading));
    const cells = rows.map(({ name, type, bound, meaning }) => [`\`${name}\``, numbers.get(message).get(name), type, ...(bounded ? [bound] : []), fromReference(meaning)]);
    return [`### ${heading}\n`, ...(words === '' ? [] : [`${fromReference(words)}\n`]), table(['Field', 'Number', 'Type', ...(bounded ? ['At most'] : []), 'Meaning'], cells)].join('\n');
  })];
  const union = (name) => schema.messages.find((message) => message.name === name).fields.map((field) => [field.name, field.type]);
  const framed = new Set([...union('Up'), ...union('Down')].map(([, message]) => message));
  const parts = schema.messages.map(({ name }) => name).filter((name) => !framed.has(name) && name !== 'Up' && name !== 'Down');
  return [
    '<!-- Generated from packages/protocol/wire.proto and SPEC.md by `npm run generate`. Do not edit. -->\n',
    '# Socket\n',
    'Every frame of the socket, `/v1/socket/{app_public_key}`. The SDK speaks it for you; this page is for whoever writes a client in another language. How the frames play together, and what each side promises, is in [the protocol](../../packages/protocol/SPEC.md#connecting).\n',
    'The subprotocol `talaria.v1` has these frames as protobuf, `talaria.v1.json` as JSON text. For tools there are [wire.proto](../../packages/protocol/wire.proto) and, as AsyncAPI 3, [asyncapi.yaml](../../packages/protocol/asyncapi.yaml). "At most" bounds bytes of UTF-8 for strings, bytes for bytes, and elements for lists.\n',
    ...section('Client to server', union('Up'), true),
    ...section('Server to client', union('Down'), false),
    ...section('Parts of frames', parts.map((name) => [name, name]), false),
  ].join('\n');
}

/** @returns the page; undefined when the protocol package is not built */
export async function factsPage(root) {
  const built = join(root, 'packages/protocol/dist/index.js');
  if (!existsSync(built)) return undefined;
  const { factTable } = await import(pathToFileURL(built).href);
  const rows = (of) => Object.entries(factTable).filter(([, { stream }]) => stream === of).map(([type, { target, body }]) => [`\`${type}\``, body, target ? 'yes' : '']);
  const head = ['Type', 'Body', 'About one message'];
  return [
    '<!-- Generated from packages/protocol/src/facts.ts by `npm run generate`. Do not edit. -->\n',
    '# Facts\n',
    'Every type of fact, as `client.consume`, `facts.list` and the socket give it. A fact about one message names it in `target_seq`. An app skips types that it does not know: newer servers may have more. What the fields hold is in [the protocol](../../packages/protocol/SPEC.md#facts); `@talaria/sdk/state` folds facts into what they come to.\n',
    '## In a conversation\n',
    'Every member whose membership reaches that far sees them.\n',
    table(head, rows('conversation')),
    "## In the user's own stream\n",
    'Only the user sees them, on every device.\n',
    table(head.slice(0, 2), rows('user').map((row) => row.slice(0, 2))),
  ].join('\n');
}
