/** An inbox as it is mostly written by hand: JSON over HTTP, SQLite, and a row a member whose unread counter every send raises. */
import Database from 'better-sqlite3';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { stampedText, type Home, type Stage } from '../subject.js';
import { serve, type Served } from './serve.js';

interface InboxRow {
  readonly id: number;
  readonly name: string;
  readonly member_count: number;
  readonly last_id: number;
  readonly unread_count: number;
  readonly last_sender: string;
  readonly last_text: string;
  readonly last_ms: number;
}

const SCHEMA = `
  CREATE TABLE conversations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, member_count INTEGER NOT NULL);
  CREATE TABLE messages (id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, sender TEXT NOT NULL, text TEXT NOT NULL, time_ms INTEGER NOT NULL);
  CREATE INDEX messages_conversation ON messages (conversation, id);
  CREATE TABLE members (user_id TEXT NOT NULL, conversation INTEGER NOT NULL, unread_count INTEGER NOT NULL, last_id INTEGER NOT NULL, PRIMARY KEY (conversation, user_id)) WITHOUT ROWID;
  CREATE INDEX members_inbox ON members (user_id, last_id DESC);
`;

function openInbox(directory: string) {
  const db = new Database(join(directory, 'inbox.db'));
  // As safe as Talaria's default.
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(SCHEMA);
  const insert = db.prepare('INSERT INTO messages (conversation, sender, text, time_ms) VALUES (?, ?, ?, ?)');
  const raise = db.prepare('UPDATE members SET unread_count = unread_count + (user_id <> ?), last_id = ? WHERE conversation = ?');
  const addConversation = db.prepare('INSERT INTO conversations (id, name, member_count) VALUES (?, ?, ?)');
  const addMember = db.prepare('INSERT INTO members (user_id, conversation, unread_count, last_id) VALUES (?, ?, ?, ?)');
  const page = db.prepare<[string, number, number], InboxRow>(`
    SELECT c.id, c.name, c.member_count, m.last_id, m.unread_count, l.sender AS last_sender, l.text AS last_text, l.time_ms AS last_ms
    FROM members m JOIN conversations c ON c.id = m.conversation JOIN messages l ON l.id = m.last_id
    WHERE m.user_id = ? AND m.last_id < ? ORDER BY m.last_id DESC LIMIT ?`);
  return {
    send: db.transaction((conversation: number, sender: string, text: string): number => {
      const id = Number(insert.run(conversation, sender, text, Date.now()).lastInsertRowid);
      raise.run(sender, id, conversation);
      return id;
    }),
    page: (user: string, before: number, limit: number) => page.all(user, before, limit),
    /** All at once, with counters as the sends would have left them. @param rooms their members */
    fill: db.transaction((rooms: readonly (readonly string[])[], messages: number): void => {
      const last = rooms.map(() => 0);
      for (let at = 0; at < messages; at += 1) {
        const room = at % rooms.length;
        last[room] = Number(insert.run(room, 'client-0', stampedText(at), Date.now()).lastInsertRowid);
      }
      for (const [room, members] of rooms.entries()) {
        addConversation.run(room, '', members.length);
        for (const member of members) addMember.run(member, room, member === 'client-0' ? 0 : Math.floor(messages / rooms.length), last[room]);
      }
    }),
    close: () => void db.close(),
  };
}

async function start(stage: Stage, { directory, port }: Home): Promise<Served> {
  const users = Array.from({ length: stage.clients }, (_, at) => `client-${at}`);
  const inbox = openInbox(directory);
  inbox.fill(stage.rooms.map((members) => [...users.slice(0, stage.senders), ...members.map((at) => users[at]!)]), stage.messages ?? 0);
  const answer = async (request: IncomingMessage): Promise<unknown> => {
    const user = request.headers.authorization?.slice('Bearer '.length) ?? '';
    if (request.method === 'POST') {
      const { conversation_id: conversation, text } = JSON.parse(await bodyOf(request)) as { readonly conversation_id: string; readonly text: string };
      return { id: inbox.send(Number(conversation), user, text) };
    }
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const limit = Number(searchParams.get('limit'));
    const items = inbox.page(user, Number(searchParams.get('after') ?? Number.MAX_SAFE_INTEGER), limit);
    return { items, next: items.length === limit ? String(items.at(-1)!.last_id) : null };
  };
  const http = createServer((request, response) => {
    void answer(request).then((found) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(found));
    });
  });
  await new Promise<void>((resolve) => void http.listen(port, '127.0.0.1', resolve));
  return {
    target: { subject: 'sqlite-rows', ports: [port], tokens: users, users, app: '', follows: users.map(() => []), rooms: stage.rooms.map((_, at) => String(at)) },
    async stop() {
      http.closeAllConnections();
      await new Promise<void>((resolve) => void http.close(() => resolve()));
      inbox.close();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

serve({ start });
