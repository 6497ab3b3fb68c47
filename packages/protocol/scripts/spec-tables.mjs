// Writes the tables of SPEC.md that are derived from source: errors, limits and versions, each between its markers.
// Usage: node packages/protocol/scripts/spec-tables.mjs [--check]; with --check it writes nothing and exits 1 when one is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const SPEC = new URL('../SPEC.md', import.meta.url);
const source = (name) => readFileSync(new URL(`../src/${name}.ts`, import.meta.url), 'utf8');

/** Loads a source file that imports nothing, so that no build is needed. */
function load(name) {
  const { outputText } = ts.transpileModule(source(name), { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } });
  return import(`data:text/javascript;base64,${Buffer.from(outputText).toString('base64')}`);
}

const number = (value) => value.toLocaleString('en-US');
const row = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

async function errors() {
  const { errorTable } = await load('errors');
  return table(['code', 'retry helps', 'HTTP', 'close', 'meaning', 'what to do'], Object.entries(errorTable).map(
    ([code, { retryable, status, close, text, remedy }]) => [`\`${code}\``, retryable ? 'yes' : 'no', status, close ?? '', text, remedy],
  ));
}

/** A limit's meaning is the comment above it. */
function commentsOf(text) {
  const comments = new Map();
  for (const [, comment, name] of text.matchAll(/(?:\/\*\* (.*?) \*\/\s*)?^ {2}(\w+): /gm)) comments.set(name, comment ?? '');
  return comments;
}

async function limits() {
  const { limits: values } = await load('limits');
  const comments = commentsOf(source('limits'));
  return table(['limit', 'value', 'of'], Object.entries(values).map(([name, value]) => [`\`${name}\``, number(value), comments.get(name) ?? '']));
}

async function versions() {
  const { wireVersions } = await load('versions');
  return table(['version', 'date', 'schema hash', 'what changed'], wireVersions.map(({ version, date, hash, note }) => [version, date, `\`${hash}\``, note]));
}

async function facts(of) {
  const { factTable } = await load('facts');
  return table(['type', 'body', 'target'], Object.entries(factTable).filter(([, { stream }]) => stream === of).map(
    ([type, { target, body }]) => [`\`${type}\``, body, target ? 'the message' : ''],
  ));
}

/** Needs the built package: the operation table has imports. */
async function compared() {
  const { operations } = await import('../dist/operations/index.js');
  const fields = ({ input }) => Object.keys(input.shape).filter((name) => name !== 'as_user_id').map((name) => `\`${name}\``).join(', ');
  return table(['operation', 'fields behind operation and user'], Object.entries(operations).filter(([, { command }]) => command).map(([id, operation]) => [`\`${id}\``, fields(operation)]));
}

/** The text with every generated table as it should be. Throws where a marker is missing. */
export async function withTables(text) {
  const tables = {
    errors: await errors(), limits: await limits(), versions: await versions(), conversation_facts: await facts('conversation'), user_facts: await facts('user'), compared: await compared(),
  };
  let result = text;
  for (const [name, content] of Object.entries(tables)) {
    const between = new RegExp(`(<!-- ${name}:begin -->\n)[^]*?(\n<!-- ${name}:end -->)`);
    if (!between.test(result)) throw new Error(`SPEC.md has no place for the table ${name}`);
    result = result.replace(between, (_, begin, end) => `${begin}${content}${end}`);
  }
  return result;
}

async function main() {
  const before = readFileSync(SPEC, 'utf8');
  const after = await withTables(before);
  if (before === after) console.log('SPEC.md is up to date');
  else if (process.argv.includes('--check')) {
    console.error('SPEC.md is stale: run node packages/protocol/scripts/spec-tables.mjs');
    process.exitCode = 1;
  } else {
    writeFileSync(SPEC, after);
    console.log('wrote SPEC.md');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
