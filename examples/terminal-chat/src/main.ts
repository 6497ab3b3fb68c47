/** Two people in two terminals. */
import { connect, type Client, type Conversation, type Message } from '@talaria/sdk';
import { createInterface } from 'node:readline';
import { readArguments, USAGE, type ChatOptions } from './arguments.js';
import { Screen } from './screen.js';
import { mintToken } from './token.js';

const HISTORY_MESSAGES = 20;
const LEAVE_MS = 2_000;

async function chat(options: ChatOptions): Promise<void> {
  const { url, app, name, other, key, token } = options;
  // The other one need not have been here yet; a backend can make users ahead of time.
  if (key !== undefined) await mintToken(url, key, other);
  const client = connect({ url, app, token: token ?? (() => mintToken(url, key ?? '', name)) });
  const prompt = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ', terminal: process.stdin.isTTY && process.stdout.isTTY });
  const screen = new Screen(process.stdout, prompt);
  client.on('status', (status) => screen.status(status));
  client.on('failed', ({ error }) => screen.note(`not sent: ${error.message}`));
  // One direct conversation for each pair: whoever asks first makes it, the other one gets the same.
  const opened = client.ready().then(() => client.conversations.create({ kind: 'direct', members: [`ext:${other}`] }));
  prompt.on('line', (text) => {
    screen.takeTyped();
    if (text.trim() !== '') opened.then((conversation) => conversation.send(text), () => undefined);
  });
  prompt.on('close', () => void leave(client, opened));
  await showHistory(await opened, (message) => screen.message(message.senderId === client.userId ? name : other, message));
  prompt.prompt();
}

/** The last messages, then what comes: what arrives while the page is on its way is shown behind it, once. */
async function showHistory(conversation: Conversation, show: (message: Message) => void): Promise<void> {
  const early: Message[] = [];
  let shownSeq: number | undefined;
  conversation.on('message', (message) => {
    if (shownSeq === undefined) early.push(message);
    else if (message.seq > shownSeq) show(message);
  });
  const page = await conversation.history({ limit: HISTORY_MESSAGES });
  for (const message of page.messages) show(message);
  shownSeq = page.toSeq;
  for (const message of early) if (message.seq > shownSeq) show(message);
}

/** Waits a moment for what was written last. */
async function leave(client: Client, opened: Promise<Conversation>): Promise<void> {
  await Promise.race([opened.then(() => sent(client), () => undefined), sleep(LEAVE_MS)]);
  await client.close();
  process.exit();
}

async function sent(client: Client): Promise<void> {
  while (client.pending > 0) await sleep(20);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

try {
  await chat(readArguments(process.argv.slice(2), process.env));
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
  process.exit(1);
}
