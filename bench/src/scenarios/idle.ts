/** What a connection costs that does nothing but follow. */
import { figures, type Figure } from '../result.js';
import { Rig } from '../rig.js';
import type { SubjectName } from '../subject.js';
import type { RunOptions, Scenario } from './scenario.js';

const SUBJECTS: readonly SubjectName[] = ['talaria', 'raw-uws', 'socketio'];
const CLIENTS = 5_000;
const FOLLOWING = [0, 20, 200] as const;
/** So many clients share their rooms, as members of the same groups do. */
const GROUP = 100;

export const idle: Scenario = {
  name: 'idle',
  async run(options) {
    const found: Figure[] = [];
    for (const following of FOLLOWING) for (const subject of SUBJECTS) found.push(...await measure(subject, following, options));
    return found;
  },
};

async function measure(subject: SubjectName, following: number, { quick, progress }: RunOptions): Promise<Figure[]> {
  const clients = quick ? CLIENTS / 5 : CLIENTS;
  progress(`idle, ${clients} connections following ${following}: ${subject}`);
  const rig = new Rig(subject);
  try {
    const rooms = Array.from({ length: clients / GROUP }, (_, group) => Array.from({ length: GROUP }, (_member, at) => group * GROUP + at))
      .flatMap((members) => Array.from({ length: following }, () => members));
    await rig.prepare({ clients, senders: 0, rooms });
    const before = await rig.serverMemory();
    await rig.connect(0, clients);
    const after = await rig.serverMemory();
    await rig.stop();
    return figures('idle', subject, { clients, following }, { kb_per_connection: (after - before) / clients / 1_024 });
  } finally {
    rig.kill();
  }
}
