/** What the files to deploy with name is there: settings, metrics, routes, values. They are not run here. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { settings } from '../../packages/server/src/runtime/config-settings.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const files = readdirSync(join(root, 'deploy'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('/test')).map((entry) => join(entry.parentPath, entry.name).slice(root.length)).sort();
const matches = (text: string, pattern: RegExp): string[] => [...new Set([...text.matchAll(pattern)].map(([whole, part]) => part ?? whole))];

const variables = new Set(Object.entries(settings).flatMap(([name, { secret }]) => {
  const variable = `TALARIA_${name.toUpperCase()}`;
  return secret ? [variable, `${variable}_FILE`] : [variable];
}));
const metrics = new Map(read('docs/reference/metrics.md').split('\n').flatMap((line) => {
  const [, name, type] = /^\| `(\w+)` \| (\w+) \|/.exec(line) ?? [];
  return name !== undefined && type !== undefined ? [[name, type] as const] : [];
}));
const series = new Set([...metrics].flatMap(([name, type]) => (type === 'histogram' ? ['_bucket', '_count', '_sum'].map((end) => `${name}${end}`) : [name])));

describe.each(files)('%s', (path) => {
  it('names settings, metrics and routes that there are', () => {
    const text = read(path);
    expect(matches(text, /\bTALARIA_[A-Z_]+/g).filter((name) => !variables.has(name))).toEqual([]);
    // Postgres, NATS and files have names of their own, without this beginning.
    expect(matches(text, /\btalaria_[a-z0-9_]+/g).filter((name) => !series.has(name))).toEqual([]);
    const routes = read('docs/reference/http.md');
    expect(matches(text, /(?<![\w./-])\/(?:livez|readyz|metrics|healthz?)\b/g).filter((route) => !routes.includes(`\`GET ${route}\``))).toEqual([]);
  });
});

it.each(files.filter((path) => path.endsWith('.yaml') && !path.includes('/templates/')))('%s is YAML, and no key stands in it twice', (path) => {
  expect(parseDocument(read(path), { merge: true }).errors).toEqual([]);
});

describe('how a node is stopped', () => {
  it('leaves time to move the clients, with systemd', () => {
    const [seconds] = matches(read('deploy/systemd/talaria.service'), /^TimeoutStopSec=(\d+)$/gm);
    expect(Number(seconds) * 1_000).toBeGreaterThan(settings.drain_ms.default);
  });

  it('leaves time to move the clients, with compose', () => {
    const { services } = parse(read('deploy/compose/compose.yaml'), { merge: true }) as { services: Record<string, { stop_grace_period?: string; environment?: Record<string, string> }> };
    const nodes = Object.entries(services).filter(([name]) => name.startsWith('node-')).map(([, node]) => node);
    expect(nodes).toHaveLength(3);
    for (const { stop_grace_period: grace, environment } of nodes) {
      expect(Number.parseInt(grace!, 10) * 1_000).toBeGreaterThan(Number(environment!['TALARIA_DRAIN_MS']));
      expect(environment).toEqual(nodes[0]!.environment);
    }
  });

  it('leaves time to move the clients, in the chart', () => {
    const values = parse(read('deploy/helm/talaria/values.yaml')) as Record<string, number>;
    expect(values['stopMarginSeconds']).toBeGreaterThan(5);
    expect(read('deploy/helm/talaria/templates/statefulset.yaml')).toContain(
      'terminationGracePeriodSeconds: {{ add (int .Values.preStopSeconds) (div (add (int .Values.drainMs) 999) 1000) (int .Values.stopMarginSeconds) }}',
    );
  });
});

describe('the proxy of compose', () => {
  it('knows every node, and is the one that is trusted', () => {
    const { services } = parse(read('deploy/compose/compose.yaml'), { merge: true }) as {
      services: Record<string, { environment?: Record<string, string>; networks?: { inside?: { ipv4_address?: string } } }>;
    };
    const nodes = Object.keys(services).filter((name) => name.startsWith('node-'));
    expect(matches(read('deploy/compose/haproxy.cfg'), /^ {2}server (\S+) /gm)).toEqual(nodes);
    expect(services['node-1']!.environment!['TALARIA_TRUST_PROXY']).toBe(`${services['proxy']!.networks!.inside!.ipv4_address}/32`);
  });
});

describe('the chart', () => {
  const values = parse(read('deploy/helm/talaria/values.yaml')) as object;
  const templates = files.filter((path) => path.startsWith('deploy/helm/talaria/templates/'));
  const defined = templates.flatMap((path) => matches(read(path), /\{\{-? define "([^"]+)"/g));

  it.each(templates)('%s uses values and templates that there are, and ends what it begins', (path) => {
    const text = read(path);
    const unknown = matches(text, /\.Values\.([\w.]+)/g).filter((value) => {
      let at: unknown = values;
      for (const part of value.split('.')) {
        if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return true;
        at = (at as Record<string, unknown>)[part];
      }
      return false;
    });
    expect(unknown).toEqual([]);
    expect(matches(text, /include "([^"]+)"/g).filter((name) => !defined.includes(name))).toEqual([]);
    const count = (pattern: RegExp): number => [...text.matchAll(pattern)].length;
    expect(count(/\{\{-? (?:if|with|range|define) /g)).toBe(count(/\{\{-? end -?\}\}/g));
  });

  it('asks the cluster for no rights, and for no node that grows by itself', () => {
    expect(values).toMatchObject({ autoscaling: { enabled: false }, podDisruptionBudget: { enabled: true }, secret: { existingSecret: '' } });
    expect(read('deploy/helm/talaria/templates/statefulset.yaml')).toContain('automountServiceAccountToken: false');
  });
});

describe('the dashboard', () => {
  interface Panel { readonly id: number; readonly type: string; readonly title: string; readonly targets?: readonly { readonly expr: string }[] }
  const { panels } = JSON.parse(read('deploy/grafana/talaria.json')) as { readonly panels: readonly Panel[] };

  it('asks in every panel for something that is measured', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { title, targets } of panels.filter(({ type }) => type !== 'row')) {
      expect(targets!.length, title).toBeGreaterThan(0);
      for (const { expr } of targets!) expect(matches(expr, /\btalaria_[a-z0-9_]+/g).length, title).toBeGreaterThan(0);
    }
  });

  it('leaves out nothing that is measured', () => {
    const text = read('deploy/grafana/talaria.json');
    expect([...metrics.keys()].filter((name) => !text.includes(name))).toEqual([]);
  });
});

describe('the alerts', () => {
  interface Rule { readonly alert: string; readonly expr: string; readonly labels: { readonly severity: string }; readonly annotations: { readonly summary: string } }
  const { groups } = parse(read('deploy/prometheus/alerts.yaml')) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
  const rules = groups.flatMap((group) => group.rules);

  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s says how bad it is, and what it is', (name, { labels, annotations }) => {
    expect(name).toMatch(/^Talaria[A-Z]\w+$/);
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(annotations.summary).toMatch(/\.$/);
  });
});
