import type { Notification } from './notification.ts';

/** Slack's limit on the text of one section. */
const MAX_TEXT = 3000;
const MAX_REPORT = 600;

/**
 * A notification as Slack's incoming webhooks take it
 * (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). Prompts and reports
 * were written by others: nothing in them mentions anybody or makes a link.
 */
export function slackMessage({ message, data }: Notification): object {
  const { teammate, prompt, reports, costUsd, approve, reject } = data as Readonly<
    Record<string, unknown>
  >;
  const sections = [
    `*${plain(message)}*`,
    teammate === undefined ? undefined : `It starts *${plain(String(teammate))}*: ${short(prompt)}`,
    ...(Array.isArray(reports) ? reports : []).map(
      (one: { teammate?: unknown; report?: unknown }) =>
        `*${plain(String(one.teammate))}* reported: ${short(one.report)}`,
    ),
    costUsd === undefined ? undefined : `Spent so far: $${plain(String(costUsd))}`,
    approve === undefined ? undefined : `Approve:\n\`\`\`${plain(String(approve))}\`\`\``,
    reject === undefined ? undefined : `Reject:\n\`\`\`${plain(String(reject))}\`\`\``,
  ].filter((text) => text !== undefined);
  return {
    text: plain(message),
    blocks: sections.map((text) => ({
      type: 'section',
      text: { type: 'mrkdwn', text: text.slice(0, MAX_TEXT) },
    })),
  };
}

/** The three characters that Slack gives a meaning, and its code fences. */
function plain(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('```', "'''");
}

function short(text: unknown): string {
  const words = [...String(text ?? '')];
  const start = words.slice(0, MAX_REPORT).join('');
  return plain(words.length > MAX_REPORT ? `${start}…` : start);
}
