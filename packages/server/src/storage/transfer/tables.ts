/** What a database holds, in the form that every driver gives and takes: ids as they are shown, JSON texts as they are. */

/**
 * What stands in a column: an id of a kind, the id of a conversation's or a user's stream, the id of whoever sent a command (a user, or
 * the app itself), a text, a whole number, or true and false.
 */
export type CellKind = 'tenant' | 'app' | 'key' | 'user' | 'conversation' | 'stream' | 'actor' | 'session' | 'operator' | 'text' | 'whole' | 'flag';
export type Cell = string | number | boolean | null;
/** Cells in the order of the table's columns. */
export type Row = readonly Cell[];

export interface Column {
  readonly name: string;
  readonly kind: CellKind;
}

export interface Table {
  readonly name: TableName;
  readonly columns: readonly Column[];
  /** Names of the columns that tell rows apart. Rows are read in their order, byte by byte. */
  readonly key: readonly string[];
  /** Whether backups have been made without it, which are read as if it were empty. */
  readonly later: boolean;
  /** Columns that backups have been made without, and what stands in them then: a value, or that of another column. */
  readonly laterColumns: Readonly<Record<string, Cell | { readonly as: string }>>;
}

export type TableName =
  | 'tenants' | 'apps' | 'api_keys' | 'users' | 'streams' | 'conversations' | 'direct_pairs' | 'members' | 'member_intervals' | 'events' | 'command_keys' | 'consumers'
  | 'dead_letters' | 'usage_hours' | 'tenant_databases' | 'entries' | 'app_auth' | 'revocations' | 'accounts' | 'sessions' | 'operators';

function table(
  name: TableName, key: readonly string[], columns: Readonly<Record<string, CellKind>>, { later = false, laterColumns = {} }: Partial<Pick<Table, 'later' | 'laterColumns'>> = {},
): Table {
  return { name, key, later, laterColumns, columns: Object.entries(columns).map(([column, kind]) => ({ name: column, kind })) };
}

