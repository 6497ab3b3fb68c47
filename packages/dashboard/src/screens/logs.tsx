import type { LogLine } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useNodes } from '../api/use-nodes.js';
import { useQuery } from '../api/use-query.js';
import { talaria } from '../format/shell.js';
import { useQueryValue, useRouter } from '../router/router.js';
import { SelectField, TextField } from '../ui/fields.js';
import { FieldsOf } from '../ui/fields-of.js';
import { Missing, Node } from '../ui/node.js';
import { Empty } from '../ui/notes.js';
import { Screen } from '../ui/screen.js';
import { PagedTable } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { LevelBadge } from './level-badge.js';

const LIMIT = 50;
const EVERY_MS = 3_000;
const LEVELS = [['info', 'Everything'], ['warn', 'Warnings and errors'], ['error', 'Errors']] as const;

/** The last lines of the log, of all nodes. */
export function Logs(): JSX.Element {
  const { place } = useRouter();
  const [chosen, setLevel] = useQueryValue('level', 'info');
  const [event, setEvent] = useQueryValue('event');
  const [app, setApp] = useQueryValue('app');
  const [user, setUser] = useQueryValue('user');
  const [node, setNode] = useQueryValue('node');
  const after = place.query.get('after') ?? undefined;
  const level = LEVELS.find(([value]) => value === chosen)?.[0] ?? 'info';
  const typed = { replace: true };
  const filters = { level, event: event || undefined, app: app || undefined, user: user || undefined, node: node || undefined };
  const { app: app_id, user: user_id, ...rest } = filters;
  const nodes = useNodes(node);
  const query = useQuery('logs.list', { ...rest, app_id, user_id, limit: LIMIT, after }, { everyMs: after === undefined ? EVERY_MS : undefined });
  return (
    <Screen title="Log" command={talaria('logs', [], { ...filters, limit: LIMIT })}>
      <div class="filters">
        <SelectField label="Level" value={level} onChange={setLevel} options={LEVELS} />
        <TextField label="Event begins" placeholder="consumer." value={event} onInput={(value) => setEvent(value, typed)} />
        <TextField label="App" placeholder="a_…" value={app} onInput={(value) => setApp(value, typed)} />
        <TextField label="User" placeholder="u_…" value={user} onInput={(value) => setUser(value, typed)} />
        {nodes.several && <SelectField label="Node" value={node} onChange={setNode} options={nodes.options} />}
      </div>
      <Missing nodes={query.data?.missing_nodes} />
      <PagedTable
        label="Lines of the log" query={query} keyOf={(line) => `${line.node} ${line.number} ${line.level}`} empty={<Empty title="No line is like that.">Each node keeps its last lines in memory.</Empty>}
        columns={[
          { name: 'Time', cell: ({ time_ms }) => <Time ms={time_ms} /> }, { name: 'Level', cell: (line) => <LevelBadge level={line.level} /> }, { name: 'Event', cell: (line) => <code>{line.event}</code> },
          { name: 'What', cell: ({ fields }) => <FieldsOf fields={fields} /> }, ...(nodes.several ? [{ name: 'Node', cell: (line: LogLine) => <Node id={line.node} /> }] : []),
        ]}
      />
    </Screen>
  );
}
