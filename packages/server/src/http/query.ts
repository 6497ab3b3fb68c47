/** Query strings: strict, because what is guessed here is done there. */
import { ProtocolError } from '@talaria/protocol';
import { decodePart } from './path.js';

/** How a field's text becomes a value. */
export type QueryKind = 'string' | 'integer' | 'number' | 'boolean';

export interface QueryField {
  readonly kind: QueryKind;
  /** Given as often as there are items. */
  readonly list: boolean;
}

export type QueryFields = ReadonlyMap<string, QueryField>;

const PARAMETERS_MAX = 256;
/** Names under which people put credentials into addresses. */
const CREDENTIAL_NAME = /^(?:access_?token|id_?token|token|jwt|bearer|authori[sz]ation|auth|api_?key|key|secret|password)$/i;
const CREDENTIAL_VALUE = /^(?:Bearer\s.*|tk_[^_]*_.*|t[ar]_[\w-]{32,}|eyJ[\w-]*\.[\w-]*\.[\w-]*)$/i;

/** @throws ProtocolError invalid_argument */
export function parseQuery(query: string): readonly (readonly [string, string])[] {
  const parts = query.split('&').filter((part) => part !== '');
  if (parts.length > PARAMETERS_MAX) throw new ProtocolError('invalid_argument', `The query has more than ${PARAMETERS_MAX} parameters.`);
  return parts.map((part) => {
    const mark = part.indexOf('=');
    const [name, value] = (mark === -1 ? [part, ''] : [part.slice(0, mark), part.slice(mark + 1)]).map((text) => decodePart(text.replaceAll('+', ' ')));
    if (name === undefined || value === undefined) throw new ProtocolError('invalid_argument', 'The query is not percent-encoded UTF-8.');
    return [name, value] as const;
  });
}

/**
 * A credential in an address stands in every log on the way, so it is refused even where it would be right.
 *
 * @throws ProtocolError not_acceptable
 */
export function refuseCredentials(parameters: readonly (readonly [string, string])[]): void {
  if (!parameters.some(([name, value]) => CREDENTIAL_NAME.test(name) || CREDENTIAL_VALUE.test(value))) return;
  throw new ProtocolError('not_acceptable', 'A token or key must not stand in the address. Send it in the Authorization header, and replace the one that was sent.');
}

/**
 * The values of a query by their fields' types. What the table does not know stays text, for the schema to refuse.
 *
 * @throws ProtocolError invalid_argument
 */
export function readQuery(parameters: readonly (readonly [string, string])[], fields: QueryFields): Record<string, unknown> {
  const values = new Map<string, unknown>();
  for (const [name, text] of parameters) {
    const field = fields.get(name);
    const value = field ? convert(name, text, field.kind) : text;
    const before = values.get(name);
    if (field?.list) values.set(name, [...(Array.isArray(before) ? before as unknown[] : []), value]);
    else if (values.has(name)) throw new ProtocolError('invalid_argument', `${shown(name)} was given more than once.`, { field: shown(name) });
    else values.set(name, value);
  }
  return Object.fromEntries(values);
}

function convert(name: string, text: string, kind: QueryKind): unknown {
  switch (kind) {
    case 'string': return text;
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      throw new ProtocolError('invalid_argument', `${name} must be true or false.`, { field: name });
    case 'integer':
      if (/^-?\d{1,16}$/.test(text)) return Number(text);
      throw new ProtocolError('invalid_argument', `${name} must be a whole number.`, { field: name });
    case 'number':
      if (/^-?\d{1,16}(?:\.\d{1,16})?$/.test(text)) return Number(text);
      throw new ProtocolError('invalid_argument', `${name} must be a number.`, { field: name });
  }
}

const shown = (name: string): string => name.slice(0, 64);
