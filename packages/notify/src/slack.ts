import { textFor } from '@agentteam/text';
import type { Notification } from './notification.ts';

/** Slack's limit on the text of one section. */
const MAX_TEXT = 3000;

/**
 * A notification as Slack's incoming webhooks take it
 * (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). Prompts and reports
 * were written by others: they stand in blocks of their own as quoted plain text, in which Slack
 * knows no mentions, links or formats. Nothing is looked up to be shown as a preview.
 */
export function slackMessage({ message, data }: Notification): object {
  const { teammate, prompt, reports, costUsd, approve, reject } = data as Readonly<
    Record<string, unknown>
  >;
  const told = (Array.isArray(reports) ? reports : []) as readonly Readonly<
    Record<string, unknown>
  >[];
  const blocks = [
    ours(`*${plain(message)}*`),
    ...(teammate === undefined
      ? []
      : [ours(`It starts *${plain(teammate)}*, whose prompt is:`), theirs(prompt)]),
    ...told.flatMap((one) => [
      ours(`*${plain(one['teammate'])}* reported:`),
      theirs(one['report']),
    ]),
    ...(costUsd === undefined ? [] : [ours(`Spent so far: $${plain(costUsd)}`)]),
    ...(approve === undefined ? [] : [ours(`Approve:\n\`\`\`${plain(approve)}\`\`\``)]),
    ...(reject === undefined ? [] : [ours(`Reject:\n\`\`\`${plain(reject)}\`\`\``)]),
  ];
  return { text: plain(message), unfurl_links: false, unfurl_media: false, blocks };
}

function ours(text: string): object {
  // Verbatim: Slack makes no link of what looks like one.
  return section({ type: 'mrkdwn', text: text.slice(0, MAX_TEXT), verbatim: true });
}

function theirs(text: unknown): object {
  // Slack refuses a section without text.
  const words = String(text ?? '').trim() || '(nothing)';
  return section({ type: 'plain_text', text: textFor('slack', words), emoji: false });
}

function section(text: object): object {
  return { type: 'section', text };
}

/** One line, without the three characters that Slack gives a meaning, and without its marks of formats. */
function plain(text: unknown): string {
  return textFor('slack-line', String(text ?? ''));
}
