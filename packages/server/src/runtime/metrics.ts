import { Registry, Counter, Gauge, Histogram } from 'prom-client';

/** Prometheus metrics of one server. Hot paths count plain numbers, which are read when somebody asks. */
export interface Metrics {
  /** A value that is read at scrape time. */
  gauge(name: MetricName, help: string, read: () => number): void;
  /** A total that only grows, read at scrape time. */
  total(name: MetricName, help: string, read: () => number): void;
  counter(name: MetricName, help: string, labels: readonly string[]): { add(labels: Readonly<Record<string, string>>, by?: number): void };
  histogram(name: MetricName, help: string, buckets: readonly number[], labels: readonly string[]): { observe(labels: Readonly<Record<string, string>>, value: number): void };
  /** The text format, and its content type. */
  scrape(): Promise<{ readonly text: string; readonly contentType: string }>;
  /** Every metric with its help, for the documentation's test. */
  names(): readonly { readonly name: string; readonly help: string }[];
}

export type MetricName = `talaria_${string}`;

export function createMetrics(): Metrics {
  const registry = new Registry();
  const known: { name: string; help: string }[] = [];
  const note = (name: string, help: string): void => void known.push({ name, help });
  return {
    gauge(name, help, read) {
      note(name, help);
      const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect() {
        gauge.set(read());
      } });
    },
    total(name, help, read) {
      note(name, help);
      const counter = new Counter({ name, help, registers: [registry], collect() {
        counter.reset();
        counter.inc(read());
      } });
    },
    counter(name, help, labelNames) {
      note(name, help);
      const counter = new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
      return { add: (labels, by = 1) => counter.inc({ ...labels }, by) };
    },
    histogram(name, help, buckets, labelNames) {
      note(name, help);
      const histogram = new Histogram({ name, help, buckets: [...buckets], labelNames: [...labelNames], registers: [registry] });
      return { observe: (labels, value) => histogram.observe({ ...labels }, value) };
    },
    async scrape() {
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
    names: () => known,
  };
}
