/** Where the page finds its server: `talaria.json` beside it. */
export interface DemoPerson {
  readonly name: string;
  readonly login: string;
  readonly password: string;
}

export interface Config {
  readonly url: string;
  /** The app's public key. */
  readonly app: string;
  /** A group that everybody joins at first, so that people find each other; empty for none. */
  readonly lobbyId: string;
  /** Whom the sign-in screen offers. */
  readonly demo: readonly DemoPerson[];
}

/** @throws Error with a sentence for the user */
export async function readConfig(): Promise<Config> {
  const response = await fetch('/talaria.json').catch(() => undefined);
  const found: unknown = response?.ok ? await response.json().catch(() => undefined) : undefined;
  if (!isRecord(found) || typeof found['url'] !== 'string' || typeof found['app'] !== 'string') throw new Error('This page does not know its server.');
  const { url, app, lobby_id: lobbyId, demo } = found;
  return { url, app, lobbyId: typeof lobbyId === 'string' ? lobbyId : '', demo: Array.isArray(demo) ? demo.filter(isPerson) : [] };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
const isPerson = (value: unknown): value is DemoPerson => isRecord(value) && ['name', 'login', 'password'].every((field) => typeof value[field] === 'string');
