/** A real Chromium without a window, driven by its own protocol (Chrome DevTools Protocol) over two pipes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { unpackedProgram } from './debian.js';

export interface Page {
  /** What went wrong in it that nobody caught, the oldest first. */
  readonly errors: readonly string[];
  /** @param expression of JavaScript; a promise is waited for @returns its value, which must have a JSON form @throws Error what it throws */
  evaluate<T>(expression: string): Promise<T>;
  /** Clicks the middle of an element, as a mouse does. @throws Error when there is none that can be seen */
  click(selector: string): Promise<void>;
  /** Puts the cursor into a field and writes, as a keyboard does. */
  write(selector: string, text: string): Promise<void>;
  /** Presses Enter where the cursor is. */
  enter(): Promise<void>;
  /** Loads the page again. */
  reload(): Promise<void>;
  /** @returns the bytes of a PNG */
  screenshot(): Promise<Uint8Array>;
  /** @param width in pixels */
  resize(width: number, height: number): Promise<void>;
  close(): Promise<void>;
}

export interface Chromium {
  /** Opens a page that shares nothing with the others. Resolves when it has loaded. */
  open(url: string): Promise<Page>;
  stop(): Promise<void>;
}

const NAMES = ['chromium', 'chromium-headless-shell', 'google-chrome'];
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
  '--remote-debugging-pipe', '--hide-scrollbars', '--force-color-profile=srgb',
  // Two pages of one machine reach each other where there is no other network.
  '--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns',
];
const ANSWER_MS = 30_000;
const STOP_MS = 5_000;

/** Where it is, and where the libraries are that this machine lacks. */
function findChromium(): { readonly program: string; readonly libraries: readonly string[] } {
  const given = process.env['TALARIA_TEST_CHROMIUM'];
  if (given) return { program: given, libraries: [] };
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
  if (found) return { program: found, libraries: [] };
  try {
    const place = unpackedProgram('chromium-headless-shell');
    const shared = join(place, 'usr/lib');
    const libraries = readdirSync(shared).flatMap((name) => (name.endsWith('-linux-gnu') ? [join(shared, name), join(shared, name, 'pulseaudio')] : []));
    return { program: join(place, 'usr/lib/chromium/chromium-headless-shell'), libraries };
  } catch (error) {
    throw new Error('There is no Chromium. Install one (on Debian: apt-get install chromium), or name one in TALARIA_TEST_CHROMIUM=/path/to/chromium.', { cause: error });
  }
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

type Command = (method: string, params?: object, sessionId?: string) => Promise<Readonly<Record<string, unknown>>>;
type Listen = (listener: (event: Answer) => void) => () => void;

/** Commands and their answers, each a JSON text that ends in a zero. */
function createWire(child: ChildProcess): { readonly command: Command; readonly listen: Listen } {
  const [, , , up, down] = child.stdio as unknown as [unknown, unknown, unknown, Writable, Readable];
  const waiting = new Map<number, { readonly done: (answer: Answer) => void; readonly fail: (error: Error) => void }>();
  const listeners = new Set<(event: Answer) => void>();
  let next = 1;
  let rest = '';
  const take = (answer: Answer): void => {
    if (answer.id === undefined) for (const listener of [...listeners]) listener(answer);
    else waiting.get(answer.id)?.done(answer);
  };
  down.setEncoding('utf8').on('data', (chunk: string) => {
    const texts = (rest + chunk).split('\0');
    rest = texts.pop() ?? '';
    for (const text of texts) take(JSON.parse(text) as Answer);
  });
  const failAll = (): void => {
    for (const { fail } of waiting.values()) fail(new Error('Chromium has ended.'));
  };
  up.on('error', failAll);
  child.once('exit', failAll);
  return {
    command: (method, params = {}, sessionId) => new Promise((resolve, reject) => {
      const id = next++;
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        waiting.delete(id);
        settle();
      };
      const timer = setTimeout(() => end(() => reject(new Error(`no answer to ${method}`))), ANSWER_MS);
      waiting.set(id, {
        done: ({ result = {}, error }) => end(() => (error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result))),
        fail: (error) => end(() => reject(error)),
      });
      up.write(`${JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) })}\0`);
    }),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** It ends with this process, whose end of the pipes closes then. @throws Error that says how to get one */
export async function startChromium(): Promise<Chromium> {
  const { program, libraries } = findChromium();
  const profile = mkdtempSync(join(tmpdir(), 'talaria-chromium-'));
  const child = spawn(program, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...(libraries.length > 0 && { LD_LIBRARY_PATH: [...libraries, process.env['LD_LIBRARY_PATH'] ?? ''].join(delimiter) }) },
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      said += error.message;
      resolve();
    });
  });
  const { command, listen } = createWire(child);
  const stop = async (): Promise<void> => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    void command('Browser.close').catch(() => undefined);
    await ended;
    clearTimeout(timer);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await Promise.race([command('Browser.getVersion'), ended.then(() => Promise.reject(new Error(`Chromium has ended: ${said.trim()}`)))]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { open: (url) => openPage(command, listen, url), stop };
}

