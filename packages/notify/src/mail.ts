import { textFor } from '@agentteam/text';
import type { Notification } from './notification.ts';

const MAX_PROMPT = 2000;
const MAX_REPORT = 4000;

/**
 * Formats a notification as a plain-text mail. Prompts and reports are untrusted, so each of their lines
 * is marked as a quotation and cannot be mistaken for our own text.
 */
export function mailOf({ message, data }: Notification): {
  readonly subject: string;
  readonly text: string;
} {
  const { teammate, prompt, reports, costUsd, budgetUsd, approve, reject } = data as Readonly<
    Record<string, unknown>
  >;
  const { question, choices, default: preset, answer } = data as Readonly<Record<string, unknown>>;
  const items = (Array.isArray(reports) ? reports : []) as readonly Readonly<
    Record<string, unknown>
  >[];
  const parts = [
    plain(message),
    teammate !== undefined &&
      `An approval starts ${plain(teammate)} with this prompt:\n\n${quoted(prompt, MAX_PROMPT)}`,
    question !== undefined &&
      `The question, in the agent's words:\n\n${quoted(question, MAX_PROMPT)}`,
    Array.isArray(choices) &&
      `Choices:\n\n${quoted(choices.map((one, at) => `${at + 1}. ${one}`).join('\n'), MAX_PROMPT)}`,
    preset !== undefined && `Without an answer it would do:\n\n${quoted(preset, MAX_PROMPT)}`,
    ...items.map(
      (item) => `${plain(item['teammate'])} reported:\n\n${quoted(item['report'], MAX_REPORT)}`,
    ),
    costUsd !== undefined &&
      `Spent so far: $${plain(costUsd)}${budgetUsd === undefined ? '' : ` of $${plain(budgetUsd)}`}`,
    answer !== undefined && `Answer:\n\n    ${plain(answer)}`,
    approve !== undefined && `Approve:\n\n    ${plain(approve)}`,
    reject !== undefined && `Reject:\n\n    ${plain(reject)}`,
  ];
  return {
    subject: textFor('mail-subject', message),
    text: `${parts.filter((part) => typeof part === 'string').join('\n\n')}\n`,
  };
}

/** Formats untrusted text as one line. */
function plain(text: unknown): string {
  return textFor('mail-line', String(text ?? ''));
}

function quoted(text: unknown, maxLength: number): string {
  return textFor('mail', String(text ?? ''), maxLength);
}
