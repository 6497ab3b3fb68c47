/** Samples of documentation pages: found, type-checked and run, as a reader would. */
import { operations, type Operation, type OperationId } from '@talaria/protocol/operations';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';

const run = promisify(execFile);
export const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface Block {
  readonly language: string;
  readonly text: string;
}

/** The code blocks of a page, in their order. */
export function blocksOf(page: string): readonly Block[] {
  return [...readFileSync(join(root, page), 'utf8').matchAll(/^```(\w+)\n([^]*?)^```/gm)].map((match) => ({ language: match[1]!, text: match[2]! }));
}

/** Those in one language. */
export function blocksIn(page: string, language: string): readonly string[] {
  return blocksOf(page).filter((block) => block.language === language).map(({ text }) => text);
}

/** Those in TypeScript that say they are for a browser: each stands by itself. */
export function browserBlocksOf(page: string): readonly string[] {
  return [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts browser\n([^]*?)^```/gm)].map((match) => match[1]!);
}

/** Files that a page tells its reader to save, by the name that stands behind the language of each. */
export function filesOf(page: string): ReadonlyMap<string, string> {
  return new Map([...readFileSync(join(root, page), 'utf8').matchAll(/^```\w+ \[([^\]]+)\]\n([^]*?)^```/gm)].map((match) => [match[1]!, match[2]!]));
}

/** What the words around a sample give it. */
export const given = `declare const process: { readonly env: Readonly<Record<string, string>> };
export const { url = '', app = '', token = '', bobsToken = '', key = '', adminKey = '' } = process.env;
`;

/** What the strict settings of this repository find wrong with files. @param more settings, for files that stand alone */
export function diagnose(path: string | readonly string[], more: ts.CompilerOptions = {}): readonly string[] {
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(join(root, 'tsconfig.base.json'), (name) => ts.sys.readFile(name)).config, ts.sys, root);
  const program = ts.createProgram([path].flat(), { ...options, noEmit: true, composite: false, incremental: false, declaration: false, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.esnext.disposable.d.ts'], types: [], jsx: ts.JsxEmit.ReactJSX, ...more });
  return ts.getPreEmitDiagnostics(program).map((found) => ts.flattenDiagnosticMessageText(found.messageText, '\n'));
}

/** Runs a program in Node. @returns what it prints. @throws what it ends with */
export async function runSample(path: string, text: string, environment: Readonly<Record<string, string>>): Promise<string> {
  writeFileSync(path, ts.transpile(text, { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext }));
  const { stdout } = await run(process.execPath, [path], { env: { ...process.env, ...environment }, timeout: 110_000 });
  return stdout;
}

/** A request as a page shows it: the first line, headers, an empty line, a body. */
export interface HttpSample {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The answer that stands behind it, if one does. */
  readonly answer: unknown;
}

export function httpSamplesOf(page: string): readonly HttpSample[] {
  const blocks = blocksOf(page);
  return blocks.flatMap(({ language, text }, at) => {
    if (language !== 'http') return [];
    const [head = '', ...rest] = text.trimEnd().split('\n\n');
    const [first = '', ...lines] = head.split('\n');
    const [method = '', path = ''] = first.split(' ');
    const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
    const next = blocks[at + 1];
    return [{ method, path, headers, body: rest.join('\n\n'), answer: next?.language === 'json' ? JSON.parse(next.text) as unknown : undefined }];
  });
}

/** `{group.id}` in a request: what the sample above calls so; `{answer.token}`: a field of the answer to the request before. Spaces make it JSON. */
const PLACE = /\{([a-zA-Z][\w.!?]*)\}/g;

/** What requests of a page name of the samples above them. */
export function namesIn(samples: readonly HttpSample[]): readonly string[] {
  const all = samples.flatMap(({ path, headers, body }) => [path, ...Object.values(headers), body].flatMap((text) => [...text.matchAll(PLACE)].map((match) => match[1]!)));
  return [...new Set(all)].filter((name) => !name.startsWith('answer.'));
}

export function fill(text: string, values: Readonly<Record<string, unknown>>): string {
  return text.replaceAll(PLACE, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** The operation that a request asks for. */
export function operationOf({ method, path }: Pick<HttpSample, 'method' | 'path'>): OperationId | undefined {
  const asked = path.replace(/\?.*/, '').split('/');
  return (Object.entries(operations) as [OperationId, Operation][]).find(([, operation]) => {
    const parts = operation.path.split('/');
    return operation.method === method && parts.length === asked.length && parts.every((part, at) => part.startsWith('{') || part === asked[at]);
  })?.[0];
}

/** Operations that a sample of the SDK names. */
export function operationsIn(text: string): readonly OperationId[] {
  const called = [...text.matchAll(/\.(?:call|command)\('([\w.]+)'/g)].map((match) => match[1]!);
  const methods = [...text.matchAll(/\b(\w+)\.(\w+)\(/g)].map((match) => `${match[1]}.${match[2]}`).filter((name) => new RegExp(`\\.${name.replace('.', String.raw`\.`)}\\(`).test(text));
  return [...called, ...methods].filter((name): name is OperationId => Object.hasOwn(operations, name));
}

/** Where an answer lacks what a page shows of it. Values are examples; names are not. */
export function lacking(shown: unknown, answer: unknown, where = ''): readonly string[] {
  if (Array.isArray(shown)) {
    if (!Array.isArray(answer) || answer.length < shown.length) return [where];
    return shown.flatMap((one, at) => lacking(one, (answer as unknown[])[at], `${where}.${at}`));
  }
  if (typeof shown !== 'object' || shown === null) return [];
  if (typeof answer !== 'object' || answer === null) return [where];
  return Object.entries(shown).flatMap(([name, value]) => (name in answer ? lacking(value, (answer as Record<string, unknown>)[name], `${where}.${name}`) : [`${where}.${name}`]));
}
