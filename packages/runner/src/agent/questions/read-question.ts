import { parseDuration, QUESTION_LIMITS, type QuestionRules } from '@agentteam/contract';
import { visible } from '@agentteam/text';
import { hasWords } from '../readable.ts';

/** A question as its agent asked it. */
export interface AskedText {
  readonly text: string;
  readonly choices: readonly string[];
  readonly default?: string;
  /** Seconds from now. */
  readonly deadlineSeconds: number;
}

/** A question, or what is wrong with the input, for the model. */
export type ReadQuestion = { readonly question: AskedText } | { readonly problem: string };

/** Reads the input of the tool. Hidden characters are removed or made visible, and nothing is cut. */
export function readQuestion(
  input: Readonly<Record<string, unknown>>,
  { deadlineSeconds, unanswered }: QuestionRules,
): ReadQuestion {
  const text = textOf(input['question']);
  if (text === '') return { problem: 'question must ask something in words' };
  if (text.length > QUESTION_LIMITS.text) return tooLong('question', text, QUESTION_LIMITS.text);
  const listed: unknown = input['choices'] ?? [];
  if (!Array.isArray(listed)) return { problem: 'choices must be a list of texts' };
  const choices = [...new Set(listed.map(textOf))];
  if (choices.includes('')) return { problem: 'choices must be texts that are not empty' };
  if (choices.length === 1) return { problem: 'choices must be at least two, or absent' };
  if (choices.length > QUESTION_LIMITS.choices) {
    return { problem: `choices must be at most ${QUESTION_LIMITS.choices}` };
  }
  const long = choices.find((choice) => choice.length > QUESTION_LIMITS.choice);
  if (long !== undefined) return tooLong('each choice', long, QUESTION_LIMITS.choice);
  const preset = input['default'] === undefined ? undefined : textOf(input['default']);
  if (preset === '' || (preset === undefined && unanswered === 'default')) {
    return { problem: 'default must say what you will do if nobody answers' };
  }
  if (preset !== undefined && preset.length > QUESTION_LIMITS.default) {
    return tooLong('default', preset, QUESTION_LIMITS.default);
  }
  const given = input['deadline'];
  const seconds = given === undefined ? deadlineSeconds : parseDuration(String(given));
  if (seconds === undefined) return { problem: 'deadline must be a duration such as 30m or 2h' };
  return {
    question: {
      text,
      choices,
      ...(preset !== undefined && { default: preset }),
      deadlineSeconds: Math.min(seconds, deadlineSeconds),
    },
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' && hasWords(value) ? visible(value).trim() : '';
}

function tooLong(what: string, text: string, most: number): ReadQuestion {
  return { problem: `${what} has ${text.length} characters; the limit is ${most}` };
}
