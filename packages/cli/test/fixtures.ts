import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileText } from '@agentteam/compiler';
import { createRun } from '@agentteam/local';
import { LocalTeam } from '../src/teams/local/local-team.ts';
import type { RunRecord } from '../src/teams/local/run-record.ts';
import { writeRecord } from '../src/teams/local/run-record.ts';

export const Q3_REPORT = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: q3-report, namespace: cowork-agents }
spec:
  workspace: { output: {} }
  auth: { apiKeySecret: anthropic-api-key }
  lead: { prompt: Coordinate. }
  teammates:
    - { name: researcher, model: sonnet, prompt: Analyse. }
    - { name: email-drafter, model: sonnet, prompt: Draft. }
  lifecycle:
    budgetLimit: "15.00"
    approvalGates: [{ event: spawn-email-drafter }]
`;

/** Creates a run that has not been executed. @param runs directory of the runs. */
export async function madeRun(runs: string, changes: Partial<RunRecord> = {}): Promise<LocalTeam> {
  const { compiled, problems } = compileText(Q3_REPORT);
  if (compiled === undefined) throw new Error(JSON.stringify(problems));
  const record: RunRecord = {
    run: 'q3-report',
    createdAt: '2026-11-23T16:30:00.000Z',
    team: compiled.team,
    sandbox: 'none',
    configMaps: {},
    claims: {},
    secrets: {},
    approve: [],
    options: { record: false, prices: false, keep: false },
    ...changes,
  };
  await mkdir(join(runs, record.run), { recursive: true });
  createRun(join(runs, record.run), compiled.workflow);
  await writeRecord(runs, record);
  return new LocalTeam(runs, record);
}

/** Appends JSON values to a file, one on each line. Creates its directory. */
export async function writeLines(path: string, lines: readonly unknown[]): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { flag: 'a' });
}
