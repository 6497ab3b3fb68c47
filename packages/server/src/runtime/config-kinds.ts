/** What a setting's value may be: how it is read from text and from JSON, and how it is shown. */
import { isIP } from 'node:net';
import { printable } from './printable.js';

export type Reading<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problem: string };

export interface Kind<Value> {
  /** What stands for the value in a flag's help: `--port <number>`. */
  readonly placeholder: string;
  /** What is allowed, as the reference says it. */
  readonly allowed: string;
  /** Whether a flag may be given several times. */
  readonly many: boolean;
  /** Reads the text of a flag or an environment variable. */
  fromText(text: string): Reading<Value>;
  /** Reads what stands in the configuration file. */
  fromJson(json: unknown): Reading<Value>;
  /** As JSON, for showing; a secret never shows. */
  show(value: Value): string | number | readonly string[];
}

const ok = <Value>(value: Value): Reading<Value> => ({ ok: true, value });
const bad = (problem: string): Reading<never> => ({ ok: false, problem });

/** A value as an error may repeat it: on one line, without control characters, not too long. */
export function quoted(value: unknown): string {
  const safe = printable(JSON.stringify(value) ?? typeof value);
  return safe.length > 60 ? `${safe.slice(0, 57)}…` : safe;
}

export function integer(min: number, max: number, placeholder = 'number'): Kind<number> {
  return { ...wholeNumber(`from ${min} to ${max}`, `${min} to ${max}`, (value) => value >= min && value <= max), placeholder };
}

/** 0 stands for none. */
export function noneOr(min: number, max: number): Kind<number> {
  return wholeNumber(`from ${min} to ${max}, or 0`, `0, or ${min} to ${max}`, (value) => value === 0 || (value >= min && value <= max));
}

function wholeNumber(said: string, allowed: string, fits: (value: number) => boolean): Kind<number> {
  const rule = `must be a whole number ${said}`;
  const check = (value: number, given: string): Reading<number> => (Number.isSafeInteger(value) && fits(value) ? ok(value) : bad(`${rule}, not ${given}`));
  return {
    placeholder: 'number',
    allowed,
    many: false,
    fromText: (text) => (/^-?\d{1,15}$/.test(text.trim()) ? check(Number(text), text.trim()) : bad(`${rule}, not ${quoted(text)}`)),
    fromJson: (json) => (typeof json === 'number' ? check(json, String(json)) : bad(`${rule}, not ${quoted(json)}`)),
    show: (value) => value,
  };
}

export function choice<const Value extends string>(values: readonly Value[]): Kind<Value> {
  const read = (given: unknown): Reading<Value> => {
    const value = values.find((known) => known === given);
    return value === undefined ? bad(`must be one of ${values.join(', ')}, not ${quoted(given)}`) : ok(value);
  };
  return {
    placeholder: 'name',
    allowed: values.join(', '),
    many: false,
    fromText: (text) => read(text.trim()),
    fromJson: read,
    show: (value) => value,
  };
}

/** Text of one line that follows a pattern. */
function line(placeholder: string, allowed: string, pattern: RegExp): Kind<string> {
  const read = (given: unknown): Reading<string> =>
    typeof given === 'string' && pattern.test(given) ? ok(given) : bad(`must be ${allowed}, not ${quoted(given)}`);
  return { placeholder, allowed, many: false, fromText: read, fromJson: read, show: (value) => value };
}

/** Addresses of a service, with commas between. They may hold a password, and are never repeated. */
export function urls(protocols: readonly string[], most: number): Kind<readonly string[]> {
  const examples = protocols.map((protocol) => `${protocol}://host`).join(' or ');
  const readAll = (items: readonly unknown[]): Reading<readonly string[]> => {
    const good = items.every((item) => typeof item === 'string' && URL.canParse(item) && protocols.includes(new URL(item).protocol.slice(0, -1)) && new URL(item).hostname !== '');
    if (!good || items.length > most) return bad(`must be ${most === 1 ? 'an address' : `up to ${most} addresses`} such as ${examples}; what was given is not repeated here`);
    return ok(items as readonly string[]);
  };
  const split = (text: string): readonly string[] => text.split(',').map((part) => part.trim()).filter((part) => part !== '');
  return {
    placeholder: 'url', allowed: `${most === 1 ? 'an address' : 'addresses'} such as ${examples}`, many: most > 1,
    fromText: (text) => readAll(split(text)),
    fromJson: (json) => (typeof json === 'string' ? readAll(split(json)) : Array.isArray(json) ? readAll(json) : bad(`must be text such as ${examples}`)),
    show: (value) => (value.length === 0 ? '' : '(hidden)'),
  };
}

/** One word that may stand in a subject. */
export function word(): Kind<string> {
  return line('word', 'letters, digits, - and _, at most 32', /^[\w-]{1,32}$/);
}

export function path(): Kind<string> {
  return line('path', 'a path', /^\P{Cc}+$/u);
}

export function host(): Kind<string> {
  return line('address', 'an IP address or a host name', /^(?:[0-9a-f]*:[0-9a-f:.]+(?:%\w+)?|[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?)$/i);
}

/** Networks in CIDR form; a bare address stands for itself alone. */
export function networks(): Kind<readonly string[]> {
  const readAll = (items: readonly unknown[]): Reading<readonly string[]> => {
    const found: string[] = [];
    for (const item of items) {
      const network = typeof item === 'string' ? asNetwork(item.trim()) : undefined;
      if (network === undefined) return bad(`must list networks such as 10.0.0.0/8 or fd00::/8, not ${quoted(item)}`);
      found.push(network);
    }
    return ok(found);
  };
  return {
    placeholder: 'cidr',
    allowed: 'networks such as 10.0.0.0/8',
    many: true,
    fromText: (text) => readAll(text.split(',').filter((part) => part.trim() !== '')),
    fromJson: (json) =>
      Array.isArray(json) ? readAll(json) : bad(`must be a list of networks such as ["10.0.0.0/8"], not ${quoted(json)}`),
    show: (value) => value,
  };
}

function asNetwork(text: string): string | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || address.includes('%')) return undefined;
  const widest = family === 4 ? 32 : 128;
  if (bits === undefined) return `${address}/${widest}`;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= widest ? `${address}/${Number(bits)}` : undefined;
}

/** Random bytes in base64, as `openssl rand -base64 32` makes them. What was given is never repeated. */
export function secretBytes(minBytes: number): Kind<Uint8Array | undefined> {
  const read = (given: unknown): Reading<Uint8Array> => {
    if (typeof given !== 'string' || !/^[\w+/-]*={0,2}$/.test(given.trim())) return bad('must be base64 text');
    const bytes = Buffer.from(given.trim(), 'base64');
    return bytes.length >= minBytes
      ? ok(bytes)
      : bad(`must have at least ${minBytes} bytes, not ${bytes.length}; make one with: openssl rand -base64 ${minBytes}`);
  };
  return {
    placeholder: 'base64',
    allowed: `base64 of at least ${minBytes} bytes`,
    many: false,
    fromText: read,
    fromJson: read,
    show: (value) => (value === undefined ? '' : '(hidden)'),
  };
}
