/** Conversations, what is said in them, its search and its usage, from the command line. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failing, json, launchRunning, run, until, type RunOptions, type Started } from './support/cli.js';
import { openShop, text, type List, type Shop } from './support/shop.js';

interface Result {
  readonly id: string;
  readonly conversation_id: string;
  readonly seq: number;
  readonly duplicate: boolean;
}

describe('conversation, send, tail and usage', { timeout: 60_000 }, () => {
  let server: Started;
  let admin: RunOptions;
  let app: RunOptions;
  let ids: Shop['ids'];
  let group: string;
  beforeAll(async () => {
    ({ server, admin, app, ids } = await openShop());
    for (const user of ['ann', 'ben', 'cyd']) await json(['user', 'create', user], app);
    group = (
      await json<Result>(['conversation', 'create', '--member', 'ann', '--member', 'ben', '--name', 'Lunch', '--history', 'all'], app)
    ).conversation_id;
  });
  afterAll(() => server.stop());

  it('makes a group, and the one direct conversation of two', async () => {
    expect(await json(['conversation', 'show', group], app)).toMatchObject({
      kind: 'group',
      name: 'Lunch',
      history: 'all',
      member_count: 2,
    });
    expect(await text(['conversation', 'show', group], app)).toMatch(/^Members +2$/m);
    const direct = ['conversation', 'create', '--direct', '--member', 'ben', '--as', 'ann'];
    const { conversation_id: first } = await json<Result>(direct, app);
    expect(await text(direct, app)).toContain(`Conversation  ${first}\n`);
    expect((await failing(['conversation', 'create'], app)).line).toMatch(/required option '--member <user>' not specified/);
  });

  it('adds and removes members, and lists them', async () => {
    expect(await json(['conversation', 'add', group, 'cyd', '--role', 'reader'], app)).toMatchObject({
      conversation_id: group,
      duplicate: false,
    });
    const members = await json<{ items: { user_id: string; role: string }[] }>(['conversation', 'members', group], app);
    expect(members.items.map(({ role }) => role).sort()).toEqual(['member', 'member', 'reader']);
    expect(await text(['conversation', 'members', group], app)).toMatch(/^u_\w{26}  reader +\d{4}-/m);
    expect(await text(['conversation', 'remove', group, 'cyd'], app)).toMatch(/^Seq +\d+$/m);
    expect((await json<{ items: unknown[] }>(['conversation', 'members', group], app)).items).toHaveLength(2);
  });

  it('[SND2] sends once under one key, and says so the second time', async () => {
    const args = ['send', group, 'Hello', '--as', 'ann', '--idempotency-key', 'once'];
    const first = await json<Result>(args, app);
    expect(first.duplicate).toBe(false);
    expect(await json(args, app)).toEqual({ ...first, duplicate: true });
    expect(await text(args, app)).toMatch(/^Done +before, under the same idempotency key$/m);
    const other = await failing(['send', group, 'Bye', '--as', 'ann', '--idempotency-key', 'once', '-o', 'json'], app);
    expect([other.code, JSON.parse(other.line)]).toEqual([1, { error: expect.objectContaining({ code: 'idempotency_mismatch' }) }]);
  });

  it('[SND2] calls any operation, and says which field of its input is wrong', async () => {
    const sent = await json<Result>(['call', 'messages.send', JSON.stringify({ conversation_id: group, text: 'Lunch?' }), '--as', 'ann'], app);
    const react = ['call', 'reactions.add', '-', '--as', 'ben', '--idempotency-key', 'react'];
    const input = JSON.stringify({ message_id: sent.id, reaction: '👍' });
    for (const duplicate of [false, true]) expect(JSON.parse((await run([...react, '-o', 'json'], { ...app, input })).stdout)).toMatchObject({ duplicate });
    expect(await json(['call', 'messages.get', JSON.stringify({ message_id: sent.id })], app)).toMatchObject({ reactions: [{ reaction: '👍', count: 1 }] });
    expect(await text(['call'], app)).toMatch(/^reactions\.add +reactions +React/m);
    expect(await text(['call', '--tag', 'pins'], app)).not.toContain('reactions.add');
    expect((await failing(['call', 'messages.get', '{}'], app)).line).toMatch(/message_id: /);
    expect((await failing(['call', 'messages.get', 'x'], app)).line).toMatch(/must be a JSON object/);
    expect((await failing(['call', 'messages.gte'], app)).line).toMatch(/There is no operation messages\.gte/);
    expect((await failing(['call', 'identity.login'], app)).line).toMatch(/is for apps/);
  });

  it('sends data, silently, as a system message, and from standard input', async () => {
    expect(await text(['send', group, '', '--data', '{"kind":"ping"}', '--silent'], app)).toMatch(/^Message +m_/m);
    expect((await run(['send', group, '-'], { ...app, input: 'from a pipe\n' })).code).toBe(0);
    const empty = await failing(['send', group, ''], app);
    expect([empty.code, empty.line]).toEqual([2, 'error: text: must hold text, data or a poll. See talaria --help.']);
  });

  it('lists the conversations of a user', async () => {
    expect((await json<List>(['conversation', 'list', 'ann'], app)).items.map(({ id }) => id)).toContain(group);
    expect(await text(['conversation', 'list', 'ben'], app)).toMatch(new RegExp(`^${group}  group +\\d+  Lunch`, 'm'));
    expect((await json<List>(['conversation', 'list', 'ann', '--name', 'lun'], app)).items.map(({ id }) => id)).toEqual([group]);
    expect((await json<List>(['conversation', 'list', 'ann', '--name', 'lun', '--kind', 'direct'], app)).items).toEqual([]);
  });

  it('lists the conversations of the app, by name and kind', async () => {
    const listed = async (...flags: string[]): Promise<readonly string[]> => (await json<List>(['conversation', 'list', ...flags], app)).items.map(({ id }) => id);
    expect(await listed()).toContain(group);
    expect(await listed('--name', 'lun', '--kind', 'group')).toEqual([group]);
    expect(await listed('--name', 'dinner')).toEqual([]);
    expect(await listed('--kind', 'channel')).toEqual([]);
  });

  it('tails what there is, one fact a line, and shows what a terminal would obey', async () => {
    await json(['send', group, 'red \u001b[31m alert\nsecond line', '--as', 'ben'], app);
    const lines = (await text(['tail', group, '--after', '0', '--no-follow'], app)).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^ {4}1 {2}\d\d:\d\d:\d\d {2}app {2}conversation\.created/);
    expect(lines.at(-1)).toMatch(/^ +\d+ {2}\S+ {2}u_\w{26} {2}red \\u001b\[31m alert\\nsecond line$/);
    const { stdout } = await run(['tail', group, '--after', '0', '--no-follow', '-o', 'json'], app);
    const facts = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq: number; body: { text?: string } });
    expect(facts.map(({ seq }) => seq)).toEqual(facts.map((_fact, at) => at + 1));
    expect(facts.at(-1)?.body.text).toBe('red \u001b[31m alert\nsecond line');
    expect((await text(['tail', group, '--last', '2', '--no-follow'], app)).trimEnd().split('\n')).toHaveLength(2);
  });

  it('[ORD1] tails what comes, in order, until it is told to stop', async () => {
    await json(['send', group, 'zero', '--as', 'ann'], app);
    const tail = launchRunning(['tail', group, '--last', '1', '--interval', '50', '-o', 'json'], app);
    // What is sent before the tail has looked for the head would not be new to it.
    await tail.printed('"zero"');
    for (const word of ['one', 'two', 'three']) await json(['send', group, word, '--as', 'ann'], app);
    await tail.printed('"three"');
    const { code, stdout } = await tail.stop();
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { body: { text: string } }).body.text),
    ).toEqual(['zero', 'one', 'two', 'three']);
  });

  it('shows the search index, and has it made anew', async () => {
    const before = await json<{ generation: number; position: number }>(['search', 'status'], admin);
    expect(before.generation).toBeGreaterThanOrEqual(1);
    expect(await text(['search', 'rebuild'], admin)).toMatch(/^Database of +the installation\nGeneration +\d+\n.*\nNew index +being made, at position \d+\n$/s);
    await expect.poll(async () => (await json<{ generation: number }>(['search', 'status'], admin)).generation, { timeout: 20_000 }).toBe(before.generation + 1);
    expect((await failing(['search', 'status', '--tenant', ids.tenant], admin)).line).toContain('no database of its own');
  });

  it('shows the usage of the hour', async () => {
    const { items } = await until(
      () => json<{ items: { app_id: string; messages: number }[] }>(['usage', '--app', ids.app], admin),
      ({ items }) => items.length > 0,
    );
    expect(items[0]).toMatchObject({ app_id: ids.app });
    expect(await text(['usage', '--from', '2d'], app)).toMatch(/^HOUR \(UTC\) +MESSAGES +FACTS +BYTES\n\d{4}-/);
    expect((await run(['usage', '--app', ids.app, '--to', '2001-01-01'], admin)).stderr).toBe('Nothing was used in that time.\n');
  });
});
