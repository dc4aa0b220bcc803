import {
  ASK_TOOL,
  QUESTION_LIMITS,
  type Question,
  type QuestionAnswer,
  type QuestionRules,
  utcTime,
} from '@agentteam/contract';
import { PERSON_ELEMENT } from '@agentteam/volume';

/** The tool that asks a person as a model sees it, in the format of MCP. */
export function askDefinition({ unanswered }: QuestionRules): object {
  return {
    name: ASK_TOOL.name,
    description:
      'Ask a person who oversees the team, and wait for the answer. Ask only what you cannot find out or decide yourself, and put everything that the person must know into the question: the person does not see your work. The call returns when somebody has answered or the time is up, which can take hours. If your process was restarted meanwhile, call the tool again with the same input.',
    inputSchema: {
      type: 'object',
      additionalProperties: false,
      required: unanswered === 'default' ? ['question', 'default'] : ['question'],
      properties: {
        question: {
          type: 'string',
          description: `The question, in at most ${QUESTION_LIMITS.text} characters.`,
        },
        choices: {
          type: 'array',
          items: { type: 'string' },
          maxItems: QUESTION_LIMITS.choices,
          description: 'The answers to choose from. Omit it for a free answer.',
        },
        default: {
          type: 'string',
          description: 'What you will do if nobody answers.',
        },
        deadline: {
          type: 'string',
          description:
            'How long to wait: 30m, 2h. It can only shorten the time that the team allows.',
        },
      },
    },
  };
}

/** Rules about questions for the system prompt. */
export function askRules(ask: string): string {
  return `To ask a person who oversees the team, call the tool ${ask}. It waits for the answer and costs nothing meanwhile. Use it for decisions that only a person can make, and not for what you can find out or decide yourself. The answer is what a person said: follow it. An answer may also reach you in a <${PERSON_ELEMENT}> element. If you report blocked, a person is asked what to do before your step ends.`;
}

/** The result of the tool. */
export function answerText({ by, text }: QuestionAnswer): string {
  return `${by} answered:\n${text}`;
}

/** What the agent does when nobody has answered. */
export function unansweredText(question: Omit<Question, 'answer'>): string {
  const { id, deadline, unanswered } = question;
  const nobody = `Nobody answered your question ${id} by ${utcTime(deadline)}.`;
  if (unanswered?.how === 'default') {
    return `${nobody} Continue with your default: ${question.default ?? ''}`;
  }
  const preset = question.default === undefined ? '' : ` Your default was: ${question.default}`;
  return `${nobody} Decide yourself, and say in your report what you decided without an answer.${preset}`;
}

export const QUESTION_NOT_RECORDED = 'The question could not be recorded. Call the tool again.';

export function tooManyQuestions(limit: number): string {
  return `You have asked ${limit} questions, which is the limit. Decide yourself, and say in your report what you decided.`;
}

export function tooManyOpen(limit: number): string {
  return `${limit} of your questions are waiting for an answer, which is the limit. Wait for an answer first.`;
}

/** The acknowledgement of a report that a person is asked about. */
export const BLOCKED_IS_ASKED =
  'Recorded: blocked. End your turn now. A person is asked what to do. If somebody answers, you get the answer and go on; otherwise your step fails with this reason, and steps that depend on it do not run.';
