import { dollarsTogether } from '@agentteam/contract';
import { aggregate, type LedgerEntry } from '@agentteam/ledger';
import { expect, test } from '@jest/globals';
import { costCsv, costNotes, costReport, costTable } from '../../../src/output/cost/report.ts';

const entry = (id: string, changes: Partial<LedgerEntry>): LedgerEntry => ({
  v: 1,
  id,
  state: 'done',
  at: '2026-11-23T16:30:00Z',
  team: 'q3-report',
  agent: 'team-lead',
  model: 'claude-opus-5-5',
  tokens: { input: 100, output: 200, cacheRead: 300, cacheWrite5m: 0, cacheWrite1h: 0 },
  webSearches: 0,
  usd: '0.30',
  basis: 'list',
  status: 200,
  messagesSent: 0,
  ...changes,
});

const rows = aggregate([
  entry('1', {}),
  entry('2', { usd: '0.45' }),
  entry('3', { agent: 'researcher', model: '=cmd()', usd: '0.25', basis: 'unknown' }),
]);

test('the table has a total, and marks an unknown price', () => {
  expect(`\n${costTable(rows).join('\n')}\n`).toBe(`
AGENT        MODEL             REPLIES   INPUT   OUTPUT   CACHE READ   WRITE 5M   WRITE 1H    COST   SHARE   HITS
lead         claude-opus-5-5         2     200      400          600          0          0   $0.75     75%    75%
researcher   =cmd() *                1     100      200          300          0          0   $0.25     25%    75%
total                                3     300      600          900          0          0   $1.00    100%    75%
`);
});

test('a mark in the table has an explanation', () => {
  expect(costNotes(rows)).toEqual([
    '* the price of this model, or of a feature that it used, is unknown: charged at the highest known price',
  ]);
  expect(costNotes(rows.slice(0, 1))).toEqual([]);
});

test('a narrow table has fewer columns', () => {
  expect(`\n${costTable(rows, 80).join('\n')}\n`).toBe(`
AGENT        MODEL             REPLIES   OUTPUT    COST   SHARE
lead         claude-opus-5-5         2      400   $0.75     75%
researcher   =cmd() *                1      200   $0.25     25%
total                                3      600   $1.00    100%
`);
});

test('a very narrow table fits 60 columns', () => {
  expect(`\n${costTable(rows, 59).join('\n')}\n`).toBe(`
AGENT        MODEL              COST   SHARE
lead         claude-opus-5-5   $0.75     75%
researcher   =cmd() *          $0.25     25%
total                          $1.00    100%
`);
});

test('the report has exact amounts', () => {
  expect(costReport(rows)).toMatchObject({
    usd: '1.00',
    lines: [
      { agent: 'lead', usd: '0.75', share: 0.75, cacheHitRate: 0.75 },
      { agent: 'researcher', usd: '0.25', unknownPrice: true },
    ],
  });
});

test('the CSV contains no formulas', () => {
  const [header, lead, researcher] = costCsv(rows);
  expect(header).toMatch(/^agent,model,replies,/);
  expect(lead).toBe('lead,claude-opus-5-5,2,200,400,600,0,0,0,0.75,0.75,0.75,false,0,');
  expect(researcher).toMatch(/^researcher,'=cmd\(\),1,/);
});

test('the table shows which credential paid, if the team has several', () => {
  const paid = aggregate([
    entry('1', { credential: 'max' }),
    entry('2', { credential: 'company', usd: '0.45' }),
  ]);
  const [head, ...lines] = costTable(paid, 80);
  expect(head).toMatch(/^AGENT +MODEL +CREDENTIAL +REPLIES/);
  expect(lines.map((line) => line.split(/ {2,}/)[2])).toEqual(['company', 'max', '400']);
  expect(costCsv(paid)[1]).toMatch(/,company$/);
  expect(costReport(paid).lines.map(({ credential }) => credential)).toEqual(['company', 'max']);
});

test('the costs of a table add up to its total', () => {
  const lines = costTable(
    aggregate([
      entry('1', { usd: '0.075' }),
      entry('2', { agent: 'researcher', usd: '0.0254' }),
      entry('3', { agent: 'writer', usd: '0.0252' }),
    ]),
  );
  const shown = lines.flatMap((line) => /\$([0-9.]+)/.exec(line)?.[1] ?? []);
  // Each amount for itself would be rounded up.
  expect(shown).toEqual(['0.07', '0.03', '0.03', '0.13']);
});

test('the models of an agent add up to what other tables show of the agent', () => {
  const models = aggregate([
    entry('1', { model: 'claude-opus-5-5', usd: '0.013' }),
    entry('2', { model: 'claude-haiku-5', usd: '0.013' }),
    entry('3', { agent: 'researcher', usd: '0.0255' }),
  ]);
  const costs = costTable(models, 59).map((line) => /\$[0-9.]+/.exec(line)?.[0]);
  expect(dollarsTogether(['0.0255', '0.026'])).toEqual(['$0.02', '$0.03']);
  expect(costs).toEqual([undefined, '$0.02', '$0.02', '$0.01', '$0.05']);
});
