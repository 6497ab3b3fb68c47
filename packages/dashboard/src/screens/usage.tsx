import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { useQuery } from '../api/use-query.js';
import { Chart } from '../chart/chart.js';
import { BYTE_STEPS } from '../chart/steps.js';
import { bytes, count } from '../format/numbers.js';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { useQueryValue, useRouter } from '../router/router.js';
import { useOperator } from '../session/session.js';
import { SelectField } from '../ui/fields.js';
import { Id } from '../ui/id.js';
import { Empty, RefusalNote, Skeleton } from '../ui/notes.js';
import { Facts, Panel, Screen } from '../ui/screen.js';
import { PagedTable } from '../ui/table.js';
import { HOUR_MS, peakPerS, sum, usageSeries } from '../usage/hours.js';
import { AppScreen } from './app-screen.js';

const DAYS = [['1', 'A day'], ['7', '7 days'], ['30', '30 days']] as const;
const DEFAULT_DAYS = '7';
const EVERY_MS = 60_000;

interface Span {
  readonly days: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** From the address; the moments stay while the screen is open, so that nothing is asked for twice. */
function useSpan(): readonly [Span, JSX.Element] {
  const [chosen, setDays] = useQueryValue('days', DEFAULT_DAYS);
  const days = DAYS.find(([value]) => value === chosen)?.[0] ?? DEFAULT_DAYS;
  const span = useMemo(() => {
    const toMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    return { days, toMs, fromMs: toMs - Number(days) * 24 * HOUR_MS };
  }, [days]);
  return [span, <SelectField key="span" label="Of the last" value={days} onChange={setDays} options={DAYS} />];
}

/** Whether the role may see the limits that the nodes run with. */
function useAppLimit(): number | undefined {
  const { may } = useOperator();
  const { data } = useQuery('settings.list', may('settings.list') ? {} : undefined);
  const limit = Number(data?.items.find(({ name }) => name === 'limit_app_per_s')?.value ?? Number.NaN);
  return limit > 0 ? limit : undefined;
}

export function AppUsage({ app }: { readonly app: string }): JSX.Element {
  const [{ days, fromMs, toMs }, choice] = useSpan();
  const { data, refusal, refresh } = useQuery('usage.list', { app_id: app, from_ms: fromMs }, { everyMs: EVERY_MS });
  const limit = useAppLimit();
  const series = useMemo(() => data && usageSeries(data.items, fromMs, toMs), [data, fromMs]);
  const peak = series && peakPerS(series.facts);
  return (
    <AppScreen app={app} title="Usage" command={talaria('usage', [], { app, from: `${days}d` })} actions={choice}>
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {!refusal && !series && <Panel><Skeleton lines={8} /></Panel>}
      {series && peak !== undefined && (
        <>
          <Panel title="In all">
            <Facts rows={[
              ['Messages', count(sum(series.messages))], ['Facts', count(sum(series.facts))], ['Size', bytes(sum(series.bytes))], ['Busiest hour, facts per second', count(peak)],
              ...(limit === undefined ? [] : [['Limit of an app, commands per second', <>{count(limit)} <meter min={0} max={limit} value={peak} high={limit * 0.8} aria-label={`${count(peak)} of ${count(limit)}`} /> {percent(peak, limit)}</>] as const]),
            ]} />
          </Panel>
          <Panel><Chart title="Messages by the hour" timesMs={series.timesMs} series={[{ name: 'messages', values: series.messages }]} format={count} bars /></Panel>
          <Panel><Chart title="Facts by the hour" timesMs={series.timesMs} series={[{ name: 'facts', values: series.facts }]} format={count} bars /></Panel>
          <Panel><Chart title="Size of what was written, by the hour" timesMs={series.timesMs} series={[{ name: 'bytes', values: series.bytes }]} format={bytes} steps={BYTE_STEPS} bars /></Panel>
        </>
      )}
    </AppScreen>
  );
}

/** Below a thousandth of the limit more digits would say nothing. */
const percent = (value: number, limit: number): string => (value === 0 ? 'none of it' : value / limit < 0.001 ? 'below 0.1 %' : `${((100 * value) / limit).toFixed(1)} %`);

/** All apps, each with what it used. */
export function Usage(): JSX.Element {
  const { place } = useRouter();
  const [{ days, fromMs, toMs }, choice] = useSpan();
  const after = place.query.get('after') ?? undefined;
  const query = useQuery('apps.list', { limit: 20, after });
  return (
    <Screen title="Usage" command={talaria('usage', [], { app: query.data?.items[0]?.id ?? 'a_…', from: `${days}d` })} actions={choice}>
      <PagedTable
        label="Usage by app" query={query} keyOf={({ id }) => id} empty={<Empty title="There is no app yet." />}
        columns={[
          { name: 'App', cell: ({ id, name }) => <a class="main" href={href(`/apps/${id}/usage`, { days: days === DEFAULT_DAYS ? null : days })}>{name}</a> }, { name: 'Id', cell: ({ id }) => <Id id={id} /> },
          { name: 'Tenant', cell: ({ tenant_id }) => <Id id={tenant_id} /> }, { name: 'Used', cell: ({ id }) => <Used key={days} app={id} fromMs={fromMs} toMs={toMs} /> },
        ]}
      />
    </Screen>
  );
}

function Used({ app, fromMs, toMs }: { readonly app: string; readonly fromMs: number; readonly toMs: number }): JSX.Element {
  const { data, refusal } = useQuery('usage.list', { app_id: app, from_ms: fromMs });
  if (refusal) return <code>{refusal.code}</code>;
  if (!data) return <span class="muted">…</span>;
  const series = usageSeries(data.items, fromMs, toMs);
  return <>{count(sum(series.messages))} messages, {bytes(sum(series.bytes))}</>;
}
