import type { ServiceName } from '../services.js';
import type { SubjectName } from '../subject.js';

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** What must run beside it. */
  readonly needs: readonly ServiceName[];
}

const program = (file: string, args: readonly string[] = [], needs: readonly ServiceName[] = []): Program => ({ file, args, needs });

/** How each subject is started, from this folder. */
export const programs: Readonly<Record<SubjectName, Program>> = {
  talaria: program('talaria.js'), 'talaria-search': program('talaria.js', ['--search']), 'talaria-postgres': program('talaria.js', [], ['postgres']), 'talaria-cluster': program('talaria.js', [], ['postgres', 'nats']),
  'raw-uws': program('raw-uws.js'), socketio: program('socketio.js'), 'socketio-csr': program('socketio.js', ['--csr']), 'socketio-sqlite': program('socketio.js', ['--sqlite']),
  'socketio-postgres': program('socketio.js', ['--postgres'], ['postgres']), 'socketio-marks': program('socketio-marks.js'), 'socketio-presence': program('socketio-presence.js'), 'sqlite-rows': program('sqlite-rows.js'), jetstream: program('jetstream.js'),
};
