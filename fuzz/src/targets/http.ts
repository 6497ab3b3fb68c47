/** HTTP: every answer is a success of its operation's form or a problem document, and nothing of another app is in it. */
import { errorInfo, isErrorCode } from '@talaria/protocol';
import { operations, type Operation } from '@talaria/protocol/operations';
import { anyRequest, renderRequest, type HttpRequestBytes, type RequestInput } from '../arbitraries/request.js';
import { Finding, hold } from '../finding.js';
import { HttpConnection, type Reply } from '../rig/http-connection.js';
import { CANARY, createScene, type Scene } from '../rig/scene.js';
import { startServer } from '../rig/server.js';
import type { Target } from '../target.js';

/** @param tampered what becomes of an answer before it is looked at: for tests that break it */
export const httpTarget = (tampered: (reply: Reply, input: RequestInput) => Reply | undefined = (reply) => reply): Target<RequestInput> => ({
  name: 'http',
  batch: 2_500,
  async open() {
    const rig = await startServer();
    const connection = new HttpConnection(rig.server.port);
    let scene: Scene;
    return {
      inputs: anyRequest,
      async renew() {
        scene = await createScene(rig);
      },
      async attack(input) {
        const request = renderRequest(input, scene);
        const reply = await connection.exchange(request.bytes, request.method === 'HEAD');
        // Whatever stands behind a doubtful request would be taken for the next one.
        if (request.malformed || !reply || reply.status >= 400) connection.close();
        return [judge(input, request, reply && tampered(reply, input), scene)];
      },
      async settle() {
        const ready = await fetch(`${rig.server.url}/readyz`);
        hold(ready.ok, () => `/readyz says ${ready.status}`);
        const sent = await fetch(`${rig.server.url}/v1/messages`, {
          method: 'POST', headers: { 'authorization': `Bearer ${scene.names.get('$harry_token')}`, 'content-type': 'application/json' },
          body: JSON.stringify({ conversation_id: scene.names.get('$honest'), text: 'still here' }),
        });
        hold(sent.ok, () => `an honest client's message got ${sent.status}`);
      },
      show: (input) => JSON.stringify(input),
      async close() {
        connection.close();
        await rig.stop();
      },
    };
  },
});

function judge(input: RequestInput, request: HttpRequestBytes, reply: Reply | undefined, scene: Scene): string {
  if (!reply) {
    hold(request.malformed, () => `the connection ended without an answer to ${request.method} ${request.target}`);
    return 'ended';
  }
  const { status, body } = reply;
  // RFC 9110: 505 says that this is no HTTP.
  if (request.malformed && status === 505) return '505 alone';
  hold(status < 500, () => `answered ${status}: ${body.slice(0, 500)}`);
  refuseLeak(request, reply, scene);
  if (request.method === 'HEAD' || status === 204 || status === 101 || (status >= 300 && status < 400)) return String(status);
  if (status >= 400) return request.malformed && reply.headers.get('content-type') !== 'application/problem+json' ? `${status} alone` : codeOf(reply);
  hold(status === 200, () => `answered ${status}`);
  if (request.asInTable) refuseOtherForm(operations[input.operation], body);
  return 'ok';
}

/** RFC 9457, with a code of the table and what to do. */
function codeOf({ status, headers, body }: Reply): string {
  hold(headers.get('content-type') === 'application/problem+json', () => `answered ${status} without a problem document: ${body.slice(0, 300)}`);
  const document = parse(body) as Readonly<Record<string, unknown>>;
  const { code } = document;
  hold(typeof code === 'string' && isErrorCode(code) && code !== 'internal', () => `answered ${status} without a code of the table: ${body.slice(0, 300)}`);
  const info = errorInfo(code as Parameters<typeof errorInfo>[0]);
  hold(info.status === status && document['status'] === status, () => `${String(code)} came with status ${status}`);
  hold(document['remediation'] === info.remedy && document['title'] === info.text && document['retryable'] === info.retryable, () => `${String(code)} does not say what the table says`);
  hold(typeof document['detail'] === 'string' && document['detail'] !== '' && typeof document['request_id'] === 'string', () => `${String(code)} has no detail or request id`);
  return code as string;
}

function refuseOtherForm({ output }: Operation, body: string): void {
  const checked = output.safeParse(parse(body));
  if (checked.success) return;
  const issue = checked.error.issues[0];
  throw new Finding(`the answer is not of the operation's form: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}: ${body.slice(0, 500)}`);
}

function refuseLeak(request: HttpRequestBytes, { headers, body }: Reply, scene: Scene): void {
  const said = `${[...headers.values()].join('\n')}\n${body}`;
  hold(!said.includes(CANARY), () => `something of the other app is in the answer: ${body.slice(0, 500)}`);
  const asked = request.bytes.toString();
  const leaked = scene.foreignIds.find((id) => said.includes(id) && !asked.includes(id));
  // An admin key sees all tenants, apps and keys; conversations, users and messages nobody of another app sees.
  hold(leaked === undefined || (/^[tak]_/.test(leaked) && asked.includes(scene.credentials.admin)), () => `an id of the other app is in the answer: ${leaked}`);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new Finding(`the answer is no JSON: ${body.slice(0, 200)}`);
  }
}
