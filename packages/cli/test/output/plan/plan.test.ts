import { compileText } from '@agentteam/compiler';
import { describe, expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import { planOf } from '../../../src/output/plan/plan.ts';
import { planText } from '../../../src/output/plan/plan-text.ts';
import { Q3_REPORT } from '../../fixtures.ts';

function compiled(text: string) {
  const result = compileText(text);
  if (result.compiled === undefined) throw new Error(JSON.stringify(result.problems));
  return result.compiled;
}

const q3 = compiled(Q3_REPORT);
const { team, workflow } = q3;
const plan = planOf(q3, []);

describe('a plan', () => {
  test('has the longest path, including gates', () => {
    expect(plan.longestPath).toEqual(['Approve-spawn-email-drafter', 'email-drafter']);
  });

  test('lists what must exist', () => {
    expect(plan.needs.secrets.map(({ name }) => name)).toEqual(['anthropic-api-key']);
    expect(plan.needs.claims).toEqual([]);
  });

  test('distinguishes a claim that is created for the team from one that must exist', () => {
    expect(plan.createdClaims.map(({ name }) => name)).toEqual(['q3-report-output']);
    const named = planOf(compiled(Q3_REPORT.replace('output: {}', 'output: { pvc: results }')), []);
    expect(named.needs.claims.map(({ name }) => name)).toEqual(['results']);
    expect(named.createdClaims).toEqual([]);
  });

  test('lists what each container may read and write: only gateways have the ledger and credentials', () => {
    const researcher = plan.steps.find(({ name }) => name === 'researcher');
    const [setup, gateway, main] = researcher?.containers ?? [];
    expect(setup?.writes).toContain('/var/lib/agentteam/volume');
    expect(main?.writes).toContain('/workspace/output');
    expect([...(main?.writes ?? []), ...(main?.reads ?? [])].join()).not.toMatch(
      /ledger|credentials|secrets/,
    );
    expect(gateway?.writes.join()).toMatch(/ledger/);
    expect(gateway?.reads.join()).toMatch(/secrets/);
  });

  test('as text', () => {
    const text = planText(plan, 80)
      .join('\n')
      .replace(/\n {4}/g, ' ');
    expect(text).toContain('Longest path: approval of spawn-email-drafter → email-drafter');
    expect(text).toContain('ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN');
    expect(text).toContain(
      'Cost: at most $15.00, plus the replies in progress when the limit is reached',
    );
    expect(text).toContain('Timeout: 4h (includes the time that gates wait for people)');
    expect(text).toContain('Past runs: none on this machine');
  });

  test('names all steps, and its paths fit the terminal', () => {
    const lines = planText(plan, 80);
    expect(lines.join('\n')).toMatch(/^Finish .* all other steps, even if they fail$/m);
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}anthropic-api-key +for lead, research/),
    );
    const long = lines.filter((line) => line.startsWith('  '));
    expect(Math.max(...long.map((line) => stringWidth(line)))).toBeLessThan(81);
  });

  test('names what must exist before the paths of containers', () => {
    const lines = planText(plan, 80);
    const secrets = lines.indexOf('Secrets that must exist:');
    expect(secrets).toBeGreaterThan(0);
    expect(lines.indexOf('What each container may write and read:')).toBeGreaterThan(secrets);
  });

  test.each([
    ['cut', ', plus the streamed part of the replies in progress when the limit is reached'],
    ['reserve', ''],
  ])('with onLimit %s, shows by how much a limit may be exceeded', (onLimit, overrun) => {
    const text = Q3_REPORT.replace(
      'prompt: Coordinate.',
      'prompt: Coordinate., budgetLimit: "5.00"',
    );
    const other = compiled(text.replace('approvalGates', `onLimit: ${onLimit}\n    approvalGates`));
    const lines = planText(planOf(other, []), 80);
    expect(lines).toContain(`Cost: at most $15.00${overrun}`);
    expect(lines).toContain(`  lead at most $5.00${overrun}`);
  });

  test('without a limit, says how to set one', () => {
    const unlimited = compiled(Q3_REPORT.replace(/ +budgetLimit:.*\n/, ''));
    const text = planText(planOf(unlimited, []), 80).join('\n');
    expect(text).toContain('Cost: no limit (set one with lifecycle.budgetLimit)');
  });
});

describe('what each agent may change', () => {
  test('is its scope in the repository', () => {
    const coding = compiled(`
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: shop }
spec:
  repository: { url: https://github.com/acme/shop.git }
  auth: { apiKeySecret: anthropic-api-key }
  lead: { prompt: Coordinate. }
  teammates:
    - name: api
      prompt: Add the endpoint.
      scope: { includePaths: [src/, docs/], excludePaths: [src/generated/] }
`);
    const lines = planText(planOf(coding, []), 80);
    const start = lines.indexOf('What each agent may change in the repository:');
    expect(lines.slice(start + 1, start + 4)).toEqual([
      '  lead: everything',
      '  api: src/ docs/, except src/generated/',
      '',
    ]);
  });

  test('is not shown without a repository', () => {
    expect(plan.scopes).toBeUndefined();
    expect(planText(plan, 80).join('\n')).not.toContain('in the repository');
  });
});

describe('past runs', () => {
  const past = (name: string, changes: object) => ({
    name,
    reference: name,
    team,
    workflow,
    live: undefined,
    rehearsal: false,
    interrupted: false,
    createdAt: '2026-11-23T16:30:00Z',
    locations: [],
    status: {
      phase: 'Completed' as const,
      estimatedCost: '3.80',
      startedAt: '2026-11-23T16:30:00Z',
      completedAt: '2026-11-23T16:42:00Z',
    },
    ...changes,
  });

  test('include only real runs of this team that have ended', () => {
    const runs = [
      past('q3-report', {}),
      past('q3-report-2', { rehearsal: true }),
      past('q3-report-3', { status: { phase: 'Running' } }),
      past('other', { team: { ...team, metadata: { name: 'other' } } }),
    ];
    const { past: counted } = planOf(q3, runs);
    expect(counted).toEqual([
      { run: 'q3-report', phase: 'Completed', usd: '3.80', elapsed: 720_000 },
    ]);
    expect(planText({ ...plan, past: counted }, 80)).toContain(
      '  q3-report: Completed, $3.80, 12:00',
    );
  });
});
