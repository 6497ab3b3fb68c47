/** The public keys of issuers (RFC 7517), fetched when they are needed, kept, and fetched again within bounds. */
import { checkJsonText, ProtocolError } from '@talaria/protocol';
import { createLocalJWKSet, errors, type CryptoKey, type FlattenedJWSInput, type JWK, type JWSHeaderParameters } from 'jose';
import type { Clock } from '../../runtime/clock.js';
import { errorFields, type Log } from '../../runtime/log.js';
import type { FetchAnswer, SafeFetch } from '../../runtime/safe-fetch.js';
import type { AppRow, IssuerRow } from '../../storage/rows.js';

export interface IssuerKeys {
  /**
   * The key of an issuer that a token's header means.
   *
   * @param app whose issuer it is: apps share nothing, not even how often an address is asked, and tenants do not wait for each other (ISO1)
   * @throws ProtocolError auth_keys_unavailable; what jose throws where there is no such key
   */
  find(app: IssuerApp, issuer: IssuerRow, header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey>;
}

export type IssuerApp = Pick<AppRow, 'id' | 'tenant'>;

export interface IssuerKeysBounds {
  /** Of an answer. */
  readonly bytes_max: number;
  readonly timeout_ms: number;
  /** How long keys are taken as they are, where the answer says nothing, and what it may say. */
  readonly fresh_ms: number;
  readonly fresh_ms_min: number;
  readonly fresh_ms_max: number;
  /** How long keys serve on that cannot be fetched again. */
  readonly stale_ms_max: number;
  /** Between two fetches for keys that are not known, and after one that failed. */
  readonly cooldown_ms: number;
  readonly retry_ms: number;
  /** Issuers that are remembered, and fetches at once, of a node (FLW3) and of one tenant on it. */
  readonly issuers_max: number;
  readonly fetches_max: number;
  readonly fetches_of_tenant_max: number;
}

export const defaultIssuerKeysBounds: IssuerKeysBounds = {
  bytes_max: 262_144, timeout_ms: 5_000, fresh_ms: 600_000, fresh_ms_min: 60_000, fresh_ms_max: 3_600_000, stale_ms_max: 4 * 3_600_000, cooldown_ms: 30_000, retry_ms: 5_000,
  issuers_max: 2_000, fetches_max: 64, fetches_of_tenant_max: 8,
};

const KEYS_MAX = 100;
/** Signatures alone: a shared secret, or a private key, that somebody published by mistake is no key. */
const KEY_TYPES: ReadonlySet<unknown> = new Set(['RSA', 'EC', 'OKP']);

type Find = (header?: JWSHeaderParameters, token?: FlattenedJWSInput) => Promise<CryptoKey>;
interface Keys { readonly find: Find; readonly fetchedMs: number; readonly freshUntilMs: number }
interface Slot {
  keys: Keys | undefined;
  /** When a fetch was begun last; all times are monotonic. */
  triedMs: number;
  failed: boolean;
  /** One fetch for all who wait. */
  pending: Promise<void> | undefined;
}

export function createIssuerKeys(fetch: SafeFetch, clock: Clock, log: Log, bounds: IssuerKeysBounds = defaultIssuerKeysBounds): IssuerKeys {
  const slots = new Map<string, Slot>();
  /** Fetches that are under way, by tenant. */
  const fetching = new Map<string, number>();
  let fetches = 0;

  function slotOf({ id: app }: IssuerApp, { issuer, jwksUrl }: IssuerRow): Slot {
    const name = JSON.stringify([app, issuer, jwksUrl]);
    const slot = slots.get(name) ?? { keys: undefined, triedMs: Number.NEGATIVE_INFINITY, failed: false, pending: undefined };
    slots.delete(name);
    if (slots.size >= bounds.issuers_max) slots.delete(slots.keys().next().value!);
    slots.set(name, slot);
    return slot;
  }

  /** Never rejects: what has come of it stands in the slot. */
  function load(slot: Slot, { id: app, tenant }: IssuerApp, issuer: IssuerRow): Promise<void> {
    if (slot.pending) return slot.pending;
    if (fetches >= bounds.fetches_max || (fetching.get(tenant) ?? 0) >= bounds.fetches_of_tenant_max) return Promise.resolve();
    count(tenant, 1);
    slot.triedMs = clock.monotonic();
    slot.pending = fetchKeys(issuer).then((keys) => {
      slot.keys = keys;
      slot.failed = false;
    }, (error: unknown) => {
      slot.failed = true;
      log.warn('issuer.keys_not_fetched', { app, issuer: issuer.issuer, ...errorFields(error) });
    }).finally(() => {
      count(tenant, -1);
      slot.pending = undefined;
    });
    return slot.pending;
  }

  function count(tenant: string, more: 1 | -1): void {
    fetches += more;
    const now = (fetching.get(tenant) ?? 0) + more;
    if (now === 0) fetching.delete(tenant);
    else fetching.set(tenant, now);
  }

  async function fetchKeys(issuer: IssuerRow): Promise<Keys> {
    const answer = await get(issuer.jwksUrl ?? await discover(issuer));
    const fetchedMs = clock.monotonic();
    return { find: keySetOf(answer), fetchedMs, freshUntilMs: fetchedMs + freshFor(answer.header('cache-control')) };
  }

  /** OpenID Connect Discovery 1.0, section 4: who answers must say that it is the issuer. */
  async function discover({ issuer }: IssuerRow): Promise<string> {
    const { issuer: named, jwks_uri: url } = objectOf(await get(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`));
    if (named !== issuer) throw new Error('its OpenID configuration is of another issuer');
    if (typeof url !== 'string') throw new Error('its OpenID configuration has no jwks_uri');
    return url;
  }

  async function get(url: string): Promise<FetchAnswer> {
    const answer = await fetch(url, { headers: { accept: 'application/json' }, timeout_ms: bounds.timeout_ms, bytes_max: bounds.bytes_max });
    // A redirect is not followed: whoever can set one up could lead anywhere.
    if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
    return answer;
  }

  function freshFor(cacheControl: string | undefined): number {
    const [, seconds] = /(?:^|[,\s])max-age=(\d{1,9})(?:$|[,\s])/i.exec(cacheControl ?? '') ?? [];
    const wantedMs = /\bno-(?:store|cache)\b/i.test(cacheControl ?? '') ? 0 : seconds === undefined ? bounds.fresh_ms : Number(seconds) * 1_000;
    return Math.min(Math.max(wantedMs, bounds.fresh_ms_min), bounds.fresh_ms_max);
  }

  /** The keys as they are, fetched again when it is time. @throws ProtocolError auth_keys_unavailable */
  async function current(slot: Slot, app: IssuerApp, issuer: IssuerRow): Promise<Find> {
    const serving = (): Find | undefined => (slot.keys && clock.monotonic() - slot.keys.fetchedMs <= bounds.stale_ms_max ? slot.keys.find : undefined);
    if (!slot.keys || slot.keys.freshUntilMs <= clock.monotonic()) {
      const waitMs = slot.failed ? slot.triedMs + bounds.retry_ms - clock.monotonic() : 0;
      const loaded = waitMs <= 0 || slot.pending ? load(slot, app, issuer) : undefined;
      // Of an issuer that has just failed nobody waits to hear that it still does, as long as its last keys serve.
      if (!slot.failed || !serving()) await loaded;
    }
    const find = serving();
    if (find) return find;
    throw new ProtocolError('auth_keys_unavailable', undefined, { retryAfterMs: bounds.retry_ms });
  }

  return {
    async find(app, issuer, header, token) {
      const slot = slotOf(app, issuer);
      const find = await current(slot, app, issuer);
      try {
        return await find(header, token);
      } catch (error) {
        // A key that is not known may be new. However many such keys are named, so many fetches there are.
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        if (!slot.pending && clock.monotonic() - slot.triedMs < bounds.cooldown_ms) throw error;
        await load(slot, app, issuer);
        return (slot.keys?.find ?? find)(header, token);
      }
    },
  };
}

/** @throws Error for what is no set of keys */
function keySetOf(answer: FetchAnswer): Find {
  const { keys } = objectOf(answer);
  if (!Array.isArray(keys) || keys.length > KEYS_MAX) throw new Error(`it has no list of at most ${KEYS_MAX} keys`);
  const usable = keys.filter((key): key is JWK => typeof key === 'object' && key !== null && KEY_TYPES.has((key as JWK).kty) && !('d' in key));
  return createLocalJWKSet({ keys: usable });
}

function objectOf({ body }: FetchAnswer): Readonly<Record<string, unknown>> {
  const value = checkJsonText(new TextDecoder('utf-8', { fatal: true }).decode(body));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it answered with no JSON object');
  return value as Record<string, unknown>;
}