async function openPage(command: Command, listen: Listen, url: string): Promise<Page> {
  const { browserContextId } = await command('Target.createBrowserContext');
  const { targetId } = await command('Target.createTarget', { url: 'about:blank', browserContextId });
  const { sessionId } = await command('Target.attachToTarget', { targetId, flatten: true }) as { readonly sessionId: string };
  const errors: string[] = [];
  const ask: Command = (method, params) => command(method, params, sessionId);
  const stopListening = listen((event) => {
    if (event.sessionId === sessionId && event.method === 'Runtime.exceptionThrown') errors.push(textOf(event.params?.['exceptionDetails'] as Thrown));
  });

  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await ask('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true, userGesture: true }) as { readonly result: { readonly value?: unknown }; readonly exceptionDetails?: Thrown };
    if (exceptionDetails) throw new Error(textOf(exceptionDetails));
    return result.value as T;
  };
  async function loading(start: () => Promise<unknown>): Promise<void> {
    let stopWaiting: () => void = () => undefined;
    const loaded = new Promise<void>((resolve) => {
      stopWaiting = listen((event) => {
        if (event.sessionId === sessionId && event.method === 'Page.loadEventFired') resolve();
      });
    });
    await start();
    await loaded;
    stopWaiting();
  }
  async function place(selector: string): Promise<{ readonly x: number; readonly y: number }> {
    const found = await evaluate<{ x: number; y: number } | null>(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element?.scrollIntoView({ block: 'center' });
      const { x, y, width, height } = element?.getBoundingClientRect() ?? { width: 0, height: 0 };
      return width > 0 && height > 0 ? { x: x + width / 2, y: y + height / 2 } : null;
    })()`);
    if (!found) throw new Error(`nothing of ${selector} can be seen`);
    return found;
  }
  const click = async (selector: string): Promise<void> => {
    const at = { ...await place(selector), button: 'left', clickCount: 1 };
    await ask('Input.dispatchMouseEvent', { type: 'mousePressed', ...at });
    await ask('Input.dispatchMouseEvent', { type: 'mouseReleased', ...at });
  };

  await ask('Runtime.enable');
  await ask('Page.enable');
  await loading(() => ask('Page.navigate', { url }));
  return {
    errors, evaluate, click,
    async write(selector, text) {
      await click(selector);
      await ask('Input.insertText', { text });
    },
    async enter() {
      for (const type of ['keyDown', 'keyUp']) await ask('Input.dispatchKeyEvent', { type, key: 'Enter', code: 'Enter', text: '\r', windowsVirtualKeyCode: 13 });
    },
    reload: () => loading(() => ask('Page.reload')),
    async screenshot() {
      const { data } = await ask('Page.captureScreenshot', { format: 'png' }) as { readonly data: string };
      return Buffer.from(data, 'base64');
    },
    async resize(width, height) {
      await ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    },
    async close() {
      stopListening();
      await command('Target.disposeBrowserContext', { browserContextId });
    },
  };
}

interface Thrown {
  readonly text: string;
  readonly exception?: { readonly description?: string };
}

const textOf = ({ text, exception }: Thrown): string => exception?.description ?? text;
