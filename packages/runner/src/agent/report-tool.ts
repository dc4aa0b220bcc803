import {
  type AgentReport,
  EXIT,
  type ExitCode,
  isFailure,
  REPORT_OUTCOMES,
  REPORT_TOOL,
  type ReportOutcome,
} from '@agentteam/contract';
import { cutText, visible } from '@agentteam/text';
import { LIMITS } from '@agentteam/volume';
import { BLOCKED_IS_ASKED } from '../prompts/ask-tool.ts';
import { acknowledgement, REPORT_DEFINITION, REPORT_NOT_RECORDED } from '../prompts/report-tool.ts';
import type { AgentTool, ToolAnswer } from './agent-cli.ts';
import { log } from './log.ts';
import { hasWords } from './readable.ts';
import type { StepResult } from './step-result.ts';

/** @returns the reason to refuse the report; `undefined` once the report is durably recorded. */
export type RecordReport = (report: AgentReport) => Promise<string | undefined>;

/** A call of the tool that was refused because of its input. */
export interface InvalidReport {
  /** What was wrong with the input. */
  readonly problem: string;
  /** The outcome that the call named, if there is such an outcome. */
  readonly outcome?: ReportOutcome;
}

/**
 * @param asksPeople whether a person is asked about an agent that reports blocked.
 * @param onInvalid is called for each call with an invalid input.
 */
export function makeReportTool(
  record: RecordReport,
  asksPeople: boolean,
  onInvalid: (report: InvalidReport) => void,
): AgentTool {
  return {
    name: REPORT_TOOL.name,
    definition: REPORT_DEFINITION,
    call: async (input) => {
      const read = readReport((input ?? {}) as Readonly<Record<string, unknown>>);
      if ('report' in read) return recordReport(read.report, record, asksPeople);
      log('report', `refused: ${read.problem}`);
      onInvalid(read);
      return { text: read.problem, isError: true };
    },
  };
}

async function recordReport(
  report: AgentReport,
  record: RecordReport,
  asksPeople: boolean,
): Promise<ToolAnswer> {
  try {
    const refused = await record(report);
    if (refused !== undefined) return { text: refused, isError: true };
    const { outcome } = report;
    const text = asksPeople && outcome === 'blocked' ? BLOCKED_IS_ASKED : acknowledgement(outcome);
    return { text, isError: false };
  } catch (error) {
    log('report', `could not be recorded: ${String(error)}`);
    return { text: REPORT_NOT_RECORDED, isError: true };
  }
}

/** A report, or what is wrong with the input, for the model. */
export type ReadReport = { readonly report: AgentReport } | InvalidReport;

/** Reads the input of the tool. Texts are cut to the limits of an agent's state. */
export function readReport(input: Readonly<Record<string, unknown>>): ReadReport {
  const outcome = REPORT_OUTCOMES.find((known) => known === input['outcome']);
  if (outcome === undefined) {
    return { problem: `outcome must be one of ${REPORT_OUTCOMES.join(', ')}` };
  }
  const summary = textOf(input['summary'], LIMITS.summaryCharacters);
  if (summary === '') return { problem: 'summary must say in words what you did', outcome };
  const reason = textOf(input['reason'], LIMITS.reasonCharacters);
  if (reason === '' && outcome !== 'completed') {
    return { problem: `reason must say why the outcome is ${outcome}`, outcome };
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
  return { exitCode: FAILURES[outcome], message: `reported ${outcome}: ${reason}` };
}

const FAILURES = { failed: EXIT.reportedFailed, blocked: EXIT.reportedBlocked } as const;

/**
 * How a step ends whose agent called the tool only with invalid inputs. A failure that it has named counts. A call
 * without a known outcome says nothing about the work.
 * @returns `undefined` if the call named an outcome with which a step completes.
 */
export function endOfInvalid({ problem, outcome }: InvalidReport): StepResult | undefined {
  if (outcome === undefined) {
    const message = `ended without a valid report: ${problem}`;
    return { exitCode: EXIT.unreported, message };
  }
  if (!isFailure(outcome)) return undefined;
  const message = `reported ${outcome}, without a valid report: ${problem}`;
  return { exitCode: FAILURES[outcome], message };
}
