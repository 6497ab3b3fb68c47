import type { JSX } from 'preact';
import { short } from '../format/ids.js';
import { Copy } from './copy.js';
import { Id } from './id.js';

type Value = string | number | boolean | null;

const ID = /^[a-z]_[0-9a-hjkmnp-tv-z]{26,45}$/;
/** Names of requests and traces: long, and only looked at when one looks for them. */
const LAST: readonly string[] = ['request', 'trace'];

/** The fields of a line of the log: ids lead to their screens. */
export function FieldsOf({ fields }: { readonly fields: Readonly<Record<string, Value>> }): JSX.Element {
  const app = typeof fields['app'] === 'string' ? fields['app'] : undefined;
  const names = Object.keys(fields);
  const ordered = [...names.filter((name) => !LAST.includes(name)), ...names.filter((name) => LAST.includes(name))];
  return <span class="log-fields">{ordered.map((name) => <span key={name}><span class="muted">{name}</span> <Field name={name} value={fields[name] ?? null} app={app} /></span>)}</span>;
}

function Field({ name, value, app }: { readonly name: string; readonly value: Value; readonly app: string | undefined }): JSX.Element {
  if (typeof value !== 'string') return <code>{String(value)}</code>;
  if (ID.test(value)) return <Id id={value} app={app} />;
  return LAST.includes(name) ? <span class="id"><code title={value}>{short(value)}</code><Copy text={value} label={`Copy ${value}`} /></span> : <code>{value}</code>;
}
