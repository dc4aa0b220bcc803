import {
  ALL_ENDED,
  isFailure,
  REPORT_OUTCOMES,
  REPORT_TOOL,
  type ReportOutcome,
} from '@agentteam/contract';

/** The report tool as a model sees it, in the format of MCP. */
export const REPORT_DEFINITION: object = {
  name: REPORT_TOOL.name,
  description:
    'Report how you ended. Call it when your work is done or cannot be done, then end your turn. The last call counts.',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['outcome', 'summary'],
    properties: {
      outcome: {
        type: 'string',
        enum: REPORT_OUTCOMES,
        description:
          'completed: you did what you were asked to do. failed: it is not done, and you cannot do it. blocked: you cannot continue without a decision or a change by a person. nothing-to-do: what you were asked for needs no change.',
      },
      summary: {
        type: 'string',
        description: 'Your report: what you did, what you found, and where it is.',
      },
      reason: {
        type: 'string',
        description: 'The reason for the outcome; required unless the outcome is completed.',
      },
    },
  },
};

export function acknowledgement(outcome: ReportOutcome): string {
  return isFailure(outcome)
    ? `Recorded: ${outcome}. When you end your turn, your step fails with this reason, and steps that depend on it do not run.`
    : `Recorded: ${outcome}. End your turn now.`;
}

/** For a lead that reports before its teammates have ended. */
export const REPORT_TOO_EARLY: string = `Your teammates are still working. You get a message that starts with "${ALL_ENDED}" when they have ended. Report then.`;

export const REPORT_NOT_RECORDED = 'The report could not be recorded. Call the tool again.';
