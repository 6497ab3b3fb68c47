import type { Incident } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { useNodes } from '../api/use-nodes.js';
import { useQuery } from '../api/use-query.js';
import { count, span } from '../format/numbers.js';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { useQueryValue } from '../router/router.js';
import { SelectField } from '../ui/fields.js';
import { FieldsOf } from '../ui/fields-of.js';
import { Missing, Node } from '../ui/node.js';
import { Badge, Empty, RefusalNote } from '../ui/notes.js';
import { Screen } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { LevelBadge } from './level-badge.js';

const EVERY_MS = 5_000;
const SPANS = [['', 'All that is kept'], ['1h', 'The last hour'], ['1d', 'The last day']] as const;
const SPAN_MS: Readonly<Record<string, number>> = { '1h': 3_600_000, '1d': 86_400_000 };

/** What went wrong lately, by its kind. */
export function Incidents(): JSX.Element {
  const [chosen, setSince] = useQueryValue('since');
  const since = SPANS.find(([value]) => value === chosen)?.[0] ?? '';
  const sinceMs = useMemo(() => (SPAN_MS[since] === undefined ? undefined : Date.now() - SPAN_MS[since]), [since]);
  const { data, refusal, refresh } = useQuery('incidents.list', { since_ms: sinceMs }, { everyMs: EVERY_MS });
  const { several } = useNodes();
  return (
    <Screen title="Incidents" command={talaria('incidents', [], { since: since || undefined })} actions={<SelectField label="Since" value={since} onChange={setSince} options={SPANS} />}>
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      <Missing nodes={data?.missing_nodes} />
      {(data || !refusal) && (
        <Table
          label="Incidents" rows={data?.items} keyOf={({ event }) => event} empty={<Empty title="Nothing went wrong.">Warnings and errors of all nodes would stand here, one row for each kind.</Empty>}
          columns={[
            { name: 'Event', cell: ({ event }) => <a href={href('/logs', { event, level: 'warn' })}><code>{event}</code></a> }, { name: 'Level', cell: ({ level }) => <LevelBadge level={level} /> },
            { name: 'State', cell: ({ over_ms, last_ms }) => (over_ms === null ? <>last <Time ms={last_ms} ago /></> : <><Badge kind="good">over</Badge> <Time ms={over_ms} ago /></>) },
            { name: 'Times', numeric: true, cell: ({ count: times }) => count(times) }, { name: 'First', cell: ({ first_ms, last_ms }) => <><Time ms={first_ms} />{last_ms > first_ms && <span class="muted"> for {span(last_ms - first_ms)}</span>}</> },
            { name: 'Last time', cell: ({ example }) => <FieldsOf fields={example} /> }, ...(several ? [{ name: 'Nodes', cell: ({ nodes }: Incident) => nodes.map((id) => <Node key={id} id={id} />) }] : []),
          ]}
        />
      )}
    </Screen>
  );
}
