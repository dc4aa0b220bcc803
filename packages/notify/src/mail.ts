import { textFor } from '@agentteam/text';
import type { Notification } from './notification.ts';

const MAX_PROMPT = 2000;
const MAX_REPORT = 4000;

/**
 * A notification as a mail in plain text. Prompts and reports were written by others: each of their
 * lines is marked as quoted, so that none can pass for a word of ours.
 */
export function mailOf({ message, data }: Notification): {
  readonly subject: string;
  readonly text: string;
} {
  const { teammate, prompt, reports, costUsd, budgetUsd, approve, reject } = data as Readonly<
    Record<string, unknown>
  >;
  const told = (Array.isArray(reports) ? reports : []) as readonly Readonly<
    Record<string, unknown>
  >[];
  const parts = [
    plain(message),
    teammate !== undefined && `It starts ${plain(teammate)}:\n\n${quoted(prompt, MAX_PROMPT)}`,
    ...told.map(
      (one) => `${plain(one['teammate'])} reported:\n\n${quoted(one['report'], MAX_REPORT)}`,
    ),
    costUsd !== undefined &&
      `Spent so far: $${plain(costUsd)}${budgetUsd === undefined ? '' : ` of $${plain(budgetUsd)}`}`,
    approve !== undefined && `Approve:\n\n    ${plain(approve)}`,
    reject !== undefined && `Reject:\n\n    ${plain(reject)}`,
  ];
  return {
    subject: textFor('mail-subject', message),
    text: `${parts.filter((part) => typeof part === 'string').join('\n\n')}\n`,
  };
}

/** One line. */
function plain(text: unknown): string {
  return textFor('mail-line', String(text ?? ''));
}

function quoted(text: unknown, longest: number): string {
  return textFor('mail', String(text ?? ''), longest);
}
