/** A server in a process of its own, to be killed. Its parent asks for operations over IPC. */
import { createServer } from '@talaria/server';
import { executeOperation } from '../../packages/server/dist/domain/operations.js';
import { Lane } from '../../packages/server/dist/storage/lane.js';
import type { Caller } from '../../packages/server/dist/domain/caller.js';

export interface OperationRequest {
  readonly id: number;
  readonly caller: Caller;
  readonly op: string;
  readonly input: unknown;
}

export type ServerMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'answer'; readonly id: number; readonly output?: unknown; readonly error?: string };

const OFF = { per_s: 0, burst: 1 };
const [, , data, port] = process.argv;
const tell = (message: ServerMessage): void => void process.send?.(message);

const server = await createServer({ data: data ?? '', port: Number(port), limits: { user: OFF, conversation: OFF, app: OFF }, addressRate: OFF });
process.on('message', (request: OperationRequest) => {
  const meta = { clientId: server.domain.ids.uuid(), traceId: null, lane: new Lane() };
  executeOperation(server.domain, request.caller, request.op, request.input, meta).then(
    (output) => tell({ kind: 'answer', id: request.id, output }),
    (error: unknown) => tell({ kind: 'answer', id: request.id, error: String(error) }),
  );
});
tell({ kind: 'listening', port: server.port });
