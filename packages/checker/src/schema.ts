import type { Entry, EntryKind, EntryOf, Stamped } from './entries.js';

/** The longest line, in bytes. A writer refuses to write a longer one, a reader to read it. */
export const LINE_BYTES_MAX = 64 * 1024;

interface Field {
  readonly must: string;
  readonly optional: boolean;
  readonly holds: (value: unknown) => boolean;
}

const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
// eslint-disable-next-line no-control-regex -- names become keys of maps and parts of printed lines: these are what must not be in them
const NAME = /^[^\u0000-\u001f\u007f]{0,256}$/u;
const HASH = /^[0-9a-f]{64}$/;
const CAUSES: readonly unknown[] = ['membership', 'retention', 'truncated', 'skipped'];
const POLICIES: readonly unknown[] = ['from_join', 'all'];

const must = (text: string, holds: (value: unknown) => boolean): Field => ({ must: text, optional: false, holds });
const optional = (field: Field): Field => ({ ...field, optional: true });

const name = must('a name of 1 to 256 printable characters', (v) => typeof v === 'string' && v !== '' && NAME.test(v));
const nameOrEmpty = must('a name of at most 256 printable characters', (v) => typeof v === 'string' && NAME.test(v));
const text = must('text of at most 4096 characters', (v) => typeof v === 'string' && v.length <= 4096);
const seq = must('a whole number from 1', (v) => isCount(v) && v !== 0);
const count = must('a whole number from 0', isCount);
const number = must('a finite number', (v) => typeof v === 'number' && Number.isFinite(v));
const flag = must('true or false', (v) => typeof v === 'boolean');
const hash = must('a SHA-256 in lower-case hex', (v) => typeof v === 'string' && HASH.test(v));
const cause = must('one of membership, retention, truncated, skipped', (v) => CAUSES.includes(v));
const policy = must('from_join or all', (v) => POLICIES.includes(v));

/** Each kind with each of its fields: the compiler keeps this table equal to the types. */
const FIELDS: { readonly [K in EntryKind]: { readonly [F in Exclude<keyof EntryOf<K>, 'k'>]-?: Field } } = {
  client: { client: name, app: name, user: nameOrEmpty, outbox: nameOrEmpty },
  invoke: { client_id: text, op: name, stream: nameOrEmpty, outbox: nameOrEmpty, body: optional(hash) },
  ack: { client_id: text, stream: name, seq, event_id: nameOrEmpty, duplicate: flag },
  fail: { client_id: text, code: name },
  unknown: { client_id: text, reason: text },
  observe: { observer: name, stream: name, after_seq: count },
  fact: {
    observer: name, stream: name, seq, event_id: name, type: name, client_id: text, actor: nameOrEmpty,
    target_seq: optional(count), redacted: optional(flag), body: optional(hash),
  },
  range: { observer: name, stream: name, from_seq: seq, to_seq: seq, cause },
  end: { observer: name, stream: name, seq: count },
  restart: {},
  mark: { stream: name, user: name, delivered_seq: count, read_seq: count },
  unread: { stream: name, user: name, count, at_seq: count, thread: optional(seq), own_seq: optional(count) },
  fault: { name, in_flight: count },
  canary: { app: name, text_hash: hash },
  log: {
    app: name, stream: name, seq, event_id: name, type: name, client_id: text, actor: nameOrEmpty, target_seq: count,
    redacted: flag, time_ms: number, body: optional(hash), user: optional(name), role: optional(name),
    ordinal: optional(count), sender_ordinal: optional(count), countable: optional(flag), thread: optional(seq), thread_countable: optional(flag),
    conversation: optional(name), mark_seq: optional(count), history: optional(policy),
  },
  floor: { stream: name, floor_seq: count },
};

const TABLE: ReadonlyMap<string, readonly (readonly [string, Field])[]> = new Map(
  Object.entries(FIELDS).map(([kind, fields]) => [kind, Object.entries(fields)]),
);

/** The kinds of lines, and the names of the fields of each; `?` follows an optional one. */
export function entryFields(): ReadonlyMap<string, readonly string[]> {
  return new Map([...TABLE].map(([kind, fields]) => [kind, fields.map(([field, rule]) => (rule.optional ? `${field}?` : field))]));
}

/** What is wrong with a line, in words, or undefined when it is an entry. */
export function entryProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is not a JSON object';
  const line = value as Record<string, unknown>;
  const fields = typeof line['k'] === 'string' ? TABLE.get(line['k']) : undefined;
  if (fields === undefined) return `has no known k (${JSON.stringify(line['k'] ?? null)})`;
  return fieldProblem(line, fields) ?? pairProblem(line as unknown as Stamped);
}

/** The entry that a line holds; throws an Error with the words of `entryProblem`. */
export function parseEntry(line: string): Stamped {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error('is not JSON');
  }
  const problem = entryProblem(value);
  if (problem !== undefined) throw new Error(problem);
  return value as Stamped;
}

function fieldProblem(line: Record<string, unknown>, fields: readonly (readonly [string, Field])[]): string | undefined {
  if (!number.holds(line['at'])) return `${String(line['k'])}: at must be ${number.must}`;
  let known = 2;
  for (const [field, rule] of fields) {
    const value = line[field];
    if (value === undefined && rule.optional) continue;
    if (!rule.holds(value)) return `${String(line['k'])}: ${field} must be ${rule.must}`;
    known += 1;
  }
  // A field that nobody reads is most likely a slip that would weaken a rule in silence.
  const keys = Object.keys(line).filter((key) => line[key] !== undefined);
  if (keys.length === known) return undefined;
  const extra = keys.find((key) => key !== 'k' && key !== 'at' && !fields.some(([field]) => field === key));
  return `${String(line['k'])}: unknown field ${JSON.stringify(extra)}`;
}

function pairProblem(entry: Entry): string | undefined {
  return entry.k === 'range' && entry.from_seq > entry.to_seq ? 'range: from_seq must not be above to_seq' : undefined;
}
