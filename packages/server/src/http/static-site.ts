/** A folder of built pages under a prefix: clean addresses, entity tags, gzip that was made beforehand, and a policy for each page. */
import { createHash } from 'node:crypto';
import type { HttpRequest, HttpResponse } from '../runtime/http-message.js';
import { openFolder, type FolderFiles } from '../runtime/folder-files.js';
import { acceptsGzip, matchesTag } from './negotiation.js';
import { decodePart } from './path.js';

export interface StaticSiteOptions {
  readonly folder: string;
  /** With a slash at both ends, such as `/docs/`. */
  readonly prefix: string;
  /** Names whose content never changes, because a hash of it is a part of the name. */
  readonly immutable: RegExp;
  /** What pages may do beside showing themselves, as directives: `connect-src`, for example. */
  readonly policy?: Readonly<Record<string, string>>;
  /** One page that shows every path by its script: it answers for what is no file and is not named like one. */
  readonly singlePage?: boolean;
}

export interface StaticSite {
  /** Whether it was built: there is a first page. Looked at when it is asked for first. */
  built(): boolean;
  /** @param request of a path that `checkPath` has let pass. @returns the file, 304, or 404 with the site's own page */
  answer(request: HttpRequest): Promise<HttpResponse>;
  /** The same for a file by its name, wherever it is asked for. @returns undefined where there is none */
  file(name: string, request: HttpRequest): Promise<HttpResponse | undefined>;
}

const KEPT_BYTES_MAX = 32 * 1_048_576;
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', json: 'application/json', svg: 'image/svg+xml',
  png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp', ico: 'image/x-icon', woff2: 'font/woff2', txt: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8', yaml: 'application/yaml', proto: 'text/plain; charset=utf-8', webmanifest: 'application/manifest+json',
};
/** A year, which is as long as anything says. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Kept, and asked about each time. */
const REVALIDATED = 'no-cache';
const PACKED = '.gz';
const NOT_FOUND = '404.html';
const FIRST_PAGE = 'index.html';
/** A script that is not there is better missing than a page. */
const NAMED_LIKE_A_FILE = /^assets\/|\.(?:js|css|map|svg|png|ico|json|txt|woff2|webmanifest)$/;
/** Scripts within a page, which its policy names one by one. */
const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([^]*?)<\/script>/g;

/** A page loads from here alone; its elements may be styled, its scripts are named. */
const POLICY: Readonly<Record<string, string>> = {
  'default-src': "'none'", 'style-src': "'self'", 'style-src-attr': "'unsafe-inline'", 'img-src': "'self' data:", 'font-src': "'self'", 'connect-src': "'self'", 'manifest-src': "'self'",
  'base-uri': "'none'", 'form-action': "'none'", 'frame-ancestors': "'none'",
};

export function createStaticSite({ folder, prefix, immutable, policy = {}, singlePage = false }: StaticSiteOptions): StaticSite {
  let opened: FolderFiles | undefined;
  const files = (): FolderFiles => (opened ??= openFolder(folder, KEPT_BYTES_MAX));
  const heads: Made = new WeakMap();
  const policies: Made = new WeakMap();

  /** `quickstart` is `quickstart.html`, and a folder is its first page. */
  function fileOf(name: string): string | undefined {
    const { names } = files();
    const candidates = name === '' || name.endsWith('/') ? [`${name}index.html`] : [name, `${name}.html`, `${name}/index.html`];
    return candidates.find((candidate) => names.has(candidate) && !candidate.endsWith(PACKED));
  }

  function headersOf(name: string, served: string, bytes: Uint8Array): readonly [string, string][] {
    return once(heads, bytes, () => [
      ['content-type', TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream'],
      ['etag', `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`],
      ['cache-control', immutable.test(name) ? IMMUTABLE : REVALIDATED],
      ...(served === name ? [] : [['content-encoding', 'gzip'] satisfies [string, string]]),
      ...(files().names.has(name + PACKED) ? [['vary', 'accept-encoding'] satisfies [string, string]] : []),
    ]);
  }

  async function policyOf(name: string): Promise<readonly [string, string][]> {
    if (!name.endsWith('.html')) return [];
    const page = await files().read(name);
    return once(policies, page, () => [['content-security-policy', pagePolicy(Buffer.from(page).toString('utf8'), policy)]]);
  }

  async function send(name: string, request: HttpRequest, status: number): Promise<HttpResponse> {
    const served = files().names.has(name + PACKED) && acceptsGzip(request.headers.get('accept-encoding')) ? name + PACKED : name;
    const bytes = await files().read(served);
    const own = headersOf(name, served, bytes);
    // What a browser kept is shown with the headers of this answer, so they are all said again.
    const headers = [...own, ...await policyOf(name)];
    const tag = own.find(([header]) => header === 'etag')![1];
    if (status === 200 && matchesTag(request.headers.get('if-none-match'), tag)) return { status: 304, headers: headers.filter(([header]) => header !== 'content-encoding'), body: '' };
    return { status, headers: status === 200 ? headers : headers.filter(([header]) => header !== 'etag'), body: bytes };
  }

  return {
    built: () => files().names.has(FIRST_PAGE),
    async file(name, request) {
      return files().names.has(name) ? send(name, request, 200) : undefined;
    },
    async answer(request) {
      const asked = decodePart(request.path.slice(prefix.length)) ?? '';
      const name = fileOf(asked);
      if (name !== undefined) return send(name, request, 200);
      if (singlePage && !NAMED_LIKE_A_FILE.test(asked)) return send(FIRST_PAGE, request, 200);
      // The page of a folder was asked for, and it is one without.
      const bare = asked.replace(/\/+$/, '');
      if (bare !== asked && bare !== '' && !bare.startsWith('/') && fileOf(bare) !== undefined) return { status: 308, headers: [['location', prefix + bare.split('/').map(encodeURIComponent).join('/')]], body: '' };
      return files().names.has(NOT_FOUND) ? send(NOT_FOUND, request, 404) : { status: 404, headers: [['content-type', 'text/plain; charset=utf-8']], body: 'There is no such page.\n' };
    },
  };
}

/** What was made of a file's bytes; it goes when they do. */
type Made = WeakMap<Uint8Array, readonly [string, string][]>;

function once(made: Made, bytes: Uint8Array, make: () => readonly [string, string][]): readonly [string, string][] {
  const headers = made.get(bytes) ?? make();
  made.set(bytes, headers);
  return headers;
}

/** @param page its HTML, of which every inline script is named by its hash */
export function pagePolicy(page: string, more: Readonly<Record<string, string>>): string {
  const hashes = [...page.matchAll(INLINE_SCRIPT)].map(([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  const directives = { ...POLICY, 'script-src': ["'self'", ...new Set(hashes)].join(' '), ...more };
  return Object.entries(directives).map(([name, value]) => `${name} ${value}`).join('; ');
}
