/**
 * TLS with Postgres. The library could do it, but it takes all listeners off the socket that it is given: a connection that had ended
 * would go on looking alive, and a byte written to it would end the process.
 */
import { isIP, type Socket } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { certificateFault } from '../../runtime/certificate-fault.js';

/** How a connection is made safe. */
export interface TlsChoice {
  readonly wanted: 'never' | 'offered' | 'always';
  /** `name`: the certificate's authority and its names. `authority`: only that. */
  readonly checked: 'nothing' | 'authority' | 'name';
  /** PEM of the authority that counts. Absent: those that the machine knows. */
  readonly ca?: string;
}

const MODES: Readonly<Record<string, TlsChoice>> = {
  disable: { wanted: 'never', checked: 'nothing' }, prefer: { wanted: 'offered', checked: 'nothing' }, require: { wanted: 'always', checked: 'nothing' },
  'verify-ca': { wanted: 'always', checked: 'authority' }, 'verify-full': { wanted: 'always', checked: 'name' },
};

const REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const [YES, NO] = ['S', 'N'].map((letter) => letter.charCodeAt(0));

/**
 * With an authority the server must have a certificate of it for its name; else `sslmode` says what is wanted, and nothing means no TLS.
 *
 * @throws Error when `sslmode` is none
 */
export function tlsChoiceOf(url: string, ca?: string): TlsChoice {
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error('database_ca holds no certificate in PEM form');
  const mode = new URL(url).searchParams.get('sslmode');
  const choice = MODES[mode ?? 'disable'];
  if (!choice) throw new Error(`sslmode in the URL must be one of ${Object.keys(MODES).join(', ')}`);
  return ca === undefined ? choice : { wanted: 'always', checked: choice.checked === 'authority' ? 'authority' : 'name', ca };
}

/** @param socket is connected @returns what to talk through from now on @throws Error with one sentence when it cannot be as safe as is wanted */
export async function startTls(socket: Socket, choice: TlsChoice, host: string): Promise<Socket> {
  if (choice.wanted === 'never') return socket;
  if (!await offers(socket)) {
    if (choice.wanted === 'offered') return socket;
    throw new Error('the server does not speak TLS; switch it on there, or leave out database_ca and sslmode');
  }
  return new Promise((resolve, reject) => {
    const secure = connect(optionsFor(socket, choice, host), () => {
      secure.off('error', failed);
      resolve(secure);
    });
    const failed = (error: Error): void => reject(explained(error, choice, host));
    secure.once('error', failed);
    secure.once('close', () => reject(new Error('the server closed it while TLS was being agreed on')));
  });
}

function optionsFor(socket: Socket, { checked, ca }: TlsChoice, host: string): ConnectionOptions {
  return {
    socket, host, ...(isIP(host) === 0 ? { servername: host } : {}), rejectUnauthorized: checked !== 'nothing', ...(ca === undefined ? {} : { ca }),
    ...(checked === 'authority' ? { checkServerIdentity: () => undefined } : {}),
  };
}

/** Asks the server for TLS. What somebody puts in between, behind the one byte of its answer, must not be taken for said in safety. */
function offers(socket: Socket): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(new Error('the server closed it when it was asked for TLS'));
    socket.once('close', closed);
    socket.once('data', (answer: Buffer) => {
      socket.off('close', closed);
      if (answer.length === 1 && (answer[0] === YES || answer[0] === NO)) resolve(answer[0] === YES);
      else reject(new Error('the server does not answer as Postgres does when it is asked for TLS'));
    });
    socket.write(REQUEST);
  });
}

function explained(error: Error & { readonly code?: unknown }, { ca }: TlsChoice, host: string): Error {
  const code = String(error.code);
  const fault = certificateFault(code);
  if (fault === 'unsigned') {
    const reason = ca === undefined ? 'by an authority that this machine knows; name its authority in database_ca' : 'by the authority in database_ca';
    return new Error(`the server's certificate is not signed ${reason} (${error.message})`, { cause: error });
  }
  if (fault === 'other_name') return new Error(`the server's certificate is not for ${host}, as the URL calls it`, { cause: error });
  if (code === 'CERT_HAS_EXPIRED') return new Error("the server's certificate has expired", { cause: error });
  return new Error(`TLS with the server could not be agreed on (${error.message})`, { cause: error });
}
