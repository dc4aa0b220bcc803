import {
  type AgentReport,
  EXIT,
  type ExitCode,
  isFailure,
  REPORT_OUTCOMES,
  REPORT_TOOL,
  type Role,
} from '@agentteam/contract';
import { cutText, visible } from '@agentteam/text';
import { LIMITS } from '@agentteam/volume';
import { hasWords } from './final-text.ts';
import { ALL_ENDED } from './prompts.ts';

/** The tool as a model sees it. */
export const REPORT_DEFINITION: object = {
  name: REPORT_TOOL.name,
  description:
    'Say how you ended. Call it when your work is done or cannot be done, then end your turn. The latest call counts.',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['outcome', 'summary'],
    properties: {
      outcome: {
        type: 'string',
        enum: REPORT_OUTCOMES,
        description:
          'completed: what you were asked for is done. failed: it is not done, and you cannot do it. blocked: you cannot go on without a decision or a change by a person. nothing-to-do: what you were asked for needs no change.',
      },
      summary: {
        type: 'string',
        description: 'Your report: what you did, what you found, and where it is.',
      },
      reason: {
        type: 'string',
        description: 'Why; required unless the outcome is completed.',
      },
    },
  },
};

/** The input of a call, or what is wrong with it in words for the model. */
export type ReadReport = { readonly report: AgentReport } | { readonly problem: string };

/** Reads what a model gave to the tool. Its texts are cut to what a state holds. */
export function readReport(input: Readonly<Record<string, unknown>>): ReadReport {
  const outcome = REPORT_OUTCOMES.find((known) => known === input['outcome']);
  if (outcome === undefined) {
    return { problem: `outcome must be one of ${REPORT_OUTCOMES.join(', ')}` };
  }
  const summary = textOf(input['summary'], LIMITS.summaryCharacters);
  if (summary === '') return { problem: 'summary must say what you did, in words' };
  const reason = textOf(input['reason'], LIMITS.reasonCharacters);
  if (reason === '' && outcome !== 'completed') {
    return { problem: `reason must say why the outcome is ${outcome}` };
  }
  return { report: { outcome, summary, ...(reason !== '' && { reason }) } };
}

function textOf(value: unknown, most: number): string {
  return typeof value === 'string' && hasWords(value) ? cutText(visible(value).trim(), most) : '';
}

/** Why an agent cannot report yet, in words for the model; undefined where it can. */
export function refusal(role: Role, toldAllEnded: boolean): string | undefined {
  return role === 'teammate' || toldAllEnded
    ? undefined
    : `Your teammates are still at work. You are told with "${ALL_ENDED}" when they have ended: report then.`;
}

/** How a step ends whose agent reports a failure; undefined for other reports. */
export function failureOf({
  outcome,
  reason = '',
}: AgentReport): { readonly exitCode: ExitCode; readonly message: string } | undefined {
  if (!isFailure(outcome)) return undefined;
  const exitCode = outcome === 'failed' ? EXIT.reportedFailed : EXIT.reportedBlocked;
  return { exitCode, message: `reported ${outcome}: ${reason}` };
}

/** What is recorded, as the tool answers it. */
export function acknowledgement({ outcome }: AgentReport): string {
  return isFailure(outcome)
    ? `Recorded: ${outcome}. Your step fails with this reason when you end your turn; what depends on you is not run.`
    : `Recorded: ${outcome}. End your turn now.`;
}
