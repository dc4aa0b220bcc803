import { expect, test } from '@jest/globals';
import { makeMetrics } from '../../packages/controller/src/metrics.ts';
import { Metrics } from '../../packages/runner/src/gateway/status/metrics.ts';
import { find, render } from './helm.ts';

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: unknown }[];
  };
}

const SUFFIXES = { histogram: ['_bucket', '_sum', '_count'] } as const;
/** Labels that Prometheus adds to every series. */
const OF_TARGETS = ['namespace', 'pod', 'instance', 'job'];

interface Described {
  readonly name: string;
  readonly type: string;
  readonly labelNames?: readonly string[];
}

/** The labels of every series that the controller or a gateway exports, by name. */
function exported(): ReadonlyMap<string, ReadonlySet<string>> {
  const none = async () => ({ tasks: { pending: 0, in_progress: 0, completed: 0 }, turns: 0 });
  const gateway = new Metrics('team', 'agent', none).registry;
  const described = [
    makeMetrics(
      () => [],
      0,
      () => 0,
    ).registry,
    gateway,
  ].flatMap((registry) =>
    registry
      .getMetricsAsArray()
      // The library's type omits these fields.
      .map((metric) => ({ ...(metric as unknown as Described), ofAgent: registry === gateway })),
  );
  return new Map(
    described.flatMap(({ name, type, labelNames = [], ofAgent }) => {
      const labels = new Set([...labelNames, ...OF_TARGETS, ...(ofAgent ? ['team', 'agent'] : [])]);
      const names =
        type === 'histogram' ? SUFFIXES.histogram.map((end) => `${name}${end}`) : [name];
      if (type === 'histogram') labels.add('le');
      return names.map((series) => [series, labels] as const);
    }),
  );
}

async function dashboard(): Promise<Dashboard> {
  const map = find(
    await render({ metrics: { dashboard: { enabled: true } } }),
    'ConfigMap',
    'agentteam-dashboard',
  ) as { readonly metadata?: object; readonly data?: Readonly<Record<string, string>> };
  expect(map.metadata).toMatchObject({ labels: { grafana_dashboard: '1' } });
  return JSON.parse(map.data?.['agentteam.json'] ?? '') as Dashboard;
}

/** A series in an expression, and the labels that select it, group it or appear in its legend. */
const SERIES = /\b(agentteam_\w+|process_\w+|nodejs_\w+)(?:\{([^}]*)\})?/g;
const LABEL = /(\w+)\s*(?:=~|!~|!=|=)\s*"/g;
const GROUPED = /\b(?:by|on)\s*\(([^)]*)\)/g;
const SHOWN = /\{\{(\w+)\}\}/g;

test('every panel uses exported series and labels, and every series has a panel', async () => {
  const known = exported();
  const { panels, templating } = await dashboard();
  const asked = new Set<string>();
  for (const { title, targets = [] } of panels) {
    for (const { expr, legendFormat } of targets) {
      const series = [...expr.matchAll(SERIES)];
      expect({ title, series: series.length }).not.toEqual({ title, series: 0 });
      for (const [, name = '', selector = ''] of series) {
        asked.add(name);
        const labels = known.get(name);
        expect({ title, name, exported: labels !== undefined }).toEqual({
          title,
          name,
          exported: true,
        });
        const used = [
          ...[...selector.matchAll(LABEL)].map(([, label]) => label),
          ...[...expr.matchAll(GROUPED)].flatMap(([, list = '']) =>
            list.split(',').map((one) => one.trim()),
          ),
          ...[...legendFormat.matchAll(SHOWN)].map(([, label]) => label),
        ];
        const unknown = used.filter((label = '') => !labels?.has(label));
        expect({ title, name, unknown }).toEqual({ title, name, unknown: [] });
      }
    }
  }
  for (const { query } of templating.list) {
    for (const [, name = ''] of JSON.stringify(query).matchAll(SERIES)) {
      expect(known.has(name)).toBe(true);
    }
  }
  const shown = (name: string) => asked.has(name) || asked.has(`${name}_bucket`);
  const own = [...known.keys()].filter((name) => name.startsWith('agentteam_'));
  const forgotten = own
    .map((name) => name.replace(/_(bucket|sum|count)$/, ''))
    .filter((name) => !shown(name));
  expect(forgotten).toEqual([]);
});

test('panels have distinct titles and do not overlap', async () => {
  const { panels } = await dashboard();
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
});
