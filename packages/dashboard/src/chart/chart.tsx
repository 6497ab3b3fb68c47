/** Numbers over time: uPlot draws, the words around it are ours. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { local } from '../format/times.js';
import { useScheme } from './use-scheme.js';

export interface Series {
  readonly name: string;
  /** One for each time; null where nothing is known. */
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  readonly title: string;
  readonly timesMs: readonly number[];
  readonly series: readonly Series[];
  /** How a value is written. */
  readonly format: (value: number) => string;
  readonly height?: number;
  /** The least that the scale goes up to, so that hardly anything does not look like much. */
  readonly least?: number;
  /** By how much its lines may be apart; else by 1, 2, 2.5 and 5 of a decimal power. */
  readonly steps?: readonly number[] | undefined;
  /** Bars stand for sums of their step; a line for what is measured. */
  readonly bars?: boolean;
}

const COLOURS = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5'] as const;
const TICKS_PX = 90;
const LINES_PX = 28;
/** Above the highest value. */
const HEADROOM = 1.12;

export function Chart({ title, timesMs, series, format, height = 150, least = 1, steps, bars = false }: ChartProps): JSX.Element {
  const room = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const [at, setAt] = useState<number | null>(null);
  const scheme = useScheme();
  const names = series.map(({ name }) => name).join('\n');
  const data = (): uPlot.AlignedData => [timesMs.map((ms) => ms / 1_000), ...series.map(({ values }) => [...values])];

  useEffect(() => {
    const element = room.current;
    if (!element) return undefined;
    const style = getComputedStyle(element);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { stroke: colour('--line'), width: 1 }, font: '11px system-ui, sans-serif' };
    const made = new uPlot({
      width: Math.max(200, element.clientWidth), height, legend: { show: false }, cursor: { y: false, drag: { setScale: false, x: false, y: false } },
      scales: { y: { range: (_, __, max) => [0, Math.max(max * HEADROOM, least)] } },
      axes: [{ ...axis, space: TICKS_PX, size: 30, values: (_, ticks, __, ___, step) => ticks.map((s) => tickText(s * 1_000, step)) }, { ...axis, space: LINES_PX, size: 66, ...(steps && { incrs: [...steps] }), values: (_, ticks) => ticks.map(format) }],
      series: [{}, ...series.map((_, index) => {
        const stroke = colour(COLOURS[index % COLOURS.length] ?? '');
        return { stroke, width: 1.5, points: { show: false }, ...(bars ? { fill: stroke, paths: uPlot.paths.bars!({ size: [0.8, 40] }) } : {}) };
      })],
      hooks: { setCursor: [(self) => setAt(self.cursor.idx ?? null)] },
    }, data(), element);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: Math.max(200, element.clientWidth), height }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [names, scheme, height, bars, least, steps]);

  useEffect(() => plot.current?.setData(data()), [timesMs, series]);

  const index = at ?? timesMs.length - 1;
  const time = timesMs[index];
  return (
    <figure class="chart">
      <figcaption>
        <div><h3>{title}</h3><span class="small muted">{at !== null && time !== undefined ? local(time) : ''}</span></div>
        <ul class="legend">
          {series.map(({ name, values }, number) => <li key={name}><span class={`swatch s${(number % COLOURS.length) + 1}`} />{name} <strong>{written(values[index], format)}</strong></li>)}
        </ul>
      </figcaption>
      <div class="plot" ref={room} role="img" aria-label={`${title}: ${series.map((one) => summary(one, format)).join('; ')}`} />
    </figure>
  );
}

const written = (value: number | null | undefined, format: (value: number) => string): string => (value === null || value === undefined ? '–' : format(value));

/** Days, or the time of one: what tells the ticks apart. @param step_s between two of them */
function tickText(ms: number, step_s: number): string {
  const time = new Date(ms);
  if (step_s >= 86_400) return time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  return time.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', ...(step_s < 60 && { second: '2-digit' }) });
}

/** What the picture says to who does not see it. */
function summary({ name, values }: Series, format: (value: number) => string): string {
  const known = values.filter((value): value is number => value !== null);
  if (known.length === 0) return `${name} is not known`;
  return `${name} ${format(known.at(-1) ?? 0)} now, at most ${format(known.reduce((most, value) => Math.max(most, value), 0))}`;
}
