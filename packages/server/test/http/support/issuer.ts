/** An issuer of tokens: a real server with a set of keys, which the test can change, slow down and take away. */
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface TestKey { readonly kid: string; readonly alg: string; readonly sign: CryptoKey; readonly jwk: JWK }

export interface TestIssuer {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** What it publishes. */
  keys: readonly JWK[];
  /** How it answers in place of publishing its keys. */
  answer: RequestListener | undefined;
  token(key: TestKey, claims: object, header?: object): Promise<string>;
  stop(): Promise<void>;
}

export async function createKey(kid: string, alg = 'RS256'): Promise<TestKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...(alg === 'EdDSA' ? { crv: 'Ed25519' } : {}) });
  return { kid, alg, sign: privateKey, jwk: { ...await exportJWK(publicKey), kid, alg, use: 'sig' } };
}

export async function startIssuer(headers: Record<string, string> = {}): Promise<TestIssuer> {
  const sockets = new Set<Socket>();
  const json = (value: unknown): RequestListener => (_request, response) => void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  const respond = (request: IncomingMessage): RequestListener => {
    if (issuer.answer) return issuer.answer;
    if (request.url === '/.well-known/openid-configuration') return json({ issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` });
    return json({ keys: issuer.keys });
  };
  const server = createServer((request, response) => {
    issuer.asked.push(request.url ?? '');
    respond(request)(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const issuer: TestIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: [], keys: [], answer: undefined,
    token: (key, claims, header = {}) => new SignJWT({ ...claims }).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.sign),
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return issuer;
}