/** In an order in which each may be written and checked: what others point to comes first. */
export const TABLES: readonly Table[] = [
  table('tenants', ['id'], { id: 'tenant', name: 'text', status: 'text', created_ms: 'whole' }),
  table('apps', ['id'], {
    id: 'app', tenant_id: 'tenant', name: 'text', public_key: 'text', sealed_secret: 'text', allowed_origins: 'text', retention_days: 'whole', create_users: 'flag', created_ms: 'whole', link_previews: 'flag', text_max: 'whole',
  }, { laterColumns: { link_previews: false, text_max: 10_000 } }),
  table('api_keys', ['id'], {
    id: 'key', app_id: 'app', name: 'text', prefix: 'text', hash: 'text', scopes: 'text', created_ms: 'whole', expires_ms: 'whole', revoked_ms: 'whole', last_used_ms: 'whole',
  }),
  table('users', ['app_id', 'id'], {
    app_id: 'app', id: 'user', external_id: 'text', name: 'text', data: 'text', created_ms: 'whole', updated_ms: 'whole', tokens_not_before_ms: 'whole',
    settings: 'text', deactivated_ms: 'whole',
  }, { laterColumns: { settings: '{}', deactivated_ms: null } }),
  table('streams', ['app_id', 'stream_id'], {
    app_id: 'app', stream_id: 'stream', head_seq: 'whole', head_position: 'whole', head_event_id: 'text', floor_seq: 'whole', floor_ordinal: 'whole', ordinal: 'whole',
    marks_version: 'whole',
  }),
  table('conversations', ['app_id', 'id'], {
    app_id: 'app', id: 'conversation', kind: 'text', name: 'text', data: 'text', history: 'text', member_count: 'whole', created_ms: 'whole', updated_ms: 'whole',
    settings: 'text',
  }, { laterColumns: { settings: '{}' } }),
  table('direct_pairs', ['app_id', 'pair'], { app_id: 'app', pair: 'text', conversation_id: 'conversation' }),
  table('members', ['app_id', 'conversation_id', 'user_id'], {
    app_id: 'app', conversation_id: 'conversation', user_id: 'user', role: 'text', active: 'flag', joined_seq: 'whole', joined_ms: 'whole', left_seq: 'whole', sender_ordinal: 'whole',
    delivered_seq: 'whole', read_seq: 'whole', read_ordinal: 'whole', read_sender_ordinal: 'whole', unread_from_seq: 'whole', unread_ordinal: 'whole', unread_sender_ordinal: 'whole',
    marks_version: 'whole', public_read_seq: 'whole', muted_until_ms: 'whole', pinned_ms: 'whole', archived_ms: 'whole', hidden_seq: 'whole',
  }, { laterColumns: { public_read_seq: { as: 'read_seq' }, muted_until_ms: null, pinned_ms: null, archived_ms: null, hidden_seq: null } }),
  table('member_intervals', ['app_id', 'conversation_id', 'user_id', 'from_seq'], {
    app_id: 'app', conversation_id: 'conversation', user_id: 'user', from_seq: 'whole', to_seq: 'whole',
  }),
  table('events', ['app_id', 'stream_id', 'seq'], {
    app_id: 'app', stream_id: 'stream', seq: 'whole', position: 'whole', event_id: 'text', type: 'text', version: 'whole', actor_id: 'user', time_ms: 'whole', target_seq: 'whole',
    client_id: 'text', trace_id: 'text', redacted: 'flag', ordinal: 'whole', sender_ordinal: 'whole', message: 'whole', body_seq: 'whole', changed_seq: 'whole', edited_ms: 'whole',
    deleted_ms: 'whole', payload: 'text', thread_seq: 'whole', state: 'text',
  }, { laterColumns: { thread_seq: null, state: null } }),
  table('command_keys', ['client_id', 'actor_id', 'app_id'], {
    client_id: 'text', actor_id: 'actor', app_id: 'app', stream_id: 'stream', seq: 'whole', time_ms: 'whole', type: 'text', target_seq: 'whole', request_hash: 'text',
  }),
  table('consumers', ['name'], { name: 'text', position: 'whole', owner: 'text', until_ms: 'whole', fence: 'whole' }),
  table('dead_letters', ['name', 'position'], {
    name: 'text', position: 'whole', app_id: 'app', stream_id: 'stream', seq: 'whole', error: 'text', time_ms: 'whole',
  }),
  table('usage_hours', ['app_id', 'hour_ms'], { app_id: 'app', hour_ms: 'whole', messages: 'whole', facts: 'whole', bytes: 'whole' }),
  table('tenant_databases', ['tenant_id'], { tenant_id: 'tenant', sealed_url: 'text', epoch: 'text' }, { later: true }),
  table('entries', ['app_id', 'stream_id', 'type', 'key', 'target_seq'], {
    app_id: 'app', stream_id: 'stream', type: 'text', key: 'text', target_seq: 'whole', seq: 'whole', value: 'text', due_ms: 'whole',
  }, { later: true }),
  table('app_auth', ['app_id'], { app_id: 'app', issuers: 'text', identity: 'text' }, { later: true }),
  table('revocations', ['app_id', 'user_id', 'name'], {
    app_id: 'app', user_id: 'user', name: 'text', before_ms: 'whole', revoked_ms: 'whole', until_ms: 'whole',
  }, { later: true }),
  table('accounts', ['app_id', 'user_id'], { app_id: 'app', user_id: 'user', login: 'text', password_hash: 'text', created_ms: 'whole', changed_ms: 'whole' }, { later: true }),
  table('sessions', ['app_id', 'id'], {
    app_id: 'app', id: 'session', user_id: 'user', device: 'text', device_name: 'text', created_ms: 'whole', used_ms: 'whole', expires_ms: 'whole', ended_ms: 'whole', token_hash: 'text',
    former_hash: 'text',
  }, { later: true }),
  // Without their links and sessions: what was used or ended since the backup stays so.
  table('operators', ['id'], { id: 'operator', login: 'text', name: 'text', role: 'text', password_hash: 'text', disabled: 'flag', created_ms: 'whole', seen_ms: 'whole' }, { later: true }),
];

export function tableOf(name: TableName): Table {
  return TABLES.find((one) => one.name === name)!;
}

/** Where columns stand in a row. */
export function placesOf(of: Table, names: readonly string[]): readonly number[] {
  return names.map((name) => of.columns.findIndex((column) => column.name === name));
}

/** The cells that tell a row from the others of its table. */
export function keyOf(of: Table): (row: Row) => readonly Cell[] {
  const places = placesOf(of, of.key);
  return (row) => places.map((place) => row[place]!);
}

/** A row as a line of text. Checksums are of these lines, so they are the same whichever database a row comes from. */
export const lineOf = (row: Row): string => JSON.stringify(row);
