import type { AgentState } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { reportTexts } from '../../src/prompts/reports.ts';

const state = (phase: AgentState['phase'], texts: Partial<AgentState>) =>
  ({ name: 'api', phase, ...texts }) as AgentState;

test.each([
  ['the reason of an agent that failed, before its report', 'failed', 'No module.\n\nI looked.'],
  ['only the report of an agent that completed', 'completed', 'I looked.'],
] as const)('the lead reads %s', (_, phase, text) => {
  const reports = reportTexts([state(phase, { message: 'No module.', report: 'I looked.' })]);
  expect(reports).toBe(`<report from="api" outcome="${phase}">\n${text}\n</report>`);
});

test('an agent without a report and a reason has none in the lead’s prompt', () => {
  expect(reportTexts([state('failed', {})])).toContain('(no report)');
});
