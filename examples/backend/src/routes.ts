/** What the app's own pages ask this backend for. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TalariaError } from '@talaria/sdk';
import type { Chat } from './chat.js';
import { HttpError, readJson, textOf } from './request.js';
import type { Session, Sessions } from './sessions.js';
import type { Users } from './users.js';

export interface Surroundings {
  /** What `connect` needs beside the token. */
  readonly url: string;
  readonly app: string;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly chat: Chat;
}

interface Answer {
  readonly body: object;
  readonly cookie?: string;
}

const ORDER = /^[\w-]{1,32}$/;

/** Answers one request, whatever is wrong with it. @param log told what failed on this side */
export async function route(around: Surroundings, request: IncomingMessage, response: ServerResponse, log: (line: string) => void): Promise<void> {
  try {
    const { body, cookie } = await answer(around, request);
    send(response, 200, body, cookie);
  } catch (error) {
    if (error instanceof HttpError) send(response, error.status, { error: error.message });
    else {
      log(error instanceof TalariaError ? `${error.code}: ${error.message}` : String(error));
      send(response, 502, { error: 'This does not work at the moment. Try again.' });
    }
  }
}

async function answer({ url, app, users, sessions, chat }: Surroundings, request: IncomingMessage): Promise<Answer> {
  const { cookie } = request.headers;
  switch (`${request.method} ${request.url}`) {
    case 'POST /login': {
      const input = await readJson(request);
      const user = users.check(textOf(input, 'login', 64), textOf(input, 'password', 256));
      if (!user) throw new HttpError(401, 'Login or password is wrong.');
      return { body: { user }, cookie: sessions.begin(user) };
    }
    case 'POST /logout': {
      await readJson(request);
      const session = sessions.find(cookie);
      const gone = sessions.end(cookie);
      if (session) await chat.signOut(session);
      return { body: {}, cookie: gone };
    }
    case 'POST /talaria-token': {
      await readJson(request);
      // For the user of the session: never for one that the request names.
      return { body: { url, app, token: await chat.token(signedIn(sessions, cookie)) } };
    }
    case 'POST /orders': {
      const input = await readJson(request);
      const { user } = signedIn(sessions, cookie);
      const number = textOf(input, 'number', 32);
      if (!ORDER.test(number)) throw new HttpError(400, 'number has letters, digits, _ and - only.');
      const { conversationId } = await chat.order(user, number, textOf(input, 'text', 1_000));
      return { body: { conversation_id: conversationId } };
    }
    default: throw new HttpError(404, 'There is no such thing.');
  }
}

function signedIn(sessions: Sessions, cookie: string | undefined): Session {
  const session = sessions.find(cookie);
  if (!session) throw new HttpError(401, 'Sign in first.');
  return session;
}

function send(response: ServerResponse, status: number, body: object, cookie?: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...(cookie !== undefined && { 'set-cookie': cookie }) });
  response.end(JSON.stringify(body));
}
