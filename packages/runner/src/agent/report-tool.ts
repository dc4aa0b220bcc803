import {
  type AgentReport,
  EXIT,
  type ExitCode,
  isFailure,
  REPORT_OUTCOMES,
  REPORT_TOOL,
} from '@agentteam/contract';
import { cutText, visible } from '@agentteam/text';
import { LIMITS } from '@agentteam/volume';
import { BLOCKED_IS_ASKED } from '../prompts/ask-tool.ts';
import { acknowledgement, REPORT_DEFINITION, REPORT_NOT_RECORDED } from '../prompts/report-tool.ts';
import type { AgentTool, ToolAnswer } from './agent-cli.ts';
import { log } from './log.ts';
import { hasWords } from './readable.ts';

/** @returns the reason to refuse the report; `undefined` once the report is durably recorded. */
export type RecordReport = (report: AgentReport) => Promise<string | undefined>;

/** @param asksPeople whether a person is asked about an agent that reports blocked. */
export function makeReportTool(record: RecordReport, asksPeople: boolean): AgentTool {
  return {
    name: REPORT_TOOL.name,
    definition: REPORT_DEFINITION,
    call: (input) => callReport(input, record, asksPeople),
  };
}

async function callReport(
  input: unknown,
  record: RecordReport,
  asksPeople: boolean,
): Promise<ToolAnswer> {
  const read = readReport((input ?? {}) as Readonly<Record<string, unknown>>);
  if ('problem' in read) return { text: read.problem, isError: true };
  try {
    const refused = await record(read.report);
    if (refused !== undefined) return { text: refused, isError: true };
    const { outcome } = read.report;
    const text = asksPeople && outcome === 'blocked' ? BLOCKED_IS_ASKED : acknowledgement(outcome);
    return { text, isError: false };
  } catch (error) {
    log('report', `could not be recorded: ${String(error)}`);
    return { text: REPORT_NOT_RECORDED, isError: true };
  }
}

/** A report, or what is wrong with the input, for the model. */
export type ReadReport = { readonly report: AgentReport } | { readonly problem: string };

/** Reads the input of the tool. Texts are cut to the limits of an agent's state. */
export function readReport(input: Readonly<Record<string, unknown>>): ReadReport {
  const outcome = REPORT_OUTCOMES.find((known) => known === input['outcome']);
  if (outcome === undefined) {
    return { problem: `outcome must be one of ${REPORT_OUTCOMES.join(', ')}` };
  }
  const summary = textOf(input['summary'], LIMITS.summaryCharacters);
  if (summary === '') return { problem: 'summary must say in words what you did' };
  const reason = textOf(input['reason'], LIMITS.reasonCharacters);
  if (reason === '' && outcome !== 'completed') {
    return { problem: `reason must say why the outcome is ${outcome}` };
  }
  return { report: { outcome, summary, ...(reason !== '' && { reason }) } };
}

function textOf(value: unknown, max: number): string {
  return typeof value === 'string' && hasWords(value) ? cutText(visible(value).trim(), max) : '';
}

/** How a step ends whose agent reports a failure; `undefined` for other reports. */
export function failureOf({
  outcome,
  reason = '',
}: AgentReport): { readonly exitCode: ExitCode; readonly message: string } | undefined {
  if (!isFailure(outcome)) return undefined;
  const exitCode = outcome === 'failed' ? EXIT.reportedFailed : EXIT.reportedBlocked;
  return { exitCode, message: `reported ${outcome}: ${reason}` };
}
